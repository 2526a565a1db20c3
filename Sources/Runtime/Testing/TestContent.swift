import PipelineDSL
import Planner

/// What a test puts in the place of a node, ready to be read.
enum TestContent: Sendable {
    /// With the node's columns.
    case rows(Batch)
    /// Of the source's format.
    case file(String, SourceSpan)
    /// The text of a file of the source's format.
    case text([UInt8])

    /// The rows, where they are known before they are read.
    var rowCount: Int? { if case .rows(let batch) = self { batch.count } else { nil } }
}

extension TestValues {
    /// Rows that a test gives to a node.
    ///
    /// - Parameters:
    ///   - object: the partition that they come from.
    ///   - now: of the test's start: when records were received.
    mutating func given(
        _ rows: [YAMLNode], to node: PlanNode, object: String?, now: Int64
    ) -> Batch? {
        let schema = node.schema
        let metadata = Dictionary(
            (node.scan?.metadata ?? []).map { ($0.column, $0.kind) }, uniquingKeysWith: { $1 })
        var columns = [[Value]](repeating: [], count: schema.fields.count)
        var isGood = true
        for (index, row) in rows.enumerated() {
            let owner = "`\(node.name)`"
            let values = cells(row, schema, owner)
            var missing: [String] = []
            for (column, field) in schema.fields.enumerated() {
                if let value = values[column] {
                    columns[column].append(value)
                } else if let kind = metadata[field.name] {
                    columns[column].append(kind.given(row: index, object: object, now: now))
                } else {
                    columns[column].append(.null)
                    let isWritten = row.entries?.contains {
                        schema.index(of: $0.name.value) == column
                    }
                    if !field.nullable, isWritten != true { missing.append(field.name) }
                    if isWritten == true { isGood = false }
                }
            }
            if !missing.isEmpty {
                self.missing(missing, at: row.span, of: owner)
                isGood = false
            }
        }
        guard isGood, !diagnostics.hasErrors else { return nil }
        var built: [Column] = []
        for (values, field) in zip(columns, schema.fields) {
            guard let column = Column.from(values, type: field.type) else { return nil }
            built.append(column)
        }
        let batch = Batch(columns: built, count: rows.count)
        return Batch(
            columns: built, count: rows.count,
            origin: Batch.Origin(TestOrigin(source: node.name, object: object, batch, schema)))
    }

    /// Values by the position of their columns.
    private mutating func cells(
        _ row: YAMLNode, _ schema: Schema, _ owner: String
    ) -> [Int: Value] {
        var found: [Int: Value] = [:]
        for entry in row.entries ?? [] {
            guard let index = schema.index(of: entry.name.value) else {
                unknown(entry.name, among: schema.names, of: owner)
                continue
            }
            let field = schema.fields[index]
            found[index] = value(entry.value, field, column: field.name)
        }
        return found
    }
}

extension MetadataColumn.Kind {
    fileprivate func given(row: Int, object: String?, now: Int64) -> Value {
        switch self {
        case .file: .string(object ?? TestOrigin.object)
        case .line: .integer(Int64(row) + 1)
        case .sequence: .string(String(row))
        case .partitionKey: .null
        case .receivedAt: .integer(now)
        }
    }
}

/// Rows of a test as if they stood in a file: dead letters show them as JSON.
final class TestOrigin: RowOrigin {
    static let object = "given"

    let source: String
    let object: String
    private let batch: Batch
    private let schema: Schema

    init(source: String, object: String?, _ batch: Batch, _ schema: Schema) {
        self.object = object ?? Self.object
        self.source = source
        self.batch = batch
        self.schema = schema
    }

    func line(_ row: Int) -> Int64? { Int64(row) + 1 }
    func offset(_ row: Int) -> Int64 { Int64(row) }
    func raw(_ row: Int) -> [UInt8]? { RowText.json(batch, row: row, schema: schema) }
}

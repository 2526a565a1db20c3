import PipelineDSL

/// What decoding a file's records needs to know; made once a file, shared by all its units.
final class CSVPlan: Sendable {
    /// A wanted column and where it stands in the file; `nil` where the file lacks it.
    struct BoundColumn: Sendable {
        var field: Field
        var index: Int?
    }

    let options: CSVOptions
    let columns: [BoundColumn]
    /// Fields in every record.
    let width: Int
    let object: String
    let source: String
    /// Null spellings other than the empty field.
    let otherNulls: [[UInt8]]
    let emptyIsNull: Bool
    /// For nested values, which are JSON text in CSV.
    let jsonOptions: JSONOptions
    /// Of the records that dead letters show; `nil` without personal data.
    let redaction: RawRedaction?

    init(
        options: CSVOptions, columns: [BoundColumn], width: Int, object: String, source: String
    ) {
        self.options = options
        self.columns = columns
        self.width = width
        self.object = object
        self.source = source
        otherNulls = options.nulls.filter { !$0.isEmpty }
        emptyIsNull = options.nulls.contains([])
        var json = JSONOptions()
        (json.timestampFormat, json.dateFormat) = (options.timestampFormat, options.dateFormat)
        jsonOptions = json
        redaction = RawRedaction(columns, width: width, options.syntax)
    }
}

/// Matches the columns of a file with those wanted.
struct CSVHeader {
    /// As the file writes them.
    var names: [String]
    var rename: [String: String]
    var object: String

    /// The names after `rename`.
    var ownNames: [String] {
        let folded = Dictionary(
            rename.map { (CSVHeader.folded($0.key), $0.value) }, uniquingKeysWith: { a, _ in a })
        return names.map { rename[$0] ?? folded[CSVHeader.folded($0)] ?? $0 }
    }

    /// Throws where a column is missing or ambiguous: then the file is not what the source declares.
    func bind(_ fields: [Field], missingAsNull: Bool) throws -> [CSVPlan.BoundColumn] {
        let own = ownNames
        let foldedOwn = own.map(CSVHeader.folded)
        return try fields.map { field in
            var matches = own.indices.filter { own[$0] == field.name }
            if matches.isEmpty {
                let wanted = CSVHeader.folded(field.name)
                matches = own.indices.filter { foldedOwn[$0] == wanted }
            }
            if matches.count > 1 { throw ambiguous(field, matches) }
            if matches.isEmpty, !(missingAsNull && field.nullable) {
                throw missing(field, fields, own)
            }
            return CSVPlan.BoundColumn(field: field, index: matches.first)
        }
    }

    /// Throws where the file has columns that are none of `fields`.
    func checkKnown(_ fields: [Field]) throws {
        let known = Set(fields.map { CSVHeader.folded($0.name) })
        let unknown = zip(names, ownNames).filter { !known.contains(CSVHeader.folded($0.1)) }
        try UnknownColumns.refuse(unknown.map(\.0), in: object, known: fields.map(\.name))
    }

    private static func folded(_ name: String) -> String {
        var bytes = Array(name.lowercased().utf8)[...]
        while bytes.first == 0x20 || bytes.first == 0x09 { bytes.removeFirst() }
        while bytes.last == 0x20 || bytes.last == 0x09 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func missing(_ field: Field, _ fields: [Field], _ own: [String]) -> RunError {
        let shown = names.prefix(20).map { "`\($0)`" }.joined(separator: ", ")
        let more = names.count > 20 ? " and \(names.count - 20) more" : ""
        var notes = ["the header has \(shown)\(more)"]
        let unclaimed = own.indices.filter { i in !fields.contains { $0.name == own[i] } }
        if let near = nearName(field.name, among: unclaimed.map { names[$0] }) {
            notes.append("did you mean `\(near)`? map it: `rename: { \(near): \(field.name) }`")
        }
        if field.nullable {
            notes.append(
                "`missing_columns: null` reads a nullable column that is not there as null")
        }
        return RunError(
            .missingHeaderColumn, "column `\(field.name)` is not in the header of `\(object)`",
            notes: notes)
    }

    private func ambiguous(_ field: Field, _ matches: [Int]) -> RunError {
        let places = matches.map { String($0 + 1) }.joined(separator: " and ")
        return RunError(
            .ambiguousHeaderColumn,
            "columns \(places) of `\(object)` are both called `\(field.name)`",
            notes: ["with `header: false` columns are taken by position"])
    }
}

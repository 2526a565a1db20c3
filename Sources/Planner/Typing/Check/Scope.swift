import PipelineDSL

/// The names an expression may use: the columns of the row it is evaluated on, each with the table
/// it belongs to, and around that the scope of the query outside.
public struct Scope: Sendable {
    public struct Table: Hashable, Sendable {
        /// What may stand before the dot: `["silver", "telemetry"]`, or the one word of an alias.
        public var path: [String]

        public init(path: [String]) { self.path = path }

        public var name: String { path.joined(separator: ".") }

        /// Whether a qualifier as written names it; of a longer path the end suffices.
        func answers(to qualifier: [String]) -> Bool {
            guard qualifier.count <= path.count else { return false }
            return zip(path.suffix(qualifier.count), qualifier).allSatisfy {
                $0.lowercased() == $1.lowercased()
            }
        }
    }

    public struct Column: Sendable {
        public var field: Field
        /// Position in ``tables``; `nil` for what belongs to none, as the columns of a step.
        public var table: Int?
        /// Position in the row.
        public var index: Int
        /// Only reached with a qualifier: the other half of a `USING` column.
        public var isMerged = false

        public init(_ field: Field, table: Int?, index: Int) {
            self.field = field
            self.table = table
            self.index = index
        }
    }

    public var tables: [Table]
    /// In the order in which `*` lists them.
    public var columns: [Column]
    /// What messages call the rows where there is no table: `silver.telemetry`.
    public var description: String?
    /// At most one: the scope of the query around this one.
    var outer: [Scope] = []
    /// Scopes whose columns cannot be used here, with the code of the message that says why.
    var forbidden: [(scope: Scope, reason: DiagnosticCode)] = []

    public init() {
        tables = []
        columns = []
    }

    /// The columns of one relation. `name` is for messages; `path` is what qualifies a column.
    public init(_ schema: Schema, name: String? = nil, path: [String] = []) {
        tables = path.isEmpty ? [] : [Table(path: path)]
        columns = schema.fields.enumerated().map { index, field in
            Column(field, table: path.isEmpty ? nil : 0, index: index)
        }
        description = name
    }

    /// Width of the row.
    var width: Int { (columns.map(\.index).max() ?? -1) + 1 }

    /// The row as a schema, by position.
    var row: Schema {
        var fields = [Field](repeating: Field("", .null), count: width)
        for column in columns { fields[column.index] = column.field }
        return Schema(fields)
    }

    /// With all of its columns nullable, as the far side of an outer join is.
    func nullable() -> Scope {
        var result = self
        for index in result.columns.indices { result.columns[index].field.nullable = true }
        return result
    }

    func name(of column: Column) -> String {
        guard let table = column.table, tables.indices.contains(table) else {
            return column.field.name
        }
        return "\(tables[table].name).\(column.field.name)"
    }

    // MARK: Lookup

    enum Match {
        case found(Column)
        case none
        case ambiguous([Column])
    }

    /// By exact spelling first, then without regard to case.
    func match(_ name: String, in candidates: [Column]) -> Match {
        let lowered = name.lowercased()
        let close = candidates.filter { $0.field.name.lowercased() == lowered }
        let exact = close.filter { $0.field.name == name }
        let best = exact.isEmpty ? close : exact
        if best.count > 1 { return .ambiguous(best) }
        return best.first.map { .found($0) } ?? .none
    }

    var unqualified: [Column] { columns.filter { !$0.isMerged } }

    /// Tables that a qualifier names.
    func tables(answeringTo qualifier: [String]) -> [Int] {
        let matching = tables.indices.filter { tables[$0].answers(to: qualifier) }
        let exact = matching.filter { tables[$0].path.count == qualifier.count }
        return exact.isEmpty ? matching : exact
    }

    func columns(of table: Int) -> [Column] {
        columns.filter { $0.table == table }.sorted { $0.index < $1.index }
    }

    /// `columns here: a, b, …`
    var note: String {
        let all = unqualified
        guard !all.isEmpty else { return "there are no columns here" }
        let names = all.prefix(24).map(\.field.name).joined(separator: ", ")
        let rest = all.count > 24 ? " and \(all.count - 24) more" : ""
        return "columns here: \(names)\(rest)"
    }

    /// `silver.telemetry`, or the tables of a join.
    var title: String {
        if let description { return description }
        let names = tables.filter { !$0.path.isEmpty }.map(\.name)
        return names.isEmpty ? "this relation" : names.joined(separator: " or ")
    }
}

import PipelineDSL

/// Adds columns of a small relation, found by key; at most one match a row. The second input is the
/// relation that is looked up in. Its last row of a key counts.
public struct Lookup: Hashable, Sendable, Codable {
    public enum Missing: String, Hashable, Sendable, Codable, CaseIterable {
        /// The taken columns are null.
        case null
        /// The row goes to the dead letters.
        case reject
    }

    /// The looked-up node, for messages.
    public var table: String
    /// Key positions in the first input and, one to one, in the second.
    public var keys: [Int]
    public var tableKeys: [Int]
    /// Positions in the second input, appended to the first input's columns.
    public var take: [Int]
    public var missing: Missing
    /// After how long the table is read anew when streaming, microseconds.
    public var refresh: Int64?

    private enum CodingKeys: String, CodingKey {
        case table, keys, tableKeys = "table_keys", take, missing, refresh
    }

    public init(
        table: String, keys: [Int], tableKeys: [Int], take: [Int], missing: Missing = .null,
        refresh: Int64? = nil
    ) {
        self.table = table
        self.keys = keys
        self.tableKeys = tableKeys
        self.take = take
        self.missing = missing
        self.refresh = refresh
    }
}

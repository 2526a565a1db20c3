import PipelineDSL

/// Adds columns of a small relation, found by key; at most one match a row. The second input is the
/// relation that is looked up in. Its last row of a key counts, or the version of the key that a
/// row's time falls into.
public struct Lookup: Hashable, Sendable, Codable {
    public enum Missing: String, Hashable, Sendable, Codable, CaseIterable {
        /// The taken columns are null.
        case null
        /// The row goes to the dead letters.
        case reject
    }

    /// A relation that has several versions of a key, each from some time on. The one that counts
    /// is the latest that is not after the row; of two from one time the last.
    public struct Versions: Hashable, Sendable, Codable {
        /// Position in the first input: the row's time.
        public var time: Int
        /// Position in the second input, of the same type: from when on a version holds.
        public var from: Int

        public init(time: Int, from: Int) {
            self.time = time
            self.from = from
        }

        /// What versions can be counted by: times, and numbers without a fraction.
        public static func isOrdered(_ type: DataType) -> Bool {
            switch type {
            case .timestamp, .date, .integer, .bigint: true
            default: false
            }
        }
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
    public var versions: Versions?

    private enum CodingKeys: String, CodingKey {
        case table, keys, tableKeys = "table_keys", take, missing, refresh, versions
    }

    public init(
        table: String, keys: [Int], tableKeys: [Int], take: [Int], missing: Missing = .null,
        refresh: Int64? = nil, versions: Versions? = nil
    ) {
        self.versions = versions
        self.table = table
        self.keys = keys
        self.tableKeys = tableKeys
        self.take = take
        self.missing = missing
        self.refresh = refresh
    }
}

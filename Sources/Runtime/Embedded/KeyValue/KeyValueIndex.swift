import GRDB
import PipelineDSL

/// A secondary index: items by other attributes than the table's key. An item without one of them is
/// not in it.
package struct KeyValueIndex: Hashable, Sendable {
    package var name: String
    /// Attributes of the items.
    package var partitionKey: String
    package var sortKey: String?

    package init(name: String, partitionKey: String, sortKey: String? = nil) {
        self.name = name
        self.partitionKey = partitionKey
        self.sortKey = sortKey
    }

    /// Whether an attribute can be told in a path of SQLite's.
    static func canIndex(_ attribute: String) -> Bool {
        !attribute.contains { $0 == "\"" || $0 == "\\" || $0.unicodeScalars.contains("\0") }
    }

    private static func value(_ attribute: String) -> String {
        "json_extract(item, '$.\"" + attribute.replacing("'", with: "''") + "\"')"
    }

    fileprivate var partition: String { KeyValueIndex.value(partitionKey) }
    fileprivate var sort: String? { sortKey.map(KeyValueIndex.value) }
    fileprivate var isComplete: String {
        ([partition] + [sort].compactMap { $0 }).map { "\($0) IS NOT NULL" }
            .joined(separator: " AND ")
    }

    fileprivate var storedName: String {
        "\"by_" + name.replacing("\"", with: "\"\"") + "\""
    }
}

extension KeyValueTable {
    /// Makes the indexes that are not there, and removes those that are no longer wanted.
    func declare(_ wanted: [KeyValueIndex]) throws {
        let known = try indexes()
        if Set(known) == Set(wanted) { return }
        try store.write { db in
            for index in known where !wanted.contains(index) {
                try db.execute(sql: "DROP INDEX IF EXISTS \(index.storedName)")
                try db.execute(
                    sql: "DELETE FROM indexes WHERE name = ?", arguments: [index.name])
            }
            for index in wanted where !known.contains(index) {
                let keys = [index.partition, index.sort].compactMap { $0 }.joined(separator: ", ")
                try db.execute(
                    sql: """
                        CREATE INDEX \(index.storedName) ON items (\(keys))
                            WHERE \(index.isComplete)
                        """)
                try db.execute(
                    sql: "INSERT INTO indexes (name, pk, sk) VALUES (?, ?, ?)",
                    arguments: [index.name, index.partitionKey, index.sortKey])
            }
        }
    }

    package func indexes() throws -> [KeyValueIndex] {
        try store.read { db in
            try Row.fetchAll(db, sql: "SELECT name, pk, sk FROM indexes ORDER BY name").map {
                KeyValueIndex(name: $0["name"], partitionKey: $0["pk"], sortKey: $0["sk"])
            }
        }
    }

    /// Items of an index as JSON texts, in its order: all of them, or those of one partition.
    ///
    /// - Parameter partition: the value of the index's partition key, as text.
    /// - Throws: ``RunError`` where the table has no such index.
    package func items(
        index name: String, partition: String? = nil, limit: Int, now: Int64
    ) throws -> [String] {
        let known = try indexes()
        guard let index = known.first(where: { $0.name == name }) else {
            let near = nearName(name, among: known.map(\.name))
            throw RunError(
                .keyValueSettings, "the table has no index `\(name)`",
                notes: [
                    near.map { "did you mean `\($0)`?" }
                        ?? (known.isEmpty
                            ? "it has none: `indexes: { \(name): { partition_key: COLUMN } }`"
                            : "it has: \(known.map(\.name).joined(separator: ", "))")
                ])
        }
        let order = [index.partition, index.sort, "pk", "sk"].compactMap { $0 }
            .joined(separator: ", ")
        let keys: [DatabaseValue?] = partition.map { KeyValueTable.values($0) } ?? [nil]
        return try store.read { db in
            try keys.flatMap { key in
                var arguments: StatementArguments = ["now": now, "limit": limit]
                if let key { arguments += ["key": key] }
                return try String.fetchAll(
                    db,
                    sql: """
                        SELECT item FROM items
                        WHERE \(key == nil ? "" : "\(index.partition) = :key AND")
                            \(index.isComplete) AND \(KeyValueTable.live)
                        ORDER BY \(order) LIMIT :limit
                        """, arguments: arguments)
            }
        }
    }
}

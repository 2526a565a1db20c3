import GRDB
import GRDBSQLite
import PipelineDSL

/// The embedded key-value table: what DynamoDB is to a pipeline, and Redis.
///
/// An item is found by a partition key and, if the table has one, a sort key, by which the items of
/// a partition are ordered. Writing a key again replaces its item, unless the condition of the write
/// says otherwise. An item past its expiry is not there, whether or not a sweep has removed it yet.
/// An item is at most 400 KB, as in what it stands for.
///
/// All times are microseconds since 1970 and come from the caller.
package final class KeyValueTable: @unchecked Sendable {
    /// Bytes of one item as JSON.
    package static let itemLimitBytes = 400 * 1024
    /// Bytes.
    package static let partitionKeyLimit = 2048
    package static let sortKeyLimit = 1024

    let store: EmbeddedStore

    /// - Parameter indexes: of the table from now on, where they are given; else those it has.
    package init(path: String, indexes: [KeyValueIndex]? = nil) throws {
        store = try EmbeddedStore(
            path: path, schema: KeyValueTable.schema,
            added: ["items": ["version BLOB"], "staged": ["version BLOB"]])
        if let indexes { try declare(indexes) }
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS items (
            pk BLOB NOT NULL, sk BLOB NOT NULL, expires INTEGER, item TEXT NOT NULL, version BLOB,
            PRIMARY KEY (pk, sk)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS items_expiry ON items (expires) WHERE expires IS NOT NULL;
        CREATE TABLE IF NOT EXISTS staged (
            token TEXT NOT NULL, pk BLOB NOT NULL, sk BLOB NOT NULL, expires INTEGER,
            item TEXT NOT NULL, version BLOB);
        CREATE TABLE IF NOT EXISTS indexes (
            name TEXT PRIMARY KEY, pk TEXT NOT NULL, sk TEXT) WITHOUT ROWID
        """

    static let live = "(expires IS NULL OR expires > :now)"

    // MARK: - Reading

    /// Items that are there at `now`.
    package func count(now: Int64) throws -> Int {
        try store.read {
            try Int.fetchOne(
                $0, sql: "SELECT count(*) FROM items WHERE \(KeyValueTable.live)",
                arguments: ["now": now]) ?? 0
        }
    }

    /// Items as JSON texts, in key order: all of them, or those of one partition.
    package func items(partition: DatabaseValue? = nil, limit: Int, now: Int64) throws -> [String] {
        let condition = partition == nil ? "" : "pk = :pk AND"
        return try store.read { db in
            var arguments: StatementArguments = ["now": now, "limit": limit]
            if let partition { arguments += ["pk": partition] }
            return try String.fetchAll(
                db,
                sql: """
                    SELECT item FROM items WHERE \(condition) \(KeyValueTable.live)
                    ORDER BY pk, sk LIMIT :limit
                    """, arguments: arguments)
        }
    }

    /// Items of the partition that a text names: the key of that text, or of that number.
    package func items(partition text: String, limit: Int, now: Int64) throws -> [String] {
        try KeyValueTable.values(text).flatMap {
            try items(partition: $0, limit: limit, now: now)
        }
    }

    /// One item; `nil` where there is none or it has expired.
    package func get(pk: DatabaseValue, sk: DatabaseValue = KeyValueTable.noSortKey, now: Int64)
        throws -> String?
    {
        try store.read {
            try String.fetchOne(
                $0,
                sql: """
                    SELECT item FROM items WHERE pk = :pk AND sk = :sk AND \(KeyValueTable.live)
                    """, arguments: ["pk": pk, "sk": sk, "now": now])
        }
    }

    /// What stands as sort key where a table has none.
    package static let noSortKey = Int64(0).databaseValue

    /// What a key may be that was written as text, most likely first.
    static func values(_ text: String) -> [DatabaseValue] {
        var values = [text.databaseValue]
        if let integer = Int64(text) {
            values.append(integer.databaseValue)
        } else if let number = Double(text), number.isFinite {
            values.append(number.databaseValue)
        }
        return values
    }

    struct Item {
        var pk: DatabaseValue
        var sk: DatabaseValue
        var text: String
        var expires: Int64?
    }

    /// Items in key order after one, those that are there at `now`.
    func page(after last: Item?, limit: Int, now: Int64) throws -> [Item] {
        try store.read { db in
            var arguments: StatementArguments = ["now": now, "limit": limit]
            if let last { arguments += ["pk": last.pk, "sk": last.sk] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT pk, sk, item, expires FROM items
                    WHERE \(last == nil ? "" : "(pk, sk) > (:pk, :sk) AND") \(KeyValueTable.live)
                    ORDER BY pk, sk LIMIT :limit
                    """, arguments: arguments
            ).map {
                Item(pk: $0["pk"], sk: $0["sk"], text: $0["item"], expires: $0["expires"])
            }
        }
    }

    // MARK: - Expiry

    /// The sweep: removes what has expired.
    ///
    /// - Returns: how many items.
    @discardableResult
    package func removeExpired(now: Int64) throws -> Int {
        try store.write { try KeyValueTable.sweep($0, now: now) }
    }

    private static func sweep(_ db: Database, now: Int64) throws -> Int {
        try db.execute(sql: "DELETE FROM items WHERE expires <= ?", arguments: [now])
        return db.changesCount
    }

    // MARK: - Epochs

    /// Items of an epoch that was never completed. What `pipec feed` is putting there meanwhile
    /// stays.
    func discardStaged() throws {
        try store.write { try $0.execute(sql: "DELETE FROM staged WHERE token NOT LIKE 'feed-%'") }
    }

    func discardStaged(_ token: String) throws {
        try store.write {
            try $0.execute(sql: "DELETE FROM staged WHERE token = ?", arguments: [token])
        }
    }

    /// For items that are put from outside, beside a run; two of them never have the same.
    static func feedToken(_ node: String, now: Int64) -> String {
        let time = String(max(0, now))
        return "feed-" + String(repeating: "0", count: max(0, 19 - time.count)) + time + "-\(node)"
    }

    /// Items of feeds that were killed in the middle, an hour later.
    func discardLostFeeds(now: Int64) throws {
        let hour: Int64 = 3_600_000_000
        try store.write {
            try $0.execute(
                sql: "DELETE FROM staged WHERE token LIKE 'feed-%' AND token < ?",
                arguments: [KeyValueTable.feedToken("", now: now &- hour)])
        }
    }

    /// Makes an epoch's staged items the table's, in their order, so the last of a key stays. All of
    /// them, or none.
    func commit(_ token: String, now: Int64) throws {
        if try store.isCommitted(token) { return }
        try store.write { db in
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO items (pk, sk, expires, item, version)
                    SELECT pk, sk, expires, item, version FROM staged WHERE token = ?
                    ORDER BY rowid
                    """, arguments: [token])
            try db.execute(sql: "DELETE FROM staged WHERE token = ?", arguments: [token])
            _ = try KeyValueTable.sweep(db, now: now)
            try EmbeddedStore.record(token, now: now, in: db)
        }
        // Before the commit record goes: after a power cut one of the two must still be there.
        try store.synchronise()
    }
}

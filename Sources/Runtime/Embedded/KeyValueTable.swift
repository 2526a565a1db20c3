import GRDB
import GRDBSQLite
import PipelineDSL

/// The embedded key-value table: what DynamoDB is to a pipeline.
///
/// An item is found by a partition key and, if the table has one, a sort key, by which the items of
/// a partition are ordered. Writing a key again replaces its item. An item past its expiry is not
/// there, whether or not it was removed yet. An item is at most 400 KB, as in what it stands for.
package final class KeyValueTable: @unchecked Sendable {
    /// Bytes of one item as JSON.
    package static let itemLimitBytes = 400 * 1024

    let store: EmbeddedStore

    package init(path: String) throws {
        store = try EmbeddedStore(
            path: path,
            schema: """
                CREATE TABLE IF NOT EXISTS items (
                    pk BLOB NOT NULL, sk BLOB NOT NULL, expires INTEGER, item TEXT NOT NULL,
                    PRIMARY KEY (pk, sk)) WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS items_expiry ON items (expires) WHERE expires IS NOT NULL;
                CREATE TABLE IF NOT EXISTS staged (
                    token TEXT NOT NULL, pk BLOB NOT NULL, sk BLOB NOT NULL, expires INTEGER,
                    item TEXT NOT NULL)
                """)
    }

    /// Items that are there at `now` (microseconds since 1970).
    package func count(now: Int64) throws -> Int {
        try store.read {
            try Int.fetchOne(
                $0, sql: "SELECT count(*) FROM items WHERE expires IS NULL OR expires > ?",
                arguments: [now]) ?? 0
        }
    }

    /// Items as JSON texts, in key order: all of them, or those of one partition.
    package func items(partition: DatabaseValue? = nil, limit: Int, now: Int64) throws -> [String] {
        try store.read { db in
            let live = "(expires IS NULL OR expires > ?)"
            if let partition {
                return try String.fetchAll(
                    db, sql: "SELECT item FROM items WHERE pk = ? AND \(live) ORDER BY sk LIMIT ?",
                    arguments: [partition, now, limit])
            }
            return try String.fetchAll(
                db, sql: "SELECT item FROM items WHERE \(live) ORDER BY pk, sk LIMIT ?",
                arguments: [now, limit])
        }
    }

    /// One item; `nil` where there is none or it has expired.
    package func get(pk: DatabaseValue, sk: DatabaseValue = KeyValueTable.noSortKey, now: Int64)
        throws -> String?
    {
        try store.read {
            try String.fetchOne(
                $0,
                sql:
                    "SELECT item FROM items WHERE pk = ? AND sk = ? AND (expires IS NULL OR expires > ?)",
                arguments: [pk, sk, now])
        }
    }

    /// What stands as sort key where a table has none.
    package static let noSortKey = Int64(0).databaseValue

    /// Removes what has expired; how many.
    @discardableResult
    package func removeExpired(now: Int64) throws -> Int {
        try store.write { db in
            try db.execute(sql: "DELETE FROM items WHERE expires <= ?", arguments: [now])
            return db.changesCount
        }
    }

    // MARK: - Epochs

    /// Rows of an epoch that was never completed.
    func discardStaged(except token: String? = nil) throws {
        try store.write { db in
            if let token {
                try db.execute(sql: "DELETE FROM staged WHERE token <> ?", arguments: [token])
            } else {
                try db.execute(sql: "DELETE FROM staged")
            }
        }
    }

    /// Makes an epoch's staged items the table's, in their order, so the last of a key stays.
    func commit(_ token: String, now: Int64) throws {
        if try store.isCommitted(token) { return }
        try store.write { db in
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO items (pk, sk, expires, item)
                    SELECT pk, sk, expires, item FROM staged WHERE token = ? ORDER BY rowid
                    """, arguments: [token])
            try db.execute(sql: "DELETE FROM staged WHERE token = ?", arguments: [token])
            try EmbeddedStore.record(token, now: now, in: db)
        }
        // Before the commit record goes: after a power cut one of the two must still be there.
        try store.synchronise()
    }
}

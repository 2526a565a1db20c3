import GRDB
import GRDBSQLite
import PipelineDSL

/// The embedded queue: what SQS is to a pipeline.
///
/// A standard queue delivers at least once; a FIFO queue (`.fifo`) in order within a message group,
/// one message of a group in flight at a time, and a deduplication id that was seen in the last
/// five minutes is accepted and not stored again. A received message is invisible for the
/// visibility timeout; not deleted in time, it comes again with a higher receive count, and past
/// the maximum it moves to the dead-letter queue. A message is at most 256 KB and is kept for the
/// retention period.
package final class MessageQueue: @unchecked Sendable {
    /// Bytes of one body.
    package static let bodyLimitBytes = 256 * 1024
    /// Microseconds.
    package static let deduplicationWindow: Int64 = 5 * 60 * 1_000_000
    package static let defaultRetention: Int64 = 4 * 86_400 * 1_000_000
    package static let defaultVisibility: Int64 = 30 * 1_000_000

    let store: EmbeddedStore
    package let isFIFO: Bool

    package struct Message: Sendable {
        package var id: Int64
        package var body: String
        package var group: String?
        /// How often it was received, this time included.
        package var receiveCount: Int
        /// What deletes it; valid until it is received again.
        package var receipt: String
        /// Microseconds since 1970.
        package var sentAt: Int64
    }

    package init(path: String, isFIFO: Bool) throws {
        self.isFIFO = isFIFO
        store = try EmbeddedStore(
            path: path,
            schema: """
                CREATE TABLE IF NOT EXISTS messages (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, epoch TEXT, body TEXT NOT NULL,
                    grp TEXT, dedup TEXT, sent INTEGER NOT NULL, visible INTEGER NOT NULL,
                    receives INTEGER NOT NULL DEFAULT 0, receipt TEXT);
                CREATE INDEX IF NOT EXISTS messages_group ON messages (grp, id)
                    WHERE grp IS NOT NULL;
                CREATE TABLE IF NOT EXISTS deduplication (
                    dedup TEXT PRIMARY KEY, epoch TEXT, sent INTEGER NOT NULL) WITHOUT ROWID
                """)
    }

    /// What a receiver sees: everything but the messages of an epoch that has not committed.
    private static let committed = "(epoch IS NULL OR epoch IN (SELECT token FROM epochs))"

    package struct Counts: Sendable {
        package var visible: Int
        package var inFlight: Int
    }

    package func counts(now: Int64) throws -> Counts {
        try store.read { db in
            let visible =
                try Int.fetchOne(
                    db,
                    sql:
                        "SELECT count(*) FROM messages WHERE visible <= ? AND \(MessageQueue.committed)",
                    arguments: [now]) ?? 0
            let all =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM messages WHERE \(MessageQueue.committed)") ?? 0
            return Counts(visible: visible, inFlight: all - visible)
        }
    }

    /// The next messages without receiving them, in order.
    package func peek(_ limit: Int) throws -> [Message] {
        try store.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM messages WHERE \(MessageQueue.committed) ORDER BY id LIMIT ?",
                arguments: [limit]
            ).map { message($0) }
        }
    }

    private func message(_ row: Row) -> Message {
        Message(
            id: row["id"], body: row["body"], group: row["grp"], receiveCount: row["receives"],
            receipt: row["receipt"] ?? "", sentAt: row["sent"])
    }

    /// Sends bodies outside any epoch: `pipec feed`.
    package func send(_ bodies: [String], group: String? = nil, now: Int64) throws {
        try store.write { db in
            let statement = try db.cachedStatement(
                sql: "INSERT INTO messages (body, grp, sent, visible) VALUES (?, ?, ?, ?)")
            for body in bodies {
                try statement.execute(arguments: [body, isFIFO ? group ?? "" : group, now, now])
            }
        }
    }

    /// Receives up to `limit` messages, which are then invisible for `visibility` microseconds.
    ///
    /// - Parameters:
    ///   - maxReceives: past it a message moves to `deadLetters` instead of being received.
    package func receive(
        _ limit: Int, visibility: Int64 = MessageQueue.defaultVisibility, maxReceives: Int? = nil,
        deadLetters: MessageQueue? = nil, now: Int64
    ) throws -> [Message] {
        var exhausted: [Message] = []
        let received = try store.write { db -> [Message] in
            try db.execute(
                sql: "DELETE FROM messages WHERE sent <= ?",
                arguments: [now - MessageQueue.defaultRetention])
            // In a FIFO queue only the first message of a group, and none while one is in flight.
            let order =
                isFIFO
                ? "AND id = (SELECT min(m.id) FROM messages m WHERE m.grp IS messages.grp)" : ""
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM messages WHERE visible <= ? AND \(MessageQueue.committed) \(order)
                    ORDER BY id LIMIT ?
                    """, arguments: [now, limit])
            var messages: [Message] = []
            for row in rows {
                var message = self.message(row)
                if let maxReceives, message.receiveCount >= maxReceives {
                    exhausted.append(message)
                    continue
                }
                message.receiveCount += 1
                message.receipt = "\(message.id)-\(message.receiveCount)-\(now)"
                try db.execute(
                    sql: "UPDATE messages SET visible = ?, receives = ?, receipt = ? WHERE id = ?",
                    arguments: [
                        now + visibility, message.receiveCount, message.receipt, message.id,
                    ])
                messages.append(message)
            }
            return messages
        }
        // Into the dead-letter queue first: a crash in between leaves it in both, never in neither.
        for message in exhausted {
            try deadLetters?.send([message.body], group: message.group, now: now)
            try store.write {
                try $0.execute(sql: "DELETE FROM messages WHERE id = ?", arguments: [message.id])
            }
        }
        return received
    }

    /// Deletes a received message; `false` where the receipt is no longer the latest.
    package func delete(receipt: String) throws -> Bool {
        try store.write { db in
            try db.execute(sql: "DELETE FROM messages WHERE receipt = ?", arguments: [receipt])
            return db.changesCount > 0
        }
    }

    // MARK: - Epochs

    /// Messages of an epoch that was never completed.
    func discardUncommitted(except token: String? = nil) throws {
        try store.write { db in
            // The ids too: what was never sent must not make a later message a duplicate.
            for table in ["messages", "deduplication"] {
                try db.execute(
                    sql: """
                        DELETE FROM \(table) WHERE epoch IS NOT NULL AND epoch IS NOT ?
                            AND epoch NOT IN (SELECT token FROM epochs)
                        """, arguments: [token])
            }
        }
    }

    /// One row makes all messages of the epoch visible.
    func commit(_ token: String, now: Int64) throws {
        if try store.isCommitted(token) { return }
        try store.write { try EmbeddedStore.record(token, now: now, in: $0) }
        // Before the commit record goes: after a power cut one of the two must still be there.
        try store.synchronise()
    }
}

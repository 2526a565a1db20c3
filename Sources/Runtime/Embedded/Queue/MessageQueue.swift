import GRDB
import GRDBSQLite
import PipelineDSL

/// The embedded queue: what SQS is to a pipeline.
///
/// A standard queue delivers at least once, about in the order sent. A FIFO queue (`.fifo`) keeps the
/// order within a message group, of which nothing more is delivered while a message of it is in
/// flight; a deduplication id that was seen in the last five minutes is accepted and not stored again.
/// A received message is invisible for the visibility timeout; not deleted in time, it comes again
/// with a higher receive count, and past the maximum it moves to the dead-letter queue. A message is
/// at most 256 KB and is kept for the retention period.
///
/// All times are microseconds since 1970 and come from the caller.
package final class MessageQueue: @unchecked Sendable {
    /// Bytes of one body.
    package static let bodyLimitBytes = 256 * 1024
    package static let deduplicationWindow: Int64 = 5 * 60 * 1_000_000
    package static let defaultRetention: Int64 = 4 * 86_400 * 1_000_000
    package static let defaultVisibility: Int64 = 30 * 1_000_000
    package static let longestVisibility: Int64 = 12 * 3600 * 1_000_000
    package static let longestDelay: Int64 = 15 * 60 * 1_000_000
    /// Messages that are received and not deleted.
    package static let inFlightLimit = 120_000

    let store: EmbeddedStore
    package let isFIFO: Bool
    package let attributes: Attributes
    package let deadLetterPath: String?
    /// When expired messages were last removed.
    var sweptAt = Int64.max

    /// What a queue is, whoever uses it; kept with its messages.
    package struct Attributes: Hashable, Sendable, Codable {
        /// `nil`: as it is, or the default where it is made.
        package var visibility: Int64?
        package var retention: Int64?
        /// After so many receipts a message moves to the dead-letter queue.
        package var maxReceives: Int?
        /// The queue's name.
        package var deadLetterQueue: String?

        package init() {}

        /// Changed by what `other` says.
        func changed(by other: Attributes) -> Attributes {
            var result = self
            result.visibility = other.visibility ?? visibility
            result.retention = other.retention ?? retention
            result.maxReceives = other.maxReceives ?? maxReceives
            result.deadLetterQueue = other.deadLetterQueue ?? deadLetterQueue
            return result
        }
    }

    package struct Message: Sendable {
        package var id: Int64
        package var body: String
        package var group: String?
        /// How often it was received, this time included.
        package var receiveCount: Int
        /// What deletes it; valid until it is received again.
        package var receipt: String
        package var sentAt: Int64
    }

    /// A message to send.
    package struct Entry: Sendable {
        package var body: String
        /// Of FIFO queues.
        package var group: String?
        /// Of FIFO queues.
        package var deduplicationID: String?
        /// Until it can be received.
        package var delay: Int64

        package init(
            _ body: String, group: String? = nil, deduplicationID: String? = nil, delay: Int64 = 0
        ) {
            self.body = body
            self.group = group
            self.deduplicationID = deduplicationID
            self.delay = delay
        }
    }

    /// - Parameter attributes: to change where they are given.
    package init(
        path: String, isFIFO: Bool, attributes changes: Attributes = Attributes()
    ) throws {
        self.isFIFO = isFIFO
        store = try EmbeddedStore(
            path: path, schema: MessageQueue.schema,
            added: ["messages": ["claim TEXT", "origin TEXT"]])
        attributes = try MessageQueue.attributes(store, changes)
        deadLetterPath = attributes.deadLetterQueue.flatMap { name in
            Files.parent(path).map { "\($0)/\(EmbeddedPaths.component(name)).sqlite" }
        }
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, epoch TEXT, body TEXT NOT NULL,
            grp TEXT, dedup TEXT, sent INTEGER NOT NULL, visible INTEGER NOT NULL,
            receives INTEGER NOT NULL DEFAULT 0, receipt TEXT, claim TEXT, origin TEXT);
        CREATE INDEX IF NOT EXISTS messages_visible ON messages (visible);
        CREATE INDEX IF NOT EXISTS messages_received ON messages (receives) WHERE receives > 0;
        CREATE INDEX IF NOT EXISTS messages_claim ON messages (claim, id) WHERE claim IS NOT NULL;
        CREATE UNIQUE INDEX IF NOT EXISTS messages_origin ON messages (origin)
            WHERE origin IS NOT NULL;
        CREATE TABLE IF NOT EXISTS deduplication (
            dedup TEXT PRIMARY KEY, epoch TEXT, sent INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS attributes (
            name TEXT PRIMARY KEY, value ANY NOT NULL) WITHOUT ROWID
        """

    /// What a receiver sees: everything but the messages of an epoch that has not committed.
    static let committed = "(epoch IS NULL OR epoch IN (SELECT token FROM epochs))"

    var visibility: Int64 { attributes.visibility ?? MessageQueue.defaultVisibility }
    var retention: Int64 { attributes.retention ?? MessageQueue.defaultRetention }

    private static func attributes(
        _ store: EmbeddedStore, _ changes: Attributes
    ) throws -> Attributes {
        func read(_ db: Database) throws -> Attributes {
            var found = Attributes()
            for row in try Row.fetchAll(db, sql: "SELECT name, value FROM attributes") {
                switch row["name"] as String? {
                case "visibility": found.visibility = row["value"]
                case "retention": found.retention = row["value"]
                case "max_receives": found.maxReceives = row["value"]
                case "dead_letter_queue": found.deadLetterQueue = row["value"]
                default: break
                }
            }
            return found
        }
        let found = try store.read(read)
        let wanted = found.changed(by: changes)
        if wanted == found { return found }
        try store.write { db in
            let values: [(String, (any DatabaseValueConvertible)?)] = [
                ("visibility", wanted.visibility), ("retention", wanted.retention),
                ("max_receives", wanted.maxReceives),
                ("dead_letter_queue", wanted.deadLetterQueue),
            ]
            for (name, value) in values {
                guard let value else { continue }
                try db.execute(
                    sql: "INSERT OR REPLACE INTO attributes (name, value) VALUES (?, ?)",
                    arguments: [name, value])
            }
        }
        return wanted
    }

    package var path: String { store.path }

    /// Makes everything committed so far survive a power cut.
    package func checkpoint() throws { try store.synchronise() }

    // MARK: - Looking

    package struct Counts: Hashable, Sendable {
        package var visible: Int
        package var inFlight: Int
        package var delayed: Int

        package init(visible: Int, inFlight: Int, delayed: Int) {
            self.visible = visible
            self.inFlight = inFlight
            self.delayed = delayed
        }
    }

    package func counts(now: Int64) throws -> Counts {
        try store.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) FILTER (WHERE visible <= :now) AS visible,
                        count(*) FILTER (WHERE visible > :now AND receives > 0) AS flight,
                        count(*) FILTER (WHERE visible > :now AND receives = 0) AS delayed
                    FROM messages WHERE sent > :oldest AND \(MessageQueue.committed)
                    """, arguments: ["now": now, "oldest": now &- retention])
            return Counts(
                visible: row?["visible"] ?? 0, inFlight: row?["flight"] ?? 0,
                delayed: row?["delayed"] ?? 0)
        }
    }

    /// The messages that are there without receiving them, in order.
    package func peek(_ limit: Int, after id: Int64 = 0) throws -> [Message] {
        try store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM messages WHERE id > ? AND \(MessageQueue.committed)
                    ORDER BY id LIMIT ?
                    """, arguments: [id, limit]
            ).map(MessageQueue.message)
        }
    }

    static func message(_ row: Row) -> Message {
        Message(
            id: row["id"], body: row["body"], group: row["grp"], receiveCount: row["receives"],
            receipt: row["receipt"] ?? "", sentAt: row["sent"])
    }

    // MARK: - Sending

    /// Of messages that can be received from the first: also by a clock that was set back since.
    static let atOnce: Int64 = 0

    static func visible(after delay: Int64, now: Int64) -> Int64 {
        delay > 0 ? now &+ delay : atOnce
    }

    /// Sends messages outside any epoch, all or none.
    ///
    /// - Returns: how many were stored; the others are duplicates.
    /// - Throws: ``RunError`` for a body that is too large.
    @discardableResult
    package func send(_ entries: [Entry], now: Int64) throws -> Int {
        for (index, entry) in entries.enumerated()
        where entry.body.utf8.count > MessageQueue.bodyLimitBytes {
            throw RunError(
                .embeddedLimit,
                "message \(index + 1) has \(entry.body.utf8.count) bytes; "
                    + "\(MessageQueue.bodyLimitBytes) are the limit")
        }
        return try store.write { db in
            let statement = try db.cachedStatement(
                sql: "INSERT INTO messages (body, grp, dedup, sent, visible) VALUES (?, ?, ?, ?, ?)"
            )
            var stored = 0
            for entry in entries {
                if let id = entry.deduplicationID, isFIFO,
                    try MessageQueue.isDuplicate(id, epoch: nil, now: now, db)
                {
                    continue
                }
                try statement.execute(arguments: [
                    entry.body, isFIFO ? entry.group ?? "" : nil, entry.deduplicationID, now,
                    MessageQueue.visible(after: entry.delay, now: now),
                ])
                stored += 1
            }
            return stored
        }
    }

    /// Whether the id was sent in the last five minutes; else it is remembered.
    static func isDuplicate(
        _ id: String, epoch: String?, now: Int64, _ db: Database
    ) throws -> Bool {
        let last = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT sent FROM deduplication WHERE dedup = ?"),
            arguments: [id])
        // Also where the clock was set back since: an id seen in the far future is none of these.
        if let last, (now &- last).magnitude < deduplicationWindow.magnitude { return true }
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO deduplication (dedup, epoch, sent) VALUES (?, ?, ?)"
        ).execute(arguments: [id, epoch, now])
        return false
    }
}

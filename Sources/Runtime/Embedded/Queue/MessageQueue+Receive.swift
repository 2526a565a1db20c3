import GRDB
import PipelineDSL

extension MessageQueue {
    /// Messages that can be received at `:now`, oldest first.
    ///
    /// In a FIFO queue nothing of a group comes while a message of it is in flight, and nothing that
    /// was sent after a message whose delay is not over.
    private var receivable: String {
        let live = "m.visible <= :now AND m.sent > :oldest AND \(MessageQueue.committed)"
        if !isFIFO { return "SELECT m.id, m.body FROM messages m WHERE \(live) ORDER BY m.id" }
        return """
            WITH held AS (
                SELECT grp AS held, min(CASE WHEN receives > 0 THEN 0 ELSE id END) AS first
                FROM messages WHERE visible > :now AND \(MessageQueue.committed) GROUP BY grp)
            SELECT m.id, m.body FROM messages m LEFT JOIN held ON held.held = m.grp
            WHERE \(live) AND (held.first IS NULL OR m.id < held.first) ORDER BY m.id
            """
    }

    private func times(_ now: Int64) -> [String: (any DatabaseValueConvertible)?] {
        ["now": now, "oldest": now &- retention]
    }

    /// Receives up to `limit` messages, which are then invisible for `visibility`, or for what the
    /// queue says.
    ///
    /// None where as many as may be are in flight.
    package func receive(
        _ limit: Int, visibility: Int64? = nil, now: Int64
    ) throws -> [Message] {
        try tidy(now: now)
        let hidden = now &+ (visibility ?? self.visibility)
        return try store.write { db in
            let inFlight =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM messages WHERE visible > ? AND receives > 0",
                    arguments: [now]) ?? 0
            var arguments = times(now)
            arguments["limit"] = max(0, min(limit, MessageQueue.inFlightLimit - inFlight))
            let ids = try Int64.fetchAll(
                db, sql: "\(receivable) LIMIT :limit", arguments: StatementArguments(arguments))
            let update = try db.cachedStatement(
                sql: """
                    UPDATE messages SET visible = ?, receives = receives + 1, claim = NULL,
                        receipt = id || '-' || (receives + 1) || '-' || ? WHERE id = ?
                    """)
            let select = try db.cachedStatement(sql: "SELECT * FROM messages WHERE id = ?")
            return try ids.compactMap { id in
                try update.execute(arguments: [hidden, now, id])
                return try Row.fetchOne(select, arguments: [id]).map(MessageQueue.message)
            }
        }
    }

    /// Deletes a received message; `false` where the receipt is no longer the latest, or, in a FIFO
    /// queue, came too late.
    package func delete(receipt: String, now: Int64) throws -> Bool {
        try store.write { db in
            try db.execute(
                sql: "DELETE FROM messages WHERE receipt = ? AND (visible > ? OR ?)",
                arguments: [receipt, now, !isFIFO])
            return db.changesCount > 0
        }
    }

    /// Makes a message that is in flight visible `timeout` from now; `false` where it is not in flight
    /// under this receipt.
    package func changeVisibility(receipt: String, to timeout: Int64, now: Int64) throws -> Bool {
        let timeout = min(max(timeout, 0), MessageQueue.longestVisibility)
        return try store.write { db in
            try db.execute(
                sql: "UPDATE messages SET visible = ? WHERE receipt = ? AND visible > ?",
                arguments: [now &+ timeout, receipt, now])
            return db.changesCount > 0
        }
    }

    // MARK: - Claims

    /// Receives messages for an epoch under a name, by which they are read and, once the epoch is
    /// decided, deleted. Durable.
    ///
    /// - Returns: how many.
    package func claim(
        _ name: String, limit: SliceLimit, visibility: Int64? = nil, now: Int64
    ) throws -> Int {
        try tidy(now: now)
        let hidden = now &+ (visibility ?? self.visibility)
        let claimed = try store.write { db in
            var arguments = times(now)
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT length(body) AS bytes FROM (\(receivable) LIMIT :limit)",
                arguments: StatementArguments(arguments.merging(["limit": limit.rows]) { $1 }))
            var (count, bytes) = (0, 0)
            while bytes < limit.bytes || count == 0, let row = try rows.next() {
                count += 1
                bytes += row["bytes"] ?? 0
            }
            arguments["limit"] = count
            arguments["hidden"] = hidden
            arguments["name"] = name
            try db.execute(
                sql: """
                    UPDATE messages SET visible = :hidden, receives = receives + 1, receipt = NULL,
                        claim = :name
                    WHERE id IN (SELECT id FROM (\(receivable) LIMIT :limit))
                    """, arguments: StatementArguments(arguments))
            return db.changesCount
        }
        // What deletes them must find them, also after a power cut.
        if claimed > 0 { try store.synchronise() }
        return claimed
    }

    /// Messages under a claim that come after one, in the order sent.
    func claimed(_ name: String, after id: Int64, limit: Int) throws -> [Message] {
        try store.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM messages WHERE claim = ? AND id > ? ORDER BY id LIMIT ?",
                arguments: [name, id, limit]
            ).map(MessageQueue.message)
        }
    }

    /// Deletes what was received under a claim; nothing where that was done before. What somebody else
    /// has received since, because it took longer than the visibility timeout, stays.
    package func acknowledge(claim: String) throws {
        try store.write {
            try $0.execute(sql: "DELETE FROM messages WHERE claim = ?", arguments: [claim])
        }
        try store.synchronise()
    }

    /// Makes messages of claims whose name begins so visible at once: their epoch never committed.
    ///
    /// They stay received: among them may be the one that brought the process down, and after
    /// `max_receives` of that it is set aside.
    package func release(claims prefix: String) throws {
        try store.write { db in
            try db.execute(
                sql: """
                    UPDATE messages SET claim = NULL, visible = ?
                    WHERE claim IS NOT NULL AND substr(claim, 1, length(?)) = ?
                    """, arguments: [MessageQueue.atOnce, prefix, prefix])
        }
    }

    /// As if what is under the claim had never been received.
    package func giveBack(claim: String) throws {
        try store.write { db in
            try db.execute(
                sql: """
                    UPDATE messages SET claim = NULL, visible = ?, receives = max(0, receives - 1)
                    WHERE claim = ?
                    """, arguments: [MessageQueue.atOnce, claim])
        }
    }

    // MARK: - What is due

    /// Moves messages that were received too often to the dead-letter queue, and removes those that
    /// are too old.
    func tidy(now: Int64) throws {
        try moveExhausted(now: now)
        // Once a minute is often enough: they are not delivered in any case.
        guard now < sweptAt || now &- sweptAt >= 60_000_000 else { return }
        sweptAt = now
        try store.write { db in
            // Nothing is invisible for longer, unless the clock was set back since.
            try db.execute(
                sql: "UPDATE messages SET visible = ? WHERE visible > ?",
                arguments: [
                    MessageQueue.atOnce, now.saturatingAdd(MessageQueue.longestVisibility),
                ])
            try db.execute(
                sql: "DELETE FROM messages WHERE sent <= ? AND \(MessageQueue.committed)",
                arguments: [now &- retention])
            try db.execute(
                sql: "DELETE FROM deduplication WHERE sent <= ? AND \(MessageQueue.committed)",
                arguments: [now &- MessageQueue.deduplicationWindow])
        }
    }

    private func moveExhausted(now: Int64) throws {
        guard let maxReceives = attributes.maxReceives, let deadLetterPath else { return }
        let exhausted = try store.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM messages WHERE receives >= max(?, 1) AND receives > 0
                        AND visible <= ? AND \(MessageQueue.committed) ORDER BY id
                    """, arguments: [maxReceives, now]
            ).map(MessageQueue.message)
        }
        guard !exhausted.isEmpty else { return }
        // Into the dead-letter queue first: a crash in between leaves a message in both, never in
        // neither, and the next time it is recognised there.
        try MessageQueue(path: deadLetterPath, isFIFO: isFIFO).take(
            exhausted, from: store.path, now: now)
        try remove(exhausted)
    }

    private func remove(_ messages: [Message]) throws {
        try store.write { db in
            let delete = try db.cachedStatement(sql: "DELETE FROM messages WHERE id = ?")
            for message in messages { try delete.execute(arguments: [message.id]) }
        }
    }

    /// Takes messages over from another queue, each once.
    private func take(_ messages: [Message], from path: String, now: Int64) throws {
        try store.write { db in
            let insert = try db.cachedStatement(
                sql: """
                    INSERT OR IGNORE INTO messages (body, grp, sent, visible, origin)
                    VALUES (?, ?, ?, ?, ?)
                    """)
            for message in messages {
                // A standard queue's message keeps its age when it moves, as it does in SQS.
                try insert.execute(arguments: [
                    message.body, message.group, isFIFO ? now : message.sentAt,
                    MessageQueue.atOnce,
                    "\(Files.lastComponent(path)) \(message.id) \(message.receiveCount)",
                ])
            }
        }
        try store.synchronise()
    }

    /// Moves everything in the dead-letter queue back to this one.
    ///
    /// - Returns: how many messages.
    package func redrive(now: Int64) throws -> Int {
        guard let deadLetterPath, Files.exists(deadLetterPath) else { return 0 }
        let letters = try MessageQueue(path: deadLetterPath, isFIFO: isFIFO)
        let messages = try letters.peek(.max)
        guard !messages.isEmpty else { return 0 }
        try take(messages, from: deadLetterPath, now: now)
        try letters.remove(messages)
        return messages.count
    }

    /// Of the dead-letter queue, without receiving them.
    package func deadLetters(_ limit: Int) throws -> [Message] {
        guard let deadLetterPath, Files.exists(deadLetterPath) else { return [] }
        return try MessageQueue(path: deadLetterPath, isFIFO: isFIFO).peek(limit)
    }

    /// How many messages are in the dead-letter queue.
    package func deadLetterCount(now: Int64) throws -> Int {
        guard let deadLetterPath, Files.exists(deadLetterPath) else { return 0 }
        let counts = try MessageQueue(path: deadLetterPath, isFIFO: isFIFO).counts(now: now)
        return counts.visible + counts.inFlight + counts.delayed
    }
}

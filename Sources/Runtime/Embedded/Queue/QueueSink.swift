import GRDB
import PipelineDSL

/// Writes rows as messages of a ``MessageQueue``, each body one JSON object.
final class QueueSink: SinkWriter, @unchecked Sendable {
    private let queue: MessageQueue
    private let token: String
    private let now: Int64
    /// Microseconds until a message is visible.
    private let delay: Int64
    private let names: [[UInt8]]
    private let groupBy: Int?
    private let deduplicateBy: Int?

    init(
        queue: MessageQueue, token: String, now: Int64, delay: Int64, schema: Schema,
        groupBy: Int?, deduplicateBy: Int?
    ) throws {
        self.queue = queue
        self.token = token
        self.now = now
        self.delay = delay
        self.groupBy = groupBy
        self.deduplicateBy = deduplicateBy
        names = schema.names.map(JSONWriter.key)
        try queue.discardUncommitted()
    }

    func write(_ batch: Batch) throws -> [SinkRefusal] {
        var refusals: [SinkRefusal] = []
        try queue.store.write { db in
            let insert = try db.cachedStatement(
                sql: """
                    INSERT INTO messages (epoch, body, grp, dedup, sent, visible)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """)
            var text: [UInt8] = []
            let tokenBytes = Array(token.utf8)
            try tokenBytes.withUnsafeBytes { tokenText in
                for row in batch.rows {
                    let row = Int(row)
                    text.removeAll(keepingCapacity: true)
                    JSONWriter.appendObject(names, batch.columns, row, to: &text)
                    if text.count > MessageQueue.bodyLimitBytes {
                        refusals.append(tooLarge(row, text.count))
                        continue
                    }
                    if try isDuplicate(batch, row, db) { continue }
                    insert.bindText(1, tokenText)
                    insert.bindInteger(5, now)
                    insert.bindInteger(6, MessageQueue.visible(after: delay, now: now))
                    insert.bindNull(4)
                    try withText(groupBy.map { batch.columns[$0] }, row) { group in
                        if let group { insert.bindText(3, group) } else { insert.bindNull(3) }
                        try text.withUnsafeBytes {
                            insert.bindText(2, $0)
                            try insert.stepBound(db)
                        }
                    }
                }
            }
        }
        return refusals
    }

    /// The text of a group or id; `nil` for a standard queue's lack of one. A null group is a group.
    private func withText(
        _ column: Column?, _ row: Int, _ body: (UnsafeRawBufferPointer?) throws -> Void
    ) throws {
        guard let column else { return try body(nil) }
        if case .strings(let v) = column.values, !column.isNull(row) {
            return try v.views[row].withBytes(v.blocks) { try body($0) }
        }
        var text = column.isNull(row) ? "" : column.text(row)
        try text.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
    }

    /// Whether the id was sent in the last five minutes; it then counts as accepted.
    private func isDuplicate(_ batch: Batch, _ row: Int, _ db: Database) throws -> Bool {
        guard let deduplicateBy, !batch.columns[deduplicateBy].isNull(row) else { return false }
        return try MessageQueue.isDuplicate(
            batch.columns[deduplicateBy].text(row), epoch: token, now: now, db)
    }

    private func tooLarge(_ row: Int, _ bytes: Int) -> SinkRefusal {
        SinkRefusal(
            row: row, rule: "message_size",
            message: "the message has \(bytes) bytes; \(MessageQueue.bodyLimitBytes) are the limit")
    }

    func prepare() throws { try queue.store.synchronise() }
    func commit() throws { try queue.commit(token, now: now) }
    func abort() throws { try queue.discardUncommitted() }
}

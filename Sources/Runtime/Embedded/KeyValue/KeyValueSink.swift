import GRDB
import PipelineDSL

/// Writes rows as items of a ``KeyValueTable``.
final class KeyValueSink: SinkWriter, @unchecked Sendable {
    /// What an item is made of: positions of columns, and times.
    struct Layout {
        var partitionKey: Int
        var sortKey: Int?
        /// Before the text of the partition key.
        var keyPrefix: String?
        /// Microseconds after the write at which an item expires.
        var timeToLive: Int64?
        /// A column that says when: a timestamp, or seconds since 1970.
        var expiresAt: Int?
        var condition: Condition?
    }

    /// Under which a row is written.
    enum Condition {
        /// No item has its key.
        case notExists
        /// The item of its key has a smaller value in this column, or there is none.
        case newer(Int)
    }

    private let table: KeyValueTable
    private let token: String
    private let now: Int64
    private let schema: Schema
    private let names: [[UInt8]]
    private let layout: Layout

    /// - Parameter isFed: whether the items come from outside, beside a run.
    init(
        table: KeyValueTable, token: String, now: Int64, schema: Schema, _ layout: Layout,
        isFed: Bool = false
    ) throws {
        self.table = table
        self.token = token
        self.now = now
        self.schema = schema
        self.layout = layout
        names = schema.names.map(JSONWriter.key)
        try isFed ? table.discardLostFeeds(now: now) : table.discardStaged()
        if layout.condition != nil {
            try table.store.write {
                try $0.execute(sql: "CREATE INDEX IF NOT EXISTS staged_key ON staged (pk, sk)")
            }
        }
    }

    func write(_ batch: Batch) throws -> [SinkRefusal] {
        var refusals: [SinkRefusal] = []
        try table.store.write { db in
            let insert = try db.cachedStatement(
                sql: """
                    INSERT INTO staged (token, pk, sk, expires, item, version)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """)
            let found = try db.cachedStatement(sql: KeyValueSink.latest)
            var text: [UInt8] = []
            let tokenBytes = Array(token.utf8)
            try tokenBytes.withUnsafeBytes { token in
                for row in batch.rows {
                    let row = Int(row)
                    if let refusal = keyRefusal(batch, row) {
                        refusals.append(refusal)
                        continue
                    }
                    text.removeAll(keepingCapacity: true)
                    JSONWriter.appendObject(names, batch.columns, row, to: &text)
                    if text.count > KeyValueTable.itemLimitBytes {
                        refusals.append(tooLarge(row, text.count))
                        continue
                    }
                    try withKey(batch, row) { partition, sort in
                        let version = versionColumn.map { batch.columns[$0] }
                        try KeyBinding.with(version, row) { version in
                            if let refusal = try conditionRefusal(
                                batch, row, found, partition, sort, version, db)
                            {
                                refusals.append(refusal)
                                return
                            }
                            insert.bindText(1, token)
                            partition.bind(insert, 2)
                            sort.bind(insert, 3)
                            try bindExpiry(batch, row, insert)
                            version.bind(insert, 6)
                            try text.withUnsafeBytes {
                                insert.bindText(5, $0)
                                try insert.stepBound(db)
                            }
                        }
                    }
                }
            }
        }
        return refusals
    }

    private func withKey(
        _ batch: Batch, _ row: Int, _ body: (KeyBinding, KeyBinding) throws -> Void
    ) throws {
        let partition = batch.columns[layout.partitionKey]
        try KeyBinding.with(layout.sortKey.map { batch.columns[$0] }, row) { sort in
            guard let prefix = layout.keyPrefix else {
                return try KeyBinding.with(partition, row) { try body($0, sort) }
            }
            var key = prefix + partition.text(row)
            try key.withUTF8 { try body(.text(UnsafeRawBufferPointer($0)), sort) }
        }
    }

    private func bindExpiry(_ batch: Batch, _ row: Int, _ insert: Statement) throws {
        if let timeToLive = layout.timeToLive {
            insert.bindInteger(4, now &+ timeToLive)
            return
        }
        guard let column = layout.expiresAt.map({ batch.columns[$0] }), !column.isNull(row) else {
            return insert.bindNull(4)
        }
        try KeyBinding.with(column, row) { value in
            guard case .integer(let value) = value else { return insert.bindNull(4) }
            if column.type == .timestamp { return insert.bindInteger(4, value) }
            let (time, overflow) = value.multipliedReportingOverflow(by: 1_000_000)
            insert.bindInteger(4, overflow ? (value < 0 ? .min : .max) : time)
        }
    }

    // MARK: - Conditions

    /// The version of the item that has a key now, what this run wrote included; no row where there is
    /// none.
    private static let latest = """
        SELECT version FROM (
            SELECT version, expires, rowid AS place FROM staged WHERE pk = ?1 AND sk = ?2
            UNION ALL
            SELECT version, expires, 0 FROM items WHERE pk = ?1 AND sk = ?2
            ORDER BY place DESC LIMIT 1)
        WHERE expires IS NULL OR expires > ?3
        """

    private var versionColumn: Int? {
        if case .newer(let column) = layout.condition { column } else { nil }
    }

    private func conditionRefusal(
        _ batch: Batch, _ row: Int, _ found: Statement, _ partition: KeyBinding,
        _ sort: KeyBinding, _ version: KeyBinding, _ db: Database
    ) throws -> SinkRefusal? {
        guard let condition = layout.condition else { return nil }
        if let column = versionColumn, batch.columns[column].isNull(row) {
            let name = schema.fields[column].name
            return SinkRefusal(
                row: row, rule: "condition",
                message: "`\(name)`, by which the newer of two items is told, is null",
                column: name)
        }
        partition.bind(found, 1)
        sort.bind(found, 2)
        found.bindInteger(3, now)
        guard let stored = try found.firstBound(db) else { return nil }
        switch condition {
        case .notExists:
            return SinkRefusal(
                row: row, rule: "condition", message: "there is an item with this key")
        case .newer(let column):
            if stored.isNull || version.isGreater(than: stored) { return nil }
            return SinkRefusal(
                row: row, rule: "condition",
                message: "the item with this key is as new, or newer",
                column: schema.fields[column].name)
        }
    }

    // MARK: - Refusals

    private func keyRefusal(_ batch: Batch, _ row: Int) -> SinkRefusal? {
        let keys = [
            (layout.partitionKey, KeyValueTable.partitionKeyLimit),
            (layout.sortKey ?? -1, KeyValueTable.sortKeyLimit),
        ]
        for (key, limit) in keys where batch.columns.indices.contains(key) {
            let name = schema.fields[key].name
            if batch.columns[key].isNull(row) {
                return SinkRefusal(
                    row: row, rule: "key_not_null", message: "the key column `\(name)` is null",
                    column: name)
            }
            guard case .strings(let strings) = batch.columns[key].values else { continue }
            let bytes = strings.views[row].count
            if bytes == 0 || bytes > limit {
                return SinkRefusal(
                    row: row, rule: "key_size",
                    message: "the key column `\(name)` has \(bytes) bytes; 1 to \(limit) may be",
                    column: name)
            }
        }
        return nil
    }

    private func tooLarge(_ row: Int, _ bytes: Int) -> SinkRefusal {
        SinkRefusal(
            row: row, rule: "item_size",
            message: "the item has \(bytes) bytes; \(KeyValueTable.itemLimitBytes) are the limit")
    }

    func prepare() throws { try table.store.synchronise() }
    func commit() throws { try table.commit(token, now: now) }
    func abort() throws { try table.discardStaged(token) }
}

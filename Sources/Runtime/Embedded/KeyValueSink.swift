import GRDB
import PipelineDSL

/// Writes rows as items of a ``KeyValueTable``.
final class KeyValueSink: SinkWriter, @unchecked Sendable {
    private let table: KeyValueTable
    private let token: String
    private let now: Int64
    private let schema: Schema
    private let names: [[UInt8]]
    private let partitionKey: Int
    private let sortKey: Int?
    /// Microseconds after `now` at which an item expires.
    private let timeToLive: Int64?

    init(
        table: KeyValueTable, token: String, now: Int64, schema: Schema, partitionKey: Int,
        sortKey: Int?, timeToLive: Int64?
    ) throws {
        self.table = table
        self.token = token
        self.now = now
        self.schema = schema
        self.partitionKey = partitionKey
        self.sortKey = sortKey
        self.timeToLive = timeToLive
        names = schema.names.map(JSONWriter.key)
        try table.discardStaged()
    }

    func write(_ batch: Batch) throws -> [SinkRefusal] {
        var refusals: [SinkRefusal] = []
        try table.store.write { db in
            let insert = try db.cachedStatement(
                sql: "INSERT INTO staged (token, pk, sk, expires, item) VALUES (?, ?, ?, ?, ?)")
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
                    insert.bindText(1, token)
                    try KeyBinding.with(batch.columns[partitionKey], row) { partition in
                        partition.bind(insert, 2)
                        try KeyBinding.with(sortKey.map { batch.columns[$0] }, row) { sort in
                            sort.bind(insert, 3)
                            if let timeToLive {
                                insert.bindInteger(4, now &+ timeToLive)
                            } else {
                                insert.bindNull(4)
                            }
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

    private func keyRefusal(_ batch: Batch, _ row: Int) -> SinkRefusal? {
        for key in [partitionKey, sortKey].compactMap({ $0 }) where batch.columns[key].isNull(row) {
            let name = schema.fields[key].name
            return SinkRefusal(
                row: row, rule: "key_not_null", message: "the key column `\(name)` is null",
                column: name)
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
    func abort() throws { try table.discardStaged() }
}

/// A key as SQLite orders it: numbers and times by value, text by bytes.
enum KeyBinding {
    case integer(Int64)
    case double(Double)
    case text(UnsafeRawBufferPointer)
    case blob(UnsafeRawBufferPointer)

    static func with(_ column: Column?, _ row: Int, _ body: (KeyBinding) throws -> Void) throws {
        guard let column else { return try body(.integer(0)) }
        switch column.values {
        case .boolean(let v): try body(.integer(v[row] ? 1 : 0))
        case .int32(let v): try body(.integer(Int64(v[row])))
        case .int64(let v): try body(.integer(v[row]))
        case .float32(let v): try body(.double(Double(v[row])))
        case .float64(let v): try body(.double(v[row]))
        case .strings(let v):
            try v.views[row].withBytes(v.blocks) {
                try body(column.type == .bytes ? .blob($0) : .text($0))
            }
        default:
            var text: [UInt8] = []
            ValueText.append(column, row, to: &text)
            try text.withUnsafeBytes { try body(.text($0)) }
        }
    }

    func bind(_ statement: Statement, _ index: Int32) {
        switch self {
        case .integer(let value): statement.bindInteger(index, value)
        case .double(let value): statement.bindDouble(index, value)
        case .text(let bytes): statement.bindText(index, bytes)
        case .blob(let bytes): statement.bindBlob(index, bytes)
        }
    }
}

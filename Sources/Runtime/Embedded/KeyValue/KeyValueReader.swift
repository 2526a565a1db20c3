import GRDB
import PipelineDSL

/// The items of a ``KeyValueTable`` that are there at one time, in key order, each one JSON object.
///
/// Dead letters name the table as the object and the item's number in key order as the offset.
final class KeyValueReader: SourceReader {
    private let table: KeyValueTable
    private let prefix: String
    private let options: RecordOptions
    private let plan: JSONPlan
    private let now: Int64
    private var isChecked = false
    private var last: KeyValueTable.Item?
    /// Of the page in hand, last first.
    private var items: [KeyValueTable.Item] = []
    private var number: Int64 = 0

    private static let pageRows = 1024

    /// - Parameters:
    ///   - name: what dead letters call it.
    ///   - prefix: with which the text of a key begins.
    init(
        _ table: KeyValueTable, name: String, prefix: String = "", now: Int64,
        _ options: RecordOptions
    ) {
        self.table = table
        self.prefix = prefix
        self.now = now
        self.options = options
        plan = options.plan(object: name)
    }

    func next() throws -> (any SourceUnit)? {
        if !isChecked { try plan.checkTypes() }
        isChecked = true
        let block = RecordBlock(
            plan, keepsMetadata: !options.metadata.isEmpty,
            recordLimitBytes: KeyValueTable.itemLimitBytes)
        while !block.isFull, let item = try nextItem() {
            var (text, key) = (item.text, String.fromDatabaseValue(item.pk) ?? "")
            text.withUTF8 { text in
                key.withUTF8 { key in
                    block.add(
                        UnsafeRawBufferPointer(text), sequence: number, arrival: now,
                        key: UnsafeRawBufferPointer(key))
                }
            }
            number += 1
        }
        return block.isEmpty ? nil : block.unit(endPosition: number)
    }

    private func nextItem() throws -> KeyValueTable.Item? {
        while true {
            if items.isEmpty {
                items = try table.page(
                    after: last, limit: KeyValueReader.pageRows, now: now
                ).reversed()
            }
            guard let item = items.popLast() else { return nil }
            last = item
            if prefix.isEmpty { return item }
            if case .string(let key) = item.pk.storage, key.hasPrefix(prefix) { return item }
        }
    }
}

import PipelineDSL
import Synchronization

/// Rows in memory, found by their keys. First they are added, then it is completed, then it is
/// constant but for the marks of matched rows.
final class JoinRows: @unchecked Sendable {
    private let types: [DataType]
    private let reservation: Reservation
    private let groups: GroupTable
    private let hasKeys: Bool
    private var batches: [Batch] = []
    private var groupOfRow: [UInt32] = []
    private var heldBytes = 0

    /// All rows, once complete.
    private(set) var rows = Batch(columns: [], count: 0)
    /// Row numbers by group: those of group g are at `starts[g]..<starts[g + 1]`.
    private var byGroup: [UInt32] = []
    private var starts: [Int] = []
    private let matched = Mutex(Bitmap(repeating: false, count: 0))

    init(keyTypes: [DataType], types: [DataType], memory: MemoryBudget) {
        self.types = types
        hasKeys = !keyTypes.isEmpty
        groups = GroupTable(types: keyTypes)
        reservation = Reservation(memory)
    }

    // MARK: - Filling

    /// Adds a batch without a selection; `false`, and nothing done, where the budget refuses.
    func add(_ batch: Batch, keys: [Column], hashes: [UInt64]) throws -> Bool {
        guard batch.count > 0 else { return true }
        let bytes = heldBytes + batch.byteCount + batch.count * 12
        let bound = groups.byteCountBound(adding: batch.count, stringBytes: batch.byteCount)
        // The rows, and as much again for their copy as one batch.
        guard reservation.resize(to: (hasKeys ? bound : 0) + bytes * 2) else { return false }
        heldBytes = bytes
        if hasKeys {
            groupOfRow += try groups.findOrInsert(keys, hashes: hashes, rows: nil).groups
        } else {
            groupOfRow += [UInt32](repeating: 0, count: batch.count)
        }
        batches.append(batch)
        return true
    }

    /// What was added, given up to be put elsewhere.
    func giveUp() -> [Batch] {
        defer { batches = [] }
        return batches
    }

    func complete() {
        rows = Batch.concatenated(batches, types: types)
        batches = []
        let groupCount = hasKeys ? groups.count : 1
        starts = [Int](repeating: 0, count: groupCount + 1)
        for group in groupOfRow { starts[Int(group) + 1] += 1 }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        var next = starts
        byGroup = [UInt32](repeating: 0, count: groupOfRow.count)
        for (row, group) in groupOfRow.enumerated() {
            byGroup[next[Int(group)]] = UInt32(truncatingIfNeeded: row)
            next[Int(group)] += 1
        }
        groupOfRow = []
        matched.withLock { $0 = Bitmap(repeating: false, count: rows.count) }
    }

    // MARK: - Asking

    /// For each row of `batch`'s selection its group; `GroupTable.none` for no match.
    func find(_ keys: [Column], _ batch: Batch, hashes: [UInt64]) -> [UInt32] {
        guard hasKeys else {
            return [UInt32](repeating: rows.count > 0 ? 0 : GroupTable.none, count: batch.count)
        }
        return groups.find(keys, hashes: hashes, rows: batch.selection)
    }

    func rows(of group: UInt32) -> ArraySlice<UInt32> {
        byGroup[starts[Int(group)]..<starts[Int(group) + 1]]
    }

    func mark(_ rows: [UInt32]) { matched.withLock { for row in rows { $0[Int(row)] = true } } }

    var unmatched: [UInt32] { matched.withLock { (~$0).ones } }
}

import PipelineDSL

/// Holds rows until it is known which row of each key stays: the last, or the greatest.
///
/// The rows wait in a spool (on disk past the memory bound); in memory are the keys and one number
/// a key.
final class WinnerSpool: @unchecked Sendable {
    let table: GroupTable
    private let keys: [Int]
    private let spool: Spool
    private let reservation: Reservation
    /// The number (in order of arrival) of each group's row that stays so far.
    private var winners: [UInt64] = []
    private var nextNumber: UInt64 = 0
    private var stays: Bitmap?
    private var replayed = 0

    init(keys: [Int], types: [DataType], memory: MemoryBudget, directory: String) {
        self.keys = keys
        table = GroupTable(types: keys.map { types[$0] })
        spool = Spool(memory: memory, directory: directory, types: types)
        reservation = Reservation(memory)
    }

    func hashes(_ batch: Batch) -> [UInt64] {
        hashRows(keys.map { batch.columns[$0] }, count: batch.physicalCount)
    }

    /// - Parameter replaces: whether a row takes the place of the group's, given the group; asked
    ///   only for groups that have a row.
    /// - Returns: how many rows are no group's any more.
    func add(
        _ batch: Batch, hashes: [UInt64],
        replaces: (_ group: Int, _ row: Int) throws -> Bool = { _, _ in true },
        took: (_ group: Int, _ row: Int) -> Void = { _, _ in }
    ) throws -> Int {
        let bound = table.byteCountBound(adding: batch.count, stringBytes: batch.byteCount)
        guard reservation.resize(to: bound + (winners.count + batch.count) * 8) else {
            throw RunError(
                .memoryExceeded, "the keys of which one row stays do not fit the memory bound",
                notes: ["raise --memory"])
        }
        let groups = try table.findOrInsert(
            keys.map { batch.columns[$0] }, hashes: hashes, rows: batch.selection)
        let rows = batch.rows
        for (i, group) in groups.groups.enumerated() {
            let group = Int(group)
            if group == winners.count {
                winners.append(nextNumber)
                took(group, Int(rows[i]))
            } else if try replaces(group, Int(rows[i])) {
                winners[group] = nextNumber
                took(group, Int(rows[i]))
            }
            nextNumber += 1
        }
        try spool.append(batch)
        return batch.count - groups.newPositions.count
    }

    /// The rows that stay, in the order they came; `nil` at the end.
    func next() throws -> Batch? {
        if stays == nil {
            var bits = Bitmap(repeating: false, count: Int(nextNumber))
            for winner in winners { bits[Int(winner)] = true }
            stays = bits
        }
        while let batch = try spool.next() {
            let rows = batch.rows
            var kept: [UInt32] = []
            for (i, row) in rows.enumerated() where stays![replayed + i] { kept.append(row) }
            replayed += rows.count
            if !kept.isEmpty { return batch.selecting(kept) }
        }
        return nil
    }
}

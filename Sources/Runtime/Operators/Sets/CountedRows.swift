import PipelineDSL

/// The right side of `INTERSECT` or `EXCEPT`: which rows there are and how often; complete when its
/// input has ended. Null equals null.
///
/// When the memory bound is reached, rows that are not there yet go to disk in partitions by hash,
/// to be worked off with the left rows of the same partition.
final class CountedRows: SerialOperator, @unchecked Sendable {
    private let types: [DataType]
    private let directory: String
    private let reservation: Reservation
    private var table: GroupTable
    private var counts: [Int64] = []
    private var level = 0
    /// Rows that wait on disk; then the left rows of equal hashes must wait, too.
    private(set) var spilled: SpillPartitions?

    init(types: [DataType], memory: MemoryBudget, directory: String) {
        self.types = types
        self.directory = directory
        reservation = Reservation(memory)
        table = GroupTable(types: types)
    }

    func hashes(_ batch: Batch) -> [UInt64] { hashRows(batch.columns, count: batch.physicalCount) }

    // MARK: - Filling

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let batch, _) = payload else { return payload }
        return .rows(batch, hashes: hashes(batch))
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let batch, let hashes?) = payload else { return }
        context.metrics.combined.add(batch.count)
        try add(batch, hashes)
    }

    private func add(_ batch: Batch, _ hashes: [UInt64]) throws {
        if spilled == nil {
            let bound = table.byteCountBound(adding: batch.count, stringBytes: batch.byteCount)
            if reservation.resize(to: bound + (counts.count + batch.count) * 8) {
                let found = try table.findOrInsert(
                    batch.columns, hashes: hashes, rows: batch.selection)
                counts += repeatElement(0, count: table.count - counts.count)
                for group in found.groups { counts[Int(group)] += 1 }
                return
            }
            guard level < SpillPartitions.levels else {
                throw RunError(
                    .memoryExceeded,
                    "the rows of INTERSECT or EXCEPT do not fit the memory bound, even in parts",
                    notes: ["raise --memory"])
            }
            spilled = try SpillPartitions(directory: directory, types: types, level: level)
        }
        let groups = find(batch, hashes)
        var unseen: [UInt32] = []
        for (row, group) in zip(batch.rows, groups) {
            if group == GroupTable.none { unseen.append(row) } else { counts[Int(group)] += 1 }
        }
        try spilled?.append(batch, rows: unseen, hashes: hashes)
    }

    /// The rows of a partition on disk instead of those so far.
    func refill(_ file: SpillFile, level: Int) throws {
        table = GroupTable(types: types)
        counts = []
        spilled = nil
        reservation.clear()
        self.level = level
        while let batch = try file.next() { try add(batch, hashes(batch)) }
    }

    // MARK: - Asking

    /// For each row of the selection the number of its equals, `GroupTable.none` where there is none
    /// in memory.
    func find(_ batch: Batch, _ hashes: [UInt64]) -> [UInt32] {
        table.find(batch.columns, hashes: hashes, rows: batch.selection, nullsEqual: true)
    }

    /// Takes one of the rows with that number away; `false` where none is left.
    func take(_ group: UInt32) -> Bool {
        guard counts[Int(group)] > 0 else { return false }
        counts[Int(group)] -= 1
        return true
    }
}

import PipelineDSL

/// Rows in the order of some of their columns; equal ones keep the order they were added in.
///
/// Rows are held while the budget grants it. Past that, sorted runs go to disk and are merged; runs
/// are merged early where there would be many, so that no number of them exhausts the open files.
final class ExternalSorter {
    private let types: [DataType]
    private let keys: [RowComparator.Key]
    private let positions: [Int]
    private let directory: String
    private let reservation: Reservation
    /// Bytes it takes at most, so that others that work at the same time get some, too.
    private let bound: Int

    private var held: [Batch] = []
    private var heldBytes = 0
    private(set) var heldRows = 0
    /// Runs of the order they were made in; a level is how often their rows were merged before.
    private var runs: [(file: SpillFile, level: Int)] = []
    private var sorted: SortedRows?
    private var merge: RunMerge?

    /// Runs of one level that are merged into one of the next.
    private static let fanIn = 16
    /// Rows of a batch in a run: what a merge holds of each.
    private static let runBatchRows = 4096

    /// - Parameter positions: the column of each key.
    init(
        types: [DataType], keys: [RowComparator.Key], positions: [Int], memory: MemoryBudget,
        directory: String
    ) {
        self.types = types
        self.keys = keys
        self.positions = positions
        self.directory = directory
        reservation = Reservation(memory)
        bound = memory.limit / 4
    }

    // MARK: - Input

    /// - Parameter limit: rows of which more are not wanted; some that cannot be among them may be
    ///   forgotten at once.
    /// - Returns: how many rows were forgotten.
    func add(_ batch: Batch, limit: Int? = nil) throws -> Int {
        hold(batch.compacted())
        var dropped = 0
        if let limit, heldRows > 65_536, heldRows / 4 > limit { dropped += keepFirst(limit) }
        if !isGranted {
            if let limit, heldRows > limit { dropped += keepFirst(limit) }
            if !isGranted { try spill() }
        }
        return dropped
    }

    /// Room for what is held, and as much again for the copy in order.
    private var isGranted: Bool { heldBytes * 2 <= bound && reservation.resize(to: heldBytes * 2) }

    /// Puts everything on disk, for others to have the memory.
    func makeRoom() throws {
        if sorted == nil { return try spill() }
        guard var rest = sorted else { return }
        let file = try makeRun()
        while let batch = rest.next(ExternalSorter.runBatchRows) { try file.append(batch) }
        sorted = nil
        merge = try merge([file])
        reservation.clear()
    }

    private func hold(_ batch: Batch) {
        guard batch.count > 0 else { return }
        held.append(batch)
        heldBytes += batch.byteCount
        heldRows += batch.count
    }

    private func clear() {
        held = []
        heldBytes = 0
        heldRows = 0
    }

    private func sortHeld() -> SortedRows {
        let all = Batch.concatenated(held, types: types)
        let columns = positions.map { all.columns[$0] }
        return SortedRows(batch: all, order: RowComparator(columns, keys: keys).sorted(all.rows))
    }

    private func keepFirst(_ limit: Int) -> Int {
        let all = sortHeld()
        let first = all.batch.gathered(Array(all.order.prefix(limit)))
        let dropped = heldRows - first.count
        clear()
        hold(first)
        return dropped
    }

    // MARK: - Runs

    private func spill() throws {
        guard heldRows > 0 else { return }
        let file = try makeRun()
        var all = sortHeld()
        clear()
        while let batch = all.next(ExternalSorter.runBatchRows) { try file.append(batch) }
        reservation.clear()
        runs.append((file, 0))
        while let tail = mergeableTail { try mergeRuns(tail) }
    }

    private func makeRun() throws -> SpillFile {
        try Files.makeDirectory(directory)
        return try SpillFile(directory: directory, types: types)
    }

    /// The last runs, where there are enough of one level.
    private var mergeableTail: Range<Int>? {
        guard let level = runs.last?.level else { return nil }
        var start = runs.count
        while start > 0, runs[start - 1].level == level { start -= 1 }
        return runs.count - start >= ExternalSorter.fanIn ? start..<runs.count : nil
    }

    private func mergeRuns(_ range: Range<Int>) throws {
        let merge = try self.merge(runs[range].map(\.file))
        let file = try makeRun()
        while let batch = try merge.next(ExternalSorter.runBatchRows) { try file.append(batch) }
        runs.replaceSubrange(range, with: [(file, runs[range.lowerBound].level + 1)])
    }

    private func merge(_ files: [SpillFile]) throws -> RunMerge {
        try RunMerge(files, keys: keys, positions: positions, types: types)
    }

    // MARK: - Output

    /// The next rows, `count` at most but maybe fewer; `nil` at the end. No row may be added any
    /// more.
    func next(_ count: Int) throws -> Batch? {
        if sorted == nil && merge == nil {
            if runs.isEmpty {
                sorted = sortHeld()
            } else {
                try spill()
                merge = try merge(runs.map(\.file))
            }
            clear()
        }
        if let batch = try sorted?.next(count) ?? merge?.next(count) { return batch }
        if sorted != nil { sorted = SortedRows(batch: Batch(columns: [], count: 0), order: []) }
        reservation.clear()
        return nil
    }
}

/// Rows in memory and the order they are in.
private struct SortedRows {
    let batch: Batch
    let order: [UInt32]
    private var position = 0

    init(batch: Batch, order: [UInt32]) {
        self.batch = batch
        self.order = order
    }

    mutating func next(_ count: Int) -> Batch? {
        guard position < order.count, count > 0 else { return nil }
        let end = min(order.count, position + count)
        defer { position = end }
        return batch.gathered(Array(order[position..<end]))
    }
}

import PipelineDSL
import Planner

/// All window functions of an operator that have one partitioning and order: sorts the rows, cuts
/// them into chunks of whole partitions and appends a column for each function.
final class WindowStage {
    /// What functions must share to be computed in one pass.
    struct Key: Hashable {
        var partition: [TypedExpression]
        var order: [SortKey]
    }

    private let calls: [(call: WindowCall, frame: Window.Frame)]
    private let finders: [Window.Frame: FrameFinder]
    private let partition: [Int]
    private let order: [Int]
    private let types: [DataType]
    let sorter: ExternalSorter
    private let reservation: Reservation

    /// Sorted rows that are not known to be all of their partition.
    private var pending: [Batch] = []
    private var pendingRows = 0
    private var isAtEnd = false

    /// Rows a chunk has at least, if there are so many and they are not too wide.
    private static let chunkRows = 16_384
    /// Rows that are taken from the sorter at once.
    private static let stepRows = 4096
    /// Bytes from which a chunk is large enough.
    private let chunkBytes: Int

    /// Who takes its rows, and gives up memory for it.
    var receiver: ExternalSorter?

    private static let tooLarge = RunError(
        .memoryExceeded, "a partition of a window function does not fit the memory bound",
        notes: ["raise --memory, or partition by more columns"])

    /// - Parameters:
    ///   - types: of the rows it gets.
    ///   - number: the position of the row's number, which decides between equal rows.
    init(
        _ calls: [(call: WindowCall, frame: Window.Frame)], partition: [Int], order: [Int],
        directions: [SortKey], types: [DataType], number: Int, span: SourceSpan?,
        memory: MemoryBudget, directory: String
    ) throws {
        self.calls = calls
        self.partition = partition
        self.order = order
        self.types = types
        let key =
            order.count == 1 ? (position: order[0], descending: directions[0].descending) : nil
        var finders: [Window.Frame: FrameFinder] = [:]
        for (call, frame) in calls where finders[frame] == nil && call.readsFrame {
            finders[frame] = try FrameFinder(frame, key: key, span: span)
        }
        self.finders = finders
        let ascending = RowComparator.Key(descending: false, nullsFirst: false)
        sorter = ExternalSorter(
            types: types,
            keys: partition.map { _ in ascending }
                + directions.map { .init(descending: $0.descending, nullsFirst: $0.nullsFirst) }
                + [ascending],
            positions: partition + order + [number], memory: memory, directory: directory)
        reservation = Reservation(memory)
        chunkBytes = memory.limit / 32
    }

    /// Whether rows leave it in the order of their numbers.
    var keepsOrder: Bool { partition.isEmpty && order.isEmpty }

    func add(_ batch: Batch) throws { _ = try sorter.add(batch) }

    /// The next rows with the functions' columns behind theirs; `nil` at the end.
    func next() throws -> (batch: Batch, errors: RowErrors?)? {
        guard let rows = try nextPartitions() else {
            reservation.clear()
            return nil
        }
        let chunk = WindowChunk(rows, partition: partition, order: order) { bytes in
            try self.reserve(self.reservation.bytes + bytes)
        }
        var found: [Window.Frame: WindowFrames] = [:]
        var columns = rows.columns
        var errors: RowErrors?
        for (call, frame) in calls {
            let evaluation = try call.evaluate(chunk) {
                if let known = found[frame] { return known }
                let frames = finders[frame]?.frames(chunk) ?? WindowFrames(starts: [], ends: [])
                found[frame] = frames
                return frames
            }
            columns.append(evaluation.column)
            errors = .merged(errors, evaluation.errors)
        }
        return (Batch(columns: columns, count: rows.count), errors)
    }

    // MARK: - Chunks

    /// Whole partitions: a chunk that is large enough, or what is left.
    private func nextPartitions() throws -> Batch? {
        var factor = 1
        while true {
            try fill(rows: WindowStage.chunkRows * factor, bytes: chunkBytes * factor)
            guard pendingRows > 0 else { return nil }
            let all = Batch.concatenated(pending, types: types)
            if isAtEnd { return take(all, all.count) }
            let starts = RowBoundaries.starts(
                partition.map { all.columns[$0] }, count: all.count)
            let last = starts[starts.count - 2]
            if last > 0 { return take(all, last) }
            pending = [all]
            factor *= 2
        }
    }

    private func fill(rows: Int, bytes: Int) throws {
        var pendingBytes = pending.reduce(0) { $0 + $1.byteCount }
        while !isAtEnd, pendingRows < rows, pendingRows == 0 || pendingBytes < bytes {
            guard let batch = try sorter.next(WindowStage.stepRows) else {
                isAtEnd = true
                return
            }
            pending.append(batch)
            pendingRows += batch.count
            pendingBytes += batch.byteCount
            // The rows, their copy as one, and a number or two for each row and function.
            try reserve(pendingBytes * 2 + pendingRows * (32 + 24 * calls.count))
        }
    }

    private func reserve(_ bytes: Int) throws {
        if reservation.resize(to: bytes) { return }
        try receiver?.makeRoom()
        if reservation.resize(to: bytes) { return }
        try sorter.makeRoom()
        guard reservation.resize(to: bytes) else { throw WindowStage.tooLarge }
    }

    private func take(_ all: Batch, _ count: Int) -> Batch {
        let rows = all.rows
        pendingRows = all.count - count
        pending = pendingRows > 0 ? [all.gathered(Array(rows[count...]))] : []
        return pendingRows > 0 ? all.gathered(Array(rows[..<count])) : all
    }
}

extension WindowCall {
    var readsFrame: Bool {
        aggregate != nil || ["first_value", "last_value", "nth_value"].contains(function)
    }
}

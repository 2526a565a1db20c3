import PipelineDSL
import Planner

/// Orders rows; equal ones keep their order. Past the memory bound sorted runs go to disk and are
/// merged at the end; with a limit only the first rows are ever held.
final class SortOperator: SerialOperator, @unchecked Sendable {
    private let expressions: [CompiledExpression]
    private let keys: [RowComparator.Key]
    private let limit: Int?
    private let schema: Schema
    /// Of the rows as they are held: their columns, then their keys.
    private let heldTypes: [DataType]
    private let directory: String
    private let reservation: Reservation

    private var held: [Batch] = []
    private var heldBytes = 0
    private var heldRows = 0
    private var runs: [SpillFile] = []
    private var sorted: SortedRows?
    private var merge: RunMerge?
    private var said = 0

    init(
        _ sort: Sort, input: Schema, run: RunConstants, memory: MemoryBudget, directory: String
    ) throws {
        expressions = try sort.keys.map {
            try CompiledExpression($0.expression, input: input, run: run)
        }
        keys = sort.keys.map { RowComparator.Key(descending: $0.descending, nullsFirst: $0.nullsFirst) }
        limit = sort.limit.map { Int(clamping: max(0, $0)) }
        schema = input
        heldTypes = input.fields.map(\.type) + sort.keys.map(\.expression.type)
        self.directory = directory
        reservation = Reservation(memory)
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let rows, _) = payload else { return }
        let (keyColumns, errors) = JoinKeys.evaluate(expressions, rows)
        var rejects = RowOutput()
        let sound = Rejection.errors(errors, in: rows, schema: schema, into: &rejects)
        try context.reject(rejects.rejected)
        let batch = sound.replacing(columns: sound.columns + keyColumns).compacted()
        hold(batch)
        if let limit, heldRows > max(4 * limit, 65_536) { keepFirst(limit, context) }
        if !reservation.resize(to: heldBytes * 2) {
            if let limit, heldRows > limit { keepFirst(limit, context) }
            if !reservation.resize(to: heldBytes * 2) { try spill() }
        }
    }

    private func hold(_ batch: Batch) {
        held.append(batch)
        heldBytes += batch.byteCount
        heldRows += batch.count
    }

    /// The held rows in order.
    private func sortHeld() -> SortedRows {
        let all = Batch.concatenated(held, types: heldTypes)
        let columns = Array(all.columns.suffix(keys.count))
        let order = RowComparator(columns, keys: keys).sorted(all.rows)
        return SortedRows(batch: all, order: order)
    }

    private func clear() {
        held = []
        heldBytes = 0
        heldRows = 0
    }

    private func keepFirst(_ limit: Int, _ context: borrowing OperatorContext) {
        let all = sortHeld()
        let first = all.batch.gathered(Array(all.order.prefix(limit)))
        context.metrics.filtered.add(heldRows - first.count)
        clear()
        hold(first)
    }

    private func spill() throws {
        try Files.makeDirectory(directory)
        let file = try SpillFile(directory: directory, types: heldTypes)
        let all = sortHeld()
        var start = 0
        while start < all.order.count {
            let end = min(all.order.count, start + 8192)
            try file.append(all.batch.gathered(Array(all.order[start..<end])))
            start = end
        }
        runs.append(file)
        clear()
        reservation.clear()
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        if sorted == nil && merge == nil {
            if runs.isEmpty {
                sorted = sortHeld()
            } else {
                if heldRows > 0 { try spill() }
                merge = try RunMerge(runs, keys: keys, types: heldTypes)
            }
        }
        let left = limit.map { $0 - said } ?? .max
        let wanted = min(context.batchRows, left)
        var batch = try sorted?.next(wanted) ?? merge?.next(wanted)
        if left <= 0 {
            // The rest is not said, but it was read.
            while let rest = try sorted?.next(65_536) ?? merge?.next(65_536) {
                context.metrics.filtered.add(rest.count)
            }
            batch = nil
        }
        guard let batch else { return nil }
        said += batch.count
        return .rows(batch.replacing(columns: Array(batch.columns.dropLast(keys.count))), hashes: nil)
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

/// Merges sorted runs; of equal rows those of the earlier run come first.
private final class RunMerge {
    private struct Cursor {
        var batch: Batch
        var row = 0
        var keys: [Column]
    }

    private let runs: [SpillFile]
    private let keys: [RowComparator.Key]
    private let types: [DataType]
    private var cursors: [Cursor?]

    init(_ runs: [SpillFile], keys: [RowComparator.Key], types: [DataType]) throws {
        self.runs = runs
        self.keys = keys
        self.types = types
        cursors = []
        for run in runs { cursors.append(try cursor(run)) }
    }

    private func cursor(_ run: SpillFile) throws -> Cursor? {
        guard let batch = try run.next() else { return nil }
        return Cursor(batch: batch, keys: Array(batch.columns.suffix(keys.count)))
    }

    func next(_ count: Int) throws -> Batch? {
        var picks: [(run: Int, row: UInt32)] = []
        while picks.count < count, let run = smallest() {
            picks.append((run, UInt32(truncatingIfNeeded: cursors[run]!.row)))
            cursors[run]!.row += 1
            if cursors[run]!.row == cursors[run]!.batch.count {
                // Its batch goes, so what was picked from it must be taken out first.
                let batch = gather(picks)
                cursors[run] = try cursor(runs[run])
                return batch
            }
        }
        return picks.isEmpty ? nil : gather(picks)
    }

    private func smallest() -> Int? {
        var best: Int?
        for index in cursors.indices {
            guard let candidate = cursors[index] else { continue }
            guard let current = best else {
                best = index
                continue
            }
            let order = RowComparator.compare(
                candidate.keys, candidate.row, cursors[current]!.keys, cursors[current]!.row,
                keys: keys)
            if order < 0 { best = index }
        }
        return best
    }

    private func gather(_ picks: [(run: Int, row: UInt32)]) -> Batch {
        var starts = [UInt32](repeating: 0, count: cursors.count)
        var batches: [Batch] = []
        var total: UInt32 = 0
        for index in cursors.indices {
            guard let cursor = cursors[index] else { continue }
            starts[index] = total
            total += UInt32(truncatingIfNeeded: cursor.batch.count)
            batches.append(cursor.batch)
        }
        return Batch.concatenated(batches, types: types)
            .gathered(picks.map { starts[$0.run] + $0.row })
    }
}

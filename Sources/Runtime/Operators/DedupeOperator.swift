import PipelineDSL
import Planner

/// Keeps the first row of each key, in source order.
///
/// Hashes are computed in parallel; here is one probe a row. When the memory bound is reached, rows
/// of keys that were not seen yet go to disk in partitions by hash, which are worked off at the end
/// one by one: a key is in exactly one place, so the first row of it is still the one that stays.
final class DedupeOperator: SerialOperator, @unchecked Sendable {
    private let dedupe: Dedupe
    private let types: [DataType]
    private let keyTypes: [DataType]
    private let directory: String
    private let reservation: Reservation
    private var table: GroupTable
    private var horizon: DedupeHorizon?
    /// Rows that wait on disk, by hash; those of the level below while that is worked off.
    private var spilled: SpillPartitions?
    private var pending: [(file: SpillFile, level: Int)] = []

    init(_ dedupe: Dedupe, schema: Schema, memory: MemoryBudget, directory: String) throws {
        self.dedupe = dedupe
        self.directory = directory
        types = schema.fields.map(\.type)
        keyTypes = dedupe.on.map { schema.fields[$0].type }
        reservation = Reservation(memory)
        table = GroupTable(types: keyTypes)
        horizon = makeHorizon()
    }

    /// With the event time itself in the key, rows of one key are always at one time.
    private func makeHorizon() -> DedupeHorizon? {
        guard let within = dedupe.within, let column = dedupe.eventTime, !dedupe.on.contains(column)
        else { return nil }
        return DedupeHorizon(within: within, column: column)
    }

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let batch, _) = payload else { return payload }
        return .rows(batch, hashes: hashRows(keys(batch), count: batch.physicalCount))
    }

    private func keys(_ batch: Batch) -> [Column] { dedupe.on.map { batch.columns[$0] } }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let batch, let hashes?) = payload else { return }
        let kept = try keep(batch, hashes, level: 0, context)
        if kept.count > 0 { try emit(.rows(kept, hashes: nil)) }
    }

    /// The rows of `batch` that are the first of their key; what cannot be decided yet is spilled.
    private func keep(
        _ batch: Batch, _ hashes: [UInt64], level: Int, _ context: borrowing OperatorContext
    ) throws -> Batch {
        if spilled == nil {
            let bound = table.byteCountBound(adding: batch.count, stringBytes: batch.byteCount)
            if reservation.resize(to: bound + (horizon?.byteCount ?? 0)) {
                let groups = try table.findOrInsert(
                    keys(batch), hashes: hashes, rows: batch.selection)
                let fresh =
                    horizon?.keep(batch, groups) ?? groups.newRows(of: batch.selection)
                context.metrics.deduplicated.add(batch.count - fresh.count)
                return batch.selecting(fresh)
            }
            guard level < SpillPartitions.levels else { throw tooLarge() }
            spilled = try SpillPartitions(directory: directory, types: types, level: level)
        }
        let groups = table.find(
            keys(batch), hashes: hashes, rows: batch.selection, nullsEqual: true)
        let rows = batch.rows
        var unseen: [UInt32] = []
        var known: [(row: UInt32, group: UInt32)] = []
        for (i, group) in groups.enumerated() {
            if group == GroupTable.none {
                unseen.append(rows[i])
            } else {
                known.append((rows[i], group))
            }
        }
        try spilled!.append(batch, rows: unseen, hashes: hashes)
        let fresh =
            horizon.map { h in known.filter { h.keep($0.row, $0.group, batch) }.map(\.row) } ?? []
        context.metrics.deduplicated.add(known.count - fresh.count)
        return batch.selecting(fresh)
    }

    private func tooLarge() -> RunError {
        RunError(
            .memoryExceeded, "the keys of a dedupe do not fit the memory bound, even in parts",
            notes: ["raise --memory"])
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        while true {
            if let partitions = spilled {
                pending += partitions.files.map { ($0, partitions.level + 1) }
                spilled = nil
            }
            guard let (file, level) = pending.last else { return nil }
            guard let batch = try file.next() else {
                pending.removeLast()
                startOver()
                continue
            }
            if file.isAtFirst { startOver() }
            let hashes = hashRows(keys(batch), count: batch.physicalCount)
            let kept = try keep(batch, hashes, level: level, context)
            if kept.count > 0 { return .rows(kept, hashes: nil) }
        }
    }

    private func startOver() {
        table = GroupTable(types: keyTypes)
        horizon = makeHorizon()
        reservation.clear()
    }
}

/// `within`: two rows of a key are duplicates only when their event times are close.
///
/// A row is kept when no kept row of its key is within the horizon of it; rows without an event
/// time are compared by key alone.
final class DedupeHorizon: @unchecked Sendable {
    private let within: Int64
    private let column: Int
    /// Times of the kept rows of each group; most groups have one.
    private var first: [Int64] = []
    private var others: [UInt32: [Int64]] = [:]

    init(within: Int64, column: Int) {
        self.within = within
        self.column = column
    }

    var byteCount: Int { first.count * 8 + others.count * 96 }

    func keep(_ batch: Batch, _ groups: GroupTable.Groups) -> [UInt32] {
        let rows = batch.rows
        return groups.groups.indices.compactMap { i in
            keep(rows[i], groups.groups[i], batch) ? rows[i] : nil
        }
    }

    func keep(_ row: UInt32, _ group: UInt32, _ batch: Batch) -> Bool {
        let isNew = Int(group) >= first.count
        guard case .int64(let times) = batch.columns[column].values,
            !batch.columns[column].isNull(Int(row))
        else {
            if isNew { first.append(.min) }
            return isNew
        }
        let time = times[Int(row)]
        if isNew {
            first.append(time)
            return true
        }
        if isClose(first[Int(group)], time) { return false }
        if others[group]?.contains(where: { isClose($0, time) }) ?? false { return false }
        others[group, default: []].append(time)
        return true
    }

    private func isClose(_ a: Int64, _ b: Int64) -> Bool {
        let (difference, overflow) = a.subtractingReportingOverflow(b)
        return !overflow && difference.magnitude <= UInt64(within)
    }
}

import PipelineDSL
import Planner

/// Rows of sessions that may still grow, by key.
///
/// What a session is, is known when it is over: until then its rows wait as they are, and go on together
/// to the operators that a batch run uses.
final class OpenSessions: OperatorState, @unchecked Sendable {
    let definition: String
    /// The rows, with their time last.
    let types: [DataType]
    private(set) var expired = Int64.min
    private let keys: [CompiledExpression]
    private let keyTypes: [DataType]
    private let gap: Int64
    private let lateness: Int64
    private var watermark: Int64?
    private var table: GroupTable
    private var held = HeldRows()
    private var groups: [Group] = []
    private var added: [Batch] = []
    private let reservation: Reservation

    private struct Group {
        var places: [HeldRows.Place] = []
        /// The earliest time at which one of its sessions may be over.
        var firstEnd = Int64.max
        /// The earliest time of its rows.
        var first = Int64.max
    }

    /// - Parameters:
    ///   - schema: of the rows, with their time last.
    ///   - watermark: sessions that were over by then have gone on.
    init(
        keys: [NamedExpression], gap: Int64, lateness: Int64, schema: Schema, run: RunConstants,
        watermark: Int64?, memory: MemoryBudget
    ) throws {
        self.keys = try keys.map { try CompiledExpression($0.expression, input: schema, run: run) }
        keyTypes = keys.map(\.expression.type)
        self.gap = gap
        self.lateness = lateness
        self.watermark = watermark
        types = schema.fields.map(\.type)
        let names = keys.map { "\($0.expression.sql(schema)) \($0.expression.type)" }
        let columns = schema.fields.map { "\($0.name) \($0.type)" }
        definition =
            "sessions by (\(names.joined(separator: ", "))), gap \(QuantityText.duration(gap)), "
            + "of rows (\(columns.joined(separator: ", ")))"
        table = GroupTable(types: keyTypes)
        reservation = Reservation(memory)
    }

    private func end(after time: Int64) -> Int64 {
        let (end, overflow) = time.addingReportingOverflow(gap)
        return overflow ? .max : end
    }

    /// Whether a session with this last time is over.
    private func isOver(_ last: Int64, at watermark: Int64?) -> Bool {
        EpochTime.isOver(end(after: last), lateness, watermark)
    }

    /// Rows that can no longer be part of a session: even one of their own would be over.
    func late(_ batch: Batch) -> [UInt32] {
        guard watermark != nil, let times = times(batch) else { return [] }
        return batch.rows.filter { isOver(times[Int($0)], at: watermark) }
    }

    private func times(_ batch: Batch) -> [Int64]? {
        guard case .int64(let times)? = batch.columns.last?.values else { return nil }
        return times
    }

    /// - Returns: rows whose keys cannot be computed.
    func add(_ rows: Batch) throws -> RowErrors? {
        guard rows.count > 0 else { return nil }
        let errors = try hold(rows.compacted())
        return errors
    }

    private func hold(_ batch: Batch) throws -> RowErrors? {
        let (columns, errors) = JoinKeys.evaluate(keys, batch)
        let sound = batch.rows(
            in: errors?.clean(count: batch.physicalCount)
                ?? Bitmap(repeating: true, count: batch.physicalCount))
        let kept = batch.selecting(sound).compacted()
        added.append(kept)
        try enter(kept, keys: columns.map { $0.gather(sound) })
        return errors
    }

    private func enter(_ batch: Batch, keys: [Column]) throws {
        let bound =
            table.byteCountBound(adding: batch.count, stringBytes: batch.byteCount)
            + held.byteCount + batch.byteCount + (held.physicalCount + batch.count) * 24
        guard reservation.resize(to: bound) else {
            throw RunError(
                .memoryExceeded, "the open sessions do not fit the memory bound",
                notes: ["raise --memory, or end sessions earlier: a shorter gap or `watermark`"])
        }
        guard let times = times(batch) else { throw BatchCodec.Malformed() }
        let number = held.append(batch)
        let found: [UInt32]
        if keyTypes.isEmpty {
            found = [UInt32](repeating: 0, count: batch.count)
            if groups.isEmpty { groups.append(Group()) }
        } else {
            found = try table.findOrInsert(
                keys, hashes: hashRows(keys, count: batch.physicalCount), rows: nil
            ).groups
            while groups.count < table.count { groups.append(Group()) }
        }
        for (row, group) in found.enumerated() {
            groups[Int(group)].places.append(
                HeldRows.place(number, UInt32(truncatingIfNeeded: row)))
            let end = end(after: times[row])
            groups[Int(group)].firstEnd = min(groups[Int(group)].firstEnd, end)
            groups[Int(group)].first = min(groups[Int(group)].first, times[row])
        }
    }

    /// The rows of sessions that are over, which are no longer held.
    func release(at watermark: Int64?) throws -> [Batch] {
        self.watermark = watermark ?? self.watermark
        guard let watermark else { return [] }
        var released: [HeldRows.Place] = []
        var earliest = Int64.max
        for index in groups.indices {
            if EpochTime.isOver(groups[index].firstEnd, lateness, watermark) {
                released += takeOver(index, watermark)
            }
            earliest = min(earliest, groups[index].first)
        }
        // A segment on disk is needed while a row of an open session may be in it.
        expired = max(expired, min(earliest, watermark == .max ? .max : watermark &- gap))
        held.release(released.count)
        let batches = held.rows(at: released)
        if held.isMostlyGone { try rebuild() }
        return batches
    }

    private func time(_ place: HeldRows.Place) -> Int64 {
        times(held.batches[HeldRows.batch(place)])?[Int(HeldRows.row(place))] ?? .min
    }

    /// Takes the sessions of a group that are over.
    private func takeOver(_ index: Int, _ watermark: Int64) -> [HeldRows.Place] {
        let ordered = groups[index].places.map { (time: time($0), place: $0) }
            .sorted { ($0.time, $0.place) < ($1.time, $1.place) }
        var over: [HeldRows.Place] = []
        var open = Group()
        var start = 0
        while start < ordered.count {
            var last = start
            while last + 1 < ordered.count,
                ordered[last + 1].time < end(after: ordered[last].time)
            {
                last += 1
            }
            let places = ordered[start...last].map(\.place)
            if isOver(ordered[last].time, at: watermark) {
                over += places
            } else {
                open.places += places
                open.firstEnd = min(open.firstEnd, end(after: ordered[last].time))
                open.first = min(open.first, ordered[start].time)
            }
            start = last + 1
        }
        groups[index] = open
        return over
    }

    /// Only what is still held, in new tables.
    private func rebuild() throws {
        let live = held.rows(at: groups.flatMap(\.places))
        table = GroupTable(types: keyTypes)
        held = HeldRows()
        groups = []
        reservation.clear()
        for batch in live {
            let batch = batch.compacted()
            try enter(batch, keys: JoinKeys.evaluate(keys, batch).0)
        }
    }

    // MARK: - On disk

    func restore(_ batches: [Batch]) throws {
        for batch in batches { try enter(batch, keys: JoinKeys.evaluate(keys, batch).0) }
    }

    /// What was over by the last epoch has gone on then.
    func endRestore() throws { _ = try release(at: watermark) }

    func takeAdded() -> [Batch] {
        defer { added = [] }
        return added
    }

    func latest(_ batch: Batch) -> Int64 {
        guard let times = times(batch) else { return .max }
        return batch.rows.map { times[Int($0)] }.max() ?? .min
    }

    func live(_ batch: Batch) -> Batch {
        guard let times = times(batch) else { return batch }
        return batch.selecting(batch.rows.filter { times[Int($0)] >= expired })
    }
}

/// Holds rows back until their session is over.
final class OpenSessionsOperator: SerialOperator, @unchecked Sendable {
    private let state: OpenSessions
    private let time: EpochTime
    private let schema: Schema
    private let span: SourceSpan?
    private var released: [Batch]?

    init(_ state: OpenSessions, time: EpochTime, schema: Schema, span: SourceSpan?) {
        self.state = state
        self.time = time
        self.schema = schema
        self.span = span
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(var batch, _) = payload else { return }
        let late = state.late(batch)
        if !late.isEmpty {
            try context.rejectLate(late, of: batch) { row in
                Rejection.row(
                    Int(row), of: batch, schema: schema, rule: "late", code: .lateRow,
                    message: "even a session of its own would be over by now", span: span)
            }
            let isLate = Set(late)
            batch = batch.selecting(batch.rows.filter { !isLate.contains($0) })
        }
        let whole = batch.compacted()
        let errors = try state.add(whole)
        var rejects = RowOutput()
        _ = Rejection.errors(errors, in: whole, schema: schema, into: &rejects)
        try context.reject(rejects.rejected)
        context.metrics.combined.add(whole.count - rejects.rejected.count)
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        if released == nil { released = try state.release(at: time.end()).reversed() }
        guard let batch = released?.popLast() else { return nil }
        context.metrics.produced.add(batch.count)
        return .rows(batch, hashes: nil)
    }
}

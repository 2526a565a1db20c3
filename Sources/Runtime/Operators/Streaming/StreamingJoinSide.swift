import PipelineDSL
import Planner

/// The rows of one side of a join of two streams that may still find a partner, by key.
final class StreamingJoinSide: OperatorState, @unchecked Sendable {
    enum Name: String, CaseIterable { case left, right }

    let name: Name
    let definition: String
    let types: [DataType]
    private(set) var expired = Int64.min
    private let rule: StreamingJoinRule
    private let timeColumn: Int
    private let keys: [CompiledExpression]
    private var table: GroupTable
    private var places: [[HeldRows.Place]] = []
    private(set) var held = HeldRows()
    /// By batch and row: whether it has had a partner.
    private var matched: [Bitmap] = []
    private var added: [Batch] = []
    private let reservation: Reservation
    /// Up to here rows without a partner have been said.
    private(set) var watermark: Int64?

    init(
        _ name: Name, _ rule: StreamingJoinRule, watermark: Int64?, memory: MemoryBudget
    ) {
        self.name = name
        self.rule = rule
        self.watermark = watermark
        let schema = name == .left ? rule.left : rule.right
        types = schema.fields.map(\.type)
        timeColumn = name == .left ? rule.times.left : rule.times.right
        keys = name == .left ? rule.leftKeys : rule.rightKeys
        let columns = schema.fields.map { "\($0.name) \($0.type)" }
        definition = "\(rule.definition), rows (\(columns.joined(separator: ", ")))"
        table = GroupTable(types: rule.keyTypes)
        reservation = Reservation(memory)
    }

    /// - Returns: the number of the batch.
    func add(_ batch: Batch) throws -> Int {
        added.append(batch)
        return try enter(batch)
    }

    private func enter(_ batch: Batch) throws -> Int {
        let bound =
            table.byteCountBound(adding: batch.count, stringBytes: batch.byteCount)
            + held.byteCount + batch.byteCount + (held.physicalCount + batch.count) * 16
        guard reservation.resize(to: bound) else {
            throw RunError(
                .memoryExceeded, "the rows that a join waits with do not fit the memory bound",
                notes: ["raise --memory, or shorten `within`"])
        }
        let columns = JoinKeys.evaluate(keys, batch).0
        let groups = try table.findOrInsert(
            columns, hashes: hashRows(columns, count: batch.physicalCount), rows: nil
        ).groups
        while places.count < table.count { places.append([]) }
        let number = held.append(batch)
        matched.append(Bitmap(repeating: false, count: batch.physicalCount))
        for (row, group) in groups.enumerated() {
            places[Int(group)].append(HeldRows.place(number, UInt32(truncatingIfNeeded: row)))
        }
        return number
    }

    /// The rows with the keys of a batch's rows: for each pair the row of the batch, and the place.
    func candidates(_ columns: [Column], _ batch: Batch) -> [(row: UInt32, place: HeldRows.Place)] {
        let groups = table.find(
            columns, hashes: hashRows(columns, count: batch.physicalCount), rows: batch.selection)
        var pairs: [(row: UInt32, place: HeldRows.Place)] = []
        for (row, group) in zip(batch.rows, groups) where group != GroupTable.none {
            for place in places[Int(group)] { pairs.append((row, place)) }
        }
        return pairs
    }

    /// Marks a row as having had a partner.
    ///
    /// - Returns: whether it had none before.
    @discardableResult
    func match(_ place: HeldRows.Place) -> Bool {
        let (batch, row) = (HeldRows.batch(place), Int(HeldRows.row(place)))
        if matched[batch][row] { return false }
        matched[batch][row] = true
        return true
    }

    private func time(_ place: HeldRows.Place) -> Int64? {
        let column = held.batches[HeldRows.batch(place)].columns[timeColumn]
        let row = Int(HeldRows.row(place))
        guard case .int64(let times) = column.values, !column.isNull(row) else { return nil }
        return times[row]
    }

    /// Lets go of rows that can find no partner any more.
    ///
    /// - Returns: those that have had none.
    func release(at watermark: Int64?) throws -> [Batch] {
        guard let watermark, watermark > self.watermark ?? .min else { return [] }
        self.watermark = watermark
        let (early, overflow) = watermark.subtractingReportingOverflow(rule.reach)
        let bound = early.subtractingReportingOverflow(rule.lateness)
        expired = max(expired, overflow || bound.overflow ? .min : bound.partialValue)
        var alone: [HeldRows.Place] = []
        var gone = 0
        for group in places.indices {
            var kept: [HeldRows.Place] = []
            for place in places[group] {
                // A row without a time can have no partner.
                if let time = time(place), !rule.isOver(time, at: watermark) {
                    kept.append(place)
                    continue
                }
                gone += 1
                if !matched[HeldRows.batch(place)][Int(HeldRows.row(place))] {
                    alone.append(place)
                }
            }
            if kept.count < places[group].count { places[group] = kept }
        }
        held.release(gone)
        let batches = held.rows(at: alone)
        if held.isMostlyGone { try rebuild() }
        return batches
    }

    private func rebuild() throws {
        let all = places.flatMap(\.self).sorted()
        let old = (batches: held.batches, matched: matched)
        table = GroupTable(types: rule.keyTypes)
        places = []
        held = HeldRows()
        matched = []
        reservation.clear()
        var start = 0
        while start < all.count {
            let number = HeldRows.batch(all[start])
            let end = all[start...].firstIndex { HeldRows.batch($0) != number } ?? all.count
            let rows = all[start..<end].map { HeldRows.row($0) }
            let new = try enter(old.batches[number].selecting(rows).compacted())
            for (position, row) in rows.enumerated() where old.matched[number][Int(row)] {
                matched[new][position] = true
            }
            start = end
        }
    }

    /// After both sides were restored: what was over by the last epoch has been said then.
    func forgetSaid() throws {
        let reached = watermark
        watermark = nil
        _ = try release(at: reached)
    }

    // MARK: - On disk

    func restore(_ batches: [Batch]) throws {
        for batch in batches { _ = try enter(batch) }
        wasRestored = true
    }

    /// Whether its rows come from disk, and it is not known yet which have had a partner.
    private(set) var wasRestored = false

    func forgetRestore() { wasRestored = false }

    func takeAdded() -> [Batch] {
        defer { added = [] }
        return added
    }

    func latest(_ batch: Batch) -> Int64 {
        let column = batch.columns[timeColumn]
        guard case .int64(let times) = column.values else { return .max }
        return batch.rows.map { column.isNull(Int($0)) ? .min : times[Int($0)] }.max() ?? .min
    }

    func live(_ batch: Batch) -> Batch {
        let column = batch.columns[timeColumn]
        guard case .int64(let times) = column.values else { return batch }
        return batch.selecting(
            batch.rows.filter { !column.isNull(Int($0)) && times[Int($0)] >= expired })
    }
}

import PipelineDSL
import Planner

/// Joins two streams: each new row with the rows of the other side that came before it, or with it, as
/// far as their event times are `within` reach of each other.
///
/// Rows are joined at the end of the epoch, left before right and in their order, so what comes out
/// does not depend on which side was read first.
final class StreamingJoinOperator: SerialOperator, @unchecked Sendable {
    private let rule: StreamingJoinRule
    private let left: StreamingJoinSide
    private let right: StreamingJoinSide
    private let time: EpochTime
    private let span: SourceSpan?
    private var incoming: (left: [Batch], right: [Batch]) = ([], [])
    private var work: [Work] = []
    private var hasBegun = false
    private var said: [Batch] = []
    /// Left rows at most in one piece of work, so that its pairs stay few.
    private static let pieceRows = 1024

    private enum Work {
        case left(Batch)
        /// A batch that is held already, and only meets left rows of earlier epochs.
        case right(Int, Batch)
        case end
    }

    init(
        _ rule: StreamingJoinRule, left: StreamingJoinSide, right: StreamingJoinSide,
        time: EpochTime, span: SourceSpan?
    ) throws {
        self.rule = rule
        self.left = left
        self.right = right
        self.time = time
        self.span = span
        if left.wasRestored || right.wasRestored { try recall() }
    }

    /// Which restored rows have had a partner: those that have one among the restored.
    private func recall() throws {
        for (number, batch) in left.held.batches.enumerated() {
            for (row, place) in pairs(of: batch, in: right).matching {
                left.match(HeldRows.place(number, row))
                right.match(place)
            }
        }
        for side in [left, right] {
            try side.forgetSaid()
            side.forgetRestore()
        }
    }

    var portCount: Int { 2 }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let all, _) = payload else { return }
        let schema = port == 0 ? rule.left : rule.right
        let late = LateRows(
            schema: schema, column: port == 0 ? rule.times.left : rule.times.right,
            bound: time.bound(behind: 0) ?? .min, span: span)
        let timely = try late.rejected(
            from: all, context, why: "and the other side has moved on past that")
        let (_, errors) = JoinKeys.evaluate(port == 0 ? rule.leftKeys : rule.rightKeys, timely)
        var rejects = RowOutput()
        let sound = Rejection.errors(errors, in: timely, schema: schema, into: &rejects)
        try context.reject(rejects.rejected)
        guard sound.count > 0 else { return }
        context.metrics.combined.add(sound.count)
        if port == 0 {
            incoming.left.append(sound.compacted())
        } else {
            incoming.right.append(sound.compacted())
        }
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        if !hasBegun { try begin() }
        while true {
            if let batch = said.popLast() {
                context.metrics.produced.add(batch.count)
                return .rows(batch, hashes: nil)
            }
            guard let next = work.popLast() else { return nil }
            switch next {
            case .left(let batch): try joinLeft(batch)
            case .right(let number, let batch): joinRight(number, batch)
            case .end: try sayAlone()
            }
            said.reverse()
        }
    }

    /// The right rows meet what was there before, then the left rows meet all right ones.
    private func begin() throws {
        hasBegun = true
        var ordered: [Work] = []
        for batch in incoming.right { ordered.append(.right(try right.add(batch), batch)) }
        ordered += incoming.left.flatMap { batch in
            stride(from: 0, to: batch.count, by: Self.pieceRows).map { start in
                let rows = start..<min(batch.count, start + Self.pieceRows)
                return Work.left(
                    batch.gathered(rows.map { UInt32(truncatingIfNeeded: $0) }))
            }
        }
        ordered.append(.end)
        incoming = ([], [])
        work = ordered.reversed()
    }

    private func joinLeft(_ batch: Batch) throws {
        let found = pairs(of: batch, in: right)
        let number = try left.add(batch)
        var isFirst: [Bool] = []
        for (row, place) in found.matching {
            isFirst.append(left.match(HeldRows.place(number, row)))
            right.match(place)
        }
        say(found, isFirst)
    }

    private func joinRight(_ number: Int, _ batch: Batch) {
        // As pairs of left rows with rows of this batch.
        let keys = JoinKeys.evaluate(rule.rightKeys, batch).0
        let candidates = left.candidates(keys, batch)
        var start = 0
        while start < candidates.count {
            let part = candidates[start..<min(candidates.count, start + 65_536)]
            start += part.count
            let leftRows = gathered(part.map(\.place), of: left)
            let rightRows = batch.gathered(part.map(\.row))
            let matching = matching(leftRows, rightRows, count: part.count)
            var isFirst: [Bool] = []
            for index in matching {
                let pair = part[part.startIndex + Int(index)]
                right.match(HeldRows.place(number, pair.row))
                isFirst.append(left.match(pair.place))
            }
            let chosen =
                rule.saysLeftOnly
                ? zip(matching, isFirst).filter(\.1).map(\.0) : matching
            add(leftRows, rightRows, chosen)
        }
    }

    private struct Pairs {
        var left: Batch
        var right: Batch
        /// Positions of pairs that match, in ``left`` and ``right``.
        var positions: [UInt32]
        var matching: [(row: UInt32, place: HeldRows.Place)]
    }

    /// Pairs of left rows with rows of the right side.
    private func pairs(of batch: Batch, in side: StreamingJoinSide) -> Pairs {
        let candidates = side.candidates(JoinKeys.evaluate(rule.leftKeys, batch).0, batch)
        let leftRows = batch.gathered(candidates.map(\.row))
        let rightRows = gathered(candidates.map(\.place), of: side)
        let positions = matching(leftRows, rightRows, count: candidates.count)
        return Pairs(
            left: leftRows, right: rightRows, positions: positions,
            matching: positions.map { candidates[Int($0)] })
    }

    private func matching(_ left: Batch, _ right: Batch, count: Int) -> [UInt32] {
        let both = Batch(columns: left.columns + right.columns, count: count)
        guard let residual = rule.residual else { return both.rows }
        // A pair that cannot be compared does not match.
        return residual.evaluate(both).matching
    }

    /// Rows from several held batches, in the order given.
    private func gathered(_ places: [HeldRows.Place], of side: StreamingJoinSide) -> Batch {
        let batches = side.held.batches
        guard !places.isEmpty, !batches.isEmpty else {
            return Batch.concatenated([], types: side.types)
        }
        var offsets: [Int: Int] = [:]
        var parts: [Batch] = []
        var total = 0
        // Only batches that have a row among them are put together.
        for place in places where offsets[HeldRows.batch(place)] == nil {
            let number = HeldRows.batch(place)
            offsets[number] = total
            parts.append(batches[number])
            total += batches[number].physicalCount
        }
        let rows = places.map { place in
            UInt32(
                truncatingIfNeeded: (offsets[HeldRows.batch(place)] ?? 0)
                    + Int(HeldRows.row(place)))
        }
        if parts.count == 1 { return parts[0].gathered(rows) }
        return Batch.concatenated(parts, types: side.types).gathered(rows)
    }

    private func say(_ pairs: Pairs, _ isFirst: [Bool]) {
        let chosen =
            rule.saysLeftOnly
            ? zip(pairs.positions, isFirst).filter(\.1).map(\.0) : pairs.positions
        add(pairs.left, pairs.right, chosen)
    }

    private func add(_ left: Batch, _ right: Batch, _ positions: [UInt32]) {
        guard !positions.isEmpty, rule.kind != .anti else { return }
        let columns = rule.saysLeftOnly ? left.columns : left.columns + right.columns
        said.append(
            Batch(columns: columns, count: left.physicalCount).selecting(positions).compacted())
    }

    /// Rows that have found no partner, and never will.
    private func sayAlone() throws {
        let watermark = time.end()
        let aloneLeft = try left.release(at: watermark)
        let aloneRight = try right.release(at: watermark)
        if rule.keepsLeft {
            for batch in aloneLeft {
                let rows = batch.compacted()
                let nulls = rule.right.fields.map { Column.nulls($0.type, count: rows.count) }
                said.append(
                    Batch(
                        columns: rows.columns + (rule.kind == .anti ? [] : nulls),
                        count: rows.count))
            }
        }
        guard rule.keepsRight else { return }
        for batch in aloneRight {
            let rows = batch.compacted()
            let nulls = rule.left.fields.map { Column.nulls($0.type, count: rows.count) }
            said.append(Batch(columns: nulls + rows.columns, count: rows.count))
        }
    }
}

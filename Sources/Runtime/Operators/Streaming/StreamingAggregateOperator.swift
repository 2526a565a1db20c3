import PipelineDSL
import Planner

/// An aggregate in a streaming run: rows go into groups that outlive the epoch; what is complete at
/// its end is said, or, where groups say their changes, what has changed.
final class StreamingAggregateOperator: SerialOperator, @unchecked Sendable {
    private let aggregate: Aggregate
    private let keys: [CompiledExpression]
    private let calls: [CompiledAggregate]
    private let input: Schema
    private let output: Schema
    private let groups: TimedGroups
    private let time: EpochTime
    private let span: SourceSpan?
    private var pending: [TimedGroups.Pane]?
    private var said = 0

    /// What `prepare` has computed of a batch.
    private struct Prepared: Sendable {
        var batch: Batch
        var rows: TimedGroups.Rows
        var rejected: [RejectedRow]
    }

    init(
        _ aggregate: Aggregate, calls: [CompiledAggregate], groups: TimedGroups, time: EpochTime,
        input: Schema, run: RunConstants, span: SourceSpan?
    ) throws {
        self.aggregate = aggregate
        self.calls = calls
        self.groups = groups
        self.time = time
        self.input = input
        self.span = span
        output = aggregate.outputSchema
        keys = try groups.end.keys(aggregate).map {
            try CompiledExpression($0.expression, input: input, run: run)
        }
    }

    // MARK: - Input

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let batch, _) = payload else { return payload }
        let (keyColumns, keyErrors) = JoinKeys.evaluate(keys, batch)
        let arguments = calls.map { $0.evaluate(batch) }
        var errors = keyErrors
        for argument in arguments { errors = RowErrors.merged(errors, argument.errors) }
        var rejects = RowOutput()
        let sound = Rejection.errors(errors, in: batch, schema: input, into: &rejects)
        let rows = TimedGroups.Rows(
            selection: sound.rows, physicalCount: batch.physicalCount,
            panes: groups.end.panes(batch, keys: keyColumns), keys: keyColumns,
            hashes: hashRows(keyColumns, count: batch.physicalCount), arguments: arguments,
            stringBytes: keyColumns.reduce(0) { $0 + $1.byteCount })
        return .prepared(
            Prepared(batch: sound, rows: rows, rejected: rejects.rejected), rowCount: batch.count)
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .prepared(let content, _) = payload, let prepared = content as? Prepared else {
            return
        }
        try context.reject(prepared.rejected)
        var rows = prepared.rows
        try rejectLate(&rows, prepared.batch, context)
        guard !rows.selection.isEmpty else { return }
        context.metrics.combined.add(rows.selection.count)
        try groups.add(rows)
    }

    /// A row whose group has been said for good cannot change it any more.
    private func rejectLate(
        _ rows: inout TimedGroups.Rows, _ batch: Batch, _ context: borrowing OperatorContext
    ) throws {
        guard time.start != nil else { return }
        var late: [UInt32] = []
        var (lastPane, lastIsOver) = (GroupEnd.none, false)
        for row in rows.selection {
            let pane = rows.panes[row]
            if pane != lastPane { (lastPane, lastIsOver) = (pane, groups.isOver(pane)) }
            if lastIsOver { late.append(row) }
        }
        guard !late.isEmpty else { return }
        try context.rejectLate(late, of: batch) { row in
            let end = RunClock.text(groups.end.end(of: rows.panes[row]))
            return Rejection.row(
                Int(row), of: batch, schema: input, rule: "late", code: .lateRow,
                message: "its group ended at \(end), and the watermark has passed that",
                span: span)
        }
        let isLate = Set(late)
        rows.selection.removeAll { isLate.contains($0) }
    }

    // MARK: - Output

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        if pending == nil { pending = groups.due(at: time.end()).reversed() }
        while let pane = pending?.last {
            let batch = try next(of: pane, context)
            if batch.count > 0 { return .rows(batch, hashes: nil) }
        }
        groups.advance(to: time.end())
        return nil
    }

    private func next(
        of pane: TimedGroups.Pane, _ context: borrowing OperatorContext
    ) throws -> Batch {
        let isWhole = !groups.end.saysChanges && !pane.isSaid
        let count = isWhole ? pane.count : pane.changed.count
        let range = said..<min(count, said + context.batchRows)
        said = range.upperBound
        let batch =
            isWhole
            ? try say(pane, range, context)
            : try Batch.concatenated(
                TimedGroups.runs(pane.changed[range]).map { try say(pane, $0, context) },
                types: output.fields.map(\.type))
        context.metrics.produced.add(range.count)
        if said == count {
            groups.markSaid(pane)
            pending?.removeLast()
            said = 0
        }
        return batch
    }

    private func say(
        _ pane: TimedGroups.Pane, _ range: Range<Int>, _ context: borrowing OperatorContext
    ) throws -> Batch {
        var columns: [Column] = []
        if case .window = groups.end {
            for bound in [pane.id, pane.end] {
                columns.append(
                    Column(.timestamp, .int64([Int64](repeating: bound, count: range.count))))
            }
        }
        if !keys.isEmpty { columns += pane.table.keyColumns(range) }
        var errors: RowErrors?
        for state in pane.states {
            let evaluation = try state.finish(range)
            columns.append(evaluation.column)
            errors = RowErrors.merged(errors, evaluation.errors)
        }
        var rejects = RowOutput()
        let batch = Rejection.errors(
            errors, in: Batch(columns: columns, count: range.count), schema: output, into: &rejects)
        try context.reject(rejects.rejected)
        return batch
    }
}

extension TimedGroups {
    /// Ascending runs of consecutive numbers.
    static func runs(_ groups: ArraySlice<UInt32>) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for group in groups.map(Int.init).sorted() {
            if let last = runs.last, last.upperBound == group {
                runs[runs.count - 1] = last.lowerBound..<(group + 1)
            } else {
                runs.append(group..<(group + 1))
            }
        }
        return runs
    }
}

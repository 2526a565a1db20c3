import PipelineDSL
import Planner

/// Computes event times and rejects rows that have none: they belong to no window.
struct EventTimes: Sendable {
    private let expression: CompiledExpression
    private let schema: Schema
    private let span: SourceSpan?

    init(_ time: TypedExpression, input: Schema, run: RunConstants) throws {
        guard time.type == .timestamp else {
            throw RunError(
                .noKernel, "the plan has an event time of type \(time.type)", at: time.span)
        }
        expression = try CompiledExpression(time, input: input, run: run)
        schema = input
        span = time.span
    }

    /// The rows that have a time, and the times of all physical rows.
    func evaluate(_ batch: Batch, into output: inout RowOutput) -> (Batch, [Int64]) {
        let evaluation = expression.evaluate(batch)
        let sound = Rejection.errors(evaluation.errors, in: batch, schema: schema, into: &output)
        guard case .int64(let times) = evaluation.column.values else {
            return (batch.selecting([]), [])
        }
        guard let validity = evaluation.column.validity else { return (sound, times) }
        for row in sound.rows where !validity[Int(row)] {
            output.rejected.append(reject(sound, row, .missingEventTime, "the event time is null"))
        }
        return (sound.selecting(sound.rows(in: validity)), times)
    }

    func reject(
        _ batch: Batch, _ row: UInt32, _ code: DiagnosticCode, _ message: String
    ) -> RejectedRow {
        Rejection.row(
            Int(row), of: batch, schema: schema, rule: "event_time", code: code, message: message,
            span: span)
    }
}

/// Appends the event time to each row.
struct EventTimeOperator: RowOperator {
    private let times: EventTimes

    init(_ time: TypedExpression, input: Schema, run: RunConstants) throws {
        times = try EventTimes(time, input: input, run: run)
    }

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        let (sound, values) = times.evaluate(batch, into: &output)
        guard sound.count > 0 else { return }
        let column = Column(.timestamp, .int64(values))
        output.batches.append(sound.replacing(columns: sound.columns + [column]))
    }
}

/// Gives each row once for every window it is in, with the window's bounds behind its columns.
struct EventWindowOperator: RowOperator {
    private let windows: EventWindows
    private let times: EventTimes

    /// Windows a row may be in: more would be a slide by mistake.
    private static let maximum: Int64 = 100_000

    init(
        _ windows: EventWindows, input: Schema, run: RunConstants, span: SourceSpan?
    ) throws {
        guard windows.slide > 0, windows.size > 0 else {
            throw RunError(.noKernel, "the plan has an event-time window without length", at: span)
        }
        guard windows.size / windows.slide <= Self.maximum else {
            throw RunError(
                .cannotRun,
                "each row would be in \(windows.size / windows.slide) overlapping windows",
                at: span,
                notes: ["at most \(Self.maximum) are computed: make `slide` longer"])
        }
        self.windows = windows
        times = try EventTimes(windows.time, input: input, run: run)
    }

    private struct Pairs {
        var rows: [UInt32] = []
        var starts: [Int64] = []
    }

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        let (sound, values) = times.evaluate(batch, into: &output)
        if windows.slide == windows.size, let one = tumbled(sound, values) {
            output.batches.append(one)
            return
        }
        var pairs = Pairs()
        var (emitted, surviving, rejected) = (0, 0, 0)
        func flush() {
            guard !pairs.rows.isEmpty else { return }
            emitted += pairs.rows.count
            output.batches.append(rows(sound, pairs))
            pairs = Pairs()
        }
        for row in sound.rows {
            guard let starts = windows.starts(values[Int(row)]) else {
                output.rejected.append(
                    times.reject(
                        sound, row, .timeOutOfRange,
                        "the window of the event time is out of the range of timestamps"))
                rejected += 1
                continue
            }
            var isFirst = true
            for start in starts {
                if isFirst { surviving += 1 }
                isFirst = false
                pairs.rows.append(row)
                pairs.starts.append(Int64(truncatingIfNeeded: start))
                if pairs.rows.count >= context.batchRows { flush() }
            }
        }
        flush()
        // Where windows have gaps between them a row may be in none.
        context.metrics.filtered.add(sound.count - surviving - rejected)
        context.metrics.produced.add(emitted - surviving)
    }

    /// Each row in its one window; `nil` where the bounds of one are no timestamps.
    private func tumbled(_ batch: Batch, _ times: [Int64]) -> Batch? {
        guard batch.count > 0 else { return nil }
        let size = windows.size
        guard size < Int64.max / 8 else { return nil }
        let bounds = Int64.min + 2 * size...Int64.max - 2 * size
        guard batch.rows.allSatisfy({ bounds.contains(times[Int($0)]) })
        else { return nil }
        let starts = times.map { time in
            let rest = time % size
            return time &- (rest < 0 ? rest &+ size : rest)
        }
        let columns = [
            Column(.timestamp, .int64(starts)),
            Column(.timestamp, .int64(starts.map { $0 &+ size })),
        ]
        return batch.replacing(columns: batch.columns + columns)
    }

    private func rows(_ batch: Batch, _ pairs: Pairs) -> Batch {
        let repeated = batch.gathered(pairs.rows)
        let bounds = [
            Column(.timestamp, .int64(pairs.starts)),
            Column(.timestamp, .int64(pairs.starts.map { $0 &+ windows.size })),
        ]
        return repeated.replacing(columns: repeated.columns + bounds)
    }
}

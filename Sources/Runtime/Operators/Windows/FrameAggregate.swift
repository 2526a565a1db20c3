import PipelineDSL
import Planner

/// An aggregate over the frame of every row.
///
/// Counts and exact sums are differences of running totals, `min`, `max` and sums of doubles are read
/// off a tree; everything else goes through the accumulators of `GROUP BY`.
struct FrameAggregate {
    let call: WindowCall
    let chunk: WindowChunk
    /// Rows that pass `FILTER`; `nil` is all.
    let included: Bitmap?

    init(_ call: WindowCall, _ chunk: WindowChunk) {
        self.call = call
        self.chunk = chunk
        included = call.filter.map { position in
            Vector(chunk.batch.columns[position]).truth(chunk.count).yes
        }
    }

    func evaluate(_ frames: WindowFrames) throws -> Evaluation {
        switch (call.function, argumentType) {
        case ("count_star", _), ("count", _):
            let rows = eligibleRows
            return Evaluation(
                column: Column(.bigint, .int64(each(frames) { Int64(rows.count($0)) })))
        case ("count_if", _), ("bool_and", _), ("bool_or", _): return truths(frames)
        case ("first", _), ("last", _): return chosen(frames)
        case ("min", .some), ("max", .some), ("arg_min", _), ("arg_max", _):
            return FrameExtremes(self).evaluate(frames)
        case ("sum", .double), ("avg", .double): return FrameSums(self).doubles(frames)
        case ("sum", .some(let type)), ("avg", .some(let type)):
            if let exact = FrameSums(self).exact(type, frames) { return exact }
        default: break
        }
        return try GroupedFrames(self).evaluate(frames)
    }

    private var argumentType: DataType? {
        call.arguments.first.map { chunk.batch.columns[$0].type }
    }

    func each<T>(_ frames: WindowFrames, _ value: (Range<Int>) -> T) -> [T] {
        (0..<chunk.count).map { value(frames[$0]) }
    }

    /// Rows that the function takes: those that pass the filter and have every argument.
    var eligible: Bitmap? {
        guard !AccumulatorTable.seesNulls.contains(call.function) else { return included }
        return call.arguments.reduce(included) { .both($0, chunk.batch.columns[$1].presence) }
    }

    var eligibleRows: EligibleRows { EligibleRows(eligible, count: chunk.count) }

    private func truths(_ frames: WindowFrames) -> Evaluation {
        guard let argument = call.arguments.first,
            case .boolean(let bits) = chunk.batch.columns[argument].values
        else { return Evaluation(column: .nulls(call.type, count: chunk.count)) }
        let all = eligibleRows
        let trues = EligibleRows(.both(eligible, bits), count: chunk.count)
        if call.function == "count_if" {
            return Evaluation(
                column: Column(.bigint, .int64(each(frames) { Int64(trues.count($0)) })))
        }
        let isAnd = call.function == "bool_and"
        let values = each(frames) { isAnd ? trues.count($0) == all.count($0) : trues.count($0) > 0 }
        let seen = each(frames) { all.count($0) > 0 }
        return Evaluation(
            column: Column(
                .boolean, .boolean(Bitmap(count: chunk.count) { values[$0] }),
                validity: Bitmap(count: chunk.count) { seen[$0] }))
    }

    /// `first` and `last` of the rows of the frame.
    private func chosen(_ frames: WindowFrames) -> Evaluation {
        let rows = eligibleRows
        let place = call.function == "first" ? 0 : -1
        let sources = each(frames) { rows.row(place, of: $0) ?? GroupTable.none }
        return Evaluation(column: call.column(0, chunk).gatherOptional(sources).withType(call.type))
    }
}

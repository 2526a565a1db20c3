import PipelineDSL
import Planner

/// Keeps the rows for which the predicate is true. A row whose predicate cannot be computed is
/// rejected, not filtered.
struct FilterOperator: RowOperator {
    private let predicate: Predicate
    private let schema: Schema

    init(_ filter: Filter, input: Schema, run: RunConstants) throws {
        predicate = try Predicate(filter.predicate, input: input, run: run)
        schema = input
    }

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        let outcome = predicate.evaluate(batch)
        let sound = Rejection.errors(outcome.errors, in: batch, schema: schema, into: &output)
        context.metrics.filtered.add(sound.count - outcome.matching.count)
        output.batches.append(batch.selecting(outcome.matching))
    }
}

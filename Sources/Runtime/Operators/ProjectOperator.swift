import PipelineDSL
import Planner

/// Yields computed columns. A row for which one of them cannot be computed is rejected.
struct ProjectOperator: RowOperator {
    private enum Output {
        /// An input column as it is.
        case column(Int)
        case computed(CompiledExpression)
    }

    private let outputs: [Output]
    private let schema: Schema

    init(_ project: Project, input: Schema, run: RunConstants) throws {
        schema = input
        outputs = try project.columns.map { column in
            if case .column(let index) = column.expression.kind { return .column(index) }
            return .computed(try CompiledExpression(column.expression, input: input, run: run))
        }
    }

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        var sound = batch
        var columns: [Column] = []
        columns.reserveCapacity(outputs.count)
        for item in outputs {
            switch item {
            case .column(let index): columns.append(batch.columns[index])
            case .computed(let expression):
                let evaluation = expression.evaluate(batch)
                columns.append(evaluation.column)
                sound = Rejection.errors(
                    evaluation.errors, in: sound, schema: schema, into: &output)
            }
        }
        output.batches.append(sound.replacing(columns: columns))
    }
}

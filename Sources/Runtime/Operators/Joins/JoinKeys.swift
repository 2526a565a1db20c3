import PipelineDSL

enum JoinKeys {
    static func evaluate(
        _ expressions: [CompiledExpression], _ batch: Batch
    ) -> ([Column], RowErrors?) {
        var errors: RowErrors?
        let columns = expressions.map { expression -> Column in
            let evaluation = expression.evaluate(batch)
            errors = RowErrors.merged(errors, evaluation.errors)
            return evaluation.column
        }
        return (columns, errors)
    }
}

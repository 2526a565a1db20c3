import PipelineDSL

struct CastStep: StepSignature {
    let name = "cast"
    let documentation = """
        Converts columns to other types. A value that does not fit is a row error: the row goes to
        the dead letters. For null instead, derive the column with `TRY_CAST`.

        ```yaml
        - cast: { speed_kmh: "decimal(6,2)", engine_status: string }
        ```
        """
    let body = SettingKind.mapping(.type)

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let entries = context.value(step, body)?.mapping else { return nil }
        var columns = input.passedColumns
        var isRight = true
        for entry in entries {
            guard let index = context.position(entry.key, in: input),
                let expression = cast(entry, index, input, &context)
            else {
                isRight = false
                continue
            }
            columns[index] = NamedExpression(
                columns[index].name, expression, pii: columns[index].pii)
        }
        return isRight ? input.projected(columns, step: step) : nil
    }

    private func cast(
        _ entry: SettingValue.MappingEntry, _ index: Int, _ input: LogicalNode,
        _ context: inout StepContext
    ) -> TypedExpression? {
        guard case .type(let type, let notNull) = entry.value.kind else { return nil }
        let column = TypedExpression.column(index, of: input.schema, span: entry.key.span)
        if notNull, column.isNullable {
            context.diagnostics.add(
                Diagnostic(
                    .contractNotMet, "a cast does not remove nulls", at: entry.value.span,
                    notes: [
                        "drop such rows before: `- where: \(entry.key.value) IS NOT NULL`",
                        "and leave out `not null` here",
                    ]))
            return nil
        }
        if column.type == type { return column }
        let possibility = TypeRules.cast(from: column.type, to: type)
        guard possibility != .impossible else {
            context.diagnostics.add(
                Diagnostic(
                    .impossibleCast, "a \(column.type) cannot become a \(type)",
                    at: entry.value.span))
            return nil
        }
        return TypedExpression(
            .cast(column, isTry: false), type: type, nullable: column.isNullable,
            fallible: possibility == .partial, span: entry.value.span)
    }
}

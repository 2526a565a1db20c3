import PipelineDSL

struct SelectStep: StepSignature {
    let name = "select"
    let documentation = """
        Keeps only the columns listed, in that order; an entry `{name: expression}` computes one.

        ```yaml
        - select: [vehicle_id, recorded_at, { speed_ms: speed_kmh / 3.6 }]
        ```
        """
    let body = SettingKind.list(.either([.name, .mapping(.expression)]))

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let setting = context.value(step, body), case .list(let items) = setting.kind else {
            return nil
        }
        var columns: [NamedExpression] = []
        var isRight = true
        for item in items {
            switch item.kind {
            case .symbol(let text):
                guard let index = context.position(Spanned(text, item.span), in: input) else {
                    isRight = false
                    continue
                }
                let column = input.passed(index)
                isRight = add(column, item.span, &columns, &context) && isRight
            case .mapping(let entries):
                for entry in entries {
                    guard case .expression(let source) = entry.value.kind,
                        let expression = context.expression(source, over: input)
                    else {
                        isRight = false
                        continue
                    }
                    let column = NamedExpression(
                        entry.key.value, expression, pii: expression.pii(over: input.schema))
                    isRight = add(column, entry.key.span, &columns, &context) && isRight
                }
            default: break
            }
        }
        guard isRight else { return nil }
        guard !columns.isEmpty else {
            context.diagnostics.add(
                Diagnostic(.noColumns, "`select` keeps no columns", at: step.name.span))
            return nil
        }
        return input.projected(columns, step: step)
    }

    private func add(
        _ column: NamedExpression, _ span: SourceSpan, _ columns: inout [NamedExpression],
        _ context: inout StepContext
    ) -> Bool {
        let name = Spanned(column.name, span)
        guard context.isFree(name, in: Schema(columns.map(\.field))) else { return false }
        columns.append(column)
        return true
    }
}

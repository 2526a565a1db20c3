import PipelineDSL

struct WhereStep: StepSignature {
    let name = "where"
    let documentation = """
        Keeps the rows for which the condition is true. Rows for which it is false or unknown (null)
        are dropped and counted as filtered.

        ```yaml
        - where: engine_status = 'moving' AND speed_kmh > 0
        ```
        """
    let body = SettingKind.expression

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let setting = context.value(step, body), case .expression(let source) = setting.kind,
            let predicate = context.condition(source, over: input)
        else { return nil }
        return LogicalNode(
            .filter(Filter(predicate: predicate)), inputs: [input], schema: input.schema,
            span: step.name.span, step: name)
    }
}

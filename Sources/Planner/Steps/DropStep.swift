import PipelineDSL

struct DropStep: StepSignature {
    let name = "drop"
    let documentation = """
        Leaves columns out.

        ```yaml
        - drop: [latitude, longitude]
        ```
        """
    let body = SettingKind.names

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let setting = context.value(step, body), case .names(let names) = setting.kind,
            let dropped = context.positions(names, in: input)
        else { return nil }
        let kept = input.schema.fields.indices.filter { !dropped.contains($0) }
        guard !kept.isEmpty else {
            context.diagnostics.add(
                Diagnostic(.noColumns, "`drop` leaves no columns", at: step.name.span))
            return nil
        }
        return input.projected(kept.map { input.passed($0) }, step: step)
    }
}

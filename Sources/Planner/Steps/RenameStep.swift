import PipelineDSL

struct RenameStep: StepSignature {
    let name = "rename"
    let documentation = """
        Gives columns other names; they keep their places. Names may be exchanged.

        ```yaml
        - rename: { vehicle_id: truck_id, speed_kmh: speed }
        ```
        """
    let body = SettingKind.mapping(.name)

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let entries = context.value(step, body)?.mapping else { return nil }
        var names = input.schema.names
        var spans: [Int: SourceSpan] = [:]
        var isRight = true
        for entry in entries {
            guard case .symbol(let new) = entry.value.kind,
                let index = context.position(entry.key, in: input)
            else {
                isRight = false
                continue
            }
            names[index] = new
            spans[index] = entry.value.span
        }
        for (index, span) in spans where names.count(where: { $0 == names[index] }) > 1 {
            context.diagnostics.add(
                Diagnostic(
                    .columnTaken, "two columns would be called `\(names[index])`", at: span,
                    notes: ["drop the other one, or rename it as well"]))
            isRight = false
        }
        guard isRight else { return nil }
        return input.projected(
            names.enumerated().map { input.passed($0.offset, as: $0.element) }, step: step)
    }
}

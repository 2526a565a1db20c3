import PipelineDSL

struct LatestStep: StepSignature {
    let name = "latest"
    let documentation = """
        The newest row of each key: the one with the greatest `order`, and of equal ones the last in
        source order. A null counts as older than anything.

        ```yaml
        - latest: { by: vehicle_id, order: recorded_at }
        ```

        `order` is the event time by default. A stream needs `within`: a key that was silent for so long
        in event time is forgotten, and a row that is older than that comes too late.
        """

    private static let settings = [
        SettingSignature("by", .names, required: true, "The key."),
        SettingSignature("order", .expression, "What is greatest in the newest row."),
        SettingSignature(
            "within", .duration, "After which silence a stream forgets a key."),
    ]

    let body = SettingKind.object(Self.settings)

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let settings = context.settings(step, Self.settings) else { return nil }
        let by = context.positions(settings.names("by") ?? [], in: input)
        let order: TypedExpression?
        if let source = settings.expression("order") {
            order = context.expression(source, over: input)
        } else {
            order = context.eventTimePosition(
                in: input, for: "`latest` without `order`", at: step.name.span
            ).map { .column($0, of: input.schema, span: step.name.span) }
        }
        guard let by, let order else { return nil }
        guard TypeRules.belongs(order.type, to: .orderable) else {
            context.diagnostics.add(
                Diagnostic(
                    .columnKind, "\(order.type) has no order", at: settings.span("order")))
            return nil
        }
        return LogicalNode(
            .latest(Latest(by: by, order: order, within: settings.duration("within"))),
            inputs: [input], schema: input.schema,
            span: step.name.span, places: settings.places)
    }
}

import PipelineDSL

struct DedupeStep: StepSignature {
    let name = "dedupe"
    let documentation = """
        Keeps one row of each key, in source order. Null equals null here.

        ```yaml
        - dedupe: { on: [vehicle_id, recorded_at], within: 1 day }
        ```

        `within` bounds it by event time: two rows are duplicates only if their event times are no
        further apart. Without it the whole input counts, which only a batch pipeline can do.

        `method: bloom` needs far less memory and takes a few new rows for duplicates, at most
        `false_positive_rate` of them.
        """

    private static let settings = [
        SettingSignature("on", .names, required: true, "The columns that identify a row."),
        SettingSignature(
            "within", .duration, "How far apart the event times of duplicates are at most."),
        SettingSignature(
            "keep", .choice(Dedupe.Keep.allCases.map(\.rawValue)), default: "first",
            "Which of the duplicates is kept, in source order."),
        SettingSignature(
            "method", .choice(["exact", "bloom"]), default: "exact",
            "Whether every key is remembered, or a filter that may err."),
        SettingSignature(
            "false_positive_rate", .fraction, default: "1%",
            "For `bloom`: the share of new rows that may be taken for duplicates."),
    ]

    let body = SettingKind.object(Self.settings)

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let settings = context.settings(step, Self.settings) else { return nil }
        let on = context.positions(settings.names("on") ?? [], in: input)
        let within = settings.spannedDuration("within")
        var eventTime: Int?
        if let within {
            eventTime = context.eventTimePosition(in: input, for: "`within`", at: within.span)
            if eventTime == nil { return nil }
        } else if context.mode == .streaming {
            context.diagnostics.add(
                Diagnostic(
                    .unboundedState, "`dedupe` would remember every key for ever",
                    at: step.name.span, label: "`within` is missing",
                    notes: ["a streaming pipeline has no end: `within: 1 day` bounds what it keeps"]))
            return nil
        }
        guard let on, let method = method(settings, &context) else { return nil }
        let dedupe = Dedupe(
            on: on, keep: settings.string("keep").flatMap { .init(rawValue: $0) } ?? .first,
            within: within?.value, eventTime: eventTime, method: method)
        return LogicalNode(
            .dedupe(dedupe), inputs: [input], schema: input.schema, span: step.name.span,
            places: settings.places)
    }

    private func method(_ settings: Settings, _ context: inout StepContext) -> Dedupe.Method? {
        let rate = settings.number("false_positive_rate")
        guard settings.string("method") == "bloom" else {
            if rate != nil, let span = settings.span("false_positive_rate") {
                context.diagnostics.add(
                    Diagnostic(
                        .conflictingSettings, "only `method: bloom` has a false-positive rate",
                        at: span, notes: ["remove it, or write `method: bloom`"]))
                return nil
            }
            return .exact
        }
        let chosen = rate ?? 0.01
        guard chosen > 0, chosen < 1 else {
            context.diagnostics.add(
                Diagnostic(
                    .outOfRange, "the rate must be more than 0 and less than 1",
                    at: settings.span("false_positive_rate"), notes: ["for example `1%`"]))
            return nil
        }
        return .bloom(falsePositiveRate: chosen)
    }
}

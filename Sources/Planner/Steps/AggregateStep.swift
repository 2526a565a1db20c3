import PipelineDSL

struct AggregateStep: StepSignature {
    let name = "aggregate"
    let documentation = """
        Groups the rows and computes aggregates: one row a group, with the columns of `by` and
        `compute`. Without `by` there is one group of all.

        ```yaml
        - aggregate:
            by: [vehicle_id, { day: date(recorded_at) }]
            compute: { pings: count(*), mean_kmh: avg(speed_kmh) }
        ```

        `window` groups by event time as well, and adds `window_start` and `window_end`:
        `{ tumble: 5 minutes }`, `{ hop: { slide: 1 minute, size: 5 minutes } }`,
        `{ session: 30 minutes }`. In a batch pipeline it means the same.
        """

    private static let hop = [
        SettingSignature("slide", .duration, required: true, "How far apart windows start."),
        SettingSignature("size", .duration, required: true, "How long each is."),
    ]
    private static let window = [
        SettingSignature("tumble", .duration, "Windows of this length, one after the other."),
        SettingSignature("hop", .object(Self.hop), "Windows that overlap."),
        SettingSignature("session", .duration, "Windows that end after a silence of this length."),
        SettingSignature("on", .name, "The time to group by, the event time by default."),
    ]
    private static let settings = [
        SettingSignature(
            "by", .oneOrMany(.either([.name, .mapping(.expression)])),
            "Columns, or `{name: expression}`."),
        SettingSignature("window", .object(Self.window), "Event-time windows to group by."),
        SettingSignature(
            "compute", .mapping(.expression), required: true, "Aggregates by column name."),
    ]

    let body = SettingKind.object(Self.settings)

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let settings = context.settings(step, Self.settings) else { return nil }
        var items: [SelectItem] = []
        var groups: [GroupItem] = []
        var isRight = true
        if let window = settings.object("window") {
            guard let call = windowCall(window, input, step, &context) else { return nil }
            groups.append(.expression(call))
            for name in ["window_start", "window_end"] {
                items.append(SelectItem(Self.name(name, window.span)))
            }
        }
        for (name, expression) in keys(settings, &context, &isRight) {
            groups.append(.expression(expression))
            items.append(SelectItem(expression, alias: Identifier(name.value, quoted: true, span: name.span)))
        }
        for entry in settings.mapping("compute") ?? [] {
            guard case .expression(let source) = entry.value.kind,
                let expression = parsed(source, &context)
            else {
                isRight = false
                continue
            }
            items.append(
                SelectItem(
                    expression,
                    alias: Identifier(entry.key.value, quoted: true, span: entry.key.span)))
        }
        guard isRight else { return nil }
        let span = settings.span
        let from = TableReference(.name([Identifier("input", span: step.name.span)]), span: span)
        let select = Select(items: items, from: [from], groupBy: groups, span: span)
        let query = Query(body: .select(select), span: span)
        return context.query(query, input, &context.diagnostics)?
            .marked(.aggregate, as: step, settings.places)
    }

    private func keys(
        _ settings: Settings, _ context: inout StepContext, _ isRight: inout Bool
    ) -> [(Spanned<String>, Expression)] {
        var keys: [(Spanned<String>, Expression)] = []
        for item in settings.list("by") ?? [] {
            switch item.kind {
            case .symbol(let text): keys.append((Spanned(text, item.span), Self.name(text, item.span)))
            case .mapping(let entries):
                for entry in entries {
                    guard case .expression(let source) = entry.value.kind,
                        let expression = parsed(source, &context)
                    else {
                        isRight = false
                        continue
                    }
                    keys.append((entry.key, expression))
                }
            default: break
            }
        }
        return keys
    }

    private func parsed(_ source: SourceText, _ context: inout StepContext) -> Expression? {
        let (expression, problems) = SQLParser.expression(source)
        context.diagnostics.add(contentsOf: problems)
        return problems.contains { $0.severity == .error } ? nil : expression
    }

    private static func name(_ text: String, _ span: SourceSpan) -> Expression {
        Expression(.name([Identifier(text, quoted: true, span: span)]), span: span)
    }

    /// `tumble(recorded_at, INTERVAL '5 minutes')`
    private func windowCall(
        _ window: Settings, _ input: LogicalNode, _ step: StepDeclaration,
        _ context: inout StepContext
    ) -> Expression? {
        let kinds = window.entries.filter { $0.key.value != "on" }
        guard let kind = kinds.first, kinds.count == 1 else {
            context.diagnostics.add(
                Diagnostic(
                    .oneKeyExpected, "`window` needs one of `tumble`, `hop` and `session`",
                    at: window.span))
            return nil
        }
        let time: String
        if let on = window.spannedName("on") {
            time = on.value
        } else {
            guard let index = context.eventTimePosition(in: input, for: "`window`", at: window.span)
            else { return nil }
            time = input.schema.fields[index].name
        }
        let span = kind.value.span
        func length(_ microseconds: Int64) -> Expression {
            Expression(.literal(.interval(Interval(microseconds: microseconds))), span: span)
        }
        var lengths: [Expression] = []
        switch kind.value.kind {
        case .duration(let size): lengths = [length(size)]
        case .object(let hop):
            lengths = [hop.duration("slide"), hop.duration("size")].compactMap(\.self).map(length)
        default: return nil
        }
        let timeSpan = window.span("on") ?? span
        let name = Identifier(kind.key.value, span: kind.key.span)
        return Expression(
            .call(FunctionCall(name: name, arguments: [Self.name(time, timeSpan)] + lengths)),
            span: span)
    }
}

import PipelineDSL

struct JoinStep: StepSignature {
    let name = "join"
    let documentation = """
        Joins another relation.

        ```yaml
        - join: { with: vehicles, on: vehicle_id, type: left }
        ```

        `on` is a column, or a list of columns, that both have (each then stands once in the result), or is a condition in
        which `input` is the relation so far: `input.truck = vehicles.vehicle_id`. `type` is `inner`,
        `left`, `right`, `full`, `semi` or `anti`. Two streams are joined only as far as their event
        times are `within` a time of each other.
        """

    private static let types = ["inner", "left", "right", "full", "semi", "anti", "cross"]
    private static let settings = [
        SettingSignature("with", .name, required: true, "The node that is joined."),
        SettingSignature(
            "on", .either([.list(.name), .expression]),
            "A column or a list of columns that both have, or a condition; only `cross` has none."),
        SettingSignature("type", .choice(Self.types), default: "inner", "The kind of join."),
        SettingSignature(
            "within", .duration, "How far apart the event times of matching rows are at most."),
    ]

    let body = SettingKind.object(Self.settings)

    func references(_ step: StepDeclaration) -> [Spanned<String>] {
        step.body["with"].flatMap { node in
            node.scalar.map { [Spanned($0.text, node.span)] }
        } ?? []
    }

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let settings = context.settings(step, Self.settings),
            let with = settings.spannedName("with"),
            let other = context.relation(with, &context.diagnostics)
        else { return nil }
        let kind = settings.string("type").flatMap { JoinKind(rawValue: $0) } ?? .inner
        guard isBounded(settings, step, &context),
            let condition = condition(settings, kind, step, &context)
        else { return nil }
        if case .on = condition, kind != .semi, kind != .anti {
            guard haveDistinctNames(input, other, with, step, &context) else { return nil }
        }
        let query = query(with, kind, condition, settings.span)
        guard let joined = context.query(query, input, &context.diagnostics) else { return nil }
        let marked = joined.marked(.join, as: step, settings.places)
        guard let within = settings.spannedDuration("within") else { return marked }
        return marked.bounded(within, &context)
    }

    private func isBounded(
        _ settings: Settings, _ step: StepDeclaration, _ context: inout StepContext
    ) -> Bool {
        guard context.mode == .streaming, settings["within"] == nil else { return true }
        context.diagnostics.add(
            Diagnostic(
                .unboundedState, "`join` would remember every row for ever", at: step.name.span,
                label: "`within` is missing",
                notes: [
                    "two streams are joined within a time: `within: 10 minutes`",
                    "for a small relation use `lookup`",
                ]))
        return false
    }

    private func condition(
        _ settings: Settings, _ kind: JoinKind, _ step: StepDeclaration,
        _ context: inout StepContext
    ) -> JoinCondition? {
        switch settings["on"]?.kind {
        case .list(let names):
            return .using(
                names.compactMap { item in
                    guard case .symbol(let name) = item.kind else { return nil }
                    return Identifier(name, quoted: true, span: item.span)
                })
        case .expression(let source):
            let (expression, problems) = SQLParser.expression(source)
            context.diagnostics.add(contentsOf: problems)
            guard problems.isEmpty else { return nil }
            if case .name(let path) = expression.kind, path.count == 1 { return .using(path) }
            return .on(expression)
        default:
            if kind == .cross { return JoinCondition.none }
            context.diagnostics.add(
                Diagnostic(
                    .missingSetting, "`join` needs `on`", at: step.name.span,
                    notes: ["columns that both have, or a condition; only `type: cross` has none"]))
            return nil
        }
    }

    private func haveDistinctNames(
        _ input: LogicalNode, _ other: LogicalNode, _ name: Spanned<String>,
        _ step: StepDeclaration, _ context: inout StepContext
    ) -> Bool {
        let shared = other.schema.names.filter { name in
            input.schema.fields.contains { $0.name == name }
        }
        guard !shared.isEmpty else { return true }
        context.diagnostics.add(
            Diagnostic(
                .columnTaken, "both have columns \(quotedNames(shared))", at: name.span,
                notes: [
                    "rename them before: `- rename: { \(shared[0]): other_name }`",
                    "or join with a `sql` step and list what to keep",
                ]))
        return false
    }

    private func query(
        _ with: Spanned<String>, _ kind: JoinKind, _ condition: JoinCondition, _ span: SourceSpan
    ) -> Query {
        let path = with.value.split(separator: ".").map {
            Identifier(String($0), quoted: true, span: with.span)
        }
        let left = TableReference(.name([Identifier("input", span: with.span)]), span: with.span)
        let right = TableReference(.name(path), span: with.span)
        let join = TableReference(.join(kind, left, right, condition), span: span)
        let star = SelectItem(Expression(.star(qualifier: [], exclude: []), span: with.span))
        return Query(body: .select(Select(items: [star], from: [join], span: span)), span: span)
    }
}

extension LogicalNode {
    /// With the event times of the topmost join at most so far apart; `nil` (with a diagnostic
    /// added) where a side has none.
    fileprivate func bounded(
        _ within: Spanned<Int64>, _ context: inout StepContext
    ) -> LogicalNode? {
        var copy = self
        guard case .join(var join) = operation, inputs.count == 2 else {
            guard let first = inputs.first, let inner = first.bounded(within, &context) else {
                return nil
            }
            copy.inputs[0] = inner
            return copy
        }
        guard let left = context.eventTimeOf(inputs[0]), let right = context.eventTimeOf(inputs[1])
        else {
            context.diagnostics.add(
                Diagnostic(
                    .eventTimeNeeded, "`within` needs the event times of both sides",
                    at: within.span,
                    notes: [
                        "declare them on the sources: "
                            + "`event_time: { column: …, watermark: 10 minutes }`",
                        "and keep the columns through the steps before this one",
                    ]))
            return nil
        }
        join.within = within.value
        let times = JoinTimes(
            left: .column(left, of: inputs[0].schema, span: within.span),
            right: TypedExpression(
                .column(inputs[0].schema.fields.count + right), type: .timestamp,
                nullable: inputs[1].schema.fields[right].nullable, fallible: false,
                span: within.span))
        join.residual = times.bound(within.value, and: join.residual)
        copy.operation = .join(join)
        return copy
    }

    /// With the topmost operation of a kind marked as what a step asked for, and changed.
    func marked(
        _ name: Operation.Name, as step: StepDeclaration, _ places: [String: SourceSpan],
        _ change: (Operation) -> Operation = { $0 }
    ) -> LogicalNode {
        var copy = self
        if operation.name == name {
            copy.operation = change(operation)
            copy.span = step.name.span
            copy.places = places
        } else if let first = inputs.first {
            copy.inputs[0] = first.marked(name, as: step, places, change)
        }
        return copy
    }
}

/// The event times of a pair of rows.
private struct JoinTimes {
    let left: TypedExpression
    let right: TypedExpression

    /// `left BETWEEN right - within AND right + within AND …`
    func bound(_ within: Int64, and rest: TypedExpression?) -> TypedExpression {
        let length = TypedExpression.literal(
            .interval(Interval(microseconds: within)), .interval, span: left.span)
        func moved(_ function: String) -> TypedExpression {
            TypedExpression(
                .call(function, [right, length]), type: .timestamp, nullable: right.isNullable,
                fallible: true, span: left.span)
        }
        func compared(_ function: String, _ limit: TypedExpression) -> TypedExpression {
            TypedExpression(
                .call(function, [left, limit]), type: .boolean,
                nullable: left.isNullable || right.isNullable, fallible: true, span: left.span)
        }
        let conditions =
            [compared("ge", moved("subtract")), compared("le", moved("add"))]
            + [rest].compactMap(\.self)
        return TypedExpression(
            .and(conditions), type: .boolean,
            nullable: conditions.contains(where: \.isNullable), fallible: true, span: left.span)
    }
}

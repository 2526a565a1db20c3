import PipelineDSL

extension ExpressionTyper {
    /// `tumble(at, size)`, `hop(at, slide, size)`, `session(at, gap)`: typed as a call, which the select
    /// planner finds again in `GROUP BY`.
    mutating func eventWindow(
        _ name: String, _ call: FunctionCall, _ span: SourceSpan
    ) -> TypedExpression? {
        let usage =
            ["tumble(at, size)", "hop(at, slide, size)", "session(at, gap)"]
            .first { $0.hasPrefix(name) } ?? name
        guard let query, query.place.name == "GROUP BY" || query.eventWindow != nil else {
            report(
                .malformedEventWindow,
                "`\(name)` makes event-time windows and stands in `GROUP BY`",
                at: span, notes: ["GROUP BY \(usage)"])
            return nil
        }
        let count = name == "hop" ? 3 : 2
        guard call.arguments.count == count else {
            report(
                .argumentCount, "`\(name)` takes \(count) arguments", at: span,
                notes: ["it is \(usage)"])
            return nil
        }
        guard let typed = typed(call.arguments), let time = eventTime(typed[0]) else { return nil }
        var operands = [time]
        for argument in typed.dropFirst() {
            guard let length = fixedLength(argument, name) else { return nil }
            operands.append(.literal(.integer(length), .bigint, span: argument.span))
        }
        return TypedExpression(
            .call(name, operands), type: .timestamp, nullable: false, fallible: time.isFallible,
            span: span)
    }

    private func eventTime(_ time: TypedExpression) -> TypedExpression? {
        if time.type == .timestamp || time.type == .date { return time.converted(to: .timestamp) }
        report(
            .malformedEventWindow,
            "an event-time window needs a timestamp, and this is \(time.type)",
            at: time.span ?? .file(""), notes: ["convert it: `CAST(… AS timestamp)`"])
        return nil
    }

    /// In microseconds.
    private func fixedLength(_ argument: TypedExpression, _ name: String) -> Int64? {
        let span = argument.span ?? .file("")
        guard case .literal(.interval(let interval))? = argument.literal(as: .interval)?.kind else {
            report(
                .malformedEventWindow, "the length of a window is a constant interval", at: span,
                notes: ["write `INTERVAL '5 minutes'`"])
            return nil
        }
        let (days, overflow) = Int64(interval.days).multipliedReportingOverflow(
            by: CivilDate.microsecondsPerDay)
        let (length, exceeded) = days.addingReportingOverflow(interval.microseconds)
        guard interval.months == 0, !overflow, !exceeded, length > 0 else {
            report(
                .malformedEventWindow,
                interval.months != 0
                    ? "a month has no fixed length" : "the length of a window is greater than 0",
                at: span, notes: ["calendar months are grouped by `date_trunc('month', at)`"])
            return nil
        }
        return length
    }

    /// `grouping(a, b)`: an aggregate whose arguments must turn out to be group keys.
    mutating func grouping(_ call: FunctionCall, _ span: SourceSpan) -> TypedExpression? {
        guard let query, query.place.aggregates, !call.arguments.isEmpty,
            call.arguments.count <= 31
        else {
            report(
                .groupingArgument, "`grouping` takes 1 to 31 group keys of a grouped query",
                at: span)
            return nil
        }
        guard let keys = typed(call.arguments) else { return nil }
        let parts = AggregateParts(
            function: "grouping", arguments: keys, isDistinct: false, filter: nil, orderBy: [],
            type: .integer, isNullable: false)
        return add(parts, to: query, span)
    }
}

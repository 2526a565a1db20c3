import PipelineDSL

extension ExpressionTyper {
    mutating func call(_ call: FunctionCall, _ span: SourceSpan) -> TypedExpression? {
        let name = call.name.text.lowercased()
        if ["tumble", "hop", "session"].contains(name) { return eventWindow(name, call, span) }
        if name == "grouping", query != nil { return grouping(call, span) }
        if name == "count", call.arguments.count == 1, case .star = call.arguments[0].kind {
            return countRows(call, span)
        }
        guard let function = catalogue.callable(name) else {
            reportUnknown(call.name)
            // Its arguments are checked all the same.
            _ = typed(call.arguments.filter { if case .star = $0.kind { false } else { true } })
            return nil
        }
        let star = call.arguments.first { if case .star = $0.kind { true } else { false } }
        if let star {
            report(
                .misplacedStar, "`\(name)` does not take `*`", at: star.span,
                notes: ["only `count(*)` does"])
            return nil
        }
        switch function.kind {
        case .aggregate:
            return call.over == nil
                ? aggregate(function, call, span) : window(function, call, span)
        case .window:
            return call.over == nil
                ? reportNoWindow(function, call, span) : window(function, call, span)
        case .scalar: return scalar(function, call, span)
        }
    }

    // MARK: Scalars

    private mutating func scalar(
        _ function: FunctionSignature, _ call: FunctionCall, _ span: SourceSpan
    ) -> TypedExpression? {
        guard hasNoModifiers(call) else { return nil }
        switch function.implementation {
        case .expansion(let expand):
            guard function.overloads.contains(where: { $0.accepts(count: call.arguments.count) })
            else {
                _ = typed(call.arguments)
                reportCount(function, call.arguments.count, span)
                return nil
            }
            return type(expand(call.arguments, span))
        case .form: return form(function, call, span)
        case .kernel:
            guard let arguments = typed(call.arguments) else { return nil }
            return resolve(function.name, arguments, span)
        }
    }

    private func hasNoModifiers(_ call: FunctionCall) -> Bool {
        var modifier: String?
        if call.isDistinct { modifier = "DISTINCT" }
        if !call.orderBy.isEmpty { modifier = call.withinGroup ? "WITHIN GROUP" : "ORDER BY" }
        if call.filter != nil { modifier = "FILTER" }
        if call.ignoreNulls { modifier = "IGNORE NULLS" }
        if call.over != nil { modifier = "OVER" }
        guard let modifier else { return true }
        report(
            .callModifier,
            "`\(modifier)` belongs to aggregates, and `\(call.name.text)` is computed row by row",
            at: call.name.span)
        return false
    }

    /// The functions that have no kernel but a kind of expression of their own.
    private mutating func form(
        _ function: FunctionSignature, _ call: FunctionCall, _ span: SourceSpan
    ) -> TypedExpression? {
        let before = state.work
        guard let arguments = typed(call.arguments) else { return nil }
        guard function.overloads.contains(where: { $0.accepts(count: arguments.count) }) else {
            reportCount(function, arguments.count, span)
            return nil
        }
        switch function.name {
        case "coalesce":
            let type = commonType(arguments, "the arguments of `coalesce`", span)
            return type.map { type in
                Self.coalesce(arguments.map { $0.converted(to: type) }, type: type, span)
            }
        case "typeof":
            return .literal(.string(arguments[0].type.description), .string, span: span)
        default:
            guard state.spend(state.work - before, at: span) else { return nil }
            return nullIf(arguments[0], arguments[1], span)
        }
    }

    /// `nullif(a, b)`: a null where they are equal; a's type, as in PostgreSQL.
    private func nullIf(
        _ value: TypedExpression, _ other: TypedExpression, _ span: SourceSpan
    ) -> TypedExpression? {
        guard let test = compare("eq", value, other, span) else { return nil }
        let none = TypedExpression.literal(.null, value.type, span: span)
        return Self.caseWhen(
            [TypedExpression.Branch(when: test, then: none)], otherwise: value, span
        )
        .nullable
    }

    // MARK: Unknown functions

    /// Names of other systems, and what they are called here.
    private static let foreign: [String: String] = [
        "getdate": "now()", "sysdate": "now()", "getutcdate": "now()", "curdate": "current_date",
        "isnull": "ifnull(x, y)", "nvl2": "if(x IS NOT NULL, y, z)", "decode": "CASE x WHEN …",
        "to_date": "CAST(x AS date) or strptime(x, format)", "date_format": "strftime(x, format)",
        "str_to_date": "strptime(x, format)", "parse_timestamp": "strptime(x, format)",
        "from_unixtime": "to_timestamp(seconds)", "unix_timestamp": "epoch(x)",
        "dateadd": "x + INTERVAL '1 day'", "timestampdiff": "date_diff(unit, a, b)",
        "months_between": "date_diff('month', a, b)", "age": "a - b",
        "random": "hash(x), which is the same in every run",
        "rand": "hash(x), which is the same in every run",
        "uuid": "md5(x), which is the same in every run",
        "gen_random_uuid": "md5(x), which is the same in every run",
        "safe_cast": "TRY_CAST(x AS type)", "to_number": "CAST(x AS decimal(p,s))",
        "to_varchar": "CAST(x AS string)", "tostring": "CAST(x AS string)",
        "substring_index": "split_part(x, delimiter, n)", "charindex": "strpos(x, part)",
        "format": "concat(…)", "printf": "concat(…)", "explode": "FROM … , UNNEST(x) AS e",
        "unnest": "FROM … , UNNEST(x) AS e", "flatten": "FROM … , UNNEST(x) AS e",
        "parse_json": "CAST(x AS json)", "from_json": "CAST(x AS json)",
        "st_distance": "haversine_m(lat1, lon1, lat2, lon2)",
        "sumif": "sum(x) FILTER (WHERE condition)", "avgif": "avg(x) FILTER (WHERE condition)",
        "sum_if": "sum(x) FILTER (WHERE condition)",
    ]

    private func reportUnknown(_ name: Identifier) {
        let lowered = name.text.lowercased()
        if let ours = Self.foreign[lowered] {
            return report(
                .unknownFunction, "`\(name.text)` is not a function here", at: name.span,
                notes: ["write `\(ours)`"])
        }
        let near = nearName(name.text, among: catalogue.callableNames)
        var notes: [String] = []
        if case .found = scope.match(name.text, in: scope.unqualified) {
            notes = ["`\(name.text)` is a column; a column takes no parentheses"]
        }
        report(
            .unknownFunction, "`\(name.text)` is not a function", at: name.span,
            label: near.map { "did you mean `\($0)`?" } ?? "", notes: notes,
            fix: near.map { Self.renaming(name, to: $0) })
    }

    private mutating func reportNoWindow(
        _ function: FunctionSignature, _ call: FunctionCall, _ span: SourceSpan
    ) -> TypedExpression? {
        _ = typed(call.arguments)
        let aggregates = ["first_value": "first", "last_value": "last"]
        let instead = aggregates[function.name].map {
            "of a group, it is the aggregate `\($0)(x)`"
        }
        report(
            .windowNeeded, "`\(function.name)` looks at other rows and needs `OVER (…)`", at: span,
            notes: ["write `\(function.name)(…) OVER (PARTITION BY … ORDER BY …)`"]
                + (instead.map { [$0] } ?? []))
        return nil
    }
}

extension TypedExpression {
    /// The same, known to be possibly null.
    var nullable: TypedExpression {
        var copy = self
        copy.isNullable = true
        return copy
    }
}

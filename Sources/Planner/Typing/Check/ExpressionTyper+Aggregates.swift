import PipelineDSL

extension ExpressionTyper {
    /// An aggregate of the group; yields the virtual column that stands for it.
    mutating func aggregate(
        _ function: FunctionSignature, _ call: FunctionCall, _ span: SourceSpan
    ) -> TypedExpression? {
        guard let query = aggregateContext(function.spelling, span) else { return nil }
        query.isInsideAggregate = true
        defer { query.isInsideAggregate = false }
        guard let parts = aggregateParts(function, call, span) else { return nil }
        return add(parts, to: query, span)
    }

    /// `count(*)`
    mutating func countRows(_ call: FunctionCall, _ span: SourceSpan) -> TypedExpression? {
        guard let function = catalogue["count_star"] else { return nil }
        if call.over != nil { return window(function, call, span) }
        guard let query = aggregateContext("count", span) else { return nil }
        if call.isDistinct {
            report(
                .callModifier, "`count(DISTINCT *)` counts nothing in particular", at: span,
                notes: ["count a column: `count(DISTINCT id)`"])
            return nil
        }
        query.isInsideAggregate = true
        defer { query.isInsideAggregate = false }
        guard let filter = self.filter(call) else { return nil }
        let parts = AggregateParts(
            function: "count_star", arguments: [], isDistinct: false, filter: filter.expression,
            orderBy: [], type: .bigint, isNullable: false)
        return add(parts, to: query, span)
    }

    private func aggregateContext(_ name: String, _ span: SourceSpan) -> QueryContext? {
        guard let query, query.place.aggregates, !query.isInsideAggregate else {
            reportMisplaced(name, span)
            return nil
        }
        return query
    }

    private func reportMisplaced(_ name: String, _ span: SourceSpan) {
        if query?.isInsideAggregate ?? false {
            return report(
                .misplacedAggregate, "an aggregate cannot stand inside another aggregate", at: span,
                notes: ["compute the inner one in a subquery"])
        }
        let place = query?.place.name ?? "this expression"
        let advice =
            switch place {
            case "WHERE": "groups are chosen with `HAVING`"
            case "this expression": "aggregates stand in an `aggregate` step or a `sql` step"
            default: "compute it in a subquery"
            }
        report(
            .misplacedAggregate, "the aggregate `\(name)` cannot stand in \(place)", at: span,
            notes: [advice])
    }

    struct AggregateParts {
        var function: String
        var arguments: [TypedExpression]
        var isDistinct: Bool
        var filter: TypedExpression?
        var orderBy: [SortKey]
        var type: DataType
        var isNullable: Bool
    }

    /// Checks everything about an aggregate but its place; the window form shares it.
    mutating func aggregateParts(
        _ function: FunctionSignature, _ call: FunctionCall, _ span: SourceSpan
    ) -> AggregateParts? {
        if call.ignoreNulls, !["first", "last", "array_agg"].contains(function.name) {
            report(
                .callModifier, "`\(function.spelling)` does not take `IGNORE NULLS`",
                at: call.name.span, notes: ["it leaves nulls out in any case"])
            return nil
        }
        let isMoved = call.withinGroup && Self.orderedSet.contains(function.name)
        let sources = (isMoved ? call.orderBy.map(\.expression) : []) + call.arguments
        let arguments = typed(sources)
        let filter = self.filter(call)
        let order = isMoved ? [] : sortKeys(call.orderBy)
        guard var arguments, let filter, let order,
            let (overload, converted) = overload(of: function, arguments, span),
            hasConstantArguments(function, overload, converted, span)
        else { return nil }
        arguments = converted
        if isMoved, call.orderBy.first?.descending ?? false {
            guard let flipped = flippingFraction(arguments, span) else { return nil }
            arguments = flipped
        }
        var condition = filter.expression
        if call.ignoreNulls {
            let present = arguments.filter(\.isNullable).map { Self.not(Self.isNull($0)) }
            let all = (condition.map { [$0] } ?? []) + present
            condition = all.isEmpty ? nil : Self.and(all)
        }
        return AggregateParts(
            function: function.name, arguments: arguments, isDistinct: call.isDistinct,
            filter: condition, orderBy: order, type: overload.resultType(arguments),
            isNullable: isNullable(overload, arguments, hasFilter: condition != nil))
    }

    /// Those whose `WITHIN GROUP` names what they aggregate.
    private static let orderedSet: Set = [
        "percentile_cont", "percentile_disc", "approx_percentile", "mode", "median",
    ]

    private func isNullable(
        _ overload: Overload, _ arguments: [TypedExpression], hasFilter: Bool
    ) -> Bool {
        guard overload.nulls == .nullIfNoRow else { return overload.isNullable(arguments) }
        let isAlwaysThere = (query?.hasGroups ?? false) && !hasFilter
        return !isAlwaysThere || arguments.contains { $0.isNullable }
    }

    private func hasConstantArguments(
        _ function: FunctionSignature, _ overload: Overload, _ arguments: [TypedExpression],
        _ span: SourceSpan
    ) -> Bool {
        for (index, argument) in arguments.enumerated() {
            guard overload.parameter(index)?.isConstant ?? false else { continue }
            let name = overload.parameter(index)?.name ?? "argument"
            guard case .literal(let value) = argument.kind, value != .null else {
                report(
                    .constantExpected, "the \(name) of `\(function.spelling)` is a constant",
                    at: argument.span ?? span, notes: ["write a literal or a parameter"])
                return false
            }
            guard name == "fraction", case .double(let fraction) = value else { continue }
            if (0...1).contains(fraction) { continue }
            report(
                .malformedValue, "a fraction lies between 0 and 1", at: argument.span ?? span,
                notes: ["the ninetieth percentile is `0.9`"])
            return false
        }
        return true
    }

    /// Descending, the fraction counts from the other end.
    private func flippingFraction(
        _ arguments: [TypedExpression], _ span: SourceSpan
    ) -> [TypedExpression]? {
        guard arguments.count == 2, case .literal(.double(let fraction)) = arguments[1].kind else {
            return arguments
        }
        // In decimal, so that 0.9 becomes 0.1.
        let exact = DecimalText(fraction.description).flatMap { digits in
            DecimalText(
                unscaled: DecimalText.power(digits.scale) - digits.unscaled, scale: digits.scale
            )
            .double
        }
        return [
            arguments[0],
            .literal(.double(exact ?? 1 - fraction), .double, span: arguments[1].span),
        ]
    }

    mutating func filter(_ call: FunctionCall) -> (expression: TypedExpression?, Void)? {
        guard let filter = call.filter else { return (nil, ()) }
        guard let condition = condition(filter, of: "FILTER") else { return nil }
        return (condition, ())
    }

    mutating func sortKeys(_ items: [OrderItem]) -> [SortKey]? {
        var keys: [SortKey] = []
        var isComplete = true
        for item in items {
            guard let expression = type(item.expression), isOrderable(expression, item) else {
                isComplete = false
                continue
            }
            keys.append(SortKey(expression, item))
        }
        return isComplete ? keys : nil
    }

    func isOrderable(_ expression: TypedExpression, _ item: OrderItem) -> Bool {
        guard !TypeRules.belongs(expression.type, to: .orderable) else { return true }
        report(
            .incomparableTypes, "\(expression.type) has no order", at: item.expression.span,
            notes: ["order by a part of the value"])
        return false
    }

    // MARK: The collected calls

    func add(
        _ parts: AggregateParts, to query: QueryContext, _ span: SourceSpan
    ) -> TypedExpression {
        var call = Aggregate.Call(
            name: "", function: parts.function, arguments: parts.arguments,
            isDistinct: parts.isDistinct, filter: parts.filter, orderBy: parts.orderBy,
            type: parts.type, nullable: parts.isNullable, span: span)
        let position =
            query.aggregates.firstIndex {
                call.name = $0.name
                return $0 == call
            } ?? query.aggregates.count
        if position == query.aggregates.count {
            call.name = "\(catalogue[parts.function]?.spelling ?? parts.function)_\(position + 1)"
            query.aggregates.append(call)
        }
        return TypedExpression(
            .column(VirtualColumn.Family.aggregates.column(position)), type: parts.type,
            nullable: parts.isNullable, fallible: false, span: span)
    }
}

extension SortKey {
    init(_ expression: TypedExpression, _ item: OrderItem) {
        self.init(
            expression, descending: item.descending,
            nullsFirst: item.nullsFirst ?? item.descending)
    }
}

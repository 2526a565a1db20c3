import PipelineDSL

extension ExpressionTyper {
    /// A window function or an aggregate with `OVER`; yields the virtual column that stands for it.
    mutating func window(
        _ function: FunctionSignature, _ call: FunctionCall, _ span: SourceSpan
    ) -> TypedExpression? {
        guard let query, query.place.windows, !query.isInsideAggregate, !query.isInsideWindow else {
            reportMisplacedWindow(function.spelling, span)
            return nil
        }
        query.isInsideWindow = true
        defer { query.isInsideWindow = false }
        guard let specification = specification(call.over) else { return nil }
        let parts = windowParts(function, call, span)
        let partition = typed(specification.partitionBy)
        let order = sortKeys(specification.orderBy)
        guard let parts, let partition, let order, isGroupable(partition),
            let frame = frame(specification.frame, order)
        else { return nil }
        let isNullable =
            function.kind == .aggregate && parts.isNullable ? true : parts.isNullable
        let window = Window.Call(
            name: "", function: parts.function, arguments: parts.arguments, filter: parts.filter,
            ignoreNulls: call.ignoreNulls, partitionBy: partition, orderBy: order, frame: frame,
            type: parts.type, nullable: isNullable)
        return add(window, spelling: function.spelling, to: query, span)
    }

    private func reportMisplacedWindow(_ name: String, _ span: SourceSpan) {
        let place: String
        var notes = ["use a `sql` step, or a subquery in `FROM`"]
        if query?.isInsideWindow ?? false {
            place = "inside another window function"
            notes = ["compute the inner one in a subquery in `FROM`"]
        } else if query?.isInsideAggregate ?? false {
            place = "inside an aggregate"
            notes = ["compute it in a subquery in `FROM`"]
        } else {
            place = "in \(query?.place.name ?? "this expression")"
            if query?.place.name == "WHERE" || query?.place.name == "HAVING" {
                notes = ["rows are kept by a window function with `QUALIFY`"]
            }
        }
        report(
            .misplacedWindow, "the window function `\(name)` cannot stand \(place)", at: span,
            notes: notes)
    }

    func isGroupable(_ keys: [TypedExpression]) -> Bool {
        guard let key = keys.first(where: { !TypeRules.belongs($0.type, to: .comparable) }) else {
            return true
        }
        if let span = key.span {
            report(
                .incomparableTypes, "\(key.type) has no equality to group by", at: span,
                notes: ["group by a part of the value"])
        }
        return false
    }

    private mutating func windowParts(
        _ function: FunctionSignature, _ call: FunctionCall, _ span: SourceSpan
    ) -> AggregateParts? {
        if call.isDistinct || !call.orderBy.isEmpty {
            report(
                .callModifier,
                "`\(call.isDistinct ? "DISTINCT" : "ORDER BY")` cannot be combined with `OVER`",
                at: call.name.span, notes: ["compute it in a subquery, and join it"])
            return nil
        }
        if function.name == "count_star" {
            guard let filter = filter(call) else { return nil }
            return AggregateParts(
                function: function.name, arguments: [], isDistinct: false,
                filter: filter.expression, orderBy: [], type: .bigint, isNullable: false)
        }
        if function.kind == .aggregate {
            guard var parts = aggregateParts(function, call, span) else { return nil }
            // A frame may be empty.
            if function.overloads.first?.nulls == .nullIfNoRow { parts.isNullable = true }
            return parts
        }
        return pureWindowParts(function, call, span)
    }

    private mutating func pureWindowParts(
        _ function: FunctionSignature, _ call: FunctionCall, _ span: SourceSpan
    ) -> AggregateParts? {
        let arguments = typed(call.arguments)
        if call.filter != nil {
            report(
                .callModifier, "`FILTER` belongs to aggregates, not to `\(function.name)`",
                at: call.name.span)
            return nil
        }
        let skips: Set = ["lag", "lead", "first_value", "last_value", "nth_value"]
        if call.ignoreNulls, !skips.contains(function.name) {
            report(
                .callModifier, "`\(function.name)` does not take `IGNORE NULLS`", at: call.name.span
            )
            return nil
        }
        guard let arguments, let (overload, converted) = overload(of: function, arguments, span)
        else {
            return nil
        }
        return AggregateParts(
            function: function.name, arguments: converted, isDistinct: false, filter: nil,
            orderBy: [], type: overload.resultType(converted),
            isNullable: overload.isNullable(converted))
    }

    // MARK: OVER

    private func specification(_ reference: WindowReference?) -> WindowSpecification? {
        switch reference {
        case nil: return WindowSpecification()
        case .named(let name): return definition(name)
        case .inline(let window):
            guard let base = window.base else { return window }
            guard let inherited = definition(base) else { return nil }
            return extended(inherited, by: window, base)
        }
    }

    private func definition(_ name: Identifier) -> WindowSpecification? {
        definition(name, among: query?.definitions.count ?? 0)
    }

    /// A window may build on those before it.
    private func definition(_ name: Identifier, among count: Int) -> WindowSpecification? {
        let definitions = query?.definitions ?? []
        let position = definitions[..<min(count, definitions.count)].firstIndex {
            $0.name.text.lowercased() == name.text.lowercased()
        }
        guard let position else {
            let names = definitions.map(\.name.text)
            let near = nearName(name.text, among: names)
            report(
                .unknownWindow, "`\(name.text)` is not a window of this query", at: name.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: [
                    names.isEmpty
                        ? "the query has no `WINDOW` clause"
                        : "windows: \(names.joined(separator: ", "))"
                ], fix: near.map { Self.renaming(name, to: $0) })
            return nil
        }
        let window = definitions[position].window
        guard let base = window.base else { return window }
        guard let inherited = definition(base, among: position) else { return nil }
        return extended(inherited, by: window, base)
    }

    private func extended(
        _ base: WindowSpecification, by window: WindowSpecification, _ name: Identifier
    ) -> WindowSpecification? {
        guard window.partitionBy.isEmpty, window.orderBy.isEmpty || base.orderBy.isEmpty else {
            report(
                .unknownWindow, "a window that builds on `\(name.text)` cannot change what it has",
                at: name.span, notes: ["only an order or a frame that it lacks can be added"])
            return nil
        }
        var result = base
        if !window.orderBy.isEmpty { result.orderBy = window.orderBy }
        result.frame = window.frame ?? base.frame
        return result
    }

    // MARK: Frames

    private mutating func frame(
        _ frame: WindowSpecification.Frame?, _ order: [SortKey]
    ) -> Window.Frame? {
        guard let frame else {
            return Window.Frame(
                unit: .range, start: .unboundedPreceding,
                end: order.isEmpty ? .unboundedFollowing : .currentRow)
        }
        let unit: Window.Frame.Unit =
            switch frame.unit {
            case .rows: .rows
            case .range: .range
            case .groups: .groups
            }
        guard let start = bound(frame.start, unit, order), let end = bound(frame.end, unit, order)
        else {
            return nil
        }
        return Window.Frame(unit: unit, start: start, end: end)
    }

    private mutating func bound(
        _ bound: WindowSpecification.Frame.Bound, _ unit: Window.Frame.Unit, _ order: [SortKey]
    ) -> Window.Frame.Bound? {
        switch bound {
        case .unboundedPreceding: return .unboundedPreceding
        case .currentRow: return .currentRow
        case .unboundedFollowing: return .unboundedFollowing
        case .preceding(let offset): return self.offset(offset, unit, order).map { .preceding($0) }
        case .following(let offset): return self.offset(offset, unit, order).map { .following($0) }
        }
    }

    private mutating func offset(
        _ offset: Expression, _ unit: Window.Frame.Unit, _ order: [SortKey]
    ) -> TypedExpression? {
        guard let typed = type(offset) else { return nil }
        guard unit == .range else { return rowCount(typed, offset.span) }
        guard order.count == 1, let key = order.first?.expression else {
            report(
                .frameOffset, "`RANGE` with an offset needs exactly one `ORDER BY` key",
                at: offset.span, notes: ["count rows instead: `ROWS BETWEEN 3 PRECEDING AND …`"])
            return nil
        }
        let target: DataType? =
            key.type.isNumeric
            ? key.type : [.date, .timestamp, .time].contains(key.type) ? .interval : nil
        guard let target, case .literal(let value)? = typed.literal(as: target)?.kind,
            value != .null, !value.isNegative
        else {
            let what =
                target.map { "a constant of type \($0) from 0" } ?? "an order by numbers or moments"
            report(
                .frameOffset, "the offset of a `RANGE` by \(key.type) is \(what)", at: offset.span)
            return nil
        }
        return .literal(value, target, span: offset.span)
    }

    private func rowCount(_ typed: TypedExpression, _ span: SourceSpan) -> TypedExpression? {
        guard case .literal(.integer(let count))? = typed.literal(as: .bigint)?.kind, count >= 0
        else {
            report(
                .frameOffset, "`ROWS` and `GROUPS` count with a constant whole number from 0",
                at: span)
            return nil
        }
        return .literal(.integer(count), .bigint, span: span)
    }

    private func add(
        _ window: Window.Call, spelling: String, to query: QueryContext, _ span: SourceSpan
    ) -> TypedExpression {
        var window = window
        let position =
            query.windows.firstIndex {
                window.name = $0.name
                return $0 == window
            } ?? query.windows.count
        if position == query.windows.count {
            window.name = "\(spelling)_over_\(position + 1)"
            query.windows.append(window)
        }
        return TypedExpression(
            .column(VirtualColumn.Family.windows.column(position)), type: window.type,
            nullable: window.isNullable, fallible: false, span: span)
    }
}

extension Value {
    var isNegative: Bool {
        switch self {
        case .integer(let value): value < 0
        case .double(let value): value < 0
        case .wide(let value): value < 0
        case .interval(let interval):
            interval.months < 0 || interval.days < 0 || interval.microseconds < 0
        default: false
        }
    }
}

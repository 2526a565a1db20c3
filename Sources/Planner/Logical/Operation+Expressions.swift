import PipelineDSL

extension Operation {
    /// Every expression in it, with its input: 0 or 1, or `nil` for one over the columns of both.
    public var expressions: [(expression: TypedExpression, input: Int?)] {
        var found: [(TypedExpression, Int?)] = []
        _ = mapExpressions { expression, input in
            found.append((expression, input))
            return expression
        }
        return found
    }

    /// Whether evaluating any of its expressions can be a row error.
    public var isFallible: Bool { expressions.contains { $0.expression.isFallible } }

    /// With every expression replaced; `input` as in ``expressions``.
    public func mapExpressions(
        _ change: (_ expression: TypedExpression, _ input: Int?) -> TypedExpression
    ) -> Operation {
        func first(_ expression: TypedExpression) -> TypedExpression { change(expression, 0) }
        func keys(_ keys: [SortKey]) -> [SortKey] { keys.map { $0.mapped(first) } }
        switch self {
        case .input, .late, .dedupe, .lookup, .limit, .union, .setOperation: return self
        case .values(var payload):
            payload.rows = payload.rows.map { $0.map(first) }
            return .values(payload)
        case .filter(var payload):
            payload.predicate = first(payload.predicate)
            return .filter(payload)
        case .project(var payload):
            payload.columns = payload.columns.map { $0.mapped(first) }
            return .project(payload)
        case .validate(var payload):
            for index in payload.rules.indices {
                payload.rules[index].check = first(payload.rules[index].check)
            }
            return .validate(payload)
        case .join(var payload):
            payload.leftKeys = payload.leftKeys.map(first)
            payload.rightKeys = payload.rightKeys.map { change($0, 1) }
            payload.residual = payload.residual.map { change($0, nil) }
            return .join(payload)
        case .aggregate(let payload): return .aggregate(payload.mapped(first))
        case .latest(var payload):
            payload.order = first(payload.order)
            return .latest(payload)
        case .distinctOn(var payload):
            payload.on = payload.on.map(first)
            payload.orderBy = keys(payload.orderBy)
            return .distinctOn(payload)
        case .window(var payload):
            payload.calls = payload.calls.map { $0.mapped(first) }
            return .window(payload)
        case .unnest(var payload):
            payload.list = first(payload.list)
            return .unnest(payload)
        case .sort(var payload):
            payload.keys = keys(payload.keys)
            return .sort(payload)
        }
    }
}

extension SortKey {
    func mapped(_ change: (TypedExpression) -> TypedExpression) -> SortKey {
        SortKey(change(expression), descending: descending, nullsFirst: nullsFirst)
    }
}

extension NamedExpression {
    func mapped(_ change: (TypedExpression) -> TypedExpression) -> NamedExpression {
        NamedExpression(name, change(expression), pii: pii)
    }
}

extension Aggregate {
    fileprivate func mapped(_ change: (TypedExpression) -> TypedExpression) -> Aggregate {
        var copy = self
        copy.groups = groups.map { $0.mapped(change) }
        copy.calls = calls.map { call in
            var call = call
            call.arguments = call.arguments.map(change)
            call.filter = call.filter.map(change)
            call.orderBy = call.orderBy.map { $0.mapped(change) }
            return call
        }
        switch eventWindow {
        case .tumble(let time, let size):
            copy.eventWindow = .tumble(time: change(time), size: size)
        case .hop(let time, let slide, let size):
            copy.eventWindow = .hop(time: change(time), slide: slide, size: size)
        case .session(let time, let gap):
            copy.eventWindow = .session(time: change(time), gap: gap)
        case nil: break
        }
        return copy
    }
}

extension Window.Call {
    fileprivate func mapped(_ change: (TypedExpression) -> TypedExpression) -> Self {
        func bound(_ bound: Window.Frame.Bound) -> Window.Frame.Bound {
            switch bound {
            case .preceding(let offset): .preceding(change(offset))
            case .following(let offset): .following(change(offset))
            case .unboundedPreceding, .currentRow, .unboundedFollowing: bound
            }
        }
        var copy = self
        copy.arguments = arguments.map(change)
        copy.filter = filter.map(change)
        copy.partitionBy = partitionBy.map(change)
        copy.orderBy = orderBy.map { $0.mapped(change) }
        copy.frame.start = bound(frame.start)
        copy.frame.end = bound(frame.end)
        return copy
    }
}

extension TypedExpression {
    /// The tree rewritten from its leaves to its root; `change` sees each node with its children
    /// already rewritten.
    public func rewritten(_ change: (TypedExpression) -> TypedExpression) -> TypedExpression {
        let operands = children
        guard !operands.isEmpty else { return change(self) }
        return change(withChildren(operands.map { $0.rewritten(change) }))
    }

    /// Whether it is a column or constant: free to evaluate, and never a row error.
    public var isTrivial: Bool {
        switch kind {
        case .column, .literal: true
        default: false
        }
    }

    /// The position, where it is nothing but a column.
    public var columnIndex: Int? { if case .column(let index) = kind { index } else { nil } }

    public var literal: Value? { if case .literal(let value) = kind { value } else { nil } }

    /// The operands of a conjunction; itself where it is none.
    public var conjuncts: [TypedExpression] {
        if case .and(let operands) = kind { operands.flatMap(\.conjuncts) } else { [self] }
    }

    /// All of them; `nil` for none.
    public static func conjunction(_ operands: [TypedExpression]) -> TypedExpression? {
        guard let first = operands.first else { return nil }
        guard operands.count > 1 else { return first }
        return TypedExpression(
            .and(operands), type: .boolean, nullable: operands.contains { $0.isNullable },
            fallible: operands.contains { $0.isFallible }, span: first.span)
    }
}

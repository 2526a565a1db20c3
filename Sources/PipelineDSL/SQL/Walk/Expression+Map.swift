extension Expression {
    /// The same expression with every direct operand replaced; queries stay as they are.
    public func mapChildren(_ transform: (Expression) -> Expression) -> Expression {
        Expression(kind.mapChildren(transform), span: span)
    }

    /// The same expression, rebuilt from its operands up; queries stay as they are.
    public func rewritten(_ transform: (Expression) -> Expression) -> Expression {
        transform(mapChildren { $0.rewritten(transform) })
    }

    /// With every name for which `transform` yields an expression replaced by that; the
    /// replacement has the span of the name. What stands in queries stays as it is.
    public func mapNames(_ transform: ([Identifier]) -> Expression?) -> Expression {
        rewritten { expression in
            guard case .name(let path) = expression.kind, let replacement = transform(path) else {
                return expression
            }
            return Expression(replacement.kind, span: expression.span)
        }
    }

    /// With unqualified columns renamed, old name to new. An exact match comes first, then one
    /// without regard to case, as for ``Schema/index(of:)``.
    public func renamed(_ newNames: [String: String]) -> Expression {
        let folded = Dictionary(
            newNames.sorted { $0.key < $1.key }.map { ($0.key.lowercased(), $0.value) },
            uniquingKeysWith: { first, _ in first })
        return mapNames { path in
            guard path.count == 1, let name = path.first,
                let new = newNames[name.text] ?? folded[name.text.lowercased()]
            else { return nil }
            return Expression(.name([Identifier(new, span: name.span)]), span: name.span)
        }
    }
}

extension Expression.Kind {
    fileprivate func mapChildren(_ map: (Expression) -> Expression) -> Expression.Kind {
        switch self {
        case .literal, .parameter, .name, .star, .subquery, .exists, .invalid: return self
        case .unary(let op, let operand): return .unary(op, map(operand))
        case .binary(let op, let left, let right): return .binary(op, map(left), map(right))
        case .and(let operands): return .and(operands.map(map))
        case .or(let operands): return .or(operands.map(map))
        case .not(let operand): return .not(map(operand))
        case .caseWhen(let operand, let branches, let otherwise):
            return .caseWhen(
                operand: operand.map(map),
                branches: branches.map {
                    Expression.Branch(when: map($0.when), then: map($0.then))
                }, otherwise: otherwise.map(map))
        case .cast(let operand, let type, let isTry): return .cast(map(operand), type, isTry: isTry)
        case .call(let call): return .call(call.mapChildren(map))
        case .extract(let field, let operand): return .extract(field, map(operand))
        case .array(let items): return .array(items.map(map))
        case .element(let operand, let index): return .element(map(operand), index: map(index))
        case .field(let operand, let name): return .field(map(operand), name)
        default: return mapTest(map)
        }
    }

    private func mapTest(_ map: (Expression) -> Expression) -> Expression.Kind {
        switch self {
        case .between(let operand, let low, let high, let negated):
            .between(map(operand), low: map(low), high: map(high), negated: negated)
        case .inList(let operand, let items, let negated):
            .inList(map(operand), items.map(map), negated: negated)
        case .inQuery(let operand, let query, let negated):
            .inQuery(map(operand), query, negated: negated)
        case .like(let operand, let pattern, let escape, let caseInsensitive, let negated):
            .like(
                map(operand), pattern: map(pattern), escape: escape.map(map),
                caseInsensitive: caseInsensitive, negated: negated)
        case .matches(let operand, let pattern, let caseInsensitive, let negated):
            .matches(
                map(operand), pattern: map(pattern), caseInsensitive: caseInsensitive,
                negated: negated)
        case .isNull(let operand, let negated): .isNull(map(operand), negated: negated)
        case .isTruth(let operand, let value, let negated):
            .isTruth(map(operand), value, negated: negated)
        case .isDistinct(let operand, let other, let negated):
            .isDistinct(map(operand), from: map(other), negated: negated)
        default: self
        }
    }
}

extension FunctionCall {
    /// The same call with its arguments, sort keys, filter and window replaced.
    public func mapChildren(_ map: (Expression) -> Expression) -> FunctionCall {
        var call = self
        call.arguments = arguments.map(map)
        call.orderBy = orderBy.map { $0.mapChild(map) }
        call.filter = filter.map(map)
        if case .inline(let window)? = over { call.over = .inline(window.mapChildren(map)) }
        return call
    }
}

extension OrderItem {
    /// The same sort key over another expression.
    public func mapChild(_ map: (Expression) -> Expression) -> OrderItem {
        OrderItem(map(expression), descending: descending, nullsFirst: nullsFirst)
    }
}

extension WindowSpecification {
    /// The same window over other expressions.
    public func mapChildren(_ map: (Expression) -> Expression) -> WindowSpecification {
        WindowSpecification(
            base: base, partitionBy: partitionBy.map(map),
            orderBy: orderBy.map { $0.mapChild(map) },
            frame: frame.map {
                Frame(unit: $0.unit, start: $0.start.mapChild(map), end: $0.end.mapChild(map))
            })
    }
}

extension WindowSpecification.Frame.Bound {
    fileprivate func mapChild(_ map: (Expression) -> Expression) -> Self {
        switch self {
        case .preceding(let offset): .preceding(map(offset))
        case .following(let offset): .following(map(offset))
        case .unboundedPreceding, .currentRow, .unboundedFollowing: self
        }
    }
}

extension Expression {
    /// Calls `body` with every direct operand, in the order of the text. Queries inside are not
    /// entered: see ``forEachQuery(_:)``.
    public func forEachChild(_ body: (Expression) -> Void) {
        switch kind {
        case .literal, .parameter, .name, .star, .subquery, .exists, .invalid: break
        case .unary(_, let operand), .not(let operand), .isNull(let operand, _),
            .isTruth(let operand, _, _), .cast(let operand, _, _), .extract(_, let operand),
            .inQuery(let operand, _, _), .field(let operand, _):
            body(operand)
        case .binary(_, let left, let right), .isDistinct(let left, let right, _),
            .matches(let left, let right, _, _), .element(let left, let right):
            body(left)
            body(right)
        case .and(let operands), .or(let operands), .array(let operands): operands.forEach(body)
        case .between(let operand, let low, let high, _):
            body(operand)
            body(low)
            body(high)
        case .inList(let operand, let items, _):
            body(operand)
            items.forEach(body)
        case .like(let operand, let pattern, let escape, _, _):
            body(operand)
            body(pattern)
            escape.map(body)
        case .caseWhen(let operand, let branches, let otherwise):
            operand.map(body)
            for branch in branches {
                body(branch.when)
                body(branch.then)
            }
            otherwise.map(body)
        case .call(let call): call.forEachChild(body)
        }
    }

    /// Calls `body` with every query that is directly an operand of this expression.
    public func forEachQuery(_ body: (Query) -> Void) {
        switch kind {
        case .subquery(let query), .exists(let query), .inQuery(_, let query, _): body(query)
        default: break
        }
    }

    /// Calls `body` with this expression and everything below it, operators before operands,
    /// except what stands in queries.
    public func walk(_ body: (Expression) -> Void) {
        body(self)
        forEachChild { $0.walk(body) }
    }

    /// Whether `predicate` holds for it or anything below it, except what stands in queries.
    public func contains(where predicate: (Expression) -> Bool) -> Bool {
        if predicate(self) { return true }
        var found = false
        forEachChild { found = found || $0.contains(where: predicate) }
        return found
    }

    /// Every name it refers to, in the order of the text, with repetitions; what stands in
    /// queries is left out, since names there belong to the tables of the query first.
    public var names: [[Identifier]] {
        var result: [[Identifier]] = []
        walk { if case .name(let path) = $0.kind { result.append(path) } }
        return result
    }
}

extension FunctionCall {
    /// Arguments, sort keys, filter and window, in that order.
    public func forEachChild(_ body: (Expression) -> Void) {
        arguments.forEach(body)
        for item in orderBy { body(item.expression) }
        filter.map(body)
        if case .inline(let window)? = over { window.forEachChild(body) }
    }
}

extension WindowSpecification {
    /// Partition keys, sort keys and the offsets of the frame.
    public func forEachChild(_ body: (Expression) -> Void) {
        partitionBy.forEach(body)
        for item in orderBy { body(item.expression) }
        guard let frame else { return }
        for bound in [frame.start, frame.end] {
            switch bound {
            case .preceding(let offset), .following(let offset): body(offset)
            case .unboundedPreceding, .currentRow, .unboundedFollowing: break
            }
        }
    }
}

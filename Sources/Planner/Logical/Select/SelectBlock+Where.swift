import PipelineDSL

extension SelectBlock {
    /// A part of `WHERE` that must hold.
    enum Condition {
        case plain(TypedExpression)
        /// A semi or anti join.
        case subquery(SubqueryUse, negated: Bool, Query, SourceSpan)
    }

    func typeConditions() -> [Condition]? {
        guard let filter = select.filter else { return [] }
        var conditions: [Condition] = []
        var isComplete = true
        let parts: [Expression] = if case .and(let parts) = filter.kind { parts } else { [filter] }
        for part in parts {
            if let condition = condition(part, negated: false) {
                conditions.append(condition)
            } else {
                isComplete = false
            }
        }
        return isComplete ? conditions : nil
    }

    private func condition(_ expression: Expression, negated: Bool) -> Condition? {
        switch expression.kind {
        case .not(let inner) where inner.isSubqueryTest: return condition(inner, negated: !negated)
        case .exists(let query):
            return .subquery(.exists, negated: negated, query, expression.span)
        case .inQuery(let operand, let query, let isNegated):
            guard let operand = at(.filter, { $0.whole(operand) }) else { return nil }
            return .subquery(
                .member(operand, negated: false), negated: isNegated != negated, query,
                expression.span)
        default:
            return at(.filter) { typer in
                self.afterAliases { typer.wholeCondition(expression, of: "WHERE") }
            }.map { .plain($0) }
        }
    }

    /// Joins the tables of `FROM` and keeps the rows that fulfil `WHERE`.
    func filter(_ conditions: [Condition]) -> Bool {
        var early: [TypedExpression] = []
        var late: [TypedExpression] = []
        var joins: [(SubqueryUse, negated: Bool, Query, SourceSpan)] = []
        for condition in conditions {
            switch condition {
            case .subquery(let use, let negated, let query, let span):
                joins.append((use, negated, query, span))
            case .plain(let expression):
                for conjunct in expression.conjuncts {
                    if conjunct.readsOuter {
                        correlated.append(conjunct)
                    } else if conjunct.reads(.subqueries) {
                        late.append(conjunct)
                    } else {
                        early.append(conjunct)
                    }
                }
            }
        }
        guard correlated.allSatisfy({ !rejectSubqueries(in: $0) }) else { return false }
        if factors.count > 1 {
            let (joined, rest) = FactorJoin(factors).joined(by: early, span: select.span)
            node = joined
            early = rest
        }
        node = node.filtered(early, span: select.filter?.span)
        guard attach(before) else { return false }
        for (use, negated, query, span) in joins {
            guard semiJoin(use, negated: negated, query, span) else { return false }
        }
        node = node.filtered(late.map { placed($0) }, span: select.filter?.span)
        return true
    }

    private func rejectSubqueries(in conjunct: TypedExpression) -> Bool {
        guard conjunct.reads(.subqueries), let span = conjunct.span else { return false }
        report(
            .unsupportedCorrelation,
            "this compares a column of the query around with the value of a further subquery",
            at: span, notes: ["compute the inner value in `FROM`, and compare with that"])
        return true
    }
}

extension Expression {
    fileprivate var isSubqueryTest: Bool {
        switch kind {
        case .exists, .inQuery: true
        case .not(let inner): inner.isSubqueryTest
        default: false
        }
    }
}

extension SQLParser {
    /// `a = b`, and what people write in its place.
    ///
    /// `a < b < c` is not what it means in mathematics, and PostgreSQL refuses it as well. It is
    /// taken for `a < b AND b < c`, and `a = 1 || b = 2` for an `OR`.
    mutating func comparison(
        _ left: Expression, _ op: BinaryOperator, from start: Int
    ) throws(SyntaxError) -> Expression {
        var (operand, operandStart, op) = (left, start, op)
        var conditions: [Expression] = []
        var areAlternatives = false
        while true {
            let operatorIndex = index
            let (condition, right) = try comparisonPart(operand, op, from: operandStart)
            conditions.append(condition)
            guard let next = comparisonHere, let right else { break }
            let rightStart = operatorIndex + 1
            if let split = splitAtBars(condition, right, from: rightStart) {
                areAlternatives = true
                conditions[conditions.count - 1] = split.former
                (operand, operandStart) = (split.rest, split.restStart)
            } else {
                reportChain(rightStart, operatorIndex: operatorIndex)
                (operand, operandStart) = (right, rightStart)
            }
            op = next
        }
        guard conditions.count > 1 else { return conditions[0] }
        try grow()
        return Expression(
            areAlternatives ? .or(conditions) : .and(conditions), span: span(from: start))
    }

    /// One comparison, at its operator, and its right operand if it has one.
    private mutating func comparisonPart(
        _ left: Expression, _ op: BinaryOperator, from start: Int
    ) throws(SyntaxError) -> (Expression, right: Expression?) {
        let isNullSafe = at(.spaceship)
        if isNullSafe {
            reportForeignOperator("`IS NOT DISTINCT FROM`", fix: "IS NOT DISTINCT FROM")
        } else if at(.doubleEqual) {
            reportForeignOperator("`=`", fix: "=")
        }
        advance()
        if let kind = try quantified(left, op) {
            return (Expression(kind, span: span(from: start)), nil)
        }
        let right = try expression(Precedence.comparison.tighter)
        if !isNullSafe { warnAboutNull(left, op, right, from: start) }
        let kind: Expression.Kind =
            isNullSafe ? .isDistinct(left, from: right, negated: true) : .binary(op, left, right)
        return (Expression(kind, span: span(from: start)), right)
    }

    private var comparisonHere: BinaryOperator? {
        switch current.kind {
        case .equal, .doubleEqual, .spaceship: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: nil
        }
    }

    private mutating func reportChain(_ middleStart: Int, operatorIndex: Int) {
        let middle = written(middleStart..<index)
        _ = fail(
            .chainedComparison, "comparisons do not chain",
            secondary: [Diagnostic.Label(span(at: operatorIndex), "the first comparison")],
            notes: ["compare twice: `low <= x AND x <= high`, or `x BETWEEN low AND high`"],
            fix: Diagnostic.Fix(
                "compare twice", span: spanAfter(index - 1), replacement: " AND \(middle)"))
    }

    /// `a = (1 || b)` before another comparison: `a = 1`, and `b` as the left side of that.
    private mutating func splitAtBars(
        _ condition: Expression, _ right: Expression, from start: Int
    ) -> (former: Expression, rest: Expression, restStart: Int)? {
        guard case .binary(.concatenate, let first, let rest) = right.kind,
            case .binary(let op, let left, _) = condition.kind,
            let bars = tokens[start..<index].lastIndex(where: { $0.kind == .concatenate })
        else { return nil }
        reportBars(at: bars)
        return (Expression(.binary(op, left, first), span: condition.span), rest, bars + 1)
    }

    private mutating func reportBars(at bars: Int) {
        report(
            Diagnostic(
                .foreignOperator, "`||` joins text in SQL; conditions are joined by `OR`",
                at: span(at: bars),
                fix: Diagnostic.Fix("write `OR`", span: span(at: bars), replacement: "OR")))
    }

    private mutating func warnAboutNull(
        _ left: Expression, _ op: BinaryOperator, _ right: Expression, from start: Int
    ) {
        guard op == .equal || op == .notEqual else { return }
        let other: Expression
        if case .literal(.null) = right.kind {
            other = left
        } else if case .literal(.null) = left.kind {
            other = right
        } else {
            return
        }
        let test = op == .equal ? "IS NULL" : "IS NOT NULL"
        report(
            Diagnostic(
                .comparisonWithNull, "a comparison with `NULL` is never true",
                at: span(from: start), severity: .warning,
                notes: ["whether something is null is asked with `\(test)`"],
                fix: Diagnostic.Fix(
                    "use `\(test)`", span: span(from: start),
                    replacement: "\(SQLPrinter.text(other, in: .test)) \(test)")))
    }

    /// `= ANY (SELECT …)` and `<> ALL (SELECT …)`, which are `IN` and `NOT IN`.
    private mutating func quantified(
        _ left: Expression, _ op: BinaryOperator
    ) throws(SyntaxError) -> Expression.Kind? {
        let isAny = at(.any) || at(.some)
        guard isAny || at(.all), peek().kind == .leftParenthesis else { return nil }
        let isMembership = isAny ? op == .equal : op == .notEqual
        guard isMembership, isQueryAhead(index + 1) else {
            throw fail(
                .notSupported,
                "`\(text.raw(current))` stands only in `= ANY (SELECT …)` and `<> ALL (SELECT …)`",
                notes: ["compare with an aggregate: `x > (SELECT max(y) FROM t)`"])
        }
        advance()
        return .inQuery(left, try parenthesizedQuery(), negated: !isAny)
    }

    /// `[NOT] BETWEEN | IN | LIKE | ILIKE`, at that word.
    mutating func membership(
        _ left: Expression, negated: Bool
    ) throws(SyntaxError) -> Expression.Kind {
        let keyword = current.keyword
        switch keyword {
        case .between: return try between(left, negated: negated)
        case .in: return try inList(left, negated: negated)
        case .null:
            _ = fail(
                .unexpectedToken, "`NOT NULL` is not a test", label: "`IS` is missing",
                fix: Diagnostic.Fix(
                    "write `IS NOT NULL`", span: span(at: index - 1), replacement: "IS NOT"))
            advance()
            return .isNull(left, negated: true)
        case .similar:
            throw fail(
                .notSupported, "`SIMILAR TO` is not part of the language",
                notes: ["a regular expression must match with `~`, must not match with `!~`"])
        default:
            advance()
            let pattern = try expression(Precedence.membership.tighter)
            noteQuotedName(pattern, "a pattern")
            let escape =
                accept(.escape) ? try expression(Precedence.membership.tighter) : nil
            return .like(
                left, pattern: pattern, escape: escape, caseInsensitive: keyword == .ilike,
                negated: negated)
        }
    }

    private mutating func between(
        _ left: Expression, negated: Bool
    ) throws(SyntaxError) -> Expression.Kind {
        advance()
        let low = try expression(Precedence.membership.tighter)
        guard at(.and) || repairMisspelling(among: [.and]) else {
            throw unexpected(
                "`AND`", notes: ["a range is `x BETWEEN low AND high`, both ends included"])
        }
        advance()
        let high = try expression(Precedence.membership.tighter)
        return .between(left, low: low, high: high, negated: negated)
    }

    private mutating func inList(
        _ left: Expression, negated: Bool
    ) throws(SyntaxError) -> Expression.Kind {
        advance()
        guard at(.leftParenthesis) else {
            throw unexpected(
                "`(`", notes: ["a list is `x IN ('a', 'b')`; a query is `x IN (SELECT y FROM t)`"])
        }
        if isQueryAhead(index) {
            return .inQuery(left, try parenthesizedQuery(), negated: negated)
        }
        let opener = index
        advance()
        if at(.rightParenthesis) {
            _ = fail(
                .emptyList, "`IN` needs at least one value",
                secondary: [Diagnostic.Label(span(at: opener))])
            advance()
            return .inList(left, [], negated: negated)
        }
        let items = try nested { (parser) throws(SyntaxError) in parser.expressions() }
        if items.allSatisfy(\.isQuotedName), let first = items.first {
            noteQuotedName(first, "a value")
        }
        try close(.rightParenthesis, ")", opener: opener)
        return .inList(left, items, negated: negated)
    }

    /// `LIKE "a%"`: allowed, but hardly meant.
    mutating func noteQuotedName(_ operand: Expression, _ what: String) {
        guard operand.isQuotedName, case .name(let parts) = operand.kind else { return }
        report(
            Diagnostic(
                .quotedNameAsText, "double quotes name a column; \(what) stands in single quotes",
                at: operand.span, severity: .note,
                fix: Diagnostic.Fix(
                    "make it text", span: operand.span, replacement: quotedText(parts[0].text))))
    }
}

extension Expression {
    /// One quoted name, such as `"abc"`.
    var isQuotedName: Bool {
        if case .name(let parts) = kind { parts.count == 1 && parts[0].quoted } else { false }
    }
}

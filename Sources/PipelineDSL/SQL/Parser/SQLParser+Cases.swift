extension SQLParser {
    /// `CASE [x] WHEN … THEN … [ELSE …] END`
    mutating func caseExpression() throws(SyntaxError) -> Expression {
        let start = index
        return try nested { (parser) throws(SyntaxError) in
            parser.openCases += 1
            defer { parser.openCases -= 1 }
            return try parser.caseParts(from: start)
        }
    }

    private mutating func caseParts(from start: Int) throws(SyntaxError) -> Expression {
        advance()
        let operand = at(.when) ? nil : caseElement()
        var branches: [Expression.Branch] = []
        while accept(.when) {
            let when = caseElement()
            if !accept(.then) {
                _ = unexpected("`THEN`", notes: ["a branch is `WHEN condition THEN result`"])
                if at(.when) || at(.else) || at(.end) { continue }
            }
            branches.append(Expression.Branch(when: when, then: caseElement()))
        }
        if branches.isEmpty {
            _ = unexpected("`WHEN`", notes: ["`CASE WHEN condition THEN result ELSE other END`"])
        }
        let otherwise = accept(.else) ? caseElement() : nil
        try endCase(from: start)
        return Expression(
            .caseWhen(operand: operand, branches: branches, otherwise: otherwise),
            span: span(from: start))
    }

    private mutating func caseElement() -> Expression {
        element { (parser) throws(SyntaxError) in try parser.expression() }
    }

    private mutating func endCase(from start: Int) throws(SyntaxError) {
        if accept(.end) { return }
        if endsElement() {
            guard !isConsequence() else { return }
            return report(
                Diagnostic(
                    .unclosedBracket, "this `CASE` has no `END`", at: span(at: start),
                    label: "opened here",
                    secondary: [Diagnostic.Label(span(at: index), "expected at the latest here")],
                    fix: Diagnostic.Fix(
                        "end it", span: spanAfter(index - 1), replacement: " END")))
        }
        throw unexpected(
            "`WHEN`, `ELSE` or `END`", secondary: [Diagnostic.Label(span(at: start), "of this")])
    }
}

extension SQLParser {
    /// `INTERVAL '5 minutes'`, `INTERVAL 5 MINUTE`, `INTERVAL '1-2' YEAR TO MONTH`,
    /// `INTERVAL (x) DAY`, at the word; `nil` where `interval` is a name.
    mutating func intervalLiteral() throws(SyntaxError) -> Expression? {
        let start = index
        switch peek().kind {
        case .string, .escapeString, .dollarString:
            advance()
            let written = current
            let value = stringValue(written)
            advance()
            return interval(value, written, fields: intervalFields(), from: start)
        case .integer, .decimal:
            guard unit(2) != nil else { return nil }
            advance()
            return try countedInterval(sign: "", from: start)
        case .minus where (peek(2).kind == .integer || peek(2).kind == .decimal) && unit(3) != nil:
            advance()
            advance()
            return try countedInterval(sign: "-", from: start)
        case .quotedName where unit(2) == nil && Interval(text.name(peek())) != nil:
            advance()
            reportQuotedLiteral("an interval")
            let written = current
            advance()
            return interval(text.name(written), written, fields: nil, from: start)
        case .quotedName, .parameter, .word:
            guard unit(2) != nil, peek().keyword.map({ !$0.isReserved }) ?? true else {
                return nil
            }
        case .leftParenthesis:
            let closer = Int(closers[index + 1])
            guard closer > index, unit(closer + 1 - index) != nil else { return nil }
        default: return nil
        }
        return try computedInterval(from: start)
    }

    private func unit(_ distance: Int) -> IntervalUnit? {
        let token = peek(distance)
        return token.kind == .word ? IntervalUnit(text.raw(token)) : nil
    }

    /// `DAY`, `DAY TO SECOND`
    private mutating func intervalFields() -> (from: IntervalUnit, to: IntervalUnit)? {
        guard let first = unit(0) else { return nil }
        advance()
        guard at(.to), let last = unit(1) else { return (first, first) }
        advance()
        advance()
        return (first, last)
    }

    private mutating func interval(
        _ value: String, _ token: Token, fields: (from: IntervalUnit, to: IntervalUnit)?,
        from start: Int
    ) -> Expression {
        let interval =
            if let fields {
                IntervalText(value, from: fields.from, to: fields.to).interval
            } else {
                Interval(value)
            }
        if let interval {
            return Expression(.literal(.interval(interval)), span: span(from: start))
        }
        report(
            Diagnostic(
                .malformedInterval, "`\(value)` is not an interval", at: source.span(token.range),
                notes: [
                    "an interval is one or more counts with units: `'5 minutes'`, `'1 day 2 hours'`",
                    "units: \(IntervalUnit.names.joined(separator: ", "))",
                ]))
        return Expression(.invalid, span: span(from: start))
    }

    private mutating func countedInterval(
        sign: String, from start: Int
    ) throws(SyntaxError) -> Expression {
        let number = current
        advance()
        let value = sign + text.number(number)
        return interval(value, number, fields: intervalFields(), from: start)
    }

    /// `INTERVAL (x) DAY`: `x` times one day.
    private mutating func computedInterval(from start: Int) throws(SyntaxError) -> Expression {
        try nested { (parser) throws(SyntaxError) in
            parser.advance()
            let count = try parser.primary()
            let unitIndex = parser.index
            guard let unit = parser.unit(0), let one = unit.interval("1") else {
                throw parser.unexpected("a unit such as `DAY`")
            }
            parser.advance()
            let literal = Expression(.literal(.interval(one)), span: parser.span(at: unitIndex))
            return Expression(.binary(.multiply, count, literal), span: parser.span(from: start))
        }
    }

    /// `INTERVAL "5 minutes"`, at the name, which is taken for text.
    mutating func reportQuotedLiteral(_ what: String) {
        _ = fail(
            .quotedNameAsText, "the text of \(what) stands in single quotes",
            fix: Diagnostic.Fix(
                "use single quotes", span: span(at: index),
                replacement: quotedText(text.name(current))))
    }
}

extension SQLParser {
    /// A literal, name, call, parenthesis, or other construct that needs no operand before it.
    mutating func primary() throws(SyntaxError) -> Expression {
        let start = index
        switch current.kind {
        case .word: return try word()
        case .quotedName: return try nameOrCall()
        case .string, .escapeString, .dollarString, .bytes, .integer, .hexInteger, .decimal,
            .double:
            return literal()
        case .parameter: return parameter()
        case .leftParenthesis: return try parenthesis()
        case .leftBracket: return try array(from: start)
        case .star: return try star(from: start, qualifier: [])
        case .leftBrace: return try structure(from: start)
        default: throw expectedExpression()
        }
    }

    private mutating func expectedExpression() -> SyntaxError {
        guard index > 0, !at(.invalid) else { return unexpected("an expression") }
        let previous = tokens[index - 1]
        let isOperator =
            previous.keyword != nil || previous.kind.rawValue >= Token.Kind.plus.rawValue
        guard isOperator else { return unexpected("an expression") }
        return unexpected("an expression after `\(text.raw(previous))`")
    }

    private mutating func word() throws(SyntaxError) -> Expression {
        let start = index
        guard let keyword = current.keyword else { return try nameOrCall() }
        switch keyword {
        case .null:
            advance()
            return Expression(.literal(.null), span: span(from: start))
        case .true, .false:
            advance()
            return Expression(.literal(.boolean(keyword == .true)), span: span(from: start))
        case .case: return try caseExpression()
        case .array where peek().kind == .leftBracket:
            advance()
            return try array(from: start)
        case .exists where peek().kind == .leftParenthesis && isQueryAhead(index + 1):
            advance()
            return Expression(.exists(try parenthesizedQuery()), span: span(from: start))
        case .interval:
            if let interval = try intervalLiteral() { return interval }
            return try nameOrCall()
        case .currentDate, .currentTime, .currentTimestamp, .localtimestamp:
            return try currentMoment()
        case .left, .right:
            // Functions, though the words belong to joins.
            return try nameOrCall()
        default: break
        }
        if peek().kind == .leftParenthesis, let call = try specialCall(keyword) { return call }
        if keyword.isReserved { try checkReserved(keyword) }
        return try nameOrCall()
    }

    /// Throws where a reserved word shows that an operand is missing. Where it is meant as a name,
    /// that is reported and it is taken for one.
    private mutating func checkReserved(_ keyword: Keyword) throws(SyntaxError) {
        if keyword == .select || keyword == .with {
            throw fail(
                .unexpectedToken, "a query inside an expression stands in parentheses",
                notes: ["`(SELECT …)` must yield one column, and at most one row"])
        }
        let isCaseWord = [.when, .then, .else, .end].contains(keyword) && openCases > 0
        guard !isCaseWord, looksLikeName() else { throw expectedExpression() }
        let raw = text.raw(current)
        _ = fail(
            .reservedWord, "`\(raw)` is a word of the language, not a name",
            notes: ["a column of that name stands in double quotes"],
            fix: Diagnostic.Fix("quote it", span: span(at: index), replacement: "\"\(raw)\""))
    }

    /// Whether what follows the current word can only follow an operand.
    func looksLikeName() -> Bool {
        switch current.keyword {
        case .from, .select, .union, .intersect, .except: false
        default: endsElement(1) || isInfix(peek())
        }
    }

    /// Whether an operand must stand before this token: then the word before it is meant as one.
    private func isInfix(_ token: Token) -> Bool {
        token.kind == .dot
            || (Token.Kind.plus.rawValue...Token.Kind.spaceship.rawValue).contains(
                token.kind.rawValue)
    }

    /// `current_date` and its like are functions that take no parentheses.
    private mutating func currentMoment() throws(SyntaxError) -> Expression {
        if peek().kind == .leftParenthesis { return try nameOrCall() }
        let start = index
        let name = Identifier(text.raw(current).lowercased(), span: span(at: index))
        advance()
        return Expression(
            .call(FunctionCall(name: name, arguments: [])), span: span(from: start))
    }

    // MARK: Literals

    private mutating func literal() -> Expression {
        let token = current
        let start = index
        let value: LiteralToken?
        switch token.kind {
        case .integer, .hexInteger: value = .integer(text.number(token))
        case .decimal: value = .decimal(text.number(token))
        case .double: value = .double(text.number(token))
        case .bytes: value = bytesLiteral(token)
        default: value = .string(stringValue(token))
        }
        advance()
        let isCount = token.kind == .integer || token.kind == .decimal
        if allowsDurations, isCount, let duration = duration(of: token) {
            return Expression(.literal(.interval(duration)), span: span(from: start))
        }
        return Expression(value.map { .literal($0) } ?? .invalid, span: span(from: start))
    }

    /// `60 s`: the number was just consumed; its unit is if there is one.
    private mutating func duration(of number: Token) -> Interval? {
        guard at(.word), let unit = IntervalUnit(text.raw(current)),
            let interval = unit.interval(text.number(number))
        else { return nil }
        advance()
        return interval
    }

    private mutating func bytesLiteral(_ token: Token) -> LiteralToken? {
        if let value = text.bytesLiteral(token) { return .bytes(value) }
        report(
            Diagnostic(
                .malformedEscape, "`X'…'` holds pairs of hexadecimal digits",
                at: source.span(token.range)))
        return nil
    }

    /// What a text literal means, escapes resolved.
    mutating func stringValue(_ token: Token) -> String {
        guard token.kind == .escapeString else {
            let value = text.string(token)
            if token.kind == .string { warnAboutReference(value, token) }
            return value
        }
        let (value, problems) = EscapeString.decode(text.bytes, token.range)
        for problem in problems {
            report(Diagnostic(.malformedEscape, problem.reason, at: source.span(problem.range)))
        }
        return value
    }

    /// `'${region}'` is those nine characters, which is hardly ever meant.
    private mutating func warnAboutReference(_ value: String, _ token: Token) {
        guard value.utf8.contains(UInt8(ascii: "$")) else { return }
        let parts = value.split(separator: "${", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let end = parts[1].firstIndex(of: "}"),
            case .success = ParameterReference.reading(String(parts[1][..<end]))
        else { return }
        let reference = "${\(parts[1][...end])"
        let isWhole = parts[0].isEmpty && parts[1].index(after: end) == parts[1].endIndex
        report(
            Diagnostic(
                .referenceInText, "`\(reference)` is not filled in inside a text literal",
                at: source.span(token.range), severity: .warning,
                notes: ["a reference stands for a value of its own: `'abc' || \(reference)`"],
                fix: isWhole
                    ? Diagnostic.Fix(
                        "remove the quotes", span: source.span(token.range),
                        replacement: reference) : nil))
    }

    private mutating func parameter() -> Expression {
        let start = index
        let inside = text.raw(current).dropFirst(2).dropLast()
        advance()
        switch ParameterReference.reading(String(inside)) {
        case .success(let reference):
            return Expression(.parameter(reference), span: span(from: start))
        case .failure: return Expression(.invalid, span: span(from: start))
        }
    }

    // MARK: Parentheses and arrays

    private mutating func parenthesis() throws(SyntaxError) -> Expression {
        let opener = index
        if isQueryAhead(opener) {
            return Expression(.subquery(try parenthesizedQuery()), span: span(from: opener))
        }
        var items = try nested { (parser) throws(SyntaxError) in
            parser.advance()
            if parser.at(.rightParenthesis) { throw parser.unexpected("an expression") }
            let items = parser.expressions()
            try parser.close(.rightParenthesis, ")", opener: opener)
            return items
        }
        if items.count == 1 { return items.removeLast() }
        // `(a, b)` is a row, as in PostgreSQL.
        let name = Identifier("row", span: span(at: opener))
        return Expression(
            .call(FunctionCall(name: name, arguments: items)), span: span(from: opener))
    }

    private mutating func array(from start: Int) throws(SyntaxError) -> Expression {
        let opener = index
        let items = try nested { (parser) throws(SyntaxError) -> [Expression] in
            parser.advance()
            let items = parser.at(.rightBracket) ? [] : parser.expressions()
            try parser.close(.rightBracket, "]", opener: opener)
            return items
        }
        return Expression(.array(items), span: span(from: start))
    }

    /// `{'id': 7, name: x}`, short for `named_struct('id', 7, 'name', x)`.
    private mutating func structure(from start: Int) throws(SyntaxError) -> Expression {
        let opener = index
        let arguments = try nested { (parser) throws(SyntaxError) -> [Expression] in
            parser.advance()
            var arguments: [Expression] = []
            repeat {
                arguments.append(try parser.fieldName())
                try parser.expect(.colon, ":")
                arguments.append(try parser.expression())
            } while parser.accept(.comma)
            try parser.close(.rightBrace, "}", opener: opener)
            return arguments
        }
        let name = Identifier("named_struct", span: span(at: opener))
        return Expression(
            .call(FunctionCall(name: name, arguments: arguments)), span: span(from: start))
    }

    private mutating func fieldName() throws(SyntaxError) -> Expression {
        let start = index
        if at(.string) { return literal() }
        let name = try label("the name of a field")
        return Expression(.literal(.string(name.text)), span: span(from: start))
    }

    /// What may be appended to an operand: `::type`, `[index]`, `.field`.
    mutating func suffixed(
        _ operand: Expression, from start: Int
    ) throws(SyntaxError) -> Expression {
        if case .star = operand.kind { return operand }
        var result = operand
        while true {
            let kind: Expression.Kind
            switch current.kind {
            case .doubleColon:
                advance()
                kind = .cast(result, try typeName(), isTry: false)
            case .leftBracket: kind = .element(result, index: try subscriptIndex())
            case .dot:
                advance()
                kind = .field(result, try label("the name of a field"))
            default: return result
            }
            result = Expression(kind, span: span(from: start))
            try grow()
        }
    }

    private mutating func subscriptIndex() throws(SyntaxError) -> Expression {
        let opener = index
        return try nested { (parser) throws(SyntaxError) in
            parser.advance()
            let item = try parser.expression()
            if parser.at(.colon) {
                throw parser.fail(
                    .notSupported, "slices of arrays are not part of the language",
                    notes: ["an index picks one element: `a[1]` is the first"])
            }
            try parser.close(.rightBracket, "]", opener: opener)
            return item
        }
    }
}

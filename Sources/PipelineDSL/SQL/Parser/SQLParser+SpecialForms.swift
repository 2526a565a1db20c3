extension SQLParser {
    /// A call with a syntax of its own, at its word and before a parenthesis; `nil` where it is
    /// an ordinary call.
    mutating func specialCall(_ keyword: Keyword) throws(SyntaxError) -> Expression? {
        let start = index
        switch keyword {
        case .cast, .tryCast, .extract, .trim, .substring, .position, .overlay: break
        default: return nil
        }
        let kind = try nested { (parser) throws(SyntaxError) in
            switch keyword {
            case .cast, .tryCast: try parser.cast(isTry: keyword == .tryCast)
            case .extract: try parser.extract()
            default: try parser.wordedCall(keyword)
            }
        }
        return Expression(kind, span: span(from: start))
    }

    /// `CAST(x AS type)`
    private mutating func cast(isTry: Bool) throws(SyntaxError) -> Expression.Kind {
        advance()
        let opener = index
        advance()
        let operand = element { (parser) throws(SyntaxError) in try parser.expression() }
        if !accept(.as) {
            let error = unexpected(
                "`AS`", notes: ["a cast is `CAST(x AS type)` or `x::type`"],
                fix: Diagnostic.Fix(
                    "insert `AS`", span: spanAfter(index - 1), replacement: " AS"))
            guard at(.word) else { throw error }
        }
        let type = try typeName()
        try close(.rightParenthesis, ")", opener: opener)
        return .cast(operand, type, isTry: isTry)
    }

    /// `EXTRACT(field FROM x)`; the field, lower-cased, may be quoted as text.
    private mutating func extract() throws(SyntaxError) -> Expression.Kind {
        let name = Identifier(text.raw(current).lowercased(), span: span(at: index))
        advance()
        let opener = index
        advance()
        let isField = at(.word) || at(.quotedName) || at(.string)
        guard isField, peek().keyword == .from else {
            index = opener
            return .call(try functionCall(name))
        }
        let written = at(.string) ? text.string(current) : text.name(current)
        let field = Identifier(written.lowercased(), span: span(at: index))
        advance()
        advance()
        let operand = element { (parser) throws(SyntaxError) in try parser.expression() }
        try close(.rightParenthesis, ")", opener: opener)
        return .extract(field, operand)
    }

    /// The functions whose arguments SQL separates by words: `TRIM`, `SUBSTRING`, `POSITION`,
    /// `OVERLAY`. They become ordinary calls.
    private mutating func wordedCall(_ keyword: Keyword) throws(SyntaxError) -> Expression.Kind {
        let name = Identifier(text.raw(current).lowercased(), span: span(at: index))
        advance()
        let opener = index
        advance()
        if at(.rightParenthesis) || at(.distinct) {
            index = opener
            return .call(try functionCall(name))
        }
        var call = FunctionCall(name: name, arguments: [])
        switch keyword {
        case .trim: trimArguments(&call)
        case .substring: substringArguments(&call)
        case .position: positionArguments(&call)
        default: try overlayArguments(&call)
        }
        if accept(.comma) {
            call.arguments += list(of: "arguments") { (parser) throws(SyntaxError) in
                try parser.expression()
            } placeholder: {
                Expression(.invalid, span: $0)
            }
        }
        try close(.rightParenthesis, ")", opener: opener)
        return .call(call)
    }

    private mutating func operand() -> Expression {
        element { (parser) throws(SyntaxError) in try parser.expression() }
    }

    /// `[BOTH | LEADING | TRAILING] [characters] FROM x`: `trim`, `ltrim`, `rtrim(x, characters)`
    private mutating func trimArguments(_ call: inout FunctionCall) {
        let functions = ["both": "trim", "leading": "ltrim", "trailing": "rtrim"]
        let followsSide =
            peek().keyword == .from || startsElement(1) || peek().kind == .leftParenthesis
        let side = at(.word) && followsSide ? functions[text.raw(current).lowercased()] : nil
        if let side {
            call.name.text = side
            advance()
        }
        if !at(.from) { call.arguments.append(operand()) }
        if accept(.from) { call.arguments.insert(operand(), at: 0) }
    }

    /// `x FROM start FOR length`: `substring(x, start, length)`
    private mutating func substringArguments(_ call: inout FunctionCall) {
        call.arguments.append(operand())
        if accept(.from) {
            call.arguments.append(operand())
        } else if at(.for) {
            let one = Expression(.literal(.integer("1")), span: span(at: index))
            call.arguments.append(one)
        }
        if accept(.for) { call.arguments.append(operand()) }
    }

    /// `part IN x`: `strpos(x, part)`
    private mutating func positionArguments(_ call: inout FunctionCall) {
        let part = element { (parser) throws(SyntaxError) in try parser.expression(.other) }
        call.arguments.append(part)
        guard accept(.in) else { return }
        call.name.text = "strpos"
        call.arguments.insert(operand(), at: 0)
    }

    /// `x PLACING y FROM start FOR length`: `overlay(x, y, start, length)`
    private mutating func overlayArguments(_ call: inout FunctionCall) throws(SyntaxError) {
        call.arguments.append(operand())
        guard accept(.placing) else { return }
        call.arguments.append(operand())
        try expect(.from)
        call.arguments.append(operand())
        if accept(.for) { call.arguments.append(operand()) }
    }
}

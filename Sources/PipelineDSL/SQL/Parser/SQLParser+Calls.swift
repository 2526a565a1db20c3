extension SQLParser {
    /// `a`, `t.a`, `zone.table.a`, `t.*`, `f(x)`, `DATE '2026-01-01'`.
    mutating func nameOrCall() throws(SyntaxError) -> Expression {
        let start = index
        if let literal = try typedLiteral() { return literal }
        var parts = [try label("a name")]
        if at(.leftParenthesis) { return try call(parts[0], from: start) }
        while at(.dot) {
            advance()
            if at(.star) { return try star(from: start, qualifier: parts) }
            parts.append(try label("a name after the dot"))
        }
        if at(.leftParenthesis) { throw qualifiedCall(parts, from: start) }
        return Expression(.name(parts), span: span(from: start))
    }

    private mutating func qualifiedCall(_ parts: [Identifier], from start: Int) -> SyntaxError {
        let last = parts.last?.text ?? ""
        return fail(
            .notSupported, "functions have no qualifier",
            secondary: [Diagnostic.Label(span(from: start))],
            notes: ["call it by its own name: `\(last)(…)`"])
    }

    /// `*` or `t.*`, at the star.
    mutating func star(
        from start: Int, qualifier: [Identifier]
    ) throws(SyntaxError) -> Expression {
        guard starIndex == start else {
            throw fail(
                .misplacedStar, "`*` stands only in a select list and in `count(*)`",
                notes: qualifier.isEmpty ? ["as a product it needs an operand before it"] : [])
        }
        advance()
        let exclude = try exclusions()
        return Expression(.star(qualifier: qualifier, exclude: exclude), span: span(from: start))
    }

    /// `EXCLUDE (a, b)`, `EXCLUDE a`, `EXCEPT (a, b)`
    private mutating func exclusions() throws(SyntaxError) -> [Identifier] {
        if at(.replace), peek().kind == .leftParenthesis {
            throw fail(
                .notSupported, "`* REPLACE` is not part of the language",
                notes: ["write `* EXCLUDE (a), f(a) AS a`"])
        }
        let isExcept = at(.except) && peek().kind == .leftParenthesis && !isQueryAhead(index + 1)
        guard at(.exclude) || isExcept else { return [] }
        advance()
        guard at(.leftParenthesis) else { return [try label("the name of a column")] }
        return try names("columns")
    }

    /// Names in parentheses.
    mutating func names(_ what: String) throws(SyntaxError) -> [Identifier] {
        let opener = index
        try expect(.leftParenthesis, "(")
        let names = list(of: what, startsWithName: true) { (parser) throws(SyntaxError) in
            try parser.label("the name of a column")
        }
        try close(.rightParenthesis, ")", opener: opener)
        return names
    }

    // MARK: Calls

    private mutating func call(
        _ name: Identifier, from start: Int
    ) throws(SyntaxError) -> Expression {
        var name = name
        if !name.quoted { name.text = name.text.lowercased() }
        let call = try nested { (parser) throws(SyntaxError) in
            try parser.functionCall(name)
        }
        return Expression(.call(call), span: span(from: start))
    }

    /// At the opening parenthesis.
    mutating func functionCall(_ name: Identifier) throws(SyntaxError) -> FunctionCall {
        let opener = index
        advance()
        var call = FunctionCall(name: name, arguments: [])
        if !at(.rightParenthesis) {
            if accept(.distinct) {
                call.isDistinct = true
            } else if at(.all), peek().kind != .rightParenthesis {
                advance()
            }
            if !at(.order) || peek().keyword != .by { call.arguments = arguments() }
            if accept(.order, .by) { call.orderBy = orderItems() }
            acceptNullTreatment(&call)
        }
        try close(.rightParenthesis, ")", opener: opener)
        try callSuffixes(&call)
        return call
    }

    private mutating func arguments() -> [Expression] {
        list(of: "arguments") { (parser) throws(SyntaxError) in
            try parser.argument()
        } placeholder: {
            Expression(.invalid, span: $0)
        }
    }

    private mutating func argument() throws(SyntaxError) -> Expression {
        starIndex = index
        let isNamed = peek().kind == .assign || peek().kind == .fatArrow
        if at(.word), isNamed {
            throw fail(
                .notSupported, "arguments have no names here",
                notes: ["arguments are given in their order: `f(a, b)`"])
        }
        if at(.select) || (at(.with) && peek().kind == .word) {
            let start = index
            let query = try nested(by: Self.queryDepth) { (parser) throws(SyntaxError) in
                try parser.query()
            }
            return Expression(.subquery(query), span: span(from: start))
        }
        // `tumble(TABLE readings, …)`
        if at(.table), peek().kind == .word || peek().kind == .quotedName { advance() }
        return try expression()
    }

    private mutating func acceptNullTreatment(_ call: inout FunctionCall) {
        if accept(.ignore, .nulls) { call.ignoreNulls = true }
        _ = accept(.respect, .nulls)
    }

    /// `WITHIN GROUP (ORDER BY …) FILTER (WHERE …) IGNORE NULLS OVER …`
    private mutating func callSuffixes(_ call: inout FunctionCall) throws(SyntaxError) {
        if accept(.within, .group) {
            let opener = index
            try expect(.leftParenthesis, "(")
            try expect(.order)
            try expect(.by)
            call.orderBy = orderItems()
            call.withinGroup = true
            try close(.rightParenthesis, ")", opener: opener)
        }
        acceptNullTreatment(&call)
        if at(.filter), peek().kind == .leftParenthesis { call.filter = try filter() }
        acceptNullTreatment(&call)
        let isOver =
            peek().kind == .leftParenthesis || peek().kind == .quotedName
            || (peek().kind == .word && !(peek().keyword?.continuesExpression ?? false))
        if at(.over), isOver {
            advance()
            call.over = try windowReference()
        }
    }

    private mutating func filter() throws(SyntaxError) -> Expression {
        advance()
        let opener = index
        advance()
        if !accept(.where) {
            _ = fail(
                .unexpectedToken, "a filter starts with `WHERE`",
                fix: Diagnostic.Fix(
                    "insert `WHERE`", span: spanAfter(opener), replacement: "WHERE "))
        }
        let condition = element { (parser) throws(SyntaxError) in try parser.expression() }
        try close(.rightParenthesis, ")", opener: opener)
        return condition
    }

    /// One expression with its own recovery, where a list would not do.
    mutating func element(
        _ body: (inout SQLParser) throws(SyntaxError) -> Expression
    ) -> Expression {
        let start = index
        let outerHeight = height
        do {
            return try body(&self)
        } catch {
            recover(from: start)
            height = max(height, outerHeight)
            return Expression(.invalid, span: span(from: start))
        }
    }
}

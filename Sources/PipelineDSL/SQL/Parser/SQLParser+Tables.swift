extension SQLParser {
    /// The list after `FROM`.
    mutating func tableReferences() -> [TableReference] {
        list(of: "tables") { (parser) throws(SyntaxError) in try parser.joinedTable() }
    }

    /// A table and the joins behind it.
    private mutating func joinedTable() throws(SyntaxError) -> TableReference {
        let start = index
        let outerHeight = height
        height = 0
        var left = try table()
        while let join = try joinOperator() {
            left = try joined(left, join, from: start)
            try grow()
        }
        height = max(height, outerHeight)
        return left
    }

    // MARK: Joins

    private struct JoinOperator {
        var kind: JoinKind
        var isNatural: Bool
        /// Its first word.
        var index: Int

        var needsCondition: Bool { !isNatural && kind != .cross }
    }

    /// `[NATURAL] [INNER | LEFT | RIGHT | FULL [OUTER] | CROSS | [LEFT] SEMI | [LEFT] ANTI] JOIN`
    private mutating func joinOperator() throws(SyntaxError) -> JoinOperator? {
        let start = index
        if at(.word), current.keyword == nil, looksLikeMisspeltClause() {
            _ = repairMisspelling(among: [.join, .inner, .left, .right, .full, .cross, .natural])
        }
        let isNatural = accept(.natural)
        var kind: JoinKind?
        switch current.keyword {
        case .inner: kind = .inner
        case .left: kind = .left
        case .right: kind = .right
        case .full: kind = .full
        case .cross: kind = .cross
        case .semi: kind = .semi
        case .anti: kind = .anti
        default: break
        }
        if let outer = kind {
            advance()
            if outer == .left, accept(.semi) { kind = .semi }
            if outer == .left, accept(.anti) { kind = .anti }
            if outer == .left || outer == .right || outer == .full { _ = accept(.outer) }
        }
        if kind == nil, !isNatural, !at(.join) { return nil }
        try expect(.join)
        return JoinOperator(kind: kind ?? .inner, isNatural: isNatural, index: start)
    }

    private mutating func joined(
        _ left: TableReference, _ join: JoinOperator, from start: Int, isInner: Bool = false
    ) throws(SyntaxError) -> TableReference {
        let rightStart = index
        var right = try table()
        // `a JOIN b JOIN c ON … ON …`: the inner join comes first.
        while join.needsCondition, !at(.on), !at(.using), let inner = try joinOperator() {
            right = try nested { (parser) throws(SyntaxError) in
                try parser.joined(right, inner, from: rightStart, isInner: true)
            }
        }
        // What follows an inner join without condition is the condition of the outer one.
        let hasNone = isInner && !join.needsCondition
        let condition =
            hasNone ? (join.isNatural ? .natural : .none) : try joinCondition(join)
        return TableReference(
            .join(join.kind, left, right, condition), span: span(from: start))
    }

    private mutating func joinCondition(_ join: JoinOperator) throws(SyntaxError) -> JoinCondition {
        if at(.on) || at(.using), !join.needsCondition {
            let word = join.isNatural ? "NATURAL" : "CROSS"
            _ = fail(
                .joinCondition, "a `\(word) JOIN` has no condition",
                secondary: [Diagnostic.Label(span(at: join.index))],
                notes: ["remove the condition, or `\(word)`"])
        }
        if accept(.on) {
            return .on(element { (parser) throws(SyntaxError) in try parser.expression() })
        }
        if accept(.using) { return .using(try names("columns")) }
        if !join.needsCondition { return join.isNatural ? .natural : .none }
        _ = fail(
            .joinCondition, "this join has no condition", label: "`ON` expected here",
            secondary: [Diagnostic.Label(span(at: join.index), "this join")],
            notes: [
                "write `ON a.id = b.id` or `USING (id)`; every row with every row is `CROSS JOIN`"
            ])
        return .none
    }

    // MARK: Tables

    private mutating func table() throws(SyntaxError) -> TableReference {
        let start = index
        let isLateral = accept(.lateral)
        let kind: TableReference.Kind
        switch current.kind {
        case .leftParenthesis where isQueryAhead(index):
            kind = .query(try parenthesizedQuery(), lateral: isLateral)
        case .leftParenthesis: return try parenthesizedJoin(from: start)
        case .string: kind = .name([fileName()])
        case .word where at(.values) && peek().kind == .leftParenthesis:
            let rows = try values(isInFrom: true)
            let query = Query(body: .values(rows), span: span(from: start))
            kind = .query(query, lateral: isLateral)
        case .word, .quotedName: kind = try namedTable()
        default: throw expectedTable()
        }
        return try aliased(TableReference(kind, span: span(from: start)), from: start)
    }

    private mutating func expectedTable() -> SyntaxError {
        unexpected(
            "a table",
            notes: ["a table is a name, a query in parentheses, or a function such as `unnest(…)`"])
    }

    /// `(a JOIN b ON …)`
    private mutating func parenthesizedJoin(from start: Int) throws(SyntaxError) -> TableReference {
        let opener = index
        let inner = try nested { (parser) throws(SyntaxError) in
            parser.advance()
            let inner = try parser.joinedTable()
            try parser.close(.rightParenthesis, ")", opener: opener)
            return inner
        }
        return try aliased(inner, from: start)
    }

    /// `FROM 'readings.csv'`: a file, read as the table of that name.
    private mutating func fileName() -> Identifier {
        let name = Identifier(text.string(current), quoted: true, span: span(at: index))
        advance()
        return name
    }

    private mutating func namedTable() throws(SyntaxError) -> TableReference.Kind {
        let isCall = peek().kind == .leftParenthesis
        if at(.unnest), isCall { return try unnest() }
        if at(.table), isCall { return try tableOf() }
        var parts = [try identifier("a table")]
        if at(.leftParenthesis) {
            var name = parts[0]
            if !name.quoted { name.text = name.text.lowercased() }
            return .function(try nestedCall(name))
        }
        while accept(.dot) { parts.append(try label("the name of a table")) }
        if at(.leftParenthesis), parts.count > 1, !at(.using) {
            throw fail(
                .notSupported, "functions have no qualifier",
                notes: ["call it by its own name: `\(parts[parts.count - 1].text)(…)`"])
        }
        return .name(parts)
    }

    private mutating func nestedCall(_ name: Identifier) throws(SyntaxError) -> FunctionCall {
        try nested { (parser) throws(SyntaxError) in try parser.functionCall(name) }
    }

    private mutating func unnest() throws(SyntaxError) -> TableReference.Kind {
        let call = try nestedCall(try label("a function"))
        let withOrdinality = accept(.with, .ordinality)
        return .unnest(call.arguments, withOrdinality: withOrdinality)
    }

    /// `TABLE(f(x))`, as Flink and Snowflake write a table function.
    private mutating func tableOf() throws(SyntaxError) -> TableReference.Kind {
        let opener = index + 1
        advance()
        advance()
        let kind = try namedTable()
        try close(.rightParenthesis, ")", opener: opener)
        return kind
    }

    /// `[AS] name [(columns)]`
    private mutating func aliased(
        _ table: TableReference, from start: Int
    ) throws(SyntaxError) -> TableReference {
        var table = table
        if at(.tablesample) || at(.pivot) || at(.unpivot) {
            _ = fail(
                .notSupported, "`\(text.raw(current).uppercased())` is not part of the language")
            advance()
            recover(from: index)
            return table
        }
        let hasAs = accept(.as)
        let isName =
            at(.quotedName)
            || (at(.word) && !(current.keyword?.continuesExpression ?? false)
                && !looksLikeMisspeltClause())
        guard hasAs || isName else { return table }
        let alias = try identifier("a name for this table")
        if let first = table.alias {
            report(
                Diagnostic(
                    .unexpectedToken, "this table has two names", at: alias.span,
                    secondary: [Diagnostic.Label(first.span, "the first one")]))
        }
        table.alias = alias
        if at(.leftParenthesis) { table.columnAliases = try columnAliases() }
        table.span = span(from: start)
        return table
    }

    private mutating func columnAliases() throws(SyntaxError) -> [Identifier] {
        try names("columns")
    }
}

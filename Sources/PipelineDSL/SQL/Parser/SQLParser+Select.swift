extension SQLParser {
    /// The clauses of a `SELECT` in the order they must stand.
    private static let clauseOrder: [Keyword: Int] = [
        .from: 1, .where: 2, .group: 3, .having: 4, .window: 5, .qualify: 5,
    ]

    mutating func select() throws(SyntaxError) -> Select {
        let start = index
        advance()
        var select = Select(items: [], span: span(at: start))
        select.distinct = try distinct()
        select.items = nonEmptyItems(from: start)
        var last: (keyword: Keyword, order: Int) = (.select, 0)
        while let clause = clause() {
            let order = Self.clauseOrder[clause] ?? 0
            if order < last.order { reportClauseOrder(clause, after: last.keyword) }
            last = (clause, max(order, last.order))
            let clauseIndex = index
            do {
                try parse(clause, into: &select)
            } catch {
                recover(from: clauseIndex)
            }
        }
        select.span = span(from: start)
        return select
    }

    /// The clause at the current token, a misspelt one included.
    private mutating func clause() -> Keyword? {
        if let keyword = current.keyword, Self.clauseOrder[keyword] != nil { return keyword }
        guard at(.word), current.keyword == nil, looksLikeMisspeltClause(),
            repairMisspelling(among: Self.followers)
        else { return nil }
        return current.keyword.flatMap { Self.clauseOrder[$0] == nil ? nil : $0 }
    }

    private mutating func reportClauseOrder(_ clause: Keyword, after last: Keyword) {
        report(
            Diagnostic(
                .clauseOutOfOrder, "`\(clause.clauseName)` comes before `\(last.clauseName)`",
                at: span(at: index),
                notes: [
                    "the order is SELECT, FROM, WHERE, GROUP BY, HAVING, WINDOW, QUALIFY, "
                        + "ORDER BY, LIMIT"
                ]))
    }

    private mutating func parse(
        _ clause: Keyword, into select: inout Select
    ) throws(SyntaxError) {
        let clauseIndex = index
        advance()
        var isRepeated = false
        switch clause {
        case .from:
            isRepeated = !select.from.isEmpty
            select.from = tableReferences()
        case .where:
            isRepeated = select.filter != nil
            select.filter = condition("WHERE")
        case .group:
            isRepeated = !select.groupBy.isEmpty || select.groupByAll
            expectBy()
            if at(.all), endsElement(1) {
                advance()
                select.groupByAll = true
            } else {
                select.groupBy = groupItems()
            }
        case .having:
            isRepeated = select.having != nil
            select.having = condition("HAVING")
        case .window:
            isRepeated = !select.windows.isEmpty
            select.windows = namedWindows()
        default:
            isRepeated = select.qualify != nil
            select.qualify = condition("QUALIFY")
        }
        if isRepeated { reportTwice(clause.clauseName, at: clauseIndex) }
    }

    /// `BY` behind `GROUP`, `ORDER` or `PARTITION`; without it parsing goes on as if it stood
    /// there.
    mutating func expectBy() {
        if accept(.by) { return }
        if repairMisspelling(among: [.by]) { return advance() }
        let word = text.raw(tokens[max(0, index - 1)]).uppercased()
        _ = unexpected(
            "`BY`",
            fix: Diagnostic.Fix(
                "write `\(word) BY`", span: spanAfter(index - 1), replacement: " BY"))
    }

    private mutating func condition(_ clause: String) -> Expression {
        element { (parser) throws(SyntaxError) in try parser.expression() }
    }

    /// `DISTINCT`, `DISTINCT ON (a, b)`, `ALL` or nothing.
    private mutating func distinct() throws(SyntaxError) -> Select.Distinct? {
        if accept(.all) { return nil }
        guard accept(.distinct) else { return nil }
        guard at(.on), peek().kind == .leftParenthesis else { return .all }
        advance()
        let opener = index
        advance()
        let keys = expressions()
        try close(.rightParenthesis, ")", opener: opener)
        return .on(keys)
    }

    // MARK: The select list

    private mutating func nonEmptyItems(from start: Int) -> [SelectItem] {
        let isName = at(.word) && looksLikeName()
        guard endsElement(), !at(.comma), !isName else { return selectItems() }
        _ = fail(
            .emptyList, "`SELECT` lists nothing",
            notes: ["list columns or expressions, or `*` for every column"],
            fix: Diagnostic.Fix(
                "select every column", span: spanAfter(index - 1), replacement: " *"))
        return []
    }

    mutating func selectItems() -> [SelectItem] {
        list(of: "columns of a select list") { (parser) throws(SyntaxError) in
            try parser.selectItem()
        } placeholder: {
            SelectItem(Expression(.invalid, span: $0))
        }
    }

    private mutating func selectItem() throws(SyntaxError) -> SelectItem {
        starIndex = index
        mayBeAliased = true
        defer { mayBeAliased = false }
        let expression = try expression()
        return SelectItem(expression, alias: try alias())
    }

    /// `AS name`, or a bare name that cannot be anything else.
    private mutating func alias() throws(SyntaxError) -> Identifier? {
        if accept(.as) {
            if at(.string) { return textAlias() }
            // `AS FROM t`: the name is missing; `AS from, b`: that is the name.
            if endsElement(), !at(.word) || !endsElement(1) {
                _ = unexpected("a name for this column")
                return nil
            }
            return try label("a name for this column")
        }
        if at(.quotedName) { return try label("a name") }
        guard at(.word), !(current.keyword?.continuesExpression ?? false),
            !looksLikeMisspeltClause()
        else { return nil }
        return try label("a name")
    }

    /// `AS 'name'`: a habit from MySQL.
    private mutating func textAlias() -> Identifier {
        let name = Identifier(text.string(current), quoted: true, span: span(at: index))
        report(
            Diagnostic(
                .textAsName, "a name does not stand in single quotes", at: name.span,
                fix: Diagnostic.Fix(
                    "make it a name", span: name.span,
                    replacement: SQLPrinter.identifier(name.text))))
        advance()
        return name
    }

    // MARK: GROUP BY

    private mutating func groupItems() -> [GroupItem] {
        list(of: "group keys") { (parser) throws(SyntaxError) in
            try parser.groupItem()
        } placeholder: {
            [GroupItem.expression(Expression(.invalid, span: $0))]
        }.flatMap(\.self)
    }

    private mutating func groupItem() throws(SyntaxError) -> [GroupItem] {
        let isCall = peek().kind == .leftParenthesis
        if at(.rollup), isCall {
            advance()
            return [.rollup(try groupSets())]
        }
        if at(.cube), isCall {
            advance()
            return [.cube(try groupSets())]
        }
        if accept(.grouping, .sets) { return [.groupingSets(try groupingSets())] }
        if at(.leftParenthesis), peek().kind == .rightParenthesis {
            advance()
            advance()
            return [.groupingSets([[]])]
        }
        let start = index
        let key = try expression()
        return ungrouped(key, from: start).map { .expression($0) }
    }

    /// `(a, b)` is two keys here, not a row.
    private func ungrouped(_ key: Expression, from start: Int) -> [Expression] {
        guard tokens[start].kind == .leftParenthesis, Int(closers[start]) == index - 1,
            case .call(let call) = key.kind, call.name.text == "row"
        else { return [key] }
        return call.arguments
    }

    /// `(a, (b, c))`: each element one or more expressions.
    private mutating func groupSets() throws(SyntaxError) -> [[Expression]] {
        let opener = index
        try expect(.leftParenthesis, "(")
        let sets = list(of: "group keys") { (parser) throws(SyntaxError) in
            try parser.groupSet()
        }
        try close(.rightParenthesis, ")", opener: opener)
        return sets
    }

    private mutating func groupSet() throws(SyntaxError) -> [Expression] {
        if at(.leftParenthesis), peek().kind == .rightParenthesis {
            advance()
            advance()
            return []
        }
        let start = index
        let key = try expression()
        return ungrouped(key, from: start)
    }

    /// Also `ROLLUP` and `CUBE` among the sets, which are written out.
    private mutating func groupingSets() throws(SyntaxError) -> [[Expression]] {
        let opener = index
        try expect(.leftParenthesis, "(")
        let sets = list(of: "grouping sets") { (parser) throws(SyntaxError) -> [[Expression]] in
            let isCall = parser.peek().kind == .leftParenthesis
            if parser.accept(.grouping, .sets) { return try parser.innerGroupingSets() }
            if isCall, parser.at(.rollup) || parser.at(.cube) { return try parser.writtenOut() }
            return [try parser.groupSet()]
        }
        try close(.rightParenthesis, ")", opener: opener)
        return sets.flatMap(\.self)
    }

    private mutating func innerGroupingSets() throws(SyntaxError) -> [[Expression]] {
        try nested { (parser) throws(SyntaxError) in try parser.groupingSets() }
    }

    /// The sets that a `ROLLUP` or `CUBE` stands for.
    private mutating func writtenOut() throws(SyntaxError) -> [[Expression]] {
        let word = index
        let isCube = at(.cube)
        advance()
        let keys = try groupSets()
        let limit = isCube ? 12 : 64
        expandedSets += keys.count > limit ? 0 : isCube ? 1 << keys.count : keys.count + 1
        guard keys.count <= limit, expandedSets <= 4096 else {
            index = word
            throw fail(
                .notSupported, "these are too many grouping sets",
                notes: [
                    "inside `GROUPING SETS`, `CUBE` has at most 12 elements and `ROLLUP` 64, and "
                        + "one query at most 4096 sets"
                ])
        }
        return isCube ? cube(keys) : rollup(keys)
    }

    // MARK: WINDOW

    private mutating func namedWindows() -> [NamedWindow] {
        list(of: "windows") { (parser) throws(SyntaxError) in
            let name = try parser.identifier("the name of a window")
            try parser.expect(.as)
            return NamedWindow(name: name, specification: try parser.windowSpecification())
        }
    }
}

/// `CUBE (a, b)`: `(a, b), (a), (b), ()`
private func cube(_ sets: [[Expression]]) -> [[Expression]] {
    (0..<(1 << sets.count)).reversed().map { mask in
        sets.indices.filter { mask >> (sets.count - 1 - $0) & 1 == 1 }.flatMap { sets[$0] }
    }
}

/// `ROLLUP (a, b)`: `(a, b), (a), ()`
private func rollup(_ sets: [[Expression]]) -> [[Expression]] {
    (0...sets.count).reversed().map { sets.prefix($0).flatMap(\.self) }
}

extension Keyword {
    /// The clause that starts with this word, as messages name it.
    var clauseName: String {
        switch self {
        case .group, .order: spelling + " BY"
        default: spelling
        }
    }
}

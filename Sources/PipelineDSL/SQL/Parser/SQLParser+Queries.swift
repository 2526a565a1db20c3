extension SQLParser {
    /// A query as a whole text.
    mutating func statement() throws(SyntaxError) -> Query {
        _ = repairMisspelling(among: [.select, .with, .values])
        if at(.select) || at(.with) || at(.values) || at(.leftParenthesis) || at(.from) {
            return try query()
        }
        let notes = ["a query starts with `SELECT`, `WITH` or `VALUES`"]
        guard at(.word) else { throw unexpected("a query", code: .notAQuery, notes: notes) }
        throw fail(
            .notAQuery, "`\(text.raw(current))` does not start a query", notes: notes)
    }

    /// `[WITH …] body [ORDER BY …] [LIMIT …] [OFFSET …]`
    mutating func query() throws(SyntaxError) -> Query {
        let start = index
        let outerHeight = height
        height = 0
        var isRecursive = false
        var tables: [CommonTable] = []
        if accept(.with) {
            isRecursive = accept(.recursive)
            tables = commonTables()
        }
        var query = try setOperations(.union)
        query.isRecursive = isRecursive
        if !tables.isEmpty || modifiersFollow {
            // What stands in parentheses keeps its own ORDER BY, LIMIT and WITH.
            if query.hasModifiers { query = Query(body: .nested(query), span: query.span) }
            query.with = tables
            query.isRecursive = isRecursive
            try modifiers(&query)
        }
        query.span = span(from: start)
        height = max(height, outerHeight)
        return query
    }

    // MARK: WITH

    private mutating func commonTables() -> [CommonTable] {
        list(of: "common tables") { (parser) throws(SyntaxError) in try parser.commonTable() }
    }

    /// `name [(columns)] AS [[NOT] MATERIALIZED] (query)`
    private mutating func commonTable() throws(SyntaxError) -> CommonTable {
        let name = try identifier("the name of a common table")
        let columns = at(.leftParenthesis) ? try names("columns") : []
        try expect(.as)
        _ = accept(.not)
        _ = accept(.materialized)
        guard at(.leftParenthesis) else {
            throw unexpected(
                "`(`", notes: ["a common table is `WITH name AS (SELECT …)`"])
        }
        let query = try parenthesizedQuery()
        return CommonTable(name: name, columns: columns, query: query)
    }

    /// A query in its parentheses.
    mutating func parenthesizedQuery() throws(SyntaxError) -> Query {
        let opener = index
        return try nested { (parser) throws(SyntaxError) in
            try parser.expect(.leftParenthesis, "(")
            let query: Query
            do {
                query = try parser.statement()
            } catch {
                parser.skipPast(opener)
                throw SyntaxError()
            }
            try parser.close(.rightParenthesis, ")", opener: opener)
            return query
        }
    }

    /// Goes behind the bracket that closes `opener`, if there is one.
    private mutating func skipPast(_ opener: Int) {
        let closer = Int(closers[opener])
        guard closer >= index else { return }
        index = closer
        advance()
    }

    /// Whether the parenthesis at `opener` holds a query rather than an expression or a join.
    func isQueryAhead(_ opener: Int) -> Bool {
        var opener = opener
        for _ in 0...Self.maximumDepth {
            guard opener + 1 < tokens.count, tokens[opener].kind == .leftParenthesis else {
                return false
            }
            let next = tokens[opener + 1]
            switch next.keyword {
            case .select, .with: return true
            case .values: return tokens[min(opener + 2, tokens.count - 1)].kind == .leftParenthesis
            case .from: return true
            default: break
            }
            // `((SELECT 1) UNION …)`, `((SELECT 1))`, but not `((SELECT 1) + 1)`.
            guard next.kind == .leftParenthesis else { return false }
            let closer = Int(closers[opener + 1])
            guard closer > opener, closer + 1 < tokens.count else { return false }
            switch tokens[closer + 1].keyword {
            case .union, .intersect, .except, .order, .limit, .offset, .fetch: break
            default:
                guard tokens[closer + 1].kind == .rightParenthesis else { return false }
            }
            opener += 1
        }
        return false
    }

    // MARK: Set operations

    /// `INTERSECT` binds tighter than `UNION` and `EXCEPT`, which bind alike, to the left.
    private mutating func setOperations(_ weakest: Query.SetOperator) throws(SyntaxError) -> Query {
        let start = index
        var left =
            weakest == .intersect ? try operand() : try setOperations(.intersect)
        while let op = setOperator(weakest) {
            advance()
            let all = accept(.all)
            _ = accept(.distinct)
            let right = setOperand(weakest)
            left = joined(left, op, all: all, right, span: span(from: start))
            try grow()
        }
        return left
    }

    private func setOperator(_ weakest: Query.SetOperator) -> Query.SetOperator? {
        switch current.keyword {
        case .union: weakest == .union ? .union : nil
        case .except: weakest == .union ? .except : nil
        case .intersect: weakest == .intersect ? .intersect : nil
        default: nil
        }
    }

    /// The right operand; an empty select where there is none that could be understood.
    private mutating func setOperand(_ weakest: Query.SetOperator) -> Query {
        let start = index
        let outerHeight = height
        do {
            return weakest == .intersect ? try operand() : try setOperations(.intersect)
        } catch {
            recover()
            height = max(height, outerHeight)
            let span = span(from: start)
            return Query(body: .select(Select(items: [], span: span)), span: span)
        }
    }

    /// One more operand of the same operator goes into the same node.
    private func joined(
        _ left: Query, _ op: Query.SetOperator, all: Bool, _ right: Query, span: SourceSpan
    ) -> Query {
        if case .set(let former, let formerAll, let operands) = left.body, former == op,
            formerAll == all, !left.hasModifiers
        {
            return Query(body: .set(op, all: all, operands + [right]), span: span)
        }
        return Query(body: .set(op, all: all, [left, right]), span: span)
    }

    /// `SELECT …`, `VALUES …`, or a query in parentheses.
    private mutating func operand() throws(SyntaxError) -> Query {
        let start = index
        if at(.word), current.keyword == nil { _ = repairMisspelling(among: [.select, .values]) }
        switch current.keyword {
        case .select:
            return Query(body: .select(try select()), span: span(from: start))
        case .values:
            return Query(body: .values(try values()), span: span(from: start))
        case .from: throw queryStartsWithFrom()
        default: break
        }
        guard at(.leftParenthesis) else {
            throw unexpected(
                "a query", code: .notAQuery,
                notes: ["a query starts with `SELECT`, `WITH` or `VALUES`"])
        }
        return try parenthesizedQuery()
    }

    private mutating func queryStartsWithFrom() -> SyntaxError {
        fail(
            .notAQuery, "a query starts with `SELECT`",
            fix: Diagnostic.Fix(
                "select every column", span: source.span(current.range.lowerBound..<current.range.lowerBound),
                replacement: "SELECT * "))
    }

    /// `VALUES (1, 'a'), (2, 'b')`
    private mutating func values() throws(SyntaxError) -> [[Expression]] {
        advance()
        var rows: [[Expression]] = []
        repeat {
            let opener = index
            guard accept(.leftParenthesis) else {
                throw unexpected("`(`", notes: ["a row is written `(1, 'a')`"])
            }
            if at(.rightParenthesis) { throw unexpected("an expression") }
            let row = try nested { (parser) throws(SyntaxError) in
                let row = parser.expressions()
                try parser.close(.rightParenthesis, ")", opener: opener)
                return row
            }
            if let first = rows.first, first.count != row.count {
                reportRowWidth(row.count, expected: first.count, from: opener)
            }
            rows.append(row)
        } while acceptRowSeparator()
        return rows
    }

    private mutating func acceptRowSeparator() -> Bool {
        if at(.leftParenthesis) {
            _ = fail(
                .missingComma, "a comma is missing between two rows",
                fix: Diagnostic.Fix(
                    "insert a comma", span: spanAfter(index - 1), replacement: ","))
            return true
        }
        guard at(.comma) else { return false }
        advance()
        guard at(.endOfText) || at(.rightParenthesis) || at(.semicolon) else { return true }
        index -= 1
        _ = fail(
            .trailingComma, "a comma is followed by nothing",
            fix: Diagnostic.Fix("remove the comma", span: span(at: index), replacement: ""))
        advance()
        return false
    }

    private mutating func reportRowWidth(_ count: Int, expected: Int, from opener: Int) {
        report(
            Diagnostic(
                .unevenRows, "this row has \(count) values, the first one has \(expected)",
                at: span(from: opener)))
    }

    // MARK: ORDER BY, LIMIT, OFFSET

    private var modifiersFollow: Bool {
        switch current.keyword {
        case .order, .limit, .offset, .fetch: true
        default: false
        }
    }

    private mutating func modifiers(_ query: inout Query) throws(SyntaxError) {
        while true {
            switch current.keyword {
            case .order:
                let clause = index
                advance()
                try expect(.by)
                if query.limit != nil || query.offset != nil {
                    reportOrder("`ORDER BY` comes before `LIMIT` and `OFFSET`", at: clause)
                } else if !query.orderBy.isEmpty {
                    reportTwice("ORDER BY", at: clause)
                }
                query.orderBy = orderItems()
            case .limit:
                if query.limit != nil { reportTwice("LIMIT", at: index) }
                advance()
                try limit(&query)
            case .offset:
                if query.offset != nil { reportTwice("OFFSET", at: index) }
                advance()
                query.offset = operandOfClause()
                if !accept(.rows) { _ = accept(.row) }
            case .fetch: try fetch(&query)
            case .where, .group, .having, .qualify, .window:
                guard !query.orderBy.isEmpty || query.limit != nil || query.offset != nil else {
                    return
                }
                throw fail(
                    .clauseOutOfOrder,
                    "`\(text.raw(current).uppercased())` comes before `ORDER BY` and `LIMIT`")
            default: return
            }
        }
    }

    private mutating func operandOfClause() -> Expression {
        element { (parser) throws(SyntaxError) in try parser.expression() }
    }

    private mutating func limit(_ query: inout Query) throws(SyntaxError) {
        if accept(.all) { return }
        let first = operandOfClause()
        query.limit = first
        guard at(.comma) else { return }
        _ = fail(
            .notSupported, "`LIMIT offset, count` is not part of the language",
            notes: ["write `LIMIT count OFFSET offset`"])
        advance()
        query.offset = first
        query.limit = operandOfClause()
    }

    /// `FETCH FIRST 10 ROWS ONLY`
    private mutating func fetch(_ query: inout Query) throws(SyntaxError) {
        let start = index
        advance()
        // FIRST or NEXT
        advance()
        query.limit =
            at(.row) || at(.rows)
            ? Expression(.literal(.integer("1")), span: span(at: index)) : operandOfClause()
        if !accept(.rows) { _ = accept(.row) }
        if at(.with) {
            throw fail(
                .notSupported, "`WITH TIES` is not part of the language",
                notes: ["use `QUALIFY rank() OVER (ORDER BY …) <= n`"])
        }
        if !accept(.only) {
            throw unexpected(
                "`ONLY`", secondary: [Diagnostic.Label(span(at: start))],
                notes: ["`FETCH FIRST 10 ROWS ONLY` is `LIMIT 10`"])
        }
    }

    private mutating func reportOrder(_ message: String, at clause: Int) {
        report(Diagnostic(.clauseOutOfOrder, message, at: span(at: clause)))
    }

    mutating func reportTwice(_ clause: String, at index: Int) {
        report(
            Diagnostic(.clauseOutOfOrder, "`\(clause)` stands here twice", at: span(at: index)))
    }

    /// `a DESC NULLS LAST, b`
    mutating func orderItems() -> [OrderItem] {
        list(of: "sort keys") { (parser) throws(SyntaxError) in
            try parser.orderItem()
        } placeholder: {
            OrderItem(Expression(.invalid, span: $0))
        }
    }

    private mutating func orderItem() throws(SyntaxError) -> OrderItem {
        var item = OrderItem(try expression())
        _ = repairMisspelling(among: [.asc, .desc, .nulls])
        if accept(.desc) {
            item.descending = true
        } else {
            _ = accept(.asc)
        }
        guard at(.nulls) else { return item }
        advance()
        let word = at(.word) ? text.raw(current).lowercased() : ""
        guard word == "first" || word == "last" else { throw unexpected("`FIRST` or `LAST`") }
        item.nullsFirst = word == "first"
        advance()
        return item
    }
}

extension Query {
    /// Whether it has more than a body, so that it needs parentheses inside another one.
    var hasModifiers: Bool {
        !with.isEmpty || !orderBy.isEmpty || limit != nil || offset != nil
    }
}

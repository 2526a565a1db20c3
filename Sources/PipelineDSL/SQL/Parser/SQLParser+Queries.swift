extension SQLParser {
    /// A query as a whole text.
    mutating func statement() throws(SyntaxError) -> Query {
        _ = repairMisspelling(among: [.select, .with, .values])
        if at(.select) || at(.with) || at(.values) || at(.leftParenthesis) || at(.from) {
            return try query()
        }
        let notes = ["a query starts with `SELECT`, `WITH` or `VALUES`"]
        guard at(.word) else { throw unexpected("a query", code: .notAQuery, notes: notes) }
        let isCommand = Self.commands.contains(text.raw(current).lowercased())
        throw fail(
            .notAQuery, "`\(text.raw(current))` does not start a query",
            notes: isCommand
                ? notes + ["where its rows go is said by `write:` or by a sink, not in SQL"]
                : notes)
    }

    private static let commands: Set<String> = [
        "alter", "create", "delete", "drop", "insert", "merge", "replace", "truncate", "update",
    ]

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
            modifiers(&query)
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
        let hasColumns = at(.leftParenthesis) && !isQueryAhead(index)
        let columns = hasColumns ? try names("columns") : []
        if at(.leftParenthesis), isQueryAhead(index) {
            _ = unexpected(
                "`AS`",
                fix: Diagnostic.Fix(
                    "insert `AS`", span: spanAfter(index - 1), replacement: " AS"))
        } else {
            try expect(.as)
        }
        _ = accept(.not)
        _ = accept(.materialized)
        guard at(.leftParenthesis) else {
            let error = unexpected(
                "`(`", notes: ["a common table is `WITH name AS (SELECT …)`"])
            guard at(.select) else { throw error }
            let query = try nested(by: Self.queryDepth) { (parser) throws(SyntaxError) in
                try parser.query()
            }
            return CommonTable(name: name, columns: columns, query: query)
        }
        let query = try parenthesizedQuery()
        return CommonTable(name: name, columns: columns, query: query)
    }

    /// A query in its parentheses.
    mutating func parenthesizedQuery() throws(SyntaxError) -> Query {
        let opener = index
        return try nested(by: Self.queryDepth) { (parser) throws(SyntaxError) in
            try parser.expect(.leftParenthesis, "(")
            let query = try parser.statement()
            try parser.close(.rightParenthesis, ")", opener: opener)
            return query
        }
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
        var left = weakest == .intersect ? try operand() : try setOperations(.intersect)
        while let op = setOperator(weakest) {
            let all = peek().keyword == .all
            var operands = left.operands(of: op, all: all)
            // One more operand of the same operator goes into the same node.
            while setOperator(weakest) == op, (peek().keyword == .all) == all {
                advance()
                _ = all ? accept(.all) : accept(.distinct)
                operands.append(setOperand(weakest))
            }
            left = Query(body: .set(op, all: all, operands), span: span(from: start))
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
            recover(from: start)
            height = max(height, outerHeight)
            let span = span(from: start)
            return Query(body: .select(Select(items: [], span: span)), span: span)
        }
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
        let start = current.range.lowerBound
        let hasSelect = tokens[index...].contains { $0.keyword == .select }
        return fail(
            .notAQuery, "a query starts with `SELECT`",
            notes: hasSelect ? ["`FROM` comes behind it"] : [],
            fix: hasSelect
                ? nil
                : Diagnostic.Fix(
                    "select every column", span: source.span(start..<start),
                    replacement: "SELECT * "))
    }

    /// `VALUES (1, 'a'), (2, 'b')`
    mutating func values(isInFrom: Bool = false) throws(SyntaxError) -> [[Expression]] {
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
        } while acceptRowSeparator(isInFrom: isInFrom)
        return rows
    }

    private mutating func acceptRowSeparator(isInFrom: Bool) -> Bool {
        if at(.leftParenthesis) {
            _ = fail(
                .missingComma, "a comma is missing between two rows",
                fix: Diagnostic.Fix(
                    "insert a comma", span: spanAfter(index - 1), replacement: ","))
            return true
        }
        guard at(.comma) else { return false }
        let next = peek().kind
        if next == .endOfText || next == .rightParenthesis || next == .semicolon {
            _ = fail(
                .trailingComma, "a comma is followed by nothing",
                fix: Diagnostic.Fix("remove the comma", span: span(at: index), replacement: ""))
            advance()
            return false
        }
        // `FROM VALUES (1), (2), t`: the second comma is one of `FROM`.
        guard next == .leftParenthesis || !isInFrom else { return false }
        advance()
        return true
    }

    private mutating func reportRowWidth(_ count: Int, expected: Int, from opener: Int) {
        report(
            Diagnostic(
                .unevenRows,
                "this row has \(count) value\(count == 1 ? "" : "s"), the first one has \(expected)",
                at: span(from: opener)))
    }

    // MARK: ORDER BY, LIMIT, OFFSET

    private var modifiersFollow: Bool {
        switch current.keyword {
        case .order, .limit, .offset, .fetch: true
        default: false
        }
    }

    private mutating func modifiers(_ query: inout Query) {
        while true {
            switch current.keyword {
            case .order:
                let clause = index
                advance()
                expectBy()
                if query.limit != nil || query.offset != nil {
                    reportOrder("`ORDER BY` comes before `LIMIT` and `OFFSET`", at: clause)
                } else if !query.orderBy.isEmpty {
                    reportTwice("ORDER BY", at: clause)
                }
                query.orderBy = orderItems()
            case .limit:
                if query.limit != nil { reportTwice("LIMIT", at: index) }
                advance()
                limit(&query)
            case .offset:
                if query.offset != nil { reportTwice("OFFSET", at: index) }
                advance()
                query.offset = operandOfClause()
                if !accept(.rows) { _ = accept(.row) }
            case .fetch: fetch(&query)
            case .where, .group, .having, .qualify, .window:
                guard !query.orderBy.isEmpty || query.limit != nil || query.offset != nil else {
                    return
                }
                _ = fail(
                    .clauseOutOfOrder,
                    "`\(text.raw(current).uppercased())` comes before `ORDER BY` and `LIMIT`")
                advance()
                recover(from: index)
            default:
                // `LIMIT 5 ODER BY a`
                guard looksLikeMisspeltClause(), repairMisspelling(among: Self.followers) else {
                    return
                }
            }
        }
    }

    private mutating func operandOfClause() -> Expression {
        element { (parser) throws(SyntaxError) in try parser.expression() }
    }

    private mutating func limit(_ query: inout Query) {
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
    private mutating func fetch(_ query: inout Query) {
        let start = index
        advance()
        // FIRST or NEXT
        advance()
        query.limit =
            at(.row) || at(.rows)
            ? Expression(.literal(.integer("1")), span: span(at: index)) : operandOfClause()
        if !accept(.rows) { _ = accept(.row) }
        if at(.with) {
            _ = fail(
                .notSupported, "`WITH TIES` is not part of the language",
                notes: ["use `QUALIFY rank() OVER (ORDER BY …) <= n`"])
            advance()
            advance()
        } else if !accept(.only) {
            _ = unexpected(
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
        if at(.all) || at(.star) {
            throw fail(
                .notSupported,
                "`ORDER BY \(text.raw(current).uppercased())` is not part of the language",
                notes: ["list the sort keys: columns, expressions, or positions such as `1, 2`"])
        }
        var item = OrderItem(try expression())
        if !repairMisspelling(among: [.desc]) { _ = repairMisspelling(among: [.asc, .nulls]) }
        if accept(.desc) {
            item.descending = true
        } else {
            _ = accept(.asc)
        }
        guard at(.nulls) else { return item }
        advance()
        item.nullsFirst = try nullsPosition()
        return item
    }

    /// `FIRST` or `LAST` behind `NULLS`; true for the former.
    private mutating func nullsPosition() throws(SyntaxError) -> Bool {
        let words = ["first", "last"]
        let word = at(.word) ? text.raw(current).lowercased() : ""
        if let near = words.contains(word) ? word : nearName(word, among: words) {
            if near != word {
                _ = fail(
                    .misspeltKeyword, "`\(text.raw(current))` is no word of the language",
                    label: "did you mean `\(near.uppercased())`?",
                    fix: Diagnostic.Fix(
                        "write `\(near.uppercased())`", span: span(at: index),
                        replacement: near.uppercased()))
            }
            advance()
            return near == "first"
        }
        throw unexpected("`FIRST` or `LAST`")
    }
}

extension Query {
    /// Whether it has more than a body, so that it needs parentheses inside another one.
    var hasModifiers: Bool {
        !with.isEmpty || !orderBy.isEmpty || limit != nil || offset != nil
    }

    /// Its operands where it is that set operation and nothing more, else itself as one.
    fileprivate func operands(of op: SetOperator, all: Bool) -> [Query] {
        if case .set(op, all, let operands) = body, !hasModifiers { return operands }
        return [self]
    }
}

extension SQLPrinter {
    mutating func write(parenthesized query: Query) {
        write("(")
        write(query)
        write(")")
    }

    mutating func write(_ query: Query) {
        if !query.with.isEmpty {
            write(query.isRecursive ? "WITH RECURSIVE " : "WITH ")
            list(query.with) { $0.write($1) }
            write(" ")
        }
        write(query.body)
        writeOrderBy(query.orderBy)
        if let limit = query.limit {
            write(" LIMIT ")
            write(limit, in: .or)
        }
        if let offset = query.offset {
            write(" OFFSET ")
            write(offset, in: .or)
        }
    }

    private mutating func write(_ table: CommonTable) {
        write(name: table.name)
        if !table.columns.isEmpty {
            write(" ")
            write(names: table.columns)
        }
        write(" AS ")
        write(parenthesized: table.query)
    }

    private mutating func write(_ body: Query.Body) {
        switch body {
        case .select(let select): write(select)
        case .values(let rows):
            write("VALUES ")
            list(rows) { printer, row in
                printer.write("(")
                printer.write(row)
                printer.write(")")
            }
        case .nested(let query): write(parenthesized: query)
        case .set(let op, let all, let operands):
            let word = " \(op.rawValue.uppercased())\(all ? " ALL" : "") "
            var isFirst = true
            list(operands, separator: word) { printer, operand in
                printer.write(operand: operand, of: op, isFirst: isFirst)
                isFirst = false
            }
        }
    }

    /// An operand of a set operation, in parentheses where it would otherwise come apart.
    private mutating func write(operand query: Query, of op: Query.SetOperator, isFirst: Bool) {
        var needsParentheses = query.hasModifiers
        if case .set(let inner, _, _) = query.body {
            // INTERSECT binds tighter; the others bind to the left.
            let isTighter = inner == .intersect && op != .intersect
            let bindsLeft = isFirst && (inner == .intersect) == (op == .intersect)
            needsParentheses = needsParentheses || !(isTighter || bindsLeft)
        }
        needsParentheses ? write(parenthesized: query) : write(query)
    }

    private mutating func write(_ select: Select) {
        write("SELECT ")
        switch select.distinct {
        case .all: write("DISTINCT ")
        case .on(let keys):
            write("DISTINCT ON (")
            write(keys)
            write(") ")
        case nil: break
        }
        list(select.items) { $0.write($1) }
        if select.items.isEmpty { write("?") }
        if !select.from.isEmpty {
            write(" FROM ")
            list(select.from) { $0.write($1) }
        }
        writeClause(" WHERE ", select.filter)
        writeGroupBy(select)
        writeClause(" HAVING ", select.having)
        if !select.windows.isEmpty {
            write(" WINDOW ")
            list(select.windows) { printer, window in
                printer.write(name: window.name)
                printer.write(" AS ")
                printer.write(window.specification)
            }
        }
        writeClause(" QUALIFY ", select.qualify)
    }

    private mutating func writeClause(_ words: String, _ condition: Expression?) {
        guard let condition else { return }
        write(words)
        write(condition, in: .or)
    }

    mutating func write(_ item: SelectItem) {
        write(item.expression, in: .or)
        guard let alias = item.alias else { return }
        write(" AS ")
        write(name: alias)
    }

    // MARK: GROUP BY

    private mutating func writeGroupBy(_ select: Select) {
        if select.groupByAll { return write(" GROUP BY ALL") }
        guard !select.groupBy.isEmpty else { return }
        write(" GROUP BY ")
        list(select.groupBy) { printer, item in
            switch item {
            case .expression(let key): printer.write(groupKey: key)
            case .rollup(let sets): printer.write("ROLLUP", sets)
            case .cube(let sets): printer.write("CUBE", sets)
            case .groupingSets([[]]): printer.write("()")
            case .groupingSets(let sets): printer.write("GROUPING SETS", sets)
            }
        }
    }

    /// A row that is one key is called by name: in parentheses it would be several keys.
    private mutating func write(groupKey key: Expression) { write(key, in: .or) }

    private mutating func write(_ word: String, _ sets: [[Expression]]) {
        write("\(word) (")
        list(sets) { printer, set in
            if set.count == 1, let only = set.first { return printer.write(groupKey: only) }
            printer.write("(")
            printer.write(set)
            printer.write(")")
        }
        write(")")
    }

    // MARK: Tables

    mutating func write(_ table: TableReference) {
        var isJoin = false
        if case .join = table.kind { isJoin = true }
        let needsParentheses = isJoin && table.alias != nil
        if needsParentheses { write("(") }
        write(table.kind)
        if needsParentheses { write(")") }
        guard let alias = table.alias else { return }
        write(" AS ")
        write(name: alias)
        if !table.columnAliases.isEmpty { write(names: table.columnAliases) }
    }

    private mutating func write(_ kind: TableReference.Kind) {
        switch kind {
        case .name(let path): write(path: path)
        case .query(let query, let lateral):
            if lateral { write("LATERAL ") }
            write(parenthesized: query)
        case .unnest(let arguments, let withOrdinality):
            write("unnest(")
            write(arguments)
            write(withOrdinality ? ") WITH ORDINALITY" : ")")
        case .function(let call): write(call)
        case .join(let kind, let left, let right, let condition):
            writeJoin(kind, left, right, condition)
        }
    }

    private mutating func writeJoin(
        _ kind: JoinKind, _ left: TableReference, _ right: TableReference,
        _ condition: JoinCondition
    ) {
        write(left)
        write(condition == .natural ? " NATURAL " : " ")
        switch kind {
        case .inner: write("JOIN ")
        case .semi, .anti: write("\(kind.rawValue.uppercased()) JOIN ")
        default: write("\(kind.rawValue.uppercased()) JOIN ")
        }
        if case .join = right.kind, right.alias == nil {
            write("(")
            write(right)
            write(")")
        } else {
            write(right)
        }
        switch condition {
        case .on(let condition):
            write(" ON ")
            write(condition, in: .or)
        case .using(let columns):
            write(" USING ")
            write(names: columns)
        case .natural, .none: break
        }
    }

    // MARK: Windows

    mutating func write(_ reference: WindowReference) {
        write(" OVER ")
        switch reference {
        case .named(let name): write(name: name)
        case .inline(let window): write(window)
        }
    }

    private mutating func write(_ window: WindowSpecification) {
        var parts: [String] = []
        if let base = window.base { parts.append(Self.identifier(base.text)) }
        if !window.partitionBy.isEmpty {
            parts.append(
                "PARTITION BY " + window.partitionBy.map { Self.text($0) }.joined(separator: ", "))
        }
        if !window.orderBy.isEmpty {
            parts.append(
                "ORDER BY " + window.orderBy.map { Self.text($0) }.joined(separator: ", "))
        }
        if let frame = window.frame {
            parts.append(
                "\(frame.unit.rawValue.uppercased()) BETWEEN \(Self.text(frame.start)) "
                    + "AND \(Self.text(frame.end))")
        }
        write("(\(parts.joined(separator: " ")))")
    }

    private static func text(_ bound: WindowSpecification.Frame.Bound) -> String {
        switch bound {
        case .unboundedPreceding: "UNBOUNDED PRECEDING"
        case .preceding(let offset): "\(text(offset, in: .membership.tighter)) PRECEDING"
        case .currentRow: "CURRENT ROW"
        case .following(let offset): "\(text(offset, in: .membership.tighter)) FOLLOWING"
        case .unboundedFollowing: "UNBOUNDED FOLLOWING"
        }
    }
}

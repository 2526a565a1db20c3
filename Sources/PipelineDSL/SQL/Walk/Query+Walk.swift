extension Query {
    /// A table that a query reads.
    public struct TableName: Hashable, Sendable {
        /// `table` or `zone.table`
        public var path: [Identifier]
        public var span: SourceSpan

        /// The path as text, without quotes: `silver.telemetry`.
        public var text: String { path.map(\.text).joined(separator: ".") }
    }

    /// Every table it reads, in the order of the text, with repetitions: also in subqueries and
    /// common tables, but not the names of common tables themselves where they are in scope.
    public var tables: [TableName] {
        var collector = TableCollector()
        collector.visit(self, scope: [])
        return collector.tables
    }

    /// Calls `body` with every expression of the query itself that is no operand of another:
    /// select items, conditions, keys, and those of the operands of set operations. Common
    /// tables, tables in `FROM` and subqueries keep theirs.
    public func forEachExpression(_ body: (Expression) -> Void) {
        switch self.body {
        case .select(let select): select.forEachExpression(body)
        case .set(_, _, let operands): for query in operands { query.forEachExpression(body) }
        case .values(let rows): for row in rows { row.forEach(body) }
        case .nested(let query): query.forEachExpression(body)
        }
        for item in orderBy { body(item.expression) }
        limit.map(body)
        offset.map(body)
    }
}

extension Select {
    /// Items, join conditions, filters, keys and windows.
    public func forEachExpression(_ body: (Expression) -> Void) {
        if case .on(let keys)? = distinct { keys.forEach(body) }
        for item in items { body(item.expression) }
        for table in from { table.forEachExpression(body) }
        filter.map(body)
        for item in groupBy { item.forEachExpression(body) }
        having.map(body)
        for window in windows { window.specification.forEachChild(body) }
        qualify.map(body)
    }
}

extension GroupItem {
    public func forEachExpression(_ body: (Expression) -> Void) {
        switch self {
        case .expression(let key): body(key)
        case .rollup(let sets), .cube(let sets), .groupingSets(let sets):
            for set in sets { set.forEach(body) }
        }
    }
}

extension TableReference {
    /// Join conditions and arguments of functions; queries are not entered.
    public func forEachExpression(_ body: (Expression) -> Void) {
        switch kind {
        case .name, .query: break
        case .unnest(let arguments, _): arguments.forEach(body)
        case .function(let call): call.forEachChild(body)
        case .join(_, let left, let right, let condition):
            left.forEachExpression(body)
            right.forEachExpression(body)
            if case .on(let condition) = condition { body(condition) }
        }
    }
}

/// Collects tables, with common tables in scope where SQL puts them: in the common tables behind
/// them and in the query they belong to; a recursive one in itself as well.
private struct TableCollector {
    var tables: [Query.TableName] = []

    mutating func visit(_ query: Query, scope outer: Set<String>) {
        var scope = outer
        if query.isRecursive { scope.formUnion(query.with.map { $0.name.text.lowercased() }) }
        for table in query.with {
            visit(table.query, scope: scope)
            scope.insert(table.name.text.lowercased())
        }
        switch query.body {
        case .select(let select): for table in select.from { visit(table, scope: scope) }
        case .set(_, _, let operands): for operand in operands { visit(operand, scope: scope) }
        case .nested(let inner): visit(inner, scope: scope)
        case .values: break
        }
        visitOwnExpressions(of: query, scope: scope)
    }

    private mutating func visitOwnExpressions(of query: Query, scope: Set<String>) {
        var own = query
        // The operands of a set operation were visited as queries.
        switch query.body {
        case .set, .nested: own.body = .values([])
        case .select, .values: break
        }
        var found: [Query] = []
        own.forEachExpression { $0.walk { $0.forEachQuery { found.append($0) } } }
        for inner in found { visit(inner, scope: scope) }
    }

    private mutating func visit(_ table: TableReference, scope: Set<String>) {
        switch table.kind {
        case .name(let path):
            if path.count == 1, let name = path.first, scope.contains(name.text.lowercased()) {
                return
            }
            let end = path.last?.span ?? table.span
            let span = path.first.map { $0.span.through(end) } ?? table.span
            tables.append(Query.TableName(path: path, span: span))
        case .query(let query, _): visit(query, scope: scope)
        case .join(_, let left, let right, _):
            visit(left, scope: scope)
            visit(right, scope: scope)
        case .unnest, .function: break
        }
    }
}

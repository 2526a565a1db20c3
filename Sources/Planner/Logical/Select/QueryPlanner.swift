import PipelineDSL

/// Plans a query and everything in it. One instance for one text, as all share their diagnostics and
/// the bound on their size.
final class QueryPlanner {
    let settings: SelectPlanner
    let state = CheckState()
    /// The select list planned last: that of the whole query in the end.
    var items: [SelectBlock.Item] = []

    init(_ settings: SelectPlanner) { self.settings = settings }

    /// What is visible around a query.
    struct Environment {
        enum CommonTableState {
            case planned(LogicalNode, size: Int)
            case failed
            /// Its own query is being planned.
            case open(Identifier)
        }

        /// Innermost last.
        var commonTables: [(name: String, table: CommonTableState)] = []
        /// Columns of the query around, for a subquery of an expression.
        var outer: Scope?
        /// Columns that are near but cannot be used, with the reason for the message.
        var forbidden: [(scope: Scope, reason: DiagnosticCode)] = []
    }

    func report(
        _ code: DiagnosticCode, _ message: String, at span: SourceSpan, label: String = "",
        secondary: [Diagnostic.Label] = [], notes: [String] = [], fix: Diagnostic.Fix? = nil
    ) {
        state.diagnostics.add(
            Diagnostic(
                code, message, at: span, label: label, secondary: secondary, notes: notes, fix: fix)
        )
    }

    func typer(_ scope: Scope, _ environment: Environment, _ query: QueryContext? = nil)
        -> ExpressionTyper
    {
        var scope = scope
        scope.outer = environment.outer.map { [$0] } ?? []
        scope.forbidden = environment.forbidden
        return ExpressionTyper(
            catalogue: settings.checker.catalogue, parameters: settings.checker.parameters,
            state: state, scope: scope, query: query)
    }

    // MARK: Queries

    func plan(_ query: Query, in environment: Environment) -> LogicalNode? {
        guard state.depth < CheckState.maximumDepth else {
            state.reportSize(query.span)
            return nil
        }
        state.depth += 1
        defer { state.depth -= 1 }
        guard let environment = adding(query.with, of: query, to: environment) else { return nil }
        return body(query, in: environment)
    }

    private func body(_ query: Query, in environment: Environment) -> LogicalNode? {
        switch query.body {
        case .select(let select):
            return plan(select, of: query, in: environment)?.node
        case .nested(let inner):
            return modified(plan(inner, in: environment), by: query, in: environment)
        case .values(let rows):
            return modified(values(rows, query.span, environment), by: query, in: environment)
        case .set(let op, let all, let operands):
            let node = setOperation(op, all: all, operands, query.span, environment)
            return modified(node, by: query, in: environment)
        }
    }

    /// Under `ORDER BY`, `LIMIT` and `OFFSET` over the columns of the result alone.
    private func modified(
        _ node: LogicalNode?, by query: Query, in environment: Environment
    ) -> LogicalNode? {
        guard let node else { return nil }
        var keys: [SortKey] = []
        var isComplete = true
        var typer = self.typer(Scope(node.schema, name: "the result"), environment)
        for item in query.orderBy {
            if let key = outputKey(item, node, &typer) {
                keys.append(key)
            } else {
                isComplete = false
            }
        }
        guard isComplete, let limit = limit(query, in: environment) else { return nil }
        return sorted(node, keys, query.orderBy.first?.expression.span).limited(limit)
    }

    private func outputKey(
        _ item: OrderItem, _ node: LogicalNode, _ typer: inout ExpressionTyper
    ) -> SortKey? {
        if let ordinal = item.expression.ordinal {
            guard let index = position(ordinal, of: node.schema.fields.count, item.expression.span)
            else { return nil }
            return SortKey(node.column(index, span: item.expression.span), item)
        }
        guard let expression = typer.whole(item.expression), typer.isOrderable(expression, item)
        else {
            return nil
        }
        return SortKey(expression, item)
    }

    func sorted(_ node: LogicalNode, _ keys: [SortKey], _ span: SourceSpan?) -> LogicalNode {
        guard !keys.isEmpty else { return node }
        return LogicalNode(
            .sort(Sort(keys: keys)), inputs: [node], schema: node.schema, span: span)
    }

    /// The position, from 0, that a number in `GROUP BY` or `ORDER BY` means.
    func position(_ ordinal: String, of count: Int, _ span: SourceSpan) -> Int? {
        if let number = Int(ordinal), (1...max(count, 1)).contains(number), count > 0 {
            return number - 1
        }
        report(
            .ordinalOutOfRange, "there is no column \(ordinal) in the select list", at: span,
            notes: ["it has \(count) columns, counted from 1"])
        return nil
    }

    // MARK: LIMIT

    func limit(_ query: Query, in environment: Environment) -> Limit? {
        guard let count = rowCount(query.limit, "LIMIT", environment),
            let offset = rowCount(query.offset, "OFFSET", environment)
        else { return nil }
        return Limit(count: count.value, offset: offset.value ?? 0)
    }

    private func rowCount(
        _ expression: Expression?, _ clause: String, _ environment: Environment
    ) -> (value: Int64?, Void)? {
        guard let expression else { return (nil, ()) }
        if expression.mayBeConstant {
            var typer = self.typer(Scope(), Environment())
            guard let typed = typer.whole(expression) else { return nil }
            if typed.isNullLiteral { return (nil, ()) }
            if case .literal(.integer(let count))? = typed.literal(as: .bigint)?.kind, count >= 0 {
                return (count, ())
            }
        }
        report(
            .limitNotConstant, "`\(clause)` takes a whole number from 0", at: expression.span,
            notes: ["write a number, or a parameter that is one"])
        return nil
    }

    // MARK: Common tables

    private func adding(
        _ tables: [CommonTable], of query: Query, to environment: Environment
    ) -> Environment? {
        var environment = environment
        var names: [String: Identifier] = [:]
        for table in tables {
            let name = table.name.text.lowercased()
            if let first = names[name] {
                report(
                    .duplicateTableName, "`\(table.name.text)` is defined twice",
                    at: table.name.span,
                    secondary: [Diagnostic.Label(first.span, "first defined here")],
                    notes: ["give one of them another name"])
            }
            names[name] = table.name
            var inner = environment
            inner.outer = nil
            inner.forbidden = environment.outer.map { [($0, .outerColumn)] } ?? []
            inner.commonTables.append((name, .open(table.name)))
            let node = plan(table.query, in: inner).flatMap { renamed($0, by: table) }
            environment.commonTables.append(
                (name, node.map { .planned($0, size: $0.size) } ?? .failed))
        }
        return environment
    }

    private func renamed(_ node: LogicalNode, by table: CommonTable) -> LogicalNode? {
        guard !table.columns.isEmpty else { return node }
        guard table.columns.count <= node.schema.fields.count else {
            reportColumnList(table.columns, node.schema.fields.count)
            return nil
        }
        let columns = node.schema.fields.enumerated().map { index, field in
            let name = index < table.columns.count ? table.columns[index].text : field.name
            return NamedExpression(name, node.column(index), pii: field.pii)
        }
        return node.projected(columns, span: table.name.span)
    }

    func reportColumnList(_ names: [Identifier], _ count: Int) {
        let span = names[0].span.through(names[names.count - 1].span)
        report(
            .columnListLength, "\(names.count) names for \(count) columns", at: span,
            notes: ["leave some out: columns without a new name keep theirs"])
    }

    // MARK: The whole

    /// Checks what only a whole result must fulfil: distinct names, known types, bounded depth.
    func finished(_ node: LogicalNode, _ span: SourceSpan) -> LogicalNode? {
        guard node.depth < LogicalNode.maximumDepth else {
            state.reportSize(span)
            return nil
        }
        guard let node = withDistinctNames(node, span) else { return nil }
        guard node.schema.fields.contains(where: { $0.type == .null }) else { return node }
        // A column of bare NULLs is text, as in PostgreSQL.
        let columns = node.schema.fields.enumerated().map { index, field in
            let column = node.column(index)
            let isUnknown = field.type == .null
            return NamedExpression(
                field.name, isUnknown ? column.converted(to: .string) : column, pii: field.pii)
        }
        return node.projected(columns, span: span)
    }

    private func withDistinctNames(_ node: LogicalNode, _ span: SourceSpan) -> LogicalNode? {
        var seen: Set<String> = []
        var repeated: [String] = []
        for field in node.schema.fields where !seen.insert(field.name.lowercased()).inserted {
            repeated.append(field.name)
        }
        guard let first = repeated.first else { return node }
        guard settings.renamesDuplicates else {
            reportRepeated(first, in: node, span)
            return nil
        }
        var names: Set<String> = []
        let columns = node.schema.fields.enumerated().map { index, field in
            NamedExpression(
                distinctName(field.name, "_", from: 1, &names), node.column(index), pii: field.pii)
        }
        return node.projected(columns, span: span)
    }
}

extension QueryPlanner {
    private func reportRepeated(_ name: String, in node: LogicalNode, _ span: SourceSpan) {
        let isOwn = items.map(\.name) == node.schema.names
        let spans =
            isOwn ? items.filter { $0.name.lowercased() == name.lowercased() }.map(\.span) : []
        report(
            .duplicateColumnName, "the result has two columns `\(name)`", at: spans.last ?? span,
            secondary: spans.prefix(1).filter { $0 != spans.last }.map {
                Diagnostic.Label($0, "the other one")
            },
            notes: ["rename one with `AS`, or leave it out: `SELECT a.*, b.* EXCLUDE (\(name))`"])
    }
}

/// The name itself where it is free, else with the first number behind it that is.
func distinctName(
    _ name: String, _ separator: String, from start: Int, _ taken: inout Set<String>
) -> String {
    var candidate = name
    var number = start
    while !taken.insert(candidate.lowercased()).inserted {
        candidate = "\(name)\(separator)\(number)"
        number += 1
    }
    return candidate
}

extension Expression {
    /// A literal, or a parameter, perhaps with a sign.
    fileprivate var mayBeConstant: Bool {
        switch kind {
        case .literal, .parameter: true
        case .unary(_, let operand), .cast(let operand, _, _): operand.mayBeConstant
        case .invalid: true
        default: false
        }
    }

    /// The digits, where it is a bare whole number.
    var ordinal: String? { if case .literal(.integer(let digits)) = kind { digits } else { nil } }
}

extension LogicalNode {
    func limited(_ limit: Limit) -> LogicalNode {
        guard limit.count != nil || limit.offset > 0 else { return self }
        return LogicalNode(.limit(limit), inputs: [self], schema: schema, span: span)
    }
}

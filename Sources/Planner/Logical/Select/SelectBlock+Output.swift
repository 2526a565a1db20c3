import PipelineDSL

extension SelectBlock {
    /// A key of `ORDER BY`.
    struct OrderKey {
        enum Target {
            /// A column of the select list.
            case item(Int)
            case expression(TypedExpression)
        }
        var target: Target
        var item: OrderItem
    }

    enum Distinct {
        case none
        case all
        case on([OrderKey.Target])
    }

    // MARK: Typing

    func typeOrder(_ items: [Item]) -> [OrderKey]? {
        var keys: [OrderKey] = []
        var isComplete = true
        for item in query.orderBy {
            if let target = target(item.expression, items), isOrderable(target, items, item) {
                keys.append(OrderKey(target: target, item: item))
            } else {
                isComplete = false
            }
        }
        return isComplete ? keys : nil
    }

    func typeDistinct(_ items: [Item]) -> Distinct? {
        switch select.distinct {
        case nil: return Distinct.none
        case .all: return .all
        case .on(let expressions):
            let targets = expressions.map { target($0, items) }
            guard targets.allSatisfy({ $0 != nil }) else { return nil }
            return .on(targets.compactMap(\.self))
        }
    }

    /// A position, a name of the select list, or any expression.
    private func target(_ expression: Expression, _ items: [Item]) -> OrderKey.Target? {
        if let ordinal = expression.ordinal {
            return planner.position(ordinal, of: items.count, expression.span).map { .item($0) }
        }
        if case .name(let path) = expression.kind, path.count == 1 {
            let name = path[0].text.lowercased()
            let matching = items.indices.filter { items[$0].name.lowercased() == name }
            if let first = matching.first,
                matching.allSatisfy({ items[$0].expression == items[first].expression })
            {
                return .item(first)
            }
        }
        return at(.order) { typer in afterAliases { typer.whole(expression) } }.map {
            .expression($0)
        }
    }

    private func isOrderable(_ target: OrderKey.Target, _ items: [Item], _ item: OrderItem) -> Bool
    {
        switch target {
        case .item(let index): typer.isOrderable(items[index].expression, item)
        case .expression(let expression): typer.isOrderable(expression, item)
        }
    }

    // MARK: Output

    /// The columns that the last projection makes: those of the select list, those that connect them
    /// with the query around, and those that only `ORDER BY` and `DISTINCT ON` look at.
    private struct Columns {
        var list: [NamedExpression]
        var visible: Int
        var kept: Int

        /// The position of an expression over the row before the projection.
        mutating func position(of column: NamedExpression) -> Int {
            if let position = list.firstIndex(where: { $0.expression == column.expression }) {
                return position
            }
            list.append(column)
            return list.count - 1
        }
    }

    func output(
        _ items: [Item], _ distinct: Distinct, _ order: [OrderKey], _ limit: Limit
    ) -> Planned? {
        guard var columns = columns(items), let connection = connection(&columns) else {
            return nil
        }
        guard let keys = positions(of: order.map(\.target), &columns),
            let on = distinctPositions(distinct, &columns)
        else { return nil }
        if case .all = distinct, columns.list.count > columns.kept {
            reportOrderOfDistinct(order, keys, columns.kept)
            return nil
        }
        guard isDistinctOnOrdered(on, keys) else { return nil }
        node = node.projected(columns.list, span: select.span)
        let sort = zip(keys, order).map { SortKey(node.column($0), $1.item) }
        guard apply(distinct, on, sort, connection, columns) else { return nil }
        guard let emptyRow = emptyRow(items, connection) else { return nil }
        let isConnected = !connection.keys.isEmpty || !connection.residual.isEmpty
        if isConnected, limit.count != nil || limit.offset > 0 {
            guard limitEach(sort, limit, connection) else { return nil }
        } else {
            node = planner.sorted(node, isConnected ? [] : sort, select.span).limited(limit)
        }
        if node.schema.fields.count > columns.kept {
            node = node.picking(0..<columns.kept, span: select.span)
        }
        planner.items = items
        return Planned(
            node: node, visible: columns.visible, keys: connection.keys,
            residual: connection.residual, emptyRow: emptyRow.row)
    }

    private func columns(_ items: [Item]) -> Columns? {
        var list: [NamedExpression] = []
        var isComplete = true
        var failed: SourceSpan?
        for item in items {
            // Of a star, one column that is wrong is enough.
            if item.span == failed { continue }
            guard let expression = resolved(item.expression), !rejectOuter(expression) else {
                isComplete = false
                failed = item.span
                continue
            }
            list.append(named(item.name, expression))
        }
        return isComplete ? Columns(list: list, visible: list.count, kept: list.count) : nil
    }

    private func positions(of targets: [OrderKey.Target], _ columns: inout Columns) -> [Int]? {
        var positions: [Int] = []
        var isComplete = true
        for target in targets {
            switch target {
            case .item(let index): positions.append(index)
            case .expression(let expression):
                guard let expression = resolved(expression), !rejectOuter(expression) else {
                    isComplete = false
                    continue
                }
                positions.append(
                    columns.position(of: named("order\(columns.list.count + 1)", expression)))
            }
        }
        return isComplete ? positions : nil
    }

    private func distinctPositions(_ distinct: Distinct, _ columns: inout Columns) -> [Int]? {
        guard case .on(let targets) = distinct else { return [] }
        return positions(of: targets, &columns)
    }

    // MARK: DISTINCT

    private func apply(
        _ distinct: Distinct, _ on: [Int], _ sort: [SortKey], _ connection: Connection,
        _ columns: Columns
    ) -> Bool {
        switch distinct {
        case .none: return true
        case .all:
            guard at(.select, { $0.isGroupable(columns.list.map(\.expression)) }) else {
                return false
            }
            node = node.distinct(span: select.span)
        case .on:
            let keys = on.map { node.column($0) } + connection.keys.map { node.column($0.position) }
            guard at(.select, { $0.isGroupable(keys) }) else { return false }
            node = LogicalNode(
                .distinctOn(DistinctOn(on: keys, orderBy: sort)), inputs: [node],
                schema: node.schema, span: select.span)
        }
        return true
    }

    private func reportOrderOfDistinct(_ order: [OrderKey], _ keys: [Int], _ kept: Int) {
        for (key, position) in zip(order, keys) where position >= kept {
            report(
                .orderOfDistinct, "`SELECT DISTINCT` is ordered by a value it does not select",
                at: key.item.expression.span, notes: ["add it to the select list"])
        }
    }

    /// `ORDER BY` starts with the keys of `DISTINCT ON`.
    private func isDistinctOnOrdered(_ on: [Int], _ keys: [Int]) -> Bool {
        guard !on.isEmpty, !keys.isEmpty else { return true }
        let leading = keys.prefix(Set(on).count)
        guard let stray = leading.firstIndex(where: { !on.contains($0) }) else { return true }
        report(
            .distinctOnOrder, "`ORDER BY` does not start with the keys of `DISTINCT ON`",
            at: query.orderBy[stray].expression.span,
            notes: ["order by those keys first, then by what decides which row is kept"])
        return false
    }

    // MARK: Correlation

    /// How the rows are connected with the query around.
    struct Connection {
        var keys: [CorrelationKey] = []
        var residual: [TypedExpression] = []
    }

    private func connection(_ columns: inout Columns) -> Connection? {
        guard !correlated.isEmpty else { return Connection() }
        var connection = Connection()
        if let grouping {
            for (index, pair) in grouping.outer.enumerated() {
                columns.list.append(
                    named("key\(index + 1)", node.column(grouping.outerPosition(index))))
                connection.keys.append(
                    CorrelationKey(position: columns.list.count - 1, outer: pair.outer))
            }
        } else {
            let (pairs, residual) = splitCorrelation()
            for (index, pair) in pairs.enumerated() {
                columns.list.append(named("key\(index + 1)", pair.inner))
                connection.keys.append(
                    CorrelationKey(position: columns.list.count - 1, outer: pair.outer))
            }
            connection.residual = residual.map { conjunct in
                conjunct.mapColumns { column in
                    guard VirtualColumn.isReal(column) else { return column }
                    return columns.position(of: named("key_\(column)", node.column(column)))
                }
            }
        }
        columns.kept = columns.list.count
        return connection
    }

    /// The first rows for each row of the query around, instead of the first of all.
    private func limitEach(_ sort: [SortKey], _ limit: Limit, _ connection: Connection) -> Bool {
        guard connection.residual.isEmpty else {
            reportCorrelation(connection.residual[0], "with `LIMIT`")
            return false
        }
        let number = Window.Call(
            name: "row_number", function: "row_number", arguments: [],
            partitionBy: connection.keys.map { node.column($0.position) }, orderBy: sort,
            frame: Window.Frame(
                unit: .range, start: .unboundedPreceding,
                end: sort.isEmpty ? .unboundedFollowing : .currentRow), type: .bigint,
            nullable: false)
        let position = node.schema.fields.count
        let fields = node.schema.fields + [Field(number.name, .bigint, nullable: false)]
        node = LogicalNode(
            .window(Window(calls: [number])), inputs: [node], schema: Schema(fields),
            span: select.span)
        var conditions: [TypedExpression] = []
        func bound(_ name: String, _ value: Int64) {
            let operands = [
                node.column(position), TypedExpression.literal(.integer(value), .bigint),
            ]
            conditions.append(
                TypedExpression(
                    .call(name, operands), type: .boolean, nullable: false, fallible: false))
        }
        if limit.offset > 0 { bound("gt", limit.offset) }
        if let count = limit.count {
            let (last, overflow) = limit.offset.addingReportingOverflow(count)
            if !overflow { bound("le", last) }
        }
        node = node.filtered(conditions, span: select.span)
        return true
    }

    /// What an aggregate without groups yields where no row is found: a join finds no group at all.
    private func emptyRow(_ items: [Item], _ connection: Connection) -> (
        row: [TypedExpression]?, Void
    )? {
        guard let grouping, grouping.isGlobal, !connection.keys.isEmpty else { return (nil, ()) }
        guard select.having == nil, context.windows.isEmpty else {
            report(
                .unsupportedCorrelation,
                "a correlated aggregate cannot have `HAVING` or window functions", at: select.span,
                notes: ["group by the compared column in `FROM`, and join that"])
            return nil
        }
        let row = items.map { item in
            item.expression.replacingColumns { column in
                VirtualColumn.Family.aggregates.index(column).map {
                    emptyValue(of: context.aggregates[$0])
                }
            }
        }
        guard let stray = row.first(where: { !$0.columns.isEmpty }) else { return (row, ()) }
        reportCorrelation(stray, "inside of the aggregate's result")
        return nil
    }

    private func emptyValue(of call: Aggregate.Call) -> TypedExpression {
        let function = planner.settings.checker.catalogue[call.function]
        let isCount = function?.overloads.first?.nulls == .never
        return .literal(isCount ? .integer(0) : .null, call.type, span: call.span)
    }
}

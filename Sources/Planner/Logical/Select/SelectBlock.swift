import PipelineDSL

/// One `SELECT`, planned in the order in which SQL defines it: tables, `WHERE`, groups, `HAVING`, windows,
/// `QUALIFY`, the select list, `DISTINCT`, `ORDER BY`, `LIMIT`.
///
/// Its expressions are first all typed over the row of `FROM`; what they need computed beside them
/// (aggregates, windows, subqueries) is collected as virtual columns. Then the operations are stacked,
/// and each expression is resolved over the row it is evaluated on.
final class SelectBlock {
    let planner: QueryPlanner
    let environment: QueryPlanner.Environment
    let select: Select
    let query: Query
    let context: QueryContext
    var typer: ExpressionTyper
    let factors: [TableRelation]

    /// What the operations so far yield.
    var node: LogicalNode
    /// Conditions that use columns of the query around.
    var correlated: [TypedExpression] = []
    /// Subqueries needed before and after grouping.
    var before: [PendingSubquery] = []
    var after: [PendingSubquery] = []
    /// What stands for each subquery once it is joined.
    var subqueryValues: [Int: TypedExpression] = [:]
    var grouping: Grouping?
    var windowOffset = 0

    init(
        _ select: Select, of query: Query, factors: [TableRelation],
        in environment: QueryPlanner.Environment, planner: QueryPlanner
    ) {
        self.planner = planner
        self.environment = environment
        self.select = select
        self.query = query
        self.factors = factors
        context = QueryContext(place: .select) { _, _, _, _ in nil }
        let rows = factors.isEmpty ? planner.oneRow(select.span) : planner.product(factors)
        node = rows.node
        typer = planner.typer(rows.scope, environment, context)
        context.definitions = select.windows.map { ($0.name, $0.specification) }
        context.aliases = select.items.compactMap { item in
            item.alias.map { ($0, item.expression) }
        }
        context.hasGroups = select.alwaysHasGroups
    }

    /// Types something in one of the clauses.
    func at<T>(_ place: Place, _ body: (inout ExpressionTyper) -> T) -> T {
        let outside = context.place
        context.place = place
        defer { context.place = outside }
        // A subquery inside comes back to this block, so the typer itself is not lent out.
        var typer = self.typer
        return body(&typer)
    }

    func report(
        _ code: DiagnosticCode, _ message: String, at span: SourceSpan, notes: [String] = [],
        secondary: [Diagnostic.Label] = [], fix: Diagnostic.Fix? = nil
    ) {
        planner.report(code, message, at: span, secondary: secondary, notes: notes, fix: fix)
    }

    /// Where the block is not correlated with the query around it, `keys` and `residual` are empty.
    struct Planned {
        var node: LogicalNode
        /// Columns of the result; those behind them only connect it with the query around.
        var visible: Int
        var keys: [CorrelationKey] = []
        /// Over the columns of the node, and outer ones.
        var residual: [TypedExpression] = []
        /// What it yields where no row is found, for aggregates without groups.
        var emptyRow: [TypedExpression]?
    }

    func planned() -> Planned? {
        context.subquery = { [unowned self] use, query, span, typer in
            self.subquery(use, query, span, &typer)
        }
        let conditions = typeConditions()
        guard let groups = typeGroups() else { return nil }
        let items = typeItems()
        let having = select.having.map { clause in
            at(.having) { typer in afterAliases { typer.wholeCondition(clause, of: "HAVING") } }
        }
        let qualify = select.qualify.map { clause in
            at(.qualify) { typer in afterAliases { typer.wholeCondition(clause, of: "QUALIFY") } }
        }
        guard let conditions, let items, let order = typeOrder(items),
            let distinct = typeDistinct(items),
            let limit = planner.limit(query, in: environment),
            having.map({ $0 != nil }) ?? true, qualify.map({ $0 != nil }) ?? true
        else { return nil }
        guard filter(conditions), group(groups, items), attach(after) else { return nil }
        if let having = having.flatMap(\.self), !keep(having) { return nil }
        guard window(items) else { return nil }
        if let qualify = qualify.flatMap(\.self), !keep(qualify) { return nil }
        return output(items, distinct, order, limit)
    }

    /// With all names of the select list in reach.
    func afterAliases<T>(_ body: () -> T) -> T {
        context.visibleAliases = context.aliases.count
        defer { context.visibleAliases = 0 }
        return body()
    }

    private func keep(_ condition: TypedExpression) -> Bool {
        guard let condition = resolved(condition), !rejectOuter(condition) else { return false }
        node = node.filtered(condition.conjuncts, span: condition.span)
        return true
    }

    /// Outside of `WHERE`, columns of the query around cannot be made a join.
    func rejectOuter(_ expression: TypedExpression) -> Bool {
        guard let span = expression.outerSpan else { return false }
        report(
            .unsupportedCorrelation,
            "this column belongs to the query around this one, and is used outside of `WHERE`",
            at: span,
            notes: ["compare it in the subquery's `WHERE`, or select it in the outer query"])
        return true
    }

    // MARK: Resolution

    /// Over the row that the operations so far yield; `nil` where a column is not part of a group.
    func resolved(_ expression: TypedExpression) -> TypedExpression? {
        if let grouping { return grouping.resolved(expression, in: self) }
        return placed(expression)
    }

    /// With subqueries and windows at their places.
    func placed(_ expression: TypedExpression) -> TypedExpression {
        expression.replacingColumns { column in
            if let index = VirtualColumn.Family.subqueries.index(column) {
                return self.subqueryValues[index]
            }
            if let index = VirtualColumn.Family.windows.index(column),
                self.node.schema.fields.indices.contains(self.windowOffset + index)
            {
                return self.node.column(self.windowOffset + index)
            }
            return nil
        }
    }

    func named(_ name: String, _ expression: TypedExpression) -> NamedExpression {
        NamedExpression(name, expression, pii: expression.pii(over: node.schema))
    }
}

extension TypedExpression {
    /// Where a column of the query around is used.
    var outerSpan: SourceSpan? {
        if case .column(let index) = kind, VirtualColumn.outerIndex(index) != nil { return span }
        for child in children { if let span = child.outerSpan { return span } }
        return nil
    }
}

extension Select {
    /// Whether every row of the result stands for at least one row of the input.
    fileprivate var alwaysHasGroups: Bool {
        if groupByAll { return true }
        return groupBy.contains { item in
            switch item {
            case .expression: true
            case .rollup, .cube: false
            case .groupingSets(let sets): !sets.isEmpty && sets.allSatisfy { !$0.isEmpty }
            }
        }
    }
}

extension QueryPlanner {
    func plan(
        _ select: Select, of query: Query, over relation: TableRelation? = nil,
        in environment: Environment
    ) -> SelectBlock.Planned? {
        if let relation {
            return SelectBlock(
                select, of: query, factors: [relation], in: environment, planner: self
            ).planned()
        }
        guard let factors = factors(select.from, environment) else { return nil }
        return SelectBlock(select, of: query, factors: factors, in: environment, planner: self)
            .planned()
    }
}

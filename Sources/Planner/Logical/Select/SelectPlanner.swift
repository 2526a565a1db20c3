import PipelineDSL

/// Turns a query into a tree of relational operations: names resolved, types checked, subqueries
/// made joins. All mistakes are collected.
public struct SelectPlanner {
    /// What a table name of a query stands for.
    public enum Relation {
        case found(LogicalNode)
        case unknown
        /// It exists but is itself wrong; a diagnostic says so.
        case failed
    }

    public var checker: ExpressionChecker
    /// The relation of a name, or of the parts of `zone.table`.
    public var relation: ([Identifier]) -> Relation
    /// Names that ``relation`` knows, for suggestions.
    public var relationNames: [String]
    /// Where a result has two columns of one name: give the second another (`id_1`), as an interactive
    /// query wants, or refuse it, as a table needs.
    public var renamesDuplicates = false

    public init(
        checker: ExpressionChecker, relationNames: [String] = [],
        relation: @escaping ([Identifier]) -> Relation
    ) {
        self.checker = checker
        self.relationNames = relationNames
        self.relation = relation
    }

    /// `nil` where something is wrong with the query; `diagnostics` then say what.
    public func plan(_ text: SourceText, diagnostics: inout DiagnosticBag) -> LogicalNode? {
        let (query, found) = SQLParser.query(text)
        diagnostics.add(contentsOf: found)
        let isSound = !found.contains { $0.severity == .error }
        let node = query.flatMap { plan($0, diagnostics: &diagnostics) }
        return isSound ? node : nil
    }

    public func plan(_ query: Query, diagnostics: inout DiagnosticBag) -> LogicalNode? {
        planning(query.span, &diagnostics) { planner in
            planner.plan(query, in: QueryPlanner.Environment())
        }
    }

    /// A `SELECT` without `FROM`, over a given relation: what a step with expressions is short for.
    /// `name` is how messages call the relation and what may qualify its columns.
    public func plan(
        _ select: Select, over input: LogicalNode, named name: String,
        diagnostics: inout DiagnosticBag
    ) -> LogicalNode? {
        planning(select.span, &diagnostics) { planner in
            var scope = Scope(input.schema, name: name)
            scope.description = name
            let query = Query(body: .select(select), span: select.span)
            return planner.plan(
                select, of: query, over: TableRelation(node: input, scope: scope),
                in: QueryPlanner.Environment())?.node
        }
    }

    private func planning(
        _ span: SourceSpan, _ diagnostics: inout DiagnosticBag,
        _ body: (QueryPlanner) -> LogicalNode?
    ) -> LogicalNode? {
        let planner = QueryPlanner(self)
        let node = body(planner).flatMap { planner.finished($0, span) }
        diagnostics.add(contentsOf: planner.state.diagnostics.all)
        return planner.state.diagnostics.hasErrors ? nil : node
    }
}

/// A planned table of `FROM`: its rows, and the names of their columns. A position in the scope is a
/// position in the rows; rows may have further columns behind that no name reaches.
struct TableRelation {
    var node: LogicalNode
    var scope: Scope

    var width: Int { node.schema.fields.count }
}

import PipelineDSL

/// Positions of columns that are no columns of the row yet: they stand for what a query still has to
/// compute. The select planner gives each its place in a row before a plan is made; none leaves it.
enum VirtualColumn {
    private static let stride = 1 << 40

    /// A column of the query around this one.
    static func outer(_ index: Int) -> Int { -1 - index }
    static func outerIndex(_ column: Int) -> Int? { column < 0 ? -1 - column : nil }

    enum Family: Int {
        case aggregates = 1, windows, subqueries, grouping

        func column(_ index: Int) -> Int { rawValue * stride + index }

        func index(_ column: Int) -> Int? {
            column >= rawValue * stride && column < (rawValue + 1) * stride
                ? column - rawValue * stride : nil
        }
    }

    static func isReal(_ column: Int) -> Bool { column >= 0 && column < stride }
}

/// What all parts of one check share: the diagnostics, and how much work was done.
final class CheckState {
    /// Expressions that are short for others may grow to at most this many parts.
    static let maximumWork = 200_000
    static let maximumDepth = 500

    var diagnostics = DiagnosticBag()
    private(set) var work = 0
    var depth = 0
    private var hasReportedSize = false

    /// False where that would be too much; a diagnostic says so once.
    func spend(_ amount: Int, at span: SourceSpan) -> Bool {
        let (sum, overflow) = work.addingReportingOverflow(amount)
        work = overflow ? .max : sum
        guard work > Self.maximumWork else { return true }
        reportSize(span)
        return false
    }

    func reportSize(_ span: SourceSpan) {
        guard !hasReportedSize else { return }
        hasReportedSize = true
        diagnostics.add(
            Diagnostic(
                .expressionTooLarge, "this expression grows too large", at: span,
                notes: ["compute a part of it in an earlier step, a subquery or another transform"])
        )
    }
}

/// Where an expression stands, and what of a query may stand there.
struct Place: Sendable {
    /// `WHERE`, `a join condition`
    var name: String
    var aggregates = false
    var windows = false
    var subqueries = false

    static let select = Place(
        name: "the select list", aggregates: true, windows: true, subqueries: true)
    static let filter = Place(name: "WHERE", subqueries: true)
    static let group = Place(name: "GROUP BY", subqueries: true)
    static let having = Place(name: "HAVING", aggregates: true, subqueries: true)
    static let qualify = Place(name: "QUALIFY", aggregates: true, windows: true, subqueries: true)
    static let order = Place(name: "ORDER BY", aggregates: true, windows: true, subqueries: true)
    static let join = Place(name: "a join condition")
    static let constant = Place(name: "a constant")
    static let from = Place(name: "FROM")
}

/// How a subquery is used.
enum SubqueryUse {
    case scalar
    case exists
    case member(TypedExpression, negated: Bool)
}

/// Collects what the expressions of one `SELECT` need computed beside them.
final class QueryContext {
    var place: Place
    /// Whether a group always has a row, so that an aggregate of what is never null is never null.
    var hasGroups = false
    var isGrouped = false
    var aggregates: [Aggregate.Call] = []
    var windows: [Window.Call] = []
    var definitions: [(name: Identifier, window: WindowSpecification)] = []
    /// `tumble`, `hop` or `session` of `GROUP BY`, typed: what the select list may repeat.
    var eventWindow: TypedExpression?
    /// Names of the select list, which expressions may use where no column has the name; of them only
    /// the first `visibleAliases`.
    var aliases: [(name: Identifier, expression: Expression)] = []
    var visibleAliases = 0
    var isInsideAggregate = false
    var isInsideWindow = false
    /// Plans a subquery and yields the expression that stands for its value.
    var subquery: (SubqueryUse, Query, SourceSpan, inout ExpressionTyper) -> TypedExpression?

    init(
        place: Place,
        subquery:
            @escaping (SubqueryUse, Query, SourceSpan, inout ExpressionTyper) ->
            TypedExpression?
    ) {
        self.place = place
        self.subquery = subquery
    }
}

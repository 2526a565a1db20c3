/// A `SELECT` with everything around it: `WITH … body ORDER BY … LIMIT … OFFSET …`.
public struct Query: Hashable, Sendable {
    public var with: [CommonTable]
    public var isRecursive: Bool
    public var body: Body
    public var orderBy: [OrderItem]
    public var limit: Expression?
    public var offset: Expression?
    public var span: SourceSpan

    public init(
        with: [CommonTable] = [], isRecursive: Bool = false, body: Body, orderBy: [OrderItem] = [],
        limit: Expression? = nil, offset: Expression? = nil, span: SourceSpan
    ) {
        self.with = with
        self.isRecursive = isRecursive
        self.body = body
        self.orderBy = orderBy
        self.limit = limit
        self.offset = offset
        self.span = span
    }

    public indirect enum Body: Hashable, Sendable {
        case select(Select)
        /// Two or more operands of one operator, left to right, so a long chain is not a deep tree.
        case set(SetOperator, all: Bool, [Query])
        case values([[Expression]])
        /// A query in parentheses, with its own `ORDER BY` and `LIMIT`.
        case nested(Query)
    }

    public enum SetOperator: String, Hashable, Sendable { case union, intersect, except }
}

public struct CommonTable: Hashable, Sendable {
    public var name: Identifier
    public var columns: [Identifier]
    public var query: Query

    public init(name: Identifier, columns: [Identifier] = [], query: Query) {
        self.name = name
        self.columns = columns
        self.query = query
    }
}

public struct Select: Hashable, Sendable {
    public enum Distinct: Hashable, Sendable {
        case all
        case on([Expression])
    }

    public var distinct: Distinct?
    public var items: [SelectItem]
    public var from: [TableReference]
    public var filter: Expression?
    public var groupBy: [GroupItem]
    /// `GROUP BY ALL`
    public var groupByAll: Bool
    public var having: Expression?
    public var windows: [NamedWindow]
    public var qualify: Expression?
    public var span: SourceSpan

    public init(
        distinct: Distinct? = nil, items: [SelectItem], from: [TableReference] = [],
        filter: Expression? = nil, groupBy: [GroupItem] = [], groupByAll: Bool = false,
        having: Expression? = nil, windows: [NamedWindow] = [], qualify: Expression? = nil,
        span: SourceSpan
    ) {
        self.distinct = distinct
        self.items = items
        self.from = from
        self.filter = filter
        self.groupBy = groupBy
        self.groupByAll = groupByAll
        self.having = having
        self.windows = windows
        self.qualify = qualify
        self.span = span
    }
}

public struct NamedWindow: Hashable, Sendable {
    public var name: Identifier
    public var specification: WindowSpecification

    public init(name: Identifier, specification: WindowSpecification) {
        self.name = name
        self.specification = specification
    }
}

public struct SelectItem: Hashable, Sendable {
    /// May be `.star`.
    public var expression: Expression
    public var alias: Identifier?

    public init(_ expression: Expression, alias: Identifier? = nil) {
        self.expression = expression
        self.alias = alias
    }
}

public enum GroupItem: Hashable, Sendable {
    case expression(Expression)
    case rollup([[Expression]])
    case cube([[Expression]])
    case groupingSets([[Expression]])
}

public struct TableReference: Hashable, Sendable {
    public var kind: Kind
    public var alias: Identifier?
    public var columnAliases: [Identifier]
    public var span: SourceSpan

    public init(
        _ kind: Kind, alias: Identifier? = nil, columnAliases: [Identifier] = [], span: SourceSpan
    ) {
        self.kind = kind
        self.alias = alias
        self.columnAliases = columnAliases
        self.span = span
    }

    public indirect enum Kind: Hashable, Sendable {
        /// `table` or `zone.table`
        case name([Identifier])
        case query(Query, lateral: Bool)
        /// `UNNEST(expr, …) [WITH ORDINALITY]`
        case unnest([Expression], withOrdinality: Bool)
        /// `read_parquet('…')`, `generate_series(…)`, `tumble(TABLE …)`: a table function.
        case function(FunctionCall)
        case join(JoinKind, TableReference, TableReference, JoinCondition)
    }
}

public enum JoinKind: String, Hashable, Sendable, Codable {
    case inner, left, right, full, cross
    /// `LEFT SEMI JOIN`, `LEFT ANTI JOIN`
    case semi, anti
}

public enum JoinCondition: Hashable, Sendable {
    case on(Expression)
    case using([Identifier])
    case natural
    case none
}

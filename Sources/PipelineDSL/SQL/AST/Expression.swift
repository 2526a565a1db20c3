/// A name as written: `text` is what it means (quotes removed), `quoted` whether it stood in
/// double quotes or backticks.
public struct Identifier: Hashable, Sendable {
    public var text: String
    public var quoted: Bool
    public var span: SourceSpan

    public init(_ text: String, quoted: Bool = false, span: SourceSpan) {
        self.text = text
        self.quoted = quoted
        self.span = span
    }
}

/// An expression as parsed: nothing is resolved and nothing is typed yet.
public struct Expression: Hashable, Sendable {
    public var kind: Kind
    public var span: SourceSpan

    public init(_ kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
    }

    public indirect enum Kind: Hashable, Sendable {
        case literal(LiteralToken)
        /// `${name}`, `${env:NAME:-default}`, `${secret:NAME}`: a typed literal, never text.
        case parameter(ParameterReference)
        /// `a`, `t.a`, `zone.table.a`, `struct_column.field`: which, the checker decides.
        case name([Identifier])
        /// `*` or `t.*`; only in a select list and in `count(*)`.
        case star(qualifier: [Identifier], exclude: [Identifier])
        case unary(UnaryOperator, Expression)
        case binary(BinaryOperator, Expression, Expression)
        /// Two or more operands, so that a long chain is not a deep tree.
        case and([Expression])
        case or([Expression])
        case not(Expression)
        case between(Expression, low: Expression, high: Expression, negated: Bool)
        case inList(Expression, [Expression], negated: Bool)
        case inQuery(Expression, Query, negated: Bool)
        case exists(Query)
        case like(
            Expression, pattern: Expression, escape: Expression?, caseInsensitive: Bool,
            negated: Bool)
        /// `~`, `~*`, `!~`, `!~*`
        case matches(Expression, pattern: Expression, caseInsensitive: Bool, negated: Bool)
        case isNull(Expression, negated: Bool)
        /// `IS [NOT] TRUE | FALSE | UNKNOWN`; `nil` is unknown.
        case isTruth(Expression, Bool?, negated: Bool)
        case isDistinct(Expression, from: Expression, negated: Bool)
        case caseWhen(operand: Expression?, branches: [Branch], otherwise: Expression?)
        /// `CAST`, `TRY_CAST` (`isTry`), `x::type`, and typed literals such as `DATE '2026-01-01'`.
        case cast(Expression, TypeName, isTry: Bool)
        case call(FunctionCall)
        /// `EXTRACT(field FROM x)`
        case extract(Identifier, Expression)
        case subquery(Query)
        case array([Expression])
        /// `a[i]`, 1-based as in PostgreSQL.
        case element(Expression, index: Expression)
        /// `(expr).field`, for what is not a plain dotted name.
        case field(Expression, Identifier)
        /// What could not be parsed; a diagnostic already says so. The checker stays quiet on it.
        case invalid
    }

    public struct Branch: Hashable, Sendable {
        public var when: Expression
        public var then: Expression

        public init(when: Expression, then: Expression) {
            self.when = when
            self.then = then
        }
    }
}

public enum LiteralToken: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// The digits as written (no sign): an integer that fits its type is decided by the checker.
    case integer(String)
    /// Has a point but no exponent: exact, a decimal in SQL.
    case decimal(String)
    /// Has an exponent: a double.
    case double(String)
    case string(String)
    /// `X'00ff'`
    case bytes([UInt8])
    /// `INTERVAL '5 minutes'`, `INTERVAL 5 MINUTE`, `INTERVAL '1-2' YEAR TO MONTH` and so on.
    case interval(Interval)
}

/// Months, days and microseconds, kept apart as in PostgreSQL.
public struct Interval: Hashable, Sendable, Codable, BitwiseCopyable {
    public var months: Int32
    public var days: Int32
    public var microseconds: Int64

    public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }
}

public enum ParameterReference: Hashable, Sendable {
    case parameter(String)
    case environment(String, default: String?)
    case secret(String)
}

public enum UnaryOperator: String, Hashable, Sendable {
    case plus = "+"
    case minus = "-"
    case bitNot = "~"
}

public enum BinaryOperator: String, Hashable, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"
    case concatenate = "||"
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case bitAnd = "&"
    case bitOr = "|"
    case shiftLeft = "<<"
    case shiftRight = ">>"
    /// `->`, json
    case arrow = "->"
    /// `->>`, text
    case doubleArrow = "->>"
}

/// A type as written, resolved as far as spelling goes: `type` is `nil` when it is unknown and a
/// diagnostic says so.
public struct TypeName: Hashable, Sendable {
    public var type: DataType?
    public var span: SourceSpan

    public init(_ type: DataType?, span: SourceSpan) {
        self.type = type
        self.span = span
    }
}

public struct FunctionCall: Hashable, Sendable {
    /// Lower-cased unless quoted.
    public var name: Identifier
    public var arguments: [Expression]
    public var isDistinct: Bool
    /// `agg(x ORDER BY y)`, or `WITHIN GROUP (ORDER BY y)` when `withinGroup`.
    public var orderBy: [OrderItem]
    public var withinGroup: Bool
    public var filter: Expression?
    public var ignoreNulls: Bool
    public var over: WindowReference?

    public init(
        name: Identifier, arguments: [Expression], isDistinct: Bool = false,
        orderBy: [OrderItem] = [], withinGroup: Bool = false, filter: Expression? = nil,
        ignoreNulls: Bool = false, over: WindowReference? = nil
    ) {
        self.name = name
        self.arguments = arguments
        self.isDistinct = isDistinct
        self.orderBy = orderBy
        self.withinGroup = withinGroup
        self.filter = filter
        self.ignoreNulls = ignoreNulls
        self.over = over
    }
}

public struct OrderItem: Hashable, Sendable {
    public var expression: Expression
    public var descending: Bool
    /// `nil` where not written: last when ascending, first when descending (PostgreSQL).
    public var nullsFirst: Bool?

    public init(_ expression: Expression, descending: Bool = false, nullsFirst: Bool? = nil) {
        self.expression = expression
        self.descending = descending
        self.nullsFirst = nullsFirst
    }
}

public enum WindowReference: Hashable, Sendable {
    case named(Identifier)
    case inline(WindowSpecification)
}

public struct WindowSpecification: Hashable, Sendable {
    public var base: Identifier?
    public var partitionBy: [Expression]
    public var orderBy: [OrderItem]
    public var frame: Frame?

    public init(
        base: Identifier? = nil, partitionBy: [Expression] = [], orderBy: [OrderItem] = [],
        frame: Frame? = nil
    ) {
        self.base = base
        self.partitionBy = partitionBy
        self.orderBy = orderBy
        self.frame = frame
    }

    public struct Frame: Hashable, Sendable {
        public enum Unit: String, Hashable, Sendable { case rows, range, groups }
        public enum Bound: Hashable, Sendable {
            case unboundedPreceding
            case preceding(Expression)
            case currentRow
            case following(Expression)
            case unboundedFollowing
        }
        public var unit: Unit
        public var start: Bound
        public var end: Bound

        public init(unit: Unit, start: Bound, end: Bound) {
            self.unit = unit
            self.start = start
            self.end = end
        }
    }
}

import PipelineDSL

/// An expression after the checker: every name is a column position, every overload is chosen,
/// every conversion is explicit. It is what a plan stores and what the runtime executes.
///
/// Spans are carried for row errors but are no part of equality: two expressions that mean the
/// same are equal wherever they were written.
public struct TypedExpression: Sendable {
    public var kind: Kind
    public var type: DataType
    public var isNullable: Bool
    /// Whether evaluating it (or anything in it) can be a row error: division by zero, overflow,
    /// a cast that does not fit.
    public var isFallible: Bool
    public var span: SourceSpan?

    public init(
        _ kind: Kind, type: DataType, nullable: Bool, fallible: Bool, span: SourceSpan? = nil
    ) {
        self.kind = kind
        self.type = type
        self.isNullable = nullable
        self.isFallible = fallible
        self.span = span
    }

    public indirect enum Kind: Hashable, Sendable {
        /// Position in the input's schema.
        case column(Int)
        case literal(Value)
        /// A scalar function or operator of the catalogue; arguments have exactly the types of one
        /// overload. Strict unless the signature says otherwise: a null argument gives null.
        case call(String, [TypedExpression])
        /// Three-valued; two or more boolean operands.
        case and([TypedExpression])
        case or([TypedExpression])
        case not(TypedExpression)
        /// The first branch whose condition is true; errors of branches not taken do not count.
        case caseWhen([Branch], otherwise: TypedExpression)
        /// The first operand that is not null; all of one type.
        case coalesce([TypedExpression])
        /// To the expression's own type. `isTry` yields null where it does not fit.
        case cast(TypedExpression, isTry: Bool)
        case isNull(TypedExpression)
        /// Values have the operand's type; null among them follows SQL (never true, maybe unknown).
        case inList(TypedExpression, [Value])
    }

    public struct Branch: Hashable, Sendable, Codable {
        public var when: TypedExpression
        public var then: TypedExpression

        public init(when: TypedExpression, then: TypedExpression) {
            self.when = when
            self.then = then
        }
    }
}

extension TypedExpression: Hashable {
    public static func == (a: Self, b: Self) -> Bool { a.type == b.type && a.kind == b.kind }
    public func hash(into hasher: inout Hasher) { hasher.combine(kind) }
}

extension TypedExpression {
    public static func column(_ index: Int, of schema: Schema, span: SourceSpan? = nil) -> Self {
        let field = schema.fields[index]
        return Self(
            .column(index), type: field.type, nullable: field.nullable, fallible: false, span: span)
    }

    public static func literal(_ value: Value, _ type: DataType, span: SourceSpan? = nil) -> Self {
        Self(.literal(value), type: type, nullable: value == .null, fallible: false, span: span)
    }

    /// Direct operands, in order.
    public var children: [TypedExpression] {
        switch kind {
        case .column, .literal: []
        case .call(_, let operands), .and(let operands), .or(let operands), .coalesce(let operands):
            operands
        case .not(let operand), .cast(let operand, _), .isNull(let operand),
            .inList(let operand, _):
            [operand]
        case .caseWhen(let branches, let otherwise):
            branches.flatMap { [$0.when, $0.then] } + [otherwise]
        }
    }

    /// The same expression with other children, given in the order of ``children``.
    public func withChildren(_ new: [TypedExpression]) -> TypedExpression {
        var copy = self
        switch kind {
        case .column, .literal: break
        case .call(let name, _): copy.kind = .call(name, new)
        case .and: copy.kind = .and(new)
        case .or: copy.kind = .or(new)
        case .coalesce: copy.kind = .coalesce(new)
        case .not: copy.kind = .not(new[0])
        case .cast(_, let isTry): copy.kind = .cast(new[0], isTry: isTry)
        case .isNull: copy.kind = .isNull(new[0])
        case .inList(_, let values): copy.kind = .inList(new[0], values)
        case .caseWhen(let branches, _):
            copy.kind = .caseWhen(
                branches.indices.map { Branch(when: new[2 * $0], then: new[2 * $0 + 1]) },
                otherwise: new[2 * branches.count])
        }
        return copy
    }

    /// Positions of all columns it reads, ascending.
    public var columns: [Int] {
        var found: Set<Int> = []
        collectColumns(&found)
        return found.sorted()
    }

    private func collectColumns(_ found: inout Set<Int>) {
        if case .column(let index) = kind { found.insert(index) }
        for child in children { child.collectColumns(&found) }
    }

    /// With every column position replaced.
    public func mapColumns(_ map: (Int) -> Int) -> TypedExpression {
        if case .column(let index) = kind {
            var copy = self
            copy.kind = .column(map(index))
            return copy
        }
        return withChildren(children.map { $0.mapColumns(map) })
    }
}

/// A constant; its type stands beside it.
public indirect enum Value: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// `integer`, `bigint`; `date` in days; `time` and `timestamp` in microseconds.
    case integer(Int64)
    /// `real`, `double`.
    case double(Double)
    /// `decimal`: unscaled, as decimal digits. `uuid`: as its 128 bits.
    case wide(Int128)
    /// `string`, `json`.
    case string(String)
    case bytes([UInt8])
    case interval(Interval)
    case list([Value])
    case structure([Value])
    case map([[Value]])
}

extension Value {
    /// The same constant: numbers bit by bit, so that a plan with NaN equals
    /// itself; strings byte by byte.
    public static func == (a: Value, b: Value) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
        case (.wide(let a), .wide(let b)): a == b
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.bytes(let a), .bytes(let b)): a == b
        case (.interval(let a), .interval(let b)): a == b
        case (.list(let a), .list(let b)): a == b
        case (.structure(let a), .structure(let b)): a == b
        case (.map(let a), .map(let b)): a == b
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .boolean(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value.bitPattern)
        case .wide(let value): hasher.combine(value)
        case .string(let value): hasher.combine(value)
        case .bytes(let value): hasher.combine(value)
        case .interval(let value): hasher.combine(value)
        case .list(let values), .structure(let values): hasher.combine(values)
        case .map(let entries): hasher.combine(entries)
        }
    }
}

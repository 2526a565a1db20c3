/// How tightly an operator binds, loosest first: the order of PostgreSQL's manual, section 4.1.6.
enum Precedence: Int, Comparable {
    case or, and, not
    /// `IS`, `ISNULL`, `NOTNULL`
    case test
    /// `= <> < <= > >=`; they do not chain.
    case comparison
    /// `BETWEEN IN LIKE ILIKE`
    case membership
    /// `|| -> ->> & | << >> ~ ~* !~ !~*`
    case other
    case additive, multiplicative, power, timeZone
    /// `+x -x`
    case unary
    /// Literals, names, calls, and what is appended to them: `x::t`, `x[i]`, `(x).f`.
    case primary

    static func < (a: Precedence, b: Precedence) -> Bool { a.rawValue < b.rawValue }

    /// The next tighter one.
    var tighter: Precedence { Precedence(rawValue: rawValue + 1) ?? .primary }
}

extension BinaryOperator {
    var precedence: Precedence {
        switch self {
        case .add, .subtract: .additive
        case .multiply, .divide, .modulo: .multiplicative
        case .power: .power
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
        case .concatenate, .bitAnd, .bitOr, .shiftLeft, .shiftRight, .arrow, .doubleArrow: .other
        }
    }
}

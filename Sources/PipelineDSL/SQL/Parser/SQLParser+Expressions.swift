/// What may follow an operand.
enum Infix {
    case binary(BinaryOperator)
    case and, or
    /// `IS …`
    case test
    /// `ISNULL`, `NOTNULL`
    case isNull(negated: Bool)
    case between, inList
    case like(caseInsensitive: Bool)
    /// `NOT` before `BETWEEN`, `IN`, `LIKE` or `ILIKE`
    case negated
    case matches(caseInsensitive: Bool, negated: Bool)
    case similar
    /// `AT TIME ZONE`
    case timeZone

    var precedence: Precedence {
        switch self {
        case .binary(let op): op.precedence
        case .and: .and
        case .or: .or
        case .test, .isNull: .test
        case .between, .inList, .like, .negated, .similar: .membership
        case .matches: .other
        case .timeZone: .timeZone
        }
    }
}

extension SQLParser {
    /// An expression whose operators bind at least as tightly as `minimum`.
    mutating func expression(
        _ minimum: Precedence = .or
    ) throws(SyntaxError) -> Expression {
        let outerHeight = height
        height = 0
        let start = index
        var left = try prefix()
        if case .star = left.kind { return left }
        while let infix = infix(minimum), infix.precedence >= minimum {
            left = try extend(left, from: start, with: infix)
            try grow()
        }
        height = max(height, outerHeight)
        return left
    }

    private mutating func prefix() throws(SyntaxError) -> Expression {
        switch current.kind {
        case .minus: return try unary(.minus, operand: .unary)
        case .plus: return try unary(.plus, operand: .unary)
        case .tilde: return try unary(.bitNot, operand: .other)
        case .bang:
            reportForeignOperator("`NOT`", fix: "NOT ")
            return try negation()
        case .word where at(.not): return try negation()
        default:
            let start = index
            return try suffixed(primary(), from: start)
        }
    }

    private mutating func unary(
        _ op: UnaryOperator, operand precedence: Precedence
    ) throws(SyntaxError) -> Expression {
        let start = index
        return try nested { (parser) throws(SyntaxError) in
            parser.advance()
            let operand = try parser.expression(precedence)
            return Expression(.unary(op, operand), span: parser.span(from: start))
        }
    }

    private mutating func negation() throws(SyntaxError) -> Expression {
        let start = index
        return try nested { (parser) throws(SyntaxError) in
            parser.advance()
            let operand = try parser.expression(.not)
            return Expression(.not(operand), span: parser.span(from: start))
        }
    }

    private mutating func extend(
        _ left: Expression, from start: Int, with infix: Infix
    ) throws(SyntaxError) -> Expression {
        let kind: Expression.Kind
        switch infix {
        case .and: return try chain(left, from: start, of: .and)
        case .or: return try chain(left, from: start, of: .or)
        case .binary(let op) where op.precedence == .comparison:
            return try comparison(left, op, from: start)
        case .binary(let op):
            reportForeignBinary()
            advance()
            kind = .binary(op, left, try expression(op.precedence.tighter))
        case .matches(let caseInsensitive, let negated):
            advance()
            let pattern = try expression(Precedence.other.tighter)
            kind = .matches(
                left, pattern: pattern, caseInsensitive: caseInsensitive, negated: negated)
        case .test: kind = try test(left)
        case .isNull(let negated):
            advance()
            kind = .isNull(left, negated: negated)
        case .negated:
            advance()
            kind = try membership(left, negated: true)
        case .between, .inList, .like: kind = try membership(left, negated: false)
        case .similar:
            throw fail(
                .notSupported, "`SIMILAR TO` is not part of the language",
                notes: ["a regular expression is matched with `~`: `name ~ '^a.*z$'`"])
        case .timeZone: kind = try timeZone(left)
        }
        return Expression(kind, span: span(from: start))
    }

    /// `a AND b AND c` is one node with three operands, however its operands were parenthesised.
    private mutating func chain(
        _ first: Expression, from start: Int, of keyword: Keyword
    ) throws(SyntaxError) -> Expression {
        let precedence: Precedence = keyword == .and ? .and : .or
        var operands: [Expression] = []
        append(first, to: &operands, of: keyword)
        while let next = infix(precedence), next.precedence == precedence {
            reportForeignBinary()
            advance()
            append(try expression(precedence.tighter), to: &operands, of: keyword)
        }
        return Expression(
            keyword == .and ? .and(operands) : .or(operands), span: span(from: start))
    }

    private func append(
        _ operand: Expression, to operands: inout [Expression], of keyword: Keyword
    ) {
        switch (keyword, operand.kind) {
        case (.and, .and(let inner)), (.or, .or(let inner)): operands.append(contentsOf: inner)
        default: operands.append(operand)
        }
    }

    /// `IS [NOT] NULL | TRUE | FALSE | UNKNOWN | DISTINCT FROM x`
    private mutating func test(_ left: Expression) throws(SyntaxError) -> Expression.Kind {
        advance()
        let negated = accept(.not)
        _ = repairMisspelling(among: [.null, .true, .false, .unknown, .distinct])
        switch current.keyword {
        case .null:
            advance()
            return .isNull(left, negated: negated)
        case .true, .false:
            let value = at(.true)
            advance()
            return .isTruth(left, value, negated: negated)
        case .unknown:
            advance()
            return .isTruth(left, nil, negated: negated)
        case .distinct:
            advance()
            try expect(.from)
            let right = try expression(Precedence.test.tighter)
            return .isDistinct(left, from: right, negated: negated)
        default:
            throw unexpected(
                "`NULL`, `TRUE`, `FALSE`, `UNKNOWN` or `DISTINCT FROM`",
                notes: ["`IS` does not compare values: that is `=`"])
        }
    }

    private mutating func timeZone(_ left: Expression) throws(SyntaxError) -> Expression.Kind {
        let name = Identifier("timezone", span: span(at: index))
        advance()
        try expect(.time)
        try expect(.zone)
        let zone = try expression(Precedence.timeZone.tighter)
        // As PostgreSQL defines it.
        return .call(FunctionCall(name: name, arguments: [zone, left]))
    }

    // MARK: Which operator

    /// The operator at the current token; a word that is nearly one is taken for it.
    private mutating func infix(_ minimum: Precedence) -> Infix? {
        if let infix = infixHere() { return infix }
        guard at(.word), current.keyword == nil, minimum <= .membership,
            !mayBeAliased || looksLikeMisspeltClause()
        else { return nil }
        // Only words after which something else stands: `x ADN y`, `x GRUOP BY y`.
        guard !endsElement(1), repairMisspelling(among: Self.followers) else { return nil }
        return infixHere()
    }

    private func infixHere() -> Infix? {
        switch current.kind {
        case .word: return infixWord()
        case .plus: return .binary(.add)
        case .minus: return .binary(.subtract)
        case .star: return .binary(.multiply)
        case .slash, .doubleSlash: return .binary(.divide)
        case .percent: return .binary(.modulo)
        case .caret, .doubleStar: return .binary(.power)
        case .concatenate: return .binary(.concatenate)
        case .equal, .doubleEqual: return .binary(.equal)
        case .notEqual: return .binary(.notEqual)
        case .less: return .binary(.less)
        case .lessOrEqual: return .binary(.lessOrEqual)
        case .greater: return .binary(.greater)
        case .greaterOrEqual: return .binary(.greaterOrEqual)
        case .bitAnd: return .binary(.bitAnd)
        case .bitOr: return .binary(.bitOr)
        case .shiftLeft: return .binary(.shiftLeft)
        case .shiftRight: return .binary(.shiftRight)
        case .arrow: return .binary(.arrow)
        case .doubleArrow: return .binary(.doubleArrow)
        case .tilde: return .matches(caseInsensitive: false, negated: false)
        case .tildeStar: return .matches(caseInsensitive: true, negated: false)
        case .bangTilde: return .matches(caseInsensitive: false, negated: true)
        case .bangTildeStar: return .matches(caseInsensitive: true, negated: true)
        case .doubleAmpersand: return .and
        case .spaceship: return .binary(.equal)
        default: return nil
        }
    }

    private func infixWord() -> Infix? {
        switch current.keyword {
        case .and: return .and
        case .or: return .or
        case .is: return .test
        case .isnull: return .isNull(negated: false)
        case .notnull: return .isNull(negated: true)
        case .between: return .between
        case .in: return .inList
        case .like: return .like(caseInsensitive: false)
        case .ilike: return .like(caseInsensitive: true)
        case .similar where peek().keyword == .to: return .similar
        case .at where peek().keyword == .time: return .timeZone
        case .not:
            switch peek().keyword {
            case .between, .in, .like, .ilike, .similar, .null: return .negated
            default: return nil
            }
        default: return nil
        }
    }

    // MARK: Operators of other languages

    private mutating func reportForeignBinary() {
        switch current.kind {
        case .doubleEqual: reportForeignOperator("`=`", fix: "=")
        case .doubleAmpersand: reportForeignOperator("`AND`", fix: "AND")
        case .doubleSlash:
            reportForeignOperator("`/`", fix: "/")
        default: break
        }
    }

    mutating func reportForeignOperator(_ ours: String, fix: String) {
        let raw = text.raw(current)
        report(
            Diagnostic(
                .foreignOperator, "`\(raw)` is written \(ours) in SQL", at: span(at: index),
                fix: Diagnostic.Fix(
                    "write \(ours)", span: span(at: index), replacement: fix)))
    }
}

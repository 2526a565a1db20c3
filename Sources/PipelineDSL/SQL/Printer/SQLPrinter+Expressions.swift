extension SQLPrinter {
    /// Writes `expression` as an operand of an operator that binds like `context`.
    mutating func write(_ expression: Expression, in context: Precedence) {
        guard expression.precedence < context else { return write(expression.kind) }
        write("(")
        write(expression.kind)
        write(")")
    }

    private mutating func write(_ kind: Expression.Kind) {
        switch kind {
        case .literal(let literal): write(literal)
        case .parameter(let reference): write(reference)
        case .name(let path): write(path: path)
        case .star(let qualifier, let exclude): writeStar(qualifier, exclude)
        case .unary(let op, let operand): write(op, operand)
        case .binary(let op, let left, let right): write(op, left, right)
        case .and(let operands): chain(operands, " AND ", .and)
        case .or(let operands): chain(operands, " OR ", .or)
        case .not(let operand):
            write("NOT ")
            write(operand, in: .not)
        case .caseWhen(let operand, let branches, let otherwise):
            writeCase(operand, branches, otherwise)
        case .cast(let operand, let type, let isTry): writeCast(operand, type, isTry)
        case .call(let call): write(call)
        case .extract(let field, let operand):
            write("EXTRACT(")
            write(name: field)
            write(" FROM ")
            write(operand, in: .or)
            write(")")
        case .subquery(let query): write(parenthesized: query)
        case .exists(let query):
            write("EXISTS ")
            write(parenthesized: query)
        case .array(let items):
            write("[")
            write(items)
            write("]")
        case .element(let operand, let index):
            writeSuffixed(operand)
            write("[")
            write(index, in: .or)
            write("]")
        case .field(let operand, let name):
            writeSuffixed(operand, isField: true)
            write(".")
            write(name: name)
        case .invalid: write("?")
        default: writeTest(kind)
        }
    }

    private mutating func writeTest(_ kind: Expression.Kind) {
        switch kind {
        case .between(let operand, let low, let high, let negated):
            write(operand, in: .membership.tighter)
            write(negated ? " NOT BETWEEN " : " BETWEEN ")
            write(low, in: .membership.tighter)
            write(" AND ")
            write(high, in: .membership.tighter)
        case .inList(let operand, let items, let negated):
            write(operand, in: .membership.tighter)
            write(negated ? " NOT IN (" : " IN (")
            write(items)
            write(")")
        case .inQuery(let operand, let query, let negated):
            write(operand, in: .membership.tighter)
            write(negated ? " NOT IN " : " IN ")
            write(parenthesized: query)
        case .like(let operand, let pattern, let escape, let caseInsensitive, let negated):
            write(operand, in: .membership.tighter)
            write(negated ? " NOT " : " ")
            write(caseInsensitive ? "ILIKE " : "LIKE ")
            write(pattern, in: .membership.tighter)
            if let escape {
                write(" ESCAPE ")
                write(escape, in: .membership.tighter)
            }
        case .matches(let operand, let pattern, let caseInsensitive, let negated):
            write(operand, in: .other)
            write(" \(negated ? "!" : "")~\(caseInsensitive ? "*" : "") ")
            write(pattern, in: .other.tighter)
        case .isNull(let operand, let negated):
            write(operand, in: .test)
            write(negated ? " IS NOT NULL" : " IS NULL")
        case .isTruth(let operand, let value, let negated):
            write(operand, in: .test)
            write(negated ? " IS NOT " : " IS ")
            write(value.map { $0 ? "TRUE" : "FALSE" } ?? "UNKNOWN")
        case .isDistinct(let operand, let other, let negated):
            write(operand, in: .test)
            write(negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ")
            write(other, in: .test.tighter)
        default: break
        }
    }

    // MARK: Operators

    private mutating func write(_ op: UnaryOperator, _ operand: Expression) {
        write(op.rawValue)
        let context: Precedence = op == .bitNot ? .other : .unary
        let before = output.utf8.count
        write(operand, in: context)
        // `--` would start a comment.
        let isSigned = output.utf8.dropFirst(before).first == UInt8(ascii: "-")
        guard op == .minus, isSigned else { return }
        output = String(decoding: output.utf8.prefix(before), as: UTF8.self)
        write("(")
        write(operand.kind)
        write(")")
    }

    private mutating func write(_ op: BinaryOperator, _ left: Expression, _ right: Expression) {
        let precedence = op.precedence
        // Comparisons do not chain; everything else binds to the left.
        write(left, in: precedence == .comparison ? precedence.tighter : precedence)
        write(" \(op.rawValue) ")
        write(right, in: precedence.tighter)
    }

    private mutating func chain(
        _ operands: [Expression], _ separator: String, _ precedence: Precedence
    ) {
        list(operands, separator: separator) { $0.write($1, in: precedence.tighter) }
    }

    /// What can be followed by `[…]` or `.field` as it stands; a bare name cannot by the latter,
    /// since `a.b` is a name itself.
    private mutating func writeSuffixed(_ operand: Expression, isField: Bool = false) {
        let isSafe =
            switch operand.kind {
            case .name: !isField
            case .call(let call): call.takesSuffix
            case .element, .field, .array: true
            default: false
            }
        if isSafe { return write(operand.kind) }
        write("(")
        write(operand.kind)
        write(")")
    }

    private mutating func writeStar(_ qualifier: [Identifier], _ exclude: [Identifier]) {
        if !qualifier.isEmpty {
            write(path: qualifier)
            write(".")
        }
        write("*")
        if !exclude.isEmpty {
            write(" EXCLUDE ")
            write(names: exclude)
        }
    }

    private mutating func writeCase(
        _ operand: Expression?, _ branches: [Expression.Branch], _ otherwise: Expression?
    ) {
        write("CASE")
        if let operand {
            write(" ")
            write(operand, in: .or)
        }
        for branch in branches {
            write(" WHEN ")
            write(branch.when, in: .or)
            write(" THEN ")
            write(branch.then, in: .or)
        }
        if let otherwise {
            write(" ELSE ")
            write(otherwise, in: .or)
        }
        write(" END")
    }

    /// Dates and times as literals, everything else as a cast.
    private mutating func writeCast(_ operand: Expression, _ type: TypeName, _ isTry: Bool) {
        let name = type.type.map { SQLPrinter.text($0) } ?? "?"
        if case .literal(.string) = operand.kind, let type = type.type, type.isTemporal, !isTry {
            write("\(name.uppercased()) ")
            return write(operand.kind)
        }
        write(isTry ? "TRY_CAST(" : "CAST(")
        write(operand, in: .or)
        write(" AS \(name))")
    }

    static func text(_ type: DataType) -> String { type.description }

    // MARK: Calls

    mutating func write(_ call: FunctionCall) {
        write(functionName: call.name)
        if call.isBareWord { return }
        write("(")
        if call.isDistinct { write("DISTINCT ") }
        write(call.arguments)
        if !call.orderBy.isEmpty, !call.withinGroup {
            if !call.arguments.isEmpty { write(" ") }
            write("ORDER BY ")
            list(call.orderBy) { $0.write($1) }
        }
        write(")")
        if call.withinGroup {
            write(" WITHIN GROUP (ORDER BY ")
            list(call.orderBy) { $0.write($1) }
            write(")")
        }
        if call.ignoreNulls { write(" IGNORE NULLS") }
        if let filter = call.filter {
            write(" FILTER (WHERE ")
            write(filter, in: .or)
            write(")")
        }
        if let over = call.over { write(over) }
    }

    /// Functions may have names that columns may not, such as `left`; and the other way round.
    private mutating func write(functionName name: Identifier) {
        let text = name.text
        guard Self.isWord(text), text == text.lowercased() else {
            return write(Self.quoted(text))
        }
        guard let keyword = Keyword.named(text) else { return write(text) }
        let needsQuotes: Bool =
            switch keyword {
            case .left, .right, .replace, .grouping, .range, .row, .currentDate, .currentTime,
                .currentTimestamp, .localtimestamp, .substring, .position, .overlay, .trim,
                .array:
                false
            case .cast, .tryCast, .extract, .exists, .rollup, .cube, .unnest, .interval: true
            default: keyword.isReserved
            }
        write(needsQuotes ? Self.quoted(text) : text)
    }

    mutating func writeOrderBy(_ items: [OrderItem]) {
        guard !items.isEmpty else { return }
        write(" ORDER BY ")
        list(items) { $0.write($1) }
    }

    mutating func write(_ item: OrderItem) {
        write(item.expression, in: .or)
        if item.descending { write(" DESC") }
        if let first = item.nullsFirst { write(first ? " NULLS FIRST" : " NULLS LAST") }
    }
}

extension FunctionCall {
    /// `current_date` and its like stand without parentheses.
    var isBareWord: Bool {
        guard arguments.isEmpty, filter == nil, over == nil, !isDistinct else { return false }
        switch Keyword.named(name.text) {
        case .currentDate, .currentTime, .currentTimestamp, .localtimestamp: return true
        default: return false
        }
    }

    /// Whether `[…]` behind its text would belong to it as a whole.
    fileprivate var takesSuffix: Bool {
        !isBareWord && filter == nil && over == nil && !withinGroup && !ignoreNulls
    }
}

extension Expression {
    /// How tightly its outermost operator binds.
    var precedence: Precedence {
        switch kind {
        case .or(let operands): operands.count > 1 ? .or : operands.first?.precedence ?? .primary
        case .and(let operands): operands.count > 1 ? .and : operands.first?.precedence ?? .primary
        case .not: .not
        case .isNull, .isTruth, .isDistinct: .test
        case .binary(let op, _, _): op.precedence
        case .between, .inList, .inQuery, .like: .membership
        case .matches: .other
        case .unary(.bitNot, _): .other
        case .unary: .unary
        default: .primary
        }
    }
}

import PipelineDSL

extension TypedExpression {
    /// As SQL over the columns of `schema`, on one line, with every conversion that the checker made
    /// written out. A column the schema has not is `#` and its position.
    public func sql(_ schema: Schema) -> String { sql { schema.name(at: $0) } }

    /// As SQL with columns named by position.
    func sql(_ name: @escaping (Int) -> String) -> String {
        var printer = TypedPrinter(name: name)
        printer.write(self, in: .or)
        return printer.output
    }
}

extension Schema {
    func name(at index: Int) -> String {
        fields.indices.contains(index) ? SQLPrinter.identifier(fields[index].name) : "#\(index)"
    }
}

/// Parentheses only where precedence needs them; the levels are those of the grammar.
private struct TypedPrinter {
    enum Level: Int, Comparable {
        case or, and, not, test, comparison, membership, other, additive, multiplicative, power,
            unary
        case primary

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
        var tighter: Self { Self(rawValue: rawValue + 1) ?? .primary }
    }

    let name: (Int) -> String
    var output = ""

    init(name: @escaping (Int) -> String) { self.name = name }

    mutating func write(_ expression: TypedExpression, in context: Level) {
        let needsParentheses = Self.level(of: expression) < context
        if needsParentheses { output += "(" }
        write(expression)
        if needsParentheses { output += ")" }
    }

    // MARK: Levels

    private static let infix: [String: (symbol: String, level: Level)] = [
        "add": ("+", .additive), "subtract": ("-", .additive), "multiply": ("*", .multiplicative),
        "divide": ("/", .multiplicative), "modulo": ("%", .multiplicative), "power": ("^", .power),
        "concat": ("||", .other), "eq": ("=", .comparison), "ne": ("<>", .comparison),
        "lt": ("<", .comparison), "le": ("<=", .comparison), "gt": (">", .comparison),
        "ge": (">=", .comparison), "like": ("LIKE", .membership), "ilike": ("ILIKE", .membership),
        "is_distinct_from": ("IS DISTINCT FROM", .test), "bit_and": ("&", .other),
        "bit_or": ("|", .other), "shift_left": ("<<", .other), "shift_right": (">>", .other),
        "json_get": ("->", .other), "json_get_text": ("->>", .other),
    ]
    private static let prefix = ["negate": "-", "bit_not": "~"]

    private static func level(of expression: TypedExpression) -> Level {
        switch expression.kind {
        case .or: return .or
        case .and: return .and
        case .not(let operand): return negated(operand)?.level ?? .not
        case .isNull: return .test
        case .inList: return .membership
        case .call(let name, let arguments):
            if arguments.count == 1, prefix[name] != nil { return .unary }
            if arguments.count == 3, name == "like" || name == "ilike" { return .membership }
            return arguments.count == 2 ? infix[name]?.level ?? .primary : .primary
        case .literal(let value):
            let isNegative = value.sql(expression.type).hasPrefix("-")
            return isNegative ? .unary : .primary
        default: return .primary
        }
    }

    /// `NOT (x IS NULL)` is `x IS NOT NULL`, and so on.
    private static func negated(
        _ operand: TypedExpression
    ) -> (level: Level, words: String)? {
        switch operand.kind {
        case .isNull: (.test, "IS NOT NULL")
        case .inList: (.membership, "NOT IN")
        case .call("is_distinct_from", _): (.test, "IS NOT DISTINCT FROM")
        case .call("like", _): (.membership, "NOT LIKE")
        case .call("ilike", _): (.membership, "NOT ILIKE")
        default: nil
        }
    }

    // MARK: Writing

    private mutating func write(_ expression: TypedExpression) {
        switch expression.kind {
        case .column(let index): output += name(index)
        case .literal(let value): output += value.sql(expression.type)
        case .and(let operands): chain(operands, " AND ", .and)
        case .or(let operands): chain(operands, " OR ", .or)
        case .not(let operand): writeNot(operand)
        case .isNull(let operand): test(operand, "IS NULL")
        case .inList(let operand, let values): list(operand, "IN", values)
        case .coalesce(let operands): call("coalesce", operands)
        case .cast(let operand, let isTry):
            output += isTry ? "TRY_CAST(" : "CAST("
            write(operand, in: .or)
            output += " AS \(expression.type))"
        case .caseWhen(let branches, let otherwise): writeCase(branches, otherwise)
        case .call(let name, let arguments): writeCall(name, arguments)
        }
    }

    private mutating func chain(_ operands: [TypedExpression], _ word: String, _ level: Level) {
        for (index, operand) in operands.enumerated() {
            if index > 0 { output += word }
            write(operand, in: level.tighter)
        }
    }

    private mutating func test(_ operand: TypedExpression, _ words: String) {
        write(operand, in: .test)
        output += " \(words)"
    }

    private mutating func list(_ operand: TypedExpression, _ words: String, _ values: [Value]) {
        write(operand, in: .membership.tighter)
        output += " \(words) (\(values.map { $0.sql(operand.type) }.joined(separator: ", ")))"
    }

    private mutating func writeNot(_ operand: TypedExpression) {
        guard let (_, words) = Self.negated(operand) else {
            output += "NOT "
            return write(operand, in: .not)
        }
        switch operand.kind {
        case .isNull(let inner): test(inner, words)
        case .inList(let inner, let values): list(inner, words, values)
        case .call(_, let arguments): infix(words, operand, arguments)
        default: break
        }
    }

    private mutating func infix(
        _ symbol: String, _ expression: TypedExpression, _ arguments: [TypedExpression]
    ) {
        let level = Self.level(of: expression)
        let left: Level = level == .comparison || level == .membership ? level.tighter : level
        write(arguments[0], in: left)
        output += " \(symbol) "
        write(arguments[1], in: level.tighter)
        guard arguments.count == 3 else { return }
        output += " ESCAPE "
        write(arguments[2], in: level.tighter)
    }

    private mutating func writeCall(_ function: String, _ arguments: [TypedExpression]) {
        if arguments.count == 1, let symbol = Self.prefix[function] {
            output += symbol
            let isSigned = Self.level(of: arguments[0]) == .unary
            return write(arguments[0], in: isSigned ? .primary : .unary)
        }
        let isLike = function == "like" || function == "ilike"
        if arguments.count == 2 || (isLike && arguments.count == 3),
            let (symbol, _) = Self.infix[function]
        {
            let call = TypedExpression(
                .call(function, arguments), type: .null, nullable: true, fallible: false)
            return infix(symbol, call, arguments)
        }
        switch (function, arguments.count) {
        case ("element", 2):
            write(arguments[0], in: .primary)
            output += "["
            write(arguments[1], in: .or)
            output += "]"
        case ("field", 2): writeField(arguments[0], arguments[1])
        case ("array", _):
            output += "["
            self.arguments(arguments)
            output += "]"
        case ("date_part", 2):
            guard case .literal(.string(let field)) = arguments[0].kind else { fallthrough }
            output += "extract(\(field) FROM "
            write(arguments[1], in: .or)
            output += ")"
        default: call(FunctionCatalogue.standard[function]?.spelling ?? function, arguments)
        }
    }

    private mutating func writeField(_ structure: TypedExpression, _ position: TypedExpression) {
        guard case .structure(let fields) = structure.type,
            case .literal(.integer(let index)) = position.kind, let index = Int(exactly: index),
            fields.indices.contains(index)
        else { return call("field", [structure, position]) }
        if case .column = structure.kind {
            write(structure, in: .primary)
        } else {
            output += "("
            write(structure, in: .or)
            output += ")"
        }
        output += ".\(SQLPrinter.identifier(fields[index].name))"
    }

    private mutating func writeCase(
        _ branches: [TypedExpression.Branch], _ otherwise: TypedExpression
    ) {
        output += "CASE"
        for branch in branches {
            output += " WHEN "
            write(branch.when, in: .or)
            output += " THEN "
            write(branch.then, in: .or)
        }
        if !otherwise.isNullLiteral {
            output += " ELSE "
            write(otherwise, in: .or)
        }
        output += " END"
    }

    private mutating func call(_ name: String, _ arguments: [TypedExpression]) {
        output += "\(name)("
        self.arguments(arguments)
        output += ")"
    }

    private mutating func arguments(_ arguments: [TypedExpression]) {
        for (index, argument) in arguments.enumerated() {
            if index > 0 { output += ", " }
            write(argument, in: .or)
        }
    }
}

import PipelineDSL

extension ExpressionTyper {
    mutating func unary(
        _ op: UnaryOperator, _ operand: Expression, _ span: SourceSpan
    ) -> TypedExpression? {
        // The sign belongs to the number: `-2147483648` is an integer, its digits alone are not.
        if op == .minus, case .literal(let token) = operand.kind {
            switch token {
            case .integer(let digits), .decimal(let digits):
                return number(digits, isNegative: true, span)
            case .double(let text): return literal(.double("-\(text)"), span)
            default: break
            }
        }
        guard let typed = type(operand) else { return nil }
        switch op {
        case .minus: return resolve("negate", [typed], span)
        case .bitNot: return resolve("bit_not", [typed], span)
        case .plus:
            if typed.type.isNumeric || typed.type == .interval || typed.isNullLiteral {
                return typed
            }
            report(.argumentTypes, "`+` does not take \(typed.type)", at: span)
            return nil
        }
    }

    private static let names: [BinaryOperator: String] = [
        .add: "add", .subtract: "subtract", .multiply: "multiply", .divide: "divide",
        .modulo: "modulo", .power: "power", .concatenate: "concat", .equal: "eq", .notEqual: "ne",
        .less: "lt", .lessOrEqual: "le", .greater: "gt", .greaterOrEqual: "ge",
        .bitAnd: "bit_and", .bitOr: "bit_or", .shiftLeft: "shift_left",
        .shiftRight: "shift_right", .arrow: "json_get", .doubleArrow: "json_get_text",
    ]

    mutating func binary(
        _ op: BinaryOperator, _ left: Expression, _ right: Expression, _ span: SourceSpan
    ) -> TypedExpression? {
        if left.rowItems != nil || right.rowItems != nil, op.isComparison {
            return rowComparison(op, left, right, span)
        }
        guard let operands = typed([left, right]), let name = Self.names[op] else { return nil }
        if op.isComparison { return compare(name, operands[0], operands[1], span) }
        if op == .concatenate { return concatenate(operands, span) }
        return resolve(name, operands, span)
    }

    /// Beside a text, anything else becomes text, as in PostgreSQL.
    private func concatenate(_ operands: [TypedExpression], _ span: SourceSpan) -> TypedExpression?
    {
        let types = operands.map(\.type)
        guard types.contains(.string), !types.contains(.bytes),
            !types.contains(where: { if case .array = $0 { true } else { false } })
        else { return resolve("concat", operands, span) }
        return resolve("concat", operands.map { $0.converted(to: .string) }, span)
    }

    // MARK: CASE

    mutating func caseWhen(
        _ operand: Expression?, _ branches: [Expression.Branch], _ otherwise: Expression?,
        _ span: SourceSpan
    ) -> TypedExpression? {
        var conditions: [TypedExpression?] = []
        if let operand {
            let before = state.work
            let value = type(operand)
            let size = state.work - before
            guard state.spend(size * max(branches.count - 1, 0), at: span) else { return nil }
            for branch in branches {
                guard let when = type(branch.when), let value else {
                    conditions.append(nil)
                    continue
                }
                conditions.append(compare("eq", value, when, branch.when.span))
            }
        } else {
            for branch in branches { conditions.append(condition(branch.when, of: "WHEN")) }
        }
        let sources = branches.map(\.then) + (otherwise.map { [$0] } ?? [])
        guard let results = typed(sources), conditions.allSatisfy({ $0 != nil }) else { return nil }
        guard let type = commonType(results, "the branches of this `CASE`", span) else {
            return nil
        }
        let typed = zip(conditions, results).compactMap { when, then in
            when.map { TypedExpression.Branch(when: $0, then: then.converted(to: type)) }
        }
        let last =
            otherwise == nil ? TypedExpression.literal(.null, type) : results[results.count - 1]
        return Self.caseWhen(typed, otherwise: last.converted(to: type), span)
    }

    /// The one type of several values; blames the first that does not fit.
    func commonType(
        _ values: [TypedExpression], _ what: String, _ span: SourceSpan
    ) -> DataType? {
        if let type = TypeRules.common(values) { return type }
        for count in 2...max(2, values.count) where count <= values.count {
            let group = Array(values[..<count])
            guard TypeRules.common(group) == nil, let culprit = group.last else { continue }
            let before = Array(group.dropLast())
            let type = TypeRules.common(before) ?? before[0].type
            if reportMalformedText(culprit, as: type) { return nil }
            let first = before.first { !$0.isNullLiteral }
            report(
                .noCommonType, "\(what) have no common type: \(type) and \(culprit.type)",
                at: culprit.span ?? span, label: "this is \(culprit.type)",
                secondary: (first?.span).map { [Diagnostic.Label($0, "this is \(type)")] } ?? [],
                notes: ["convert one of them: `CAST(… AS \(type))`"])
            return nil
        }
        return nil
    }

    // MARK: Casts

    mutating func cast(
        _ operand: Expression, _ name: TypeName, _ isTry: Bool, _ span: SourceSpan
    ) -> TypedExpression? {
        guard let typed = type(operand), let target = name.type else { return nil }
        guard typed.type != target else { return typed }
        if let literal = typed.literal(as: target) {
            var literal = literal
            literal.span = span
            return literal
        }
        if typed.isTextLiteral, !target.isNested {
            if isTry { return .literal(.null, target, span: span) }
            if reportMalformedText(typed, as: target) { return nil }
        }
        let rule = TypeRules.cast(from: typed.type, to: target)
        guard rule != .impossible else {
            reportImpossibleCast(typed, target, span)
            return nil
        }
        let isPartial = rule == .partial
        return TypedExpression(
            .cast(typed, isTry: isTry && isPartial), type: target,
            nullable: typed.isNullable || (isTry && isPartial),
            fallible: typed.isFallible || (isPartial && !isTry), span: span)
    }

    private func reportImpossibleCast(
        _ operand: TypedExpression, _ target: DataType, _ span: SourceSpan
    ) {
        var notes: [String] = []
        switch (operand.type, target) {
        case (.timestamp, _) where target.isNumeric, (.date, _) where target.isNumeric:
            notes = ["`epoch(x)` gives the seconds since 1970-01-01"]
        case (_, .timestamp) where operand.type.isNumeric:
            notes = [
                "`to_timestamp(seconds)` and `epoch_ms(milliseconds)` make timestamps of numbers"
            ]
        case (_, .date) where operand.type.isNumeric:
            notes = ["`make_date(year, month, day)` makes dates of numbers"]
        case (_, .json): notes = ["`to_json(x)` makes json of any value"]
        case (.string, .array): notes = ["`string_to_array(text, ',')` splits a text"]
        case (.json, _): notes = ["take parts of it with `->` and `->>`"]
        default: break
        }
        report(
            .impossibleCast, "\(operand.type) cannot be cast to \(target)", at: span, notes: notes)
    }

    // MARK: Arrays, maps, fields of dates

    mutating func array(_ items: [Expression], _ span: SourceSpan) -> TypedExpression? {
        guard let typed = typed(items) else { return nil }
        guard let type = commonType(typed, "the elements of this array", span) else { return nil }
        return TypedExpression(
            .call("array", typed.map { $0.converted(to: type) }), type: .array(type),
            nullable: false, fallible: typed.contains { $0.isFallible }, span: span)
    }

    mutating func element(
        _ operand: Expression, _ index: Expression, _ span: SourceSpan
    ) -> TypedExpression? {
        guard let pair = typed([operand, index]) else { return nil }
        switch pair[0].type {
        case .json: return resolve("json_get", pair, span)
        case .structure:
            if case .literal(.string(let name)) = pair[1].kind {
                return field(pair[0], Identifier(name, span: index.span), span)
            }
        default: break
        }
        return resolve("element", pair, span)
    }

    mutating func extract(
        _ field: Identifier, _ operand: Expression, _ span: SourceSpan
    ) -> TypedExpression? {
        guard let typed = type(operand) else { return nil }
        let word = TypedExpression.literal(.string(field.text), .string, span: field.span)
        return resolve("date_part", [word, typed], span)
    }
}

extension BinaryOperator {
    var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }
}

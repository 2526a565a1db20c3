import PipelineDSL

extension ExpressionTyper {
    // MARK: Conditions

    /// An operand of `AND`, a `WHERE`, the condition of a branch: boolean.
    mutating func condition(_ expression: Expression, of place: String) -> TypedExpression? {
        guard let typed = type(expression) else { return nil }
        return condition(typed, of: place, expression)
    }

    mutating func wholeCondition(_ expression: Expression, of place: String) -> TypedExpression? {
        condition(expression, of: place).flatMap { isShallow($0, expression.span) ? $0 : nil }
    }

    func condition(
        _ typed: TypedExpression, of place: String, _ source: Expression
    ) -> TypedExpression? {
        if typed.type == .boolean { return typed }
        if typed.isNullLiteral { return typed.converted(to: .boolean) }
        if typed.isTextLiteral, let literal = typed.literal(as: .boolean) { return literal }
        let text = SQLPrinter.text(source)
        var notes = ["a condition is a comparison, or something of type boolean"]
        if typed.type.isNumeric { notes.append("did you mean `\(text) <> 0`?") }
        if typed.type == .string { notes.append("did you mean `\(text) = 'true'`?") }
        report(
            .notACondition, "\(place) needs a condition, and this is \(typed.type)",
            at: source.span, notes: notes)
        return nil
    }

    mutating func junction(
        _ operands: [Expression], _ word: String, _ span: SourceSpan
    ) -> TypedExpression? {
        var typed: [TypedExpression] = []
        var isComplete = true
        for operand in operands {
            if let operand = condition(operand, of: word) {
                typed.append(operand)
            } else {
                isComplete = false
            }
        }
        guard isComplete else { return nil }
        return word == "AND" ? Self.and(typed, span) : Self.or(typed, span)
    }

    mutating func isTruth(
        _ operand: Expression, _ value: Bool?, _ negated: Bool, _ span: SourceSpan
    ) -> TypedExpression? {
        guard let operand = condition(operand, of: "IS") else { return nil }
        guard let value else {
            let test = Self.isNull(operand, span)
            return negated ? Self.not(test, span) : test
        }
        // `x IS TRUE` is `coalesce(x, false)`, `x IS FALSE` is `NOT coalesce(x, true)`.
        let fallback = TypedExpression.literal(.boolean(!value), .boolean)
        let decided =
            operand.isNullable
            ? Self.coalesce([operand, fallback], type: .boolean, span) : operand
        return value == negated ? Self.not(decided, span) : decided
    }

    // MARK: Comparisons

    func compare(
        _ name: String, _ left: TypedExpression, _ right: TypedExpression, _ span: SourceSpan
    ) -> TypedExpression? {
        if left.isNullLiteral, right.isNullLiteral { return .literal(.null, .boolean, span: span) }
        guard let type = comparisonType([left, right], span, isOrder: name != "eq" && name != "ne")
        else { return nil }
        let operands = [left.converted(to: type), right.converted(to: type)]
        return TypedExpression(
            .call(name, operands), type: .boolean, nullable: operands.contains { $0.isNullable },
            fallible: operands.contains { $0.isFallible }, span: span)
    }

    /// The type in which they are compared; a diagnostic where there is none.
    func comparisonType(
        _ operands: [TypedExpression], _ span: SourceSpan, isOrder: Bool
    ) -> DataType? {
        guard let type = TypeRules.common(operands) else {
            reportIncomparable(operands, span)
            return nil
        }
        guard TypeRules.belongs(type, to: isOrder ? .orderable : .comparable) else {
            report(
                .incomparableTypes, "\(type) has no \(isOrder ? "order" : "equality")", at: span,
                notes: [
                    type == .json
                        ? "compare a part of it: `value ->> 'name' = 'text'`"
                        : "compare parts of the value"
                ])
            return nil
        }
        return type
    }

    /// Blames the first operand that does not fit the ones before it.
    private func reportIncomparable(_ operands: [TypedExpression], _ span: SourceSpan) {
        for count in 2...max(2, operands.count) where count <= operands.count {
            let group = Array(operands[..<count])
            guard TypeRules.common(group) == nil else { continue }
            let others = Array(group.dropLast())
            return reportIncomparable(
                others.first { !$0.isNullLiteral } ?? others[0], group[count - 1], span)
        }
    }

    private func reportIncomparable(
        _ left: TypedExpression, _ right: TypedExpression, _ span: SourceSpan
    ) {
        if reportMalformedText(right, as: left.type) || reportMalformedText(left, as: right.type) {
            return
        }
        let labels = [left, right].compactMap { operand in
            operand.span.map { Diagnostic.Label($0, "this is \(operand.type)") }
        }
        let (notes, fix) = comparisonAdvice(left, right)
        report(
            .incomparableTypes, "\(left.type) and \(right.type) cannot be compared", at: span,
            secondary: labels, notes: notes, fix: fix)
    }

    private func comparisonAdvice(
        _ left: TypedExpression, _ right: TypedExpression
    ) -> (notes: [String], fix: Diagnostic.Fix?) {
        for (text, other) in [(left, right), (right, left)] where text.type == .string {
            if other.isNumberLiteral, let span = other.span {
                let quoted = "'\(decimalSpelling(other))'"
                return (
                    ["text compares with text: `\(quoted)`; to compare numbers, CAST the text"],
                    Diagnostic.Fix("compare as text", span: span, replacement: quoted)
                )
            }
            guard TypeRules.cast(from: .string, to: other.type) == .partial else { continue }
            return (
                ["convert one of them: `CAST(… AS \(other.type))`"], casting(text, to: other.type)
            )
        }
        for (value, other) in [(left, right), (right, left)]
        where TypeRules.cast(from: value.type, to: other.type) != .impossible {
            return (
                ["convert one of them: `CAST(… AS \(other.type))`"], casting(value, to: other.type)
            )
        }
        return ([], nil)
    }

    private func decimalSpelling(_ literal: TypedExpression) -> String {
        if case .literal(let value) = literal.kind { value.sql(literal.type) } else { "" }
    }

    /// A fix that puts a cast around what stands there, where it is a plain name.
    private func casting(_ operand: TypedExpression, to type: DataType) -> Diagnostic.Fix? {
        guard case .column(let index) = operand.kind, let span = operand.span,
            let column = scope.columns.first(where: { $0.index == index })
        else { return nil }
        let name = SQLPrinter.identifier(column.field.name)
        return Diagnostic.Fix(
            "convert it", span: span, replacement: "CAST(\(name) AS \(type))")
    }

    /// Where the operand is text in quotes that would be read as `type` but does not spell a value
    /// of it.
    func reportMalformedText(_ operand: TypedExpression, as type: DataType) -> Bool {
        guard operand.isTextLiteral, case .literal(.string(let text)) = operand.kind,
            type != .string, type != .null, operand.literal(as: type) == nil,
            let span = operand.span
        else { return false }
        let shown = text.count > 40 ? "\(text.prefix(40))…" : text
        let name = type == .json ? "valid json" : Self.article(type)
        report(
            .malformedValue, "`'\(shown)'` is not \(name)", at: span,
            notes: Self.spelling(of: type).map { ["\(Self.article(type)) is written \($0)"] } ?? [])
        return true
    }

    static func article(_ type: DataType) -> String {
        let text = type.description
        return ("aeiou".contains(text.prefix(1)) ? "an " : "a ") + text
    }

    static func spelling(of type: DataType) -> String? {
        switch type {
        case .date: "`'2026-01-31'`"
        case .time: "`'08:15:00'`"
        case .timestamp: "`'2026-01-31 08:15:00'` or `'2026-01-31T08:15:00+03:00'`"
        case .interval: "`'5 minutes'` or `'1 day 02:30:00'`"
        case .boolean: "`true` or `false`"
        case .uuid: "`'123e4567-e89b-12d3-a456-426614174000'`"
        case .integer, .bigint: "`42`"
        case .decimal(_, let scale): "with at most \(scale) digits after the point: `1.5`"
        case .real, .double: "`1.5` or `1e3`"
        default: nil
        }
    }

    // MARK: BETWEEN, IN, IS DISTINCT FROM

    mutating func between(
        _ operand: Expression, _ low: Expression, _ high: Expression, _ negated: Bool,
        _ span: SourceSpan
    ) -> TypedExpression? {
        let before = state.work
        let value = type(operand)
        guard state.spend(state.work - before, at: span) else { return nil }
        let (low, high) = (type(low), type(high))
        guard let value, let low, let high,
            let atLeast = compare("ge", value, low, operand.span.through(low.span ?? span)),
            let atMost = compare("le", value, high, span)
        else { return nil }
        let both = Self.and([atLeast, atMost], span)
        return negated ? Self.not(both, span) : both
    }

    mutating func isDistinct(
        _ operand: Expression, _ other: Expression, _ negated: Bool, _ span: SourceSpan
    ) -> TypedExpression? {
        guard let pair = typed([operand, other]) else { return nil }
        let test: TypedExpression
        if pair[1].isNullLiteral || pair[0].isNullLiteral {
            test = Self.not(Self.isNull(pair[1].isNullLiteral ? pair[0] : pair[1], span), span)
        } else {
            guard let type = comparisonType(pair, span, isOrder: false) else { return nil }
            test = TypedExpression(
                .call("is_distinct_from", pair.map { $0.converted(to: type) }), type: .boolean,
                nullable: false, fallible: pair.contains { $0.isFallible }, span: span)
        }
        return negated ? Self.not(test, span) : test
    }

    mutating func inList(
        _ operand: Expression, _ items: [Expression], _ negated: Bool, _ span: SourceSpan
    ) -> TypedExpression? {
        if case .call(let row) = operand.kind, row.name.text == "row", row.over == nil {
            return rowInList(operand, items, negated, span)
        }
        let before = state.work
        let value = type(operand)
        let size = state.work - before
        guard let typedItems = typed(items), let value, !typedItems.isEmpty else { return nil }
        guard let type = comparisonType([value] + typedItems, span, isOrder: false) else {
            return nil
        }
        let test = membership(
            value.converted(to: type), typedItems.map { $0.converted(to: type) }, span)
        let computed = typedItems.count { if case .literal = $0.kind { false } else { true } }
        guard state.spend(size * computed, at: span) else { return nil }
        return negated ? Self.not(test, span) : test
    }

    /// Constants in one list, each of the others as a comparison.
    private func membership(
        _ operand: TypedExpression, _ items: [TypedExpression], _ span: SourceSpan
    ) -> TypedExpression {
        var values: [Value] = []
        var seen: Set<Value> = []
        var tests: [TypedExpression] = []
        for item in items {
            if case .literal(let value) = item.kind {
                if seen.insert(value).inserted { values.append(value) }
            } else if let test = compare("eq", operand, item, span) {
                tests.append(test)
            }
        }
        if values.count == 1, tests.isEmpty,
            let test = compare("eq", operand, .literal(values[0], operand.type, span: span), span)
        {
            return test
        }
        if !values.isEmpty {
            tests.insert(
                TypedExpression(
                    .inList(operand, values), type: .boolean,
                    nullable: operand.isNullable || values.contains(.null),
                    fallible: operand.isFallible, span: span), at: 0)
        }
        return Self.or(tests, span)
    }

    /// `(a, b) IN ((1, 2), (3, 4))`
    private mutating func rowInList(
        _ operand: Expression, _ items: [Expression], _ negated: Bool, _ span: SourceSpan
    ) -> TypedExpression? {
        let tests = items.map { rowComparison(.equal, operand, $0, $0.span) }
        guard tests.allSatisfy({ $0 != nil }) else { return nil }
        let test = Self.or(tests.compactMap(\.self), span)
        return negated ? Self.not(test, span) : test
    }

    /// `(a, b) = (c, d)`
    mutating func rowComparison(
        _ op: BinaryOperator, _ left: Expression, _ right: Expression, _ span: SourceSpan
    ) -> TypedExpression? {
        guard let a = left.rowItems, let b = right.rowItems, op == .equal || op == .notEqual else {
            report(
                .columnListLength, "a row compares with another row, by `=`, `<>` or `IN`", at: span
            )
            return nil
        }
        guard a.count == b.count else {
            report(
                .columnListLength, "rows of \(a.count) and of \(b.count) values do not compare",
                at: span)
            return nil
        }
        var tests: [TypedExpression] = []
        for (x, y) in zip(a, b) {
            guard let pair = typed([x, y]), let test = compare("eq", pair[0], pair[1], span) else {
                return nil
            }
            tests.append(test)
        }
        let test = Self.and(tests, span)
        return op == .notEqual ? Self.not(test, span) : test
    }

    mutating func matches(
        _ operand: Expression, _ pattern: Expression, _ caseInsensitive: Bool, _ negated: Bool,
        _ span: SourceSpan
    ) -> TypedExpression? {
        guard var operands = typed([operand, pattern]) else { return nil }
        if caseInsensitive { operands.append(.literal(.string("i"), .string)) }
        return resolve("regexp_matches", operands, span).map { negated ? Self.not($0, span) : $0 }
    }
}

extension Expression {
    /// The values of `(a, b)`.
    var rowItems: [Expression]? {
        guard case .call(let call) = kind, call.name.text == "row", call.over == nil else {
            return nil
        }
        return call.arguments
    }
}

import PipelineDSL

extension TypedExpression {
    var isNullLiteral: Bool { kind == .literal(.null) }

    /// Text in quotes: it takes the type of what it stands beside.
    var isTextLiteral: Bool {
        if case .literal(.string) = kind { type == .string } else { false }
    }

    /// A number as written: its type is the smallest it fits, and it may take a wider one.
    var isNumberLiteral: Bool {
        if case .literal(let value) = kind { value != .null && type.isNumeric } else { false }
    }

    /// The literal as an exact number, where it is one.
    var decimalValue: DecimalText? {
        guard case .literal(let value) = kind else { return nil }
        switch (value, type) {
        case (.integer(let number), .integer), (.integer(let number), .bigint):
            return DecimalText(unscaled: Int128(number), scale: 0)
        case (.wide(let unscaled), .decimal(_, let scale)):
            return DecimalText(unscaled: unscaled, scale: scale)
        default: return nil
        }
    }

    /// The same value as a literal of another type, exactly, or as the nearest floating-point
    /// number; `nil` where there is none, or where this is no literal.
    func literal(as target: DataType) -> TypedExpression? {
        guard case .literal(let value) = kind else { return nil }
        if type == target { return self }
        if value == .null { return .literal(.null, target, span: span) }
        if isTextLiteral, case .string(let text) = value {
            return Value.parse(text, as: target).map { .literal($0, target, span: span) }
        }
        if type == .date, target == .timestamp, case .integer(let days) = value {
            let (micros, overflow) = days.multipliedReportingOverflow(
                by: CivilDate.microsecondsPerDay)
            return overflow ? nil : .literal(.integer(micros), .timestamp, span: span)
        }
        return number(as: target).map { .literal($0, target, span: span) }
    }

    private func number(as target: DataType) -> Value? {
        if let exact = decimalValue {
            // `2.0` does not become an integer: `7 / 2.0` keeps its fraction.
            switch target {
            case .integer where exact.scale == 0:
                return exact.unscaled(precision: 38, scale: 0).flatMap {
                    Int32(exactly: $0).map { .integer(Int64($0)) }
                }
            case .bigint where exact.scale == 0:
                return exact.unscaled(precision: 38, scale: 0).flatMap {
                    Int64(exactly: $0).map { .integer($0) }
                }
            case .decimal(let precision, let scale):
                return exact.unscaled(precision: precision, scale: scale).map { .wide($0) }
            case .double: return exact.double.map { .double($0) }
            case .real: return exact.double.flatMap { Value.narrowed($0) }
            default: return nil
            }
        }
        guard case .literal(.double(let value)) = kind else { return nil }
        switch target {
        case .double: return .double(value)
        case .real: return Value.narrowed(value)
        default: return nil
        }
    }

    /// With an explicit cast to `target` where it has another type. The caller knows that there is
    /// such a cast; an ``isFallible`` result says that some values do not fit.
    public func converted(to target: DataType) -> TypedExpression {
        if type == target { return self }
        if let literal = literal(as: target) { return literal }
        let isPartial = TypeRules.cast(from: type, to: target) != .total
        return TypedExpression(
            .cast(self, isTry: false), type: target, nullable: isNullable,
            fallible: isFallible || isPartial, span: span)
    }

    /// The cost of giving it that type without being asked to, or `nil` where that is not done.
    func implicitCost(to target: DataType) -> Int? {
        if type == target { return 0 }
        if isTextLiteral { return literal(as: target) == nil ? nil : 8 }
        if let cost = TypeRules.implicitCost(from: type, to: target) { return cost }
        // A number as written may also take a narrower type that holds it.
        guard isNumberLiteral, target.isNumeric, let literal = literal(as: target) else {
            return nil
        }
        // Whole numbers beyond 2^24 are not all of type `real`.
        if target == .real, type.isInteger, !literal.isExactly(self) { return nil }
        return target.isFloating ? 4 : 2
    }

    /// As a decimal for arithmetic: integers without a fraction, literals with just their digits.
    var asDecimal: TypedExpression? {
        if type.isDecimal { return self }
        if let exact = decimalValue { return literal(as: exact.type) }
        guard let (precision, scale) = DecimalTypes.parts(type) else { return nil }
        return converted(to: .decimal(precision: precision, scale: scale))
    }
}

extension TypeRules {
    /// The type that all of them can be given; `nil` where there is none. Literals do not widen what
    /// they fit into: with a `double` column, `1.5` is a double.
    static func common(_ expressions: [TypedExpression]) -> DataType? {
        var type: DataType?
        let isFlexible = { (e: TypedExpression) in
            e.isNullLiteral || e.isTextLiteral || e.isNumberLiteral
        }
        for expression in expressions where !isFlexible(expression) {
            guard let next = type.map({ common($0, expression.type) }) ?? expression.type else {
                return nil
            }
            type = next
        }
        let numbers = expressions.filter(\.isNumberLiteral)
        if type == nil, !numbers.isEmpty {
            type = common(literals: numbers)
            if type == nil { return nil }
        } else {
            for literal in numbers {
                guard let next = widened(type, by: literal) else { return nil }
                type = next
            }
        }
        for literal in expressions where literal.isTextLiteral {
            guard let base = type, base != .null else {
                type = .string
                continue
            }
            guard literal.literal(as: base) != nil else { return nil }
        }
        return type ?? .null
    }

    private static func widened(_ base: DataType?, by literal: TypedExpression) -> DataType? {
        guard let base, base != .null else { return literal.type }
        if base.isNumeric, literal.implicitCost(to: base) != nil { return base }
        return common(base, literal.decimalValue?.type ?? literal.type)
    }

    /// Of literals alone: `1` beside `2.5` is a decimal of two digits, not one of eleven.
    private static func common(literals: [TypedExpression]) -> DataType? {
        let isWhole = literals.allSatisfy(\.type.isInteger)
        return literals.reduce(.null) { type, literal in
            type.flatMap {
                common($0, isWhole ? literal.type : literal.decimalValue?.type ?? literal.type)
            }
        }
    }
}

extension TypedExpression {
    /// Whether this floating-point literal is the same number as that integer literal.
    fileprivate func isExactly(_ integer: TypedExpression) -> Bool {
        guard case .literal(.double(let value)) = kind,
            case .literal(.integer(let exact)) = integer.kind
        else { return false }
        return Int64(exactly: value) == exact
    }
}

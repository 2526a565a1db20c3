import PipelineDSL

/// `{"call": "multiply", "of": [{"column": 3, "type": "double"}, …], "type": "double"}`.
///
/// A tree of depth n is at most 2n levels of JSON. `type` is left out where it can only be boolean.
extension TypedExpression: Codable {
    private enum Keys: String, CodingKey {
        case column, literal, call, of, and, or, not, branches = "case", otherwise = "else"
        case coalesce, cast, tryCast = "try_cast", isNull = "is_null", isIn = "in", values
        case type, nullable, fallible, at
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        switch kind {
        case .column(let index): try container.encode(index, forKey: .column)
        case .literal(let value): try container.encode(value, forKey: .literal)
        case .call(let name, let operands):
            try container.encode(name, forKey: .call)
            try container.encode(unlessEmpty: operands, .of)
        case .and(let operands): try container.encode(operands, forKey: .and)
        case .or(let operands): try container.encode(operands, forKey: .or)
        case .not(let operand): try container.encode(operand, forKey: .not)
        case .caseWhen(let branches, let otherwise):
            try container.encode(branches, forKey: .branches)
            try container.encode(otherwise, forKey: .otherwise)
        case .coalesce(let operands): try container.encode(operands, forKey: .coalesce)
        case .cast(let operand, let isTry):
            try container.encode(operand, forKey: isTry ? .tryCast : .cast)
        case .isNull(let operand): try container.encode(operand, forKey: .isNull)
        case .inList(let operand, let values):
            try container.encode(operand, forKey: .isIn)
            try container.encode(values, forKey: .values)
        }
        if !kind.isAlwaysBoolean { try container.encode(type, forKey: .type) }
        try container.encode(ifTrue: isNullable, .nullable)
        try container.encode(ifTrue: isFallible, .fallible)
        // A column or constant cannot fail, so nobody asks where it stands.
        if !isTrivial { try container.encode(place: span, .at, encoder) }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        kind = try Self.decodeKind(container)
        type = kind.isAlwaysBoolean ? .boolean : try container.decode(DataType.self, forKey: .type)
        isNullable = try container.decode(.nullable, default: false)
        isFallible = try container.decode(.fallible, default: false)
        span = try container.decodePlace(.at)
    }

    private static func decodeKind(_ container: KeyedDecodingContainer<Keys>) throws -> Kind {
        func operand(_ key: Keys) throws -> TypedExpression {
            try container.decode(TypedExpression.self, forKey: key)
        }
        func operands(_ key: Keys) throws -> [TypedExpression] {
            try container.decode([TypedExpression].self, forKey: key)
        }
        if container.contains(.column) {
            return .column(try container.decode(Int.self, forKey: .column))
        }
        if container.contains(.literal) {
            return .literal(try container.decode(Value.self, forKey: .literal))
        }
        if container.contains(.call) {
            let name = try container.decode(String.self, forKey: .call)
            return .call(name, container.contains(.of) ? try operands(.of) : [])
        }
        if container.contains(.and) { return .and(try operands(.and)) }
        if container.contains(.or) { return .or(try operands(.or)) }
        if container.contains(.not) { return .not(try operand(.not)) }
        if container.contains(.branches) {
            return .caseWhen(
                try container.decode([Branch].self, forKey: .branches),
                otherwise: try operand(.otherwise))
        }
        if container.contains(.coalesce) { return .coalesce(try operands(.coalesce)) }
        if container.contains(.cast) { return .cast(try operand(.cast), isTry: false) }
        if container.contains(.tryCast) { return .cast(try operand(.tryCast), isTry: true) }
        if container.contains(.isNull) { return .isNull(try operand(.isNull)) }
        if container.contains(.isIn) {
            return .inList(
                try operand(.isIn), try container.decode([Value].self, forKey: .values))
        }
        throw DecodingError.dataCorrupted(
            .init(codingPath: container.codingPath, debugDescription: "not an expression"))
    }
}

extension TypedExpression.Kind {
    fileprivate var isAlwaysBoolean: Bool {
        switch self {
        case .and, .or, .not, .isNull, .inList: true
        default: false
        }
    }
}

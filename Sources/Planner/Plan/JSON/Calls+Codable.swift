import PipelineDSL

extension Aggregate.Call: Codable {
    private enum Keys: String, CodingKey {
        case name, function, arguments, distinct, filter, orderBy = "order_by", type, nullable, at
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(name, forKey: .name)
        try container.encode(function, forKey: .function)
        try container.encode(unlessEmpty: arguments, .arguments)
        try container.encode(ifTrue: isDistinct, .distinct)
        try container.encodeIfPresent(filter, forKey: .filter)
        try container.encode(unlessEmpty: orderBy, .orderBy)
        try container.encode(type, forKey: .type)
        try container.encode(ifTrue: isNullable, .nullable)
        try container.encode(place: span, .at, encoder)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            function: try container.decode(String.self, forKey: .function),
            arguments: try container.decode(.arguments, default: []),
            isDistinct: try container.decode(.distinct, default: false),
            filter: try container.decodeIfPresent(TypedExpression.self, forKey: .filter),
            orderBy: try container.decode(.orderBy, default: []),
            type: try container.decode(DataType.self, forKey: .type),
            nullable: try container.decode(.nullable, default: false),
            span: try container.decodePlace(.at))
    }
}

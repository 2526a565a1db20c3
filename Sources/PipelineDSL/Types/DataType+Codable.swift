extension DataType: Codable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let type = DataType.named(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a type: \(text)")
        }
        self = type
    }
}


extension Schema: Codable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(fields)
    }

    public init(from decoder: any Decoder) throws {
        fields = try decoder.singleValueContainer().decode([Field].self)
    }
}

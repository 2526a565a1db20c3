/// Types are written as text everywhere, in specs as in plans: `"decimal(12,2)"`.
extension DataType: Codable, LosslessStringConvertible {
    /// Reads a type as the spec language writes it, SQL spellings included; `nil` where it is none.
    public init?(_ text: String) {
        let (column, diagnostics) = SQLParser.typeText(SourceText(text: text, file: ""))
        guard diagnostics.isEmpty, !column.isNotNull, let type = column.type else { return nil }
        self = type
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let type = DataType(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "`\(text)` is not a type")
        }
        self = type
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// `"name: type not null"`, or where it says more `{"field": "name: type", "pii": "email"}`.
extension Field: Codable, LosslessStringConvertible {
    private enum CodingKeys: String, CodingKey { case field, pii }

    /// Reads `name: type [not null]`; `nil` where it is no such text.
    public init?(_ text: String) {
        let (field, diagnostics) = SQLParser.fieldText(SourceText(text: text, file: ""))
        guard diagnostics.isEmpty, let field else { return nil }
        self = field
    }

    public init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self = try Field.reading(text, decoder.codingPath)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self = try Field.reading(
            try container.decode(String.self, forKey: .field), container.codingPath)
        pii = try container.decodeIfPresent(String.self, forKey: .pii)
    }

    private static func reading(_ text: String, _ path: [any CodingKey]) throws -> Field {
        if let field = Field(text) { return field }
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: path, debugDescription: "`\(text)` is not a field"))
    }

    public func encode(to encoder: any Encoder) throws {
        guard let pii else {
            var container = encoder.singleValueContainer()
            return try container.encode(description)
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(description, forKey: .field)
        try container.encode(pii, forKey: .pii)
    }
}

/// The list of its fields.
extension Schema: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([Field].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(fields)
    }
}

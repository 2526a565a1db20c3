/// As plain JSON. A secret is `{"$secret": "NAME"}` and its value never appears; strings with
/// secrets among them are `{"$template": […]}`; a whole number that is a `number`, not an integer,
/// is `{"$number": 2}`.
extension PlanValue: Codable {
    private enum Keys: String, CodingKey {
        case secret = "$secret"
        case template = "$template"
        case number = "$number"
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .secret(let name):
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(name, forKey: .secret)
        case .template(let parts):
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(parts, forKey: .template)
        case .number(let value) where value == value.rounded() || !value.isFinite:
            var container = encoder.container(keyedBy: Keys.self)
            if value.isFinite {
                try container.encode(value, forKey: .number)
            } else {
                try container.encode("\(value)", forKey: .number)
            }
        default:
            var container = encoder.singleValueContainer()
            try encodePlain(&container)
        }
    }

    private func encodePlain(_ container: inout any SingleValueEncodingContainer) throws {
        switch self {
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        default: try container.encodeNil()
        }
    }

    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Keys.self),
            let value = try Self.decodeMarked(container)
        {
            self = value
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([PlanValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: PlanValue].self))
        }
    }

    private static func decodeMarked(_ container: KeyedDecodingContainer<Keys>) throws -> PlanValue? {
        guard let key = container.allKeys.first else { return nil }
        switch key {
        case .secret: return .secret(try container.decode(String.self, forKey: key))
        case .template: return .template(try container.decode([PlanValue].self, forKey: key))
        case .number:
            if let value = try? container.decode(Double.self, forKey: key) { return .number(value) }
            guard let value = Double(try container.decode(String.self, forKey: key)) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "not a number")
            }
            return .number(value)
        }
    }
}

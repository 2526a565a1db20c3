import PipelineDSL

/// As JSON where JSON has it; what JSON does not tell apart carries its kind:
/// `{"double": 180}`, `{"bytes": "00ff"}`, `{"wide": "12345"}`.
extension Value: Codable {
    private enum Keys: String, CodingKey { case double, wide, bytes, interval, structure = "struct", map }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .null, .boolean, .integer, .string, .list:
            var container = encoder.singleValueContainer()
            try encodePlain(&container)
        case .double(let value):
            var container = encoder.container(keyedBy: Keys.self)
            // JSON has neither infinity nor NaN.
            if value.isFinite {
                try container.encode(value, forKey: .double)
            } else {
                try container.encode("\(value)", forKey: .double)
            }
        case .wide(let value):
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(String(value), forKey: .wide)
        case .bytes(let bytes):
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(Hexadecimal.text(bytes), forKey: .bytes)
        case .interval(let interval):
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(interval, forKey: .interval)
        case .structure(let values):
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(values, forKey: .structure)
        case .map(let pairs):
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(pairs, forKey: .map)
        }
    }

    private func encodePlain(_ container: inout any SingleValueEncodingContainer) throws {
        switch self {
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        default: try container.encodeNil()
        }
    }

    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Keys.self) {
            self = try Self.decodeKeyed(container)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else {
            self = .list(try container.decode([Value].self))
        }
    }

    private static func decodeKeyed(_ container: KeyedDecodingContainer<Keys>) throws -> Value {
        guard let key = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: container.codingPath, debugDescription: "not a value"))
        }
        func broken(_ what: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: container, debugDescription: "not \(what)")
        }
        switch key {
        case .double:
            if let value = try? container.decode(Double.self, forKey: key) { return .double(value) }
            guard let value = Double(try container.decode(String.self, forKey: key)) else {
                throw broken("a number")
            }
            return .double(value)
        case .wide:
            guard let value = Int128(try container.decode(String.self, forKey: key)) else {
                throw broken("a whole number of at most 128 bits")
            }
            return .wide(value)
        case .bytes:
            guard let value = Hexadecimal.bytes(try container.decode(String.self, forKey: key))
            else { throw broken("hexadecimal digits") }
            return .bytes(value)
        case .interval: return .interval(try container.decode(Interval.self, forKey: key))
        case .structure: return .structure(try container.decode([Value].self, forKey: key))
        case .map: return .map(try container.decode([[Value]].self, forKey: key))
        }
    }
}

enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func bytes(_ text: String) -> [UInt8]? {
        let nibbles = text.utf8.compactMap { byte in
            digits.firstIndex(of: byte | 0x20).map { UInt8($0) }
        }
        guard nibbles.count == text.utf8.count, nibbles.count % 2 == 0 else { return nil }
        return stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
    }
}

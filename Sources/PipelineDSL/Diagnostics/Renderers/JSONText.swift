/// JSON as a value that is written with its keys in the order given.
package indirect enum JSONText: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONText])
    case object([Member])

    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: JSONText

        package init(_ name: String, _ value: JSONText) {
            self.name = name
            self.value = value
        }
    }

    /// Two spaces an indentation; lists of scalars on one line.
    package func pretty(_ depth: Int = 0) -> String {
        let inner = "\n" + String(repeating: "  ", count: depth + 1)
        let outer = "\n" + String(repeating: "  ", count: depth)
        switch self {
        case .array(let items) where items.contains { !$0.isScalar }:
            return "[" + inner + items.map { $0.pretty(depth + 1) }.joined(separator: "," + inner)
                + outer + "]"
        case .array(let items):
            return "[" + items.map { $0.pretty() }.joined(separator: ", ") + "]"
        case .object(let members) where members.isEmpty: return "{}"
        case .object(let members):
            let lines = members.map { "\(Self.quoted($0.name)): \($0.value.pretty(depth + 1))" }
            return "{" + inner + lines.joined(separator: "," + inner) + outer + "}"
        case .null: return "null"
        case .boolean(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .number(let value): return value.isFinite ? Self.text(value) : "null"
        case .string(let text): return Self.quoted(text)
        }
    }

    private var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private static func text(_ value: Double) -> String {
        Int64(exactly: value).map { String($0) } ?? String(value)
    }

    /// RFC 8259 § 7, with U+2028 and U+2029 escaped so that it is JavaScript as well.
    package static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{2028}": result += "\\u2028"
            case "\u{2029}": result += "\\u2029"
            case "\0"..<" ":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

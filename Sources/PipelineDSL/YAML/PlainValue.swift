/// What a scalar means by the core schema of YAML 1.2 (§ 10.3.2), the words that were booleans in
/// YAML 1.1 told apart.
public enum PlainValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// `yes`, `no`, `on`, `off`: a boolean to a YAML 1.1 reader, a text to a 1.2 one.
    case formerBoolean(Bool)
    case integer(Int64)
    /// Whatever is a number but no 64-bit integer; `.inf` and `.nan` included.
    case number(Double)
    case text

    public init(_ scalar: YAMLNode.Scalar, tag: String?) {
        let isText = tag == nil ? scalar.style != .plain : tag == "!!str"
        self = isText ? .text : Self(plain: scalar.text)
    }

    /// A text without quotes.
    public init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .boolean(true)
        case "false", "False", "FALSE": self = .boolean(false)
        case "yes", "Yes", "YES", "on", "On", "ON": self = .formerBoolean(true)
        case "no", "No", "NO", "off", "Off", "OFF": self = .formerBoolean(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": self = .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": self = .number(-.infinity)
        case ".nan", ".NaN", ".NAN": self = .number(.nan)
        default: self = Self.numeric(text) ?? .text
        }
    }

    private static func numeric(_ text: String) -> PlainValue? {
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return nil }
        if text.hasPrefix("0x") {
            return Int64(text.dropFirst(2), radix: 16).map(PlainValue.integer)
        }
        if text.hasPrefix("0o") {
            return Int64(text.dropFirst(2), radix: 8).map(PlainValue.integer)
        }
        if let integer = Int64(text) { return .integer(integer) }
        // `Double` also reads `0x1p3`, `1e999` and `nan`, which are no YAML numbers.
        guard text.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }),
            text.utf8.contains(where: { $0 >= 0x30 && $0 <= 0x39 }), let number = Double(text)
        else { return nil }
        return .number(number)
    }
}

extension YAMLNode {
    /// `nil` for a list or a mapping.
    public var scalar: Scalar? { if case .scalar(let scalar) = kind { scalar } else { nil } }
    public var items: [YAMLNode]? { if case .sequence(let items) = kind { items } else { nil } }
    public var entries: [Entry]? { if case .mapping(let entries) = kind { entries } else { nil } }
    public var isNull: Bool { scalar.map { PlainValue($0, tag: tag) == .null } ?? false }

    /// The value under a key, `nil` also where this is no mapping.
    public subscript(key: String) -> YAMLNode? {
        entries?.first { $0.key.scalar?.text == key }?.value
    }

    /// In a sentence: "the text `abc`", "a list".
    package var described: String {
        switch kind {
        case .sequence: return "a list"
        case .mapping: return "a mapping"
        case .scalar(let scalar):
            let text = scalar.text.count > 40 ? scalar.text.prefix(37) + "…" : scalar.text[...]
            switch PlainValue(scalar, tag: tag) {
            case .null: return "nothing"
            case .boolean, .formerBoolean: return "`\(text)`"
            case .integer, .number: return "the number `\(text)`"
            case .text: return text.isEmpty ? "an empty text" : "the text `\(text)`"
            }
        }
    }
}

extension YAMLNode.Entry {
    /// A mapping key with its place; keys of a spec are always texts.
    package var name: Spanned<String> { Spanned(key.scalar?.text ?? "", key.span) }
}

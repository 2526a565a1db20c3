import PipelineDSL

/// Quantities as the spec language writes them, exactly.
package enum QuantityText {
    /// `1 day`, `90 seconds`, `1 hour 30 minutes`: the units of the language, largest first.
    package static func duration(_ microseconds: Int64) -> String {
        guard microseconds != 0 else { return "0 seconds" }
        let sign = microseconds < 0 ? "-" : ""
        var rest = microseconds.magnitude
        var parts: [String] = []
        for (name, size) in durationUnits {
            let (count, left) = rest.quotientAndRemainder(dividingBy: size)
            guard count > 0 else { continue }
            parts.append(plural(count, name))
            rest = left
        }
        return sign + parts.joined(separator: " ")
    }

    private static let durationUnits: [(String, UInt64)] = [
        ("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000),
        ("second", 1_000_000), ("ms", 1000), ("us", 1),
    ]

    private static func plural(_ count: UInt64, _ unit: String) -> String {
        count == 1 || unit.hasSuffix("s") ? "\(count) \(unit)" : "\(count) \(unit)s"
    }

    /// `128 MiB`, `5 MB`, `1500 B`: the largest unit that says it exactly.
    static func size(_ bytes: Int64) -> String {
        for (name, size) in sizeUnits where bytes >= size && bytes % size == 0 {
            return "\(bytes / size) \(name)"
        }
        return "\(bytes) B"
    }

    private static let sizeUnits: [(String, Int64)] = [
        ("GiB", 1 << 30), ("GB", 1_000_000_000), ("MiB", 1 << 20), ("MB", 1_000_000),
        ("KiB", 1 << 10), ("KB", 1000),
    ]

    static func count(_ count: Int, _ noun: String) -> String {
        count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
    }
}

extension PlanValue {
    /// For people: strings without quotes, secrets as references.
    public var text: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value):
            value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
        case .string(let value): value
        case .secret(let name): "${secret:\(name)}"
        case .template(let parts): parts.map(\.text).joined()
        case .list(let values): "[\(values.map(\.text).joined(separator: ", "))]"
        case .object(let values):
            "{ \(values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")) }"
        }
    }
}

extension SettingKind {
    /// What is expected, in a sentence: "a duration such as `10 minutes`".
    public var expected: String {
        switch self {
        case .string: return "a text"
        case .boolean: return "`true` or `false`"
        case .integer(let range): return "a whole number" + bounds(range, Int64.min, Int64.max)
        case .number(let range):
            let limit = Double.greatestFiniteMagnitude
            return "a number" + bounds(range, -limit, limit)
        case .duration: return "a duration such as `10 minutes`"
        case .size: return "a size such as `512 MB`"
        case .rate: return "a rate such as `2000 / second`"
        case .fraction: return "a fraction such as `1%` or `0.01`"
        case .choice(let choices):
            return choices.count == 1 ? quotedList(choices) : "one of \(quotedList(choices))"
        case .expression: return "an expression"
        case .query: return "a `SELECT`"
        case .name: return "a name"
        case .names: return "a name or a list of names"
        case .type: return "a type such as `string not null`"
        case .list(.node): return "a list"
        case .mapping(.node): return "a mapping"
        case .list(let element): return "a list, each item \(element.expected)"
        case .oneOrMany(let element): return "\(element.expected), or a list"
        case .mapping(let element): return "a mapping, each value \(element.expected)"
        case .object(let signatures):
            let names = signatures.map(\.name)
            return names.isEmpty ? "a mapping" : "a mapping with \(quotedList(names))"
        case .variant(let variants):
            return "a mapping with one of the keys \(quotedList(variants.keys.sorted()))"
        case .either(let kinds): return kinds.map(\.expected).joined(separator: ", or ")
        case .node: return "a value"
        }
    }

    /// The same in few words: of several kinds only the first.
    var brief: String {
        switch self {
        case .either(let kinds): kinds.first?.brief ?? expected
        case .oneOrMany(let kind): kind.brief
        default: expected
        }
    }

    private func bounds<T: Comparable>(_ range: ClosedRange<T>, _ least: T, _ most: T) -> String {
        switch (range.lowerBound <= least, range.upperBound >= most) {
        case (true, true): ""
        case (false, true): " of at least \(range.lowerBound)"
        case (true, false): " of at most \(range.upperBound)"
        case (false, false): " from \(range.lowerBound) to \(range.upperBound)"
        }
    }

    var isFraction: Bool { if case .fraction = self { true } else { false } }

    var units: String {
        switch self {
        case .size: "`B`, `KB`, `MB`, `GB`, `TB` (1000s), `KiB`, `MiB`, `GiB`, `TiB` (1024s)"
        case .rate: "`/ second`, `/ minute`, `/ hour`, `/ day`"
        case .fraction: "`%`, or none"
        default: "`us`, `ms`, `s`, `minutes`, `hours`, `days`, `weeks`"
        }
    }
}

extension SettingSignature {
    /// The first sentence of the documentation.
    var summary: String {
        let end = documentation.firstIndex(of: "\n") ?? documentation.endIndex
        return String(documentation[..<end])
    }
}

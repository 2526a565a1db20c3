/// A set of Unicode scalars: an ASCII bitmap, ranges, and properties that would be thousands of
/// ranges.
struct CharacterSet: Hashable, Sendable {
    enum Property: Hashable, Sendable {
        /// Letters, marks of letters, decimal digits and `_`.
        case word
        case space
        case letter, upper, lower, number, punctuation, symbol, control
        /// A general category of two letters.
        case category(String)
    }

    private struct Member: Hashable, Sendable {
        var property: Property
        var isNegated: Bool
    }

    private var ranges: [ClosedRange<UInt32>] = []
    private var members: [Member] = []
    private var isNegated = false
    private var ignoresCase = false
    /// What ``contains(_:)`` says of the 128 ASCII scalars; filled by ``sealed()``.
    private var asciiLow: UInt64 = 0
    private var asciiHigh: UInt64 = 0

    init() {}

    /// One scalar, and its other cases where case is ignored.
    init(_ scalar: Unicode.Scalar, ignoresCase: Bool) {
        insert(scalar.value...scalar.value)
        self.ignoresCase = ignoresCase
        self = sealed()
    }

    /// Everything, but the line end unless `newline`.
    static func any(newline: Bool) -> CharacterSet {
        var set = CharacterSet()
        if !newline { set.insert(0x0A...0x0A) }
        set.isNegated = true
        return set.sealed()
    }

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }
    mutating func insert(_ property: Property, negated: Bool = false) {
        members.append(Member(property: property, isNegated: negated))
    }
    mutating func negate() { isNegated.toggle() }
    mutating func ignoreCase() { ignoresCase = true }

    /// Ready to be asked.
    func sealed() -> CharacterSet {
        var set = self
        set.ranges.sort { $0.lowerBound < $1.lowerBound }
        set.asciiLow = 0
        set.asciiHigh = 0
        for value in UInt32(0)..<128 where set.isMember(value) {
            if value < 64 {
                set.asciiLow |= 1 << UInt64(value)
            } else {
                set.asciiHigh |= 1 << UInt64(value - 64)
            }
        }
        return set
    }

    @inline(__always)
    func contains(_ value: UInt32) -> Bool {
        if value < 64 { return asciiLow &>> UInt64(value) & 1 == 1 }
        if value < 128 { return asciiHigh &>> UInt64(value &- 64) & 1 == 1 }
        return isMember(value)
    }

    private func isMember(_ value: UInt32) -> Bool {
        var found = isListed(value)
        if !found, ignoresCase, let scalar = Unicode.Scalar(value) {
            found = CharacterSet.otherCases(scalar).contains { isListed($0) }
        }
        return found != isNegated
    }

    private func isListed(_ value: UInt32) -> Bool {
        for range in ranges where range.contains(value) { return true }
        guard !members.isEmpty, let scalar = Unicode.Scalar(value) else { return false }
        return members.contains { CharacterSet.has($0.property, scalar) != $0.isNegated }
    }

    private static func otherCases(_ scalar: Unicode.Scalar) -> [UInt32] {
        let properties = scalar.properties
        return [properties.lowercaseMapping, properties.uppercaseMapping].compactMap {
            let scalars = $0.unicodeScalars
            return scalars.count == 1 ? scalars.first?.value : nil
        }
    }

    static func isWord(_ value: UInt32) -> Bool {
        if value < 128 {
            return (value | 0x20) &- 0x61 < 26 || value &- 0x30 < 10 || value == 0x5F
        }
        return Unicode.Scalar(value).map { has(.word, $0) } ?? false
    }

    private static func has(_ property: Property, _ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        switch property {
        case .word:
            return scalar == "_" || properties.isAlphabetic
                || properties.generalCategory == .decimalNumber
                || properties.generalCategory == .nonspacingMark
        case .space: return properties.isWhitespace
        case .letter: return properties.isAlphabetic
        case .upper: return properties.isUppercase
        case .lower: return properties.isLowercase
        case .number: return major(properties.generalCategory) == "N"
        case .punctuation: return major(properties.generalCategory) == "P"
        case .symbol: return major(properties.generalCategory) == "S"
        case .control: return properties.generalCategory == .control
        case .category(let name): return categories[name] == properties.generalCategory
        }
    }

    private static func major(_ category: Unicode.GeneralCategory) -> Character? {
        names[category]?.first
    }

    static func isCategory(_ name: String) -> Bool { categories[name] != nil }

    private static let categories: [String: Unicode.GeneralCategory] = [
        "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter,
        "Lm": .modifierLetter, "Lo": .otherLetter, "Mn": .nonspacingMark, "Mc": .spacingMark,
        "Me": .enclosingMark, "Nd": .decimalNumber, "Nl": .letterNumber, "No": .otherNumber,
        "Pc": .connectorPunctuation, "Pd": .dashPunctuation, "Ps": .openPunctuation,
        "Pe": .closePunctuation, "Pi": .initialPunctuation, "Pf": .finalPunctuation,
        "Po": .otherPunctuation, "Sm": .mathSymbol, "Sc": .currencySymbol,
        "Sk": .modifierSymbol, "So": .otherSymbol, "Zs": .spaceSeparator,
        "Zl": .lineSeparator, "Zp": .paragraphSeparator, "Cc": .control, "Cf": .format,
    ]

    private static let names: [Unicode.GeneralCategory: String] = Dictionary(
        categories.map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
}

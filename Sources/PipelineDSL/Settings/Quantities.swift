/// Quantities as the spec language writes them: durations, sizes, rates and fractions.
public enum Quantity {
    public enum Problem: Error, Hashable, Sendable {
        case notANumber
        case noUnit
        /// What was written, and the unit that was probably meant.
        case unknownUnit(String, near: String?)
        /// `month` and `year`, which have no fixed length.
        case varyingUnit(String)
        case negative
        case tooLarge
    }

    /// `10 minutes`, `500 ms`, `1 hour 30 minutes`, in microseconds.
    public static func duration(_ text: String) -> Result<Int64, Problem> {
        sum(text, durationUnits)
    }

    /// `512 MB` (10⁶), `100 MiB` (2²⁰), in bytes.
    public static func size(_ text: String) -> Result<Int64, Problem> { sum(text, sizeUnits) }

    /// `2000 / second`, `90 per minute`, per second.
    public static func rate(_ text: String) -> Result<Double, Problem> {
        var words = QuantityScanner(text)
        guard let number = words.number() else { return .failure(words.numberProblem) }
        guard words.take("/") || words.word("per") else { return .failure(.noUnit) }
        guard let unit = words.unit() else { return .failure(.noUnit) }
        guard let microseconds = durationUnits[unit.lowercased()] else {
            return .failure(unknown(unit, durationUnits, isPlural: false))
        }
        guard words.isAtEnd else { return .failure(.unknownUnit(words.rest, near: nil)) }
        return .success(number.value * 1e6 / Double(microseconds))
    }

    /// `1%` or `0.01`, between 0 and 1.
    public static func fraction(_ text: String) -> Result<Double, Problem> {
        var words = QuantityScanner(text)
        guard let number = words.number() else { return .failure(words.numberProblem) }
        let value = words.take("%") ? number.value / 100 : number.value
        guard words.isAtEnd else { return .failure(.unknownUnit(words.rest, near: "%")) }
        return value > 1 ? .failure(.tooLarge) : .success(value)
    }

    private static func sum(_ text: String, _ units: [String: Int64]) -> Result<Int64, Problem> {
        var words = QuantityScanner(text)
        var total: Int64 = 0
        repeat {
            guard let number = words.number() else { return .failure(words.numberProblem) }
            guard let unit = words.unit() else { return .failure(.noUnit) }
            guard let factor = units[unit] ?? units[unit.lowercased()] else {
                return .failure(unknown(unit, units, isPlural: number.value != 1))
            }
            guard let part = number.times(factor) else { return .failure(.tooLarge) }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return .failure(.tooLarge) }
            total = sum
        } while !words.isAtEnd
        return .success(total)
    }

    private static func unknown(
        _ unit: String, _ units: [String: Int64], isPlural: Bool
    ) -> Problem {
        let isTime = units["second"] != nil
        if isTime, ["month", "months", "year", "years", "mon", "y"].contains(unit.lowercased()) {
            return .varyingUnit(unit)
        }
        if isTime, unit == "m" || unit == "M" { return .unknownUnit(unit, near: "minutes") }
        let preferred = units.keys.filter { isPlural == $0.hasSuffix("s") && $0.utf8.count > 3 }
        return .unknownUnit(
            unit, near: nearName(unit, among: preferred) ?? nearName(unit, among: units.keys))
    }

    static let durationUnits: [String: Int64] = {
        let second: Int64 = 1_000_000
        var units: [String: Int64] = [:]
        for (names, length): (String, Int64) in [
            ("us µs microsecond microseconds", 1), ("ms millisecond milliseconds", 1000),
            ("s sec second seconds", second), ("min minute minutes", 60 * second),
            ("h hour hours", 3600 * second), ("d day days", 86400 * second),
            ("w week weeks", 604800 * second),
        ] {
            for name in names.split(separator: " ") { units[String(name)] = length }
        }
        return units
    }()

    /// Powers of 1000 (SI) and of 1024 (IEC 80000-13).
    static let sizeUnits: [String: Int64] = {
        var units: [String: Int64] = ["b": 1, "byte": 1, "bytes": 1]
        var decimal: Int64 = 1
        var binary: Int64 = 1
        for letter in ["k", "m", "g", "t", "p"] {
            decimal *= 1000
            binary *= 1024
            units[letter + "b"] = decimal
            units[letter + "ib"] = binary
        }
        return units
    }()
}

/// Numbers and words of a quantity.
struct QuantityScanner {
    /// A decimal number, exact: `digits` × 10^-`decimals`.
    struct Number {
        var digits: Int64
        var decimals: Int
        var value: Double

        /// Rounded to the nearest whole; `nil` on overflow.
        func times(_ factor: Int64) -> Int64? {
            let (product, overflow) = digits.multipliedReportingOverflow(by: factor)
            guard !overflow else { return nil }
            var divisor: Int64 = 1
            for _ in 0..<decimals { divisor *= 10 }
            return (product + (divisor > 1 ? divisor / 2 : 0)) / divisor
        }
    }

    private var characters: Substring
    private var isNegative = false

    init(_ text: String) {
        characters = text[...]
        skipBlanks()
    }

    var isAtEnd: Bool { characters.isEmpty }
    var rest: String { String(characters) }
    /// Why ``number()`` was `nil`.
    var numberProblem: Quantity.Problem {
        isNegative ? .negative : characters.first?.isASCIIDigit == true ? .tooLarge : .notANumber
    }

    mutating func number() -> Number? {
        if characters.first == "-", characters.dropFirst().first?.isASCIIDigit == true {
            isNegative = true
            return nil
        }
        let whole = characters.prefix { $0.isASCIIDigit }
        guard !whole.isEmpty else { return nil }
        var decimals: Substring = ""
        var rest = characters[whole.endIndex...]
        if rest.first == ".", rest.dropFirst().first?.isASCIIDigit == true {
            decimals = rest.dropFirst().prefix { $0.isASCIIDigit }
            rest = rest[decimals.endIndex...]
        }
        // Nine decimals are more than any unit can hold.
        guard decimals.count <= 9, let digits = Int64(whole + decimals),
            let value = Double(whole + "." + (decimals.isEmpty ? "0" : decimals))
        else { return nil }
        characters = rest
        skipBlanks()
        return Number(digits: digits, decimals: decimals.count, value: value)
    }

    mutating func unit() -> String? {
        let word = characters.prefix { $0.isLetter }
        guard !word.isEmpty else { return nil }
        characters = characters[word.endIndex...]
        skipBlanks()
        return String(word)
    }

    mutating func take(_ sign: Character) -> Bool {
        guard characters.first == sign else { return false }
        characters.removeFirst()
        skipBlanks()
        return true
    }

    mutating func word(_ word: String) -> Bool {
        guard characters.hasPrefix(word) else { return false }
        characters.removeFirst(word.count)
        skipBlanks()
        return true
    }

    private mutating func skipBlanks() { characters = characters.drop { $0.isWhitespace } }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { self >= "0" && self <= "9" }
}

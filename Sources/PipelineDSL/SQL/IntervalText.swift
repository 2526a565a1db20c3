/// The units of an interval, as PostgreSQL spells them.
package enum IntervalUnit: String, CaseIterable, Sendable {
    case microsecond, millisecond, second, minute, hour, day, week, month, quarter, year, decade
    case century, millennium

    package init?(_ word: String) {
        guard word.utf8.count <= 12, let unit = Self.spellings[word.lowercased()] else {
            return nil
        }
        self = unit
    }

    static let names = allCases.map(\.rawValue)

    private static let spellings: [String: IntervalUnit] = {
        var result: [String: IntervalUnit] = [
            "us": .microsecond, "usec": .microsecond, "usecs": .microsecond,
            "ms": .millisecond, "msec": .millisecond, "msecs": .millisecond,
            "s": .second, "sec": .second, "secs": .second,
            "m": .minute, "min": .minute, "mins": .minute,
            "h": .hour, "hr": .hour, "hrs": .hour, "d": .day, "w": .week,
            "mon": .month, "mons": .month, "y": .year, "yr": .year, "yrs": .year,
            "centuries": .century, "millennia": .millennium,
        ]
        for unit in allCases {
            result[unit.rawValue] = unit
            result[unit.rawValue + "s"] = unit
        }
        return result
    }()

    /// Months, or days, or microseconds in one of it; the others are 0.
    private var size: (months: Int64, days: Int64, microseconds: Int64) {
        switch self {
        case .microsecond: (0, 0, 1)
        case .millisecond: (0, 0, 1_000)
        case .second: (0, 0, 1_000_000)
        case .minute: (0, 0, 60_000_000)
        case .hour: (0, 0, 3_600_000_000)
        case .day: (0, 1, 0)
        case .week: (0, 7, 0)
        case .month: (1, 0, 0)
        case .quarter: (3, 0, 0)
        case .year: (12, 0, 0)
        case .decade: (120, 0, 0)
        case .century: (1_200, 0, 0)
        case .millennium: (12_000, 0, 0)
        }
    }

    /// That many of it, `count` being digits with an optional sign and point. A fraction of a
    /// month counts in days (a month is 30 of them), one of a day in microseconds, as in
    /// PostgreSQL. `nil` where it is no number or overflows.
    package func interval(_ count: String) -> Interval? {
        var total = IntervalSum()
        guard let count = IntervalCount(Substring(count)) else { return nil }
        return total.add(count, self) ? total.interval : nil
    }

    fileprivate var parts: (months: Int64, days: Int64, microseconds: Int64) { size }
}

/// A decimal number: whole part and billionths, both with the sign.
struct IntervalCount {
    var whole: Int64
    var billionths: Int64
    var isNegative: Bool

    init?(_ text: Substring) {
        var rest = text
        isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
        let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts[0]
        let fraction = parts.count == 2 ? parts[1] : ""
        guard digits.utf8.allSatisfy(\.isASCIIDigit), fraction.utf8.allSatisfy(\.isASCIIDigit),
            !digits.isEmpty || !fraction.isEmpty, let whole = digits.isEmpty ? 0 : Int64(digits)
        else { return nil }
        let zeros = String(repeating: "0", count: max(0, 9 - fraction.utf8.count))
        let part = Int64(fraction.prefix(9) + zeros) ?? 0
        self.whole = isNegative ? -whole : whole
        billionths = isNegative ? -part : part
    }
}

/// Adds up the parts of an interval, refusing to overflow.
struct IntervalSum {
    private var months: Int64 = 0
    private var days: Int64 = 0
    private var microseconds: Int64 = 0

    var interval: Interval? {
        guard let months = Int32(exactly: months), let days = Int32(exactly: days) else {
            return nil
        }
        return Interval(months: months, days: days, microseconds: microseconds)
    }

    /// False where it overflows.
    mutating func add(_ count: IntervalCount, _ unit: IntervalUnit) -> Bool {
        let size = unit.parts
        let one: Int64 = 1_000_000_000
        guard add(months: size.months, days: size.days, micros: size.microseconds, count.whole)
        else { return false }
        // Each fraction is carried to the next smaller unit; none of these products overflows.
        let monthParts = size.months * count.billionths
        let dayParts = size.days * count.billionths + (monthParts % one) * 30
        let microParts =
            size.days == 0 && size.months == 0
            ? Int64(clamping: wide(size.microseconds, count.billionths))
            : Int64(clamping: wide(86_400_000_000, dayParts % one))
        return add(months: monthParts / one, days: dayParts / one, micros: microParts, 1)
    }

    mutating func add(microseconds count: Int64) -> Bool {
        add(months: 0, days: 0, micros: count, 1)
    }

    /// `a * billionths / 1,000,000,000`, rounded to the nearest.
    private func wide(_ a: Int64, _ billionths: Int64) -> Int64 {
        let one: Int64 = 1_000_000_000
        let (high, low) = (a / one * billionths, a % one * billionths)
        let rounding = billionths < 0 ? -one / 2 : one / 2
        return high + (low + rounding) / one
    }

    private mutating func add(months: Int64, days: Int64, micros: Int64, _ factor: Int64) -> Bool {
        func sum(_ total: inout Int64, _ size: Int64) -> Bool {
            let (product, overflowed) = size.multipliedReportingOverflow(by: factor)
            let (value, exceeded) = total.addingReportingOverflow(product)
            total = value
            return !overflowed && !exceeded
        }
        return sum(&self.months, months) && sum(&self.days, days) && sum(&microseconds, micros)
    }
}

extension Interval {
    /// Reads the forms of PostgreSQL: `1 year 2 months`, `1-2`, `3 days 04:05:06.7`,
    /// `P1Y2M3DT4H5M6S`, `1 day ago`; `nil` for anything else and for overflow.
    public init?(_ text: String) {
        guard let interval = IntervalText(text, from: nil, to: nil).interval else { return nil }
        self = interval
    }
}

/// Reads the text of an interval.
struct IntervalText {
    private(set) var interval: Interval?
    private let to: IntervalUnit?
    private let from: IntervalUnit?
    private var sum = IntervalSum()

    /// `from` and `to` are the fields of `INTERVAL '…' DAY TO SECOND`; a bare count is in `to`.
    init(_ text: String, from: IntervalUnit?, to: IntervalUnit?) {
        self.from = from
        self.to = to
        guard text.utf8.count <= 200 else { return }
        let words = text.lowercased().split(whereSeparator: \.isWhitespace)
        guard let first = words.first else { return }
        let isISO = first.hasPrefix("p") || first.hasPrefix("-p")
        if words.count == 1, isISO {
            if iso(first) { interval = sum.interval }
        } else if read(words) {
            interval = sum.interval
        }
    }

    private mutating func read(_ words: [Substring]) -> Bool {
        var words = words[...]
        var isNegated = false
        if words.last == "ago" {
            isNegated = true
            words.removeLast()
        }
        if words.first == "@" { words.removeFirst() }
        guard !words.isEmpty else { return false }
        while let word = words.popFirst() {
            guard readOne(word, &words, isNegated) else { return false }
        }
        return true
    }

    private mutating func readOne(
        _ word: Substring, _ rest: inout ArraySlice<Substring>, _ isNegated: Bool
    ) -> Bool {
        if word.contains(":") { return time(word, isNegated) }
        if let (years, months) = yearMonth(word) {
            return add(years, .year, isNegated) && add(months, .month, isNegated)
        }
        let digits = word.prefix { $0.isNumber || "+-.".contains($0) }
        let unitText = word[digits.endIndex...]
        if !unitText.isEmpty {
            guard let unit = IntervalUnit(String(unitText)) else { return false }
            return add(String(digits), unit, isNegated)
        }
        if let next = rest.first, let unit = IntervalUnit(String(next)) {
            rest.removeFirst()
            return add(String(digits), unit, isNegated)
        }
        // `'1 02:03' DAY TO MINUTE`: a count before a time is of days; alone it is of the field.
        if rest.first?.contains(":") ?? false { return add(String(digits), .day, isNegated) }
        guard rest.isEmpty else { return false }
        return add(String(digits), to ?? .second, isNegated)
    }

    private mutating func add(_ count: String, _ unit: IntervalUnit, _ isNegated: Bool) -> Bool {
        guard var count = IntervalCount(Substring(count)) else { return false }
        if isNegated {
            count.whole = -count.whole
            count.billionths = -count.billionths
        }
        return sum.add(count, unit)
    }

    /// `1-2`, `-1-2`
    private func yearMonth(_ word: Substring) -> (String, String)? {
        let isNegative = word.hasPrefix("-")
        let parts = word.drop { $0 == "-" || $0 == "+" }.split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) })
        else { return nil }
        let sign = isNegative ? "-" : ""
        return (sign + parts[0], sign + parts[1])
    }

    /// `h:m`, `h:m:s.f`, and `m:s` where the fields are minute to second.
    private mutating func time(_ word: Substring, _ isNegated: Bool) -> Bool {
        let isNegative = word.hasPrefix("-") != isNegated
        let parts = word.drop { $0 == "-" || $0 == "+" }.split(
            separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { return false }
        let units: [IntervalUnit] =
            parts.count == 2 && from == .minute ? [.minute, .second] : [.hour, .minute, .second]
        for (part, unit) in zip(parts, units) {
            let isWhole = part.allSatisfy(\.isNumber)
            guard !part.isEmpty, isWhole || unit == .second, !part.hasPrefix("-"),
                add(String(part), unit, isNegative)
            else { return false }
        }
        return true
    }

    /// ISO 8601: `P1Y2M3W4DT5H6M7.8S`
    private mutating func iso(_ text: Substring) -> Bool {
        let isNegated = text.hasPrefix("-")
        var rest = text.drop { $0 == "-" }.dropFirst()
        var isTime = false
        var count = 0
        while !rest.isEmpty {
            if rest.first == "t", !isTime {
                isTime = true
                rest.removeFirst()
                continue
            }
            let number = rest.prefix { $0.isNumber || "+-.".contains($0) }
            rest = rest[number.endIndex...]
            guard let letter = rest.popFirst(), let unit = isoUnit(letter, isTime),
                add(String(number), unit, isNegated)
            else { return false }
            count += 1
        }
        return count > 0
    }

    private func isoUnit(_ letter: Character, _ isTime: Bool) -> IntervalUnit? {
        switch (letter, isTime) {
        case ("y", false): .year
        case ("m", false): .month
        case ("w", false): .week
        case ("d", false): .day
        case ("h", true): .hour
        case ("m", true): .minute
        case ("s", true): .second
        default: nil
        }
    }
}

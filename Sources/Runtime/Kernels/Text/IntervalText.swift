import PipelineDSL

/// Intervals as text: PostgreSQL's words (`1 year 2 mons 3 days 04:05:06`) and ISO 8601
/// (`P1Y2M3DT4H5M6.5S`).
enum IntervalText {
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Interval? {
        guard bytes.count <= 200 else { return nil }
        var text = Array(bytes).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }[...]
        var sum = Sum()
        if text.first == UInt8(ascii: "p") {
            text = text.dropFirst()
            return iso(&text, &sum) ? sum.interval : nil
        }
        return words(&text, &sum) ? sum.interval : nil
    }

    private static func iso(_ text: inout ArraySlice<UInt8>, _ sum: inout Sum) -> Bool {
        guard !text.isEmpty else { return false }
        var inTime = false
        while !text.isEmpty {
            if text.first == UInt8(ascii: "t") {
                if inTime { return false }
                inTime = true
                text = text.dropFirst()
                if text.isEmpty { return false }
            }
            guard let number = number(&text), let unit = text.popFirst() else { return false }
            let name: String? =
                switch (unit, inTime) {
                case (UInt8(ascii: "y"), false): "year"
                case (UInt8(ascii: "m"), false): "month"
                case (UInt8(ascii: "w"), false): "week"
                case (UInt8(ascii: "d"), false): "day"
                case (UInt8(ascii: "h"), true): "hour"
                case (UInt8(ascii: "m"), true): "minute"
                case (UInt8(ascii: "s"), true): "second"
                default: nil
                }
            guard let name, sum.add(number, name) else { return false }
        }
        return true
    }

    private static func words(_ text: inout ArraySlice<UInt8>, _ sum: inout Sum) -> Bool {
        var parts = 0
        while true {
            while text.first == 0x20 { text = text.dropFirst() }
            if text.isEmpty { return parts > 0 }
            if Array(text) == Array("ago".utf8), parts > 0 { return sum.negate() }
            let start = text
            guard let number = number(&text) else { return false }
            if text.first == UInt8(ascii: ":") {
                text = start
                guard clock(&text, &sum) else { return false }
            } else {
                while text.first == 0x20 { text = text.dropFirst() }
                let unit = text.prefix { $0 >= 0x61 && $0 <= 0x7A }
                text = text.dropFirst(unit.count)
                guard let name = units[String(decoding: unit, as: UTF8.self)],
                    sum.add(number, name)
                else { return false }
            }
            parts += 1
        }
    }

    /// `[-]H:MM[:SS[.ffffff]]`
    private static func clock(_ text: inout ArraySlice<UInt8>, _ sum: inout Sum) -> Bool {
        let part = text.prefix { $0 != 0x20 }
        text = text.dropFirst(part.count)
        var rest = part
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let fields = rest.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard fields.count == 2 || fields.count == 3 else { return false }
        for (i, unit) in ["hour", "minute", "second"].prefix(fields.count).enumerated() {
            var field = fields[i]
            guard let first = field.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+"),
                var number = number(&field), field.isEmpty, i == 2 || number.fraction == 0,
                i == 0 || number.whole < 60
            else { return false }
            if isNegative { number = number.negated }
            guard sum.add(number, unit) else { return false }
        }
        return true
    }

    struct Number {
        var whole: Int64
        /// Billionths.
        var fraction: Int64
        var negated: Number { Number(whole: -whole, fraction: -fraction) }
    }

    private static func number(_ text: inout ArraySlice<UInt8>) -> Number? {
        var isNegative = false
        if let sign = text.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            text = text.dropFirst()
        }
        let whole = text.prefix { $0 &- 48 <= 9 }
        text = text.dropFirst(whole.count)
        var fraction: Int64 = 0
        var digits = 0
        if text.first == UInt8(ascii: ".") || text.first == UInt8(ascii: ",") {
            text = text.dropFirst()
            let places = text.prefix { $0 &- 48 <= 9 }
            text = text.dropFirst(places.count)
            digits = places.count
            for place in 0..<9 {
                let digit = place < places.count ? places[places.startIndex + place] &- 48 : 0
                fraction = fraction * 10 + Int64(digit)
            }
        }
        guard whole.count + digits > 0, whole.count <= 18 else { return nil }
        let value = whole.reduce(Int64(0)) { $0 * 10 + Int64($1 &- 48) }
        let number = Number(whole: value, fraction: fraction)
        return isNegative ? number.negated : number
    }

    /// Fractions of a month become days, fractions of a day microseconds.
    private struct Sum {
        var months: Int64 = 0
        var days: Int64 = 0
        var micros: Int64 = 0

        var interval: Interval? {
            guard let m = Int32(exactly: months), let d = Int32(exactly: days) else { return nil }
            return Interval(months: m, days: d, microseconds: micros)
        }

        mutating func negate() -> Bool {
            guard micros != .min else { return false }
            (months, days, micros) = (-months, -days, -micros)
            return true
        }

        mutating func add(_ number: Number, _ unit: String) -> Bool {
            switch unit {
            case "year": addMonths(number, 12)
            case "decade": addMonths(number, 120)
            case "century": addMonths(number, 1200)
            case "quarter": addMonths(number, 3)
            case "month": addMonths(number, 1)
            case "week": addDays(number, 7)
            case "day": addDays(number, 1)
            case "hour": addMicros(number, 3_600_000_000)
            case "minute": addMicros(number, 60_000_000)
            case "second": addMicros(number, 1_000_000)
            case "millisecond": addMicros(number, 1000)
            default: addMicros(number, 1)
            }
        }

        private mutating func addMonths(_ number: Number, _ factor: Int64) -> Bool {
            guard let whole = scaled(number.whole, factor), whole.magnitude < 1 << 40 else {
                return false
            }
            // Billionths of months; at most 1200 × 10⁹.
            let rest = number.fraction * factor
            months += whole + rest / 1_000_000_000
            return addDays(
                Number(whole: 0, fraction: rest % 1_000_000_000), 30)
        }

        private mutating func addDays(_ number: Number, _ factor: Int64) -> Bool {
            guard let whole = scaled(number.whole, factor), whole.magnitude < 1 << 40 else {
                return false
            }
            let rest = number.fraction * factor
            days += whole + rest / 1_000_000_000
            return addMicros(
                Number(whole: 0, fraction: rest % 1_000_000_000), CivilTime.microsecondsPerDay)
        }

        private mutating func addMicros(_ number: Number, _ factor: Int64) -> Bool {
            guard let whole = scaled(number.whole, factor) else { return false }
            let part = Int128(number.fraction) * Int128(factor)
            let half: Int128 = part < 0 ? -500_000_000 : 500_000_000
            guard
                let sum = Int64(
                    exactly: Int128(micros) + Int128(whole) + (part + half) / 1_000_000_000)
            else { return false }
            micros = sum
            return true
        }

        private func scaled(_ value: Int64, _ factor: Int64) -> Int64? {
            let (product, overflow) = value.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
    }

    private static let units: [String: String] = {
        var units: [String: String] = [:]
        let spellings: [String: [String]] = [
            "year": ["y", "yr", "yrs", "year", "years"],
            "month": ["mon", "mons", "month", "months"],
            "week": ["w", "week", "weeks"], "day": ["d", "day", "days"],
            "hour": ["h", "hr", "hrs", "hour", "hours"],
            "minute": ["m", "min", "mins", "minute", "minutes"],
            "second": ["s", "sec", "secs", "second", "seconds"],
            "millisecond": ["ms", "msec", "msecs", "millisecond", "milliseconds"],
            "microsecond": ["us", "usec", "usecs", "microsecond", "microseconds"],
            "decade": ["decade", "decades"], "century": ["century", "centuries"],
            "quarter": ["quarter", "quarters"],
        ]
        for (unit, names) in spellings { for name in names { units[name] = unit } }
        return units
    }()
}

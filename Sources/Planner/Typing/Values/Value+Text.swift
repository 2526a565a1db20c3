import PipelineDSL

extension Value {
    /// The value that a text spells as a literal of `type`, blanks around it ignored except in text.
    /// `nil` where it spells none, and for nested types. The spellings are those of casts at run
    /// time: ISO 8601 for moments, PostgreSQL's for booleans, intervals and bytes.
    public static func parse(_ text: String, as type: DataType) -> Value? {
        switch type {
        case .string: return .string(text)
        case .bytes: return bytes(text)
        case .json: return JSONSyntax.isValid(text) ? .string(text) : nil
        case .array, .map, .structure, .null: return nil
        default: break
        }
        let trimmed = text.trimmed
        switch type {
        case .boolean: return boolean(trimmed)
        case .integer: return Int32(decimalText: trimmed).map { .integer(Int64($0)) }
        case .bigint: return Int64(decimalText: trimmed).map { .integer($0) }
        case .real: return double(trimmed).flatMap { narrowed($0) }
        case .double: return double(trimmed).map { .double($0) }
        case .decimal(let precision, let scale):
            return DecimalText(trimmed)?.unscaled(precision: precision, scale: scale).map {
                .wide($0)
            }
        case .date: return date(trimmed)
        case .time: return time(trimmed)
        case .timestamp: return timestamp(trimmed)
        case .interval: return Interval(trimmed).map { .interval($0) }
        case .uuid: return uuid(trimmed)
        default: return nil
        }
    }

    private static func boolean(_ text: String) -> Value? {
        switch text.lowercased() {
        case "true", "t", "yes", "y", "on", "1": .boolean(true)
        case "false", "f", "no", "n", "off", "0": .boolean(false)
        default: nil
        }
    }

    private static func double(_ text: String) -> Double? {
        let lowered = text.lowercased()
        let unsigned = lowered.drop { $0 == "-" || $0 == "+" }
        if ["inf", "infinity"].contains(unsigned), lowered.utf8.count - unsigned.utf8.count <= 1 {
            return lowered.hasPrefix("-") ? -.infinity : .infinity
        }
        if unsigned == "nan", lowered.utf8.count <= 4 { return .nan }
        // `Double` also reads hexadecimal, which is not ours.
        guard unsigned.utf8.first.map({ (0x30...0x39).contains($0) || $0 == 0x2E }) ?? false,
            !lowered.contains("x"), let value = Double(lowered), value.isFinite
        else { return nil }
        return value
    }

    /// The nearest `real`, held as a double.
    static func narrowed(_ value: Double) -> Value? {
        let narrow = Float(value)
        return narrow.isInfinite && value.isFinite ? nil : .double(Double(narrow))
    }

    // MARK: Moments

    private static func date(_ text: String) -> Value? {
        var scanner = TextScanner(text)
        guard let days = scanner.date(), scanner.isAtEnd else { return nil }
        return .integer(days)
    }

    private static func time(_ text: String) -> Value? {
        var scanner = TextScanner(text)
        guard let time = scanner.timeOfDay(), scanner.isAtEnd,
            time < CivilDate.microsecondsPerDay
        else { return nil }
        return .integer(time)
    }

    private static func timestamp(_ text: String) -> Value? {
        var scanner = TextScanner(text)
        guard let days = scanner.date() else { return nil }
        let midnight = days * CivilDate.microsecondsPerDay
        if scanner.isAtEnd { return .integer(midnight) }
        guard scanner.accept("T") || scanner.accept("t") || scanner.accept(" "),
            let time = scanner.timeOfDay(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        return .integer(midnight + time - offset)
    }

    // MARK: Bits

    private static func bytes(_ text: String) -> Value? {
        guard text.hasPrefix("\\x") else { return .bytes(Array(text.utf8)) }
        let digits = text.utf8.dropFirst(2).map(hexadecimalDigit)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return .bytes(bytes)
    }

    private static func uuid(_ text: String) -> Value? {
        let inner =
            text.hasPrefix("{") && text.hasSuffix("}") ? text.dropFirst().dropLast() : text[...]
        let bytes = Array(inner.utf8)
        let isGrouped = bytes.count == 36
        var bits: UInt128 = 0
        var count = 0
        for (index, byte) in bytes.enumerated() {
            if isGrouped, [8, 13, 18, 23].contains(index) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard count < 32, let digit = hexadecimalDigit(byte) else { return nil }
            bits = bits << 4 | UInt128(digit)
            count += 1
        }
        return count == 32 ? .wide(Int128(truncatingIfNeeded: bits)) : nil
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

extension TextScanner {
    /// `YYYY-MM-DD` in days since 1970-01-01.
    mutating func date() -> Int64? {
        guard let year = digits(4), accept("-"), let month = digits(2), accept("-"),
            let day = digits(2)
        else { return nil }
        return CivilDate.days(year: year, month: month, day: day)
    }

    /// `H:MM`, `HH:MM`, `HH:MM:SS` with a fraction, in microseconds.
    mutating func timeOfDay() -> Int64? {
        guard let hour = digits(2) ?? digits(1), accept(":"), let minute = digits(2), hour < 24,
            minute < 60
        else { return nil }
        var total = Int64(hour * 3600 + minute * 60) * 1_000_000
        guard accept(":") else { return total }
        guard let second = digits(2), second <= 60 else { return nil }
        total += Int64(second) * 1_000_000
        guard accept(".") || accept(",") else { return total }
        guard let fraction = digitRun() else { return nil }
        let places = (fraction + "0000000").prefix(7)
        guard let tenths = Int64(places) else { return nil }
        return total + (tenths + 5) / 10
    }

    /// Nothing, `Z`, `±HH`, `±HHMM` or `±HH:MM`, perhaps after a blank; microseconds east of UTC.
    mutating func offset() -> Int64? {
        if isAtEnd { return 0 }
        _ = accept(" ")
        if ["z", "utc"].contains(remaining.lowercased()) {
            _ = accept("Z") || accept("z") || (accept("U") || accept("u")) && skip(2)
            return 0
        }
        let isNegative = accept("-")
        guard isNegative || accept("+"), let hours = digits(2), hours <= 18 else { return nil }
        var minutes = 0
        if !isAtEnd {
            _ = accept(":")
            guard let value = digits(2), value < 60 else { return nil }
            minutes = value
        }
        let micros = Int64(hours * 60 + minutes) * 60_000_000
        return isNegative ? -micros : micros
    }

    private mutating func skip(_ count: Int) -> Bool {
        for _ in 0..<count {
            guard let byte = next else { return false }
            _ = accept(Unicode.Scalar(byte))
        }
        return true
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(start[...last])
    }
}

extension FixedWidthInteger {
    /// Decimal digits with an optional sign and nothing else.
    init?(decimalText text: String) {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        guard text.utf8.count - digits.count <= 1, !digits.isEmpty,
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        self.init(text, radix: 10)
    }
}

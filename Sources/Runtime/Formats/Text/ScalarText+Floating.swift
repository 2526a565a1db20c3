extension ScalarText {
    /// A decimal floating-point number, correctly rounded. `point` is the decimal separator.
    ///
    /// Also `inf`, `infinity` and `nan` in any case, signed or not. A magnitude that overflows is
    /// infinite only where it says so: `1e999` is not a double.
    ///
    /// Up to 19 significant digits take the fast path: exact products of powers of ten (Clinger,
    /// "How to read floating point numbers accurately", 1990), else Eisel-Lemire (Lemire, "Number
    /// parsing at a gigabyte per second", 2021). The rest goes through the standard library.
    @inline(__always)
    package static func double(
        _ p: UnsafePointer<UInt8>, _ count: Int, point: UInt8 = 0x2E
    ) -> Double? {
        var i = 0
        var isNegative = false
        if count > 0, p[0] == UInt8(ascii: "-") || p[0] == UInt8(ascii: "+") {
            isNegative = p[0] == UInt8(ascii: "-")
            i = 1
        }
        var mantissa: UInt64 = 0
        let start = i
        while i < count {
            let digit = p[i] &- 48
            if digit > 9 { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            i &+= 1
        }
        var digits = i &- start
        var exponent = 0
        if i < count, p[i] == point {
            i &+= 1
            let fractionStart = i
            while i < count {
                let digit = p[i] &- 48
                if digit > 9 { break }
                mantissa = mantissa &* 10 &+ UInt64(digit)
                i &+= 1
            }
            exponent = fractionStart &- i
            digits &+= i &- fractionStart
        }
        if i == count, digits > 0, digits <= 19 {
            if mantissa <= 1 &<< 53, exponent >= -22 {
                let magnitude = Double(mantissa) / exactPowersOf10[0 &- exponent]
                return isNegative ? -magnitude : magnitude
            }
        }
        return slowDouble(p, count, point: point)
    }

    /// Each exact in a double. A literal, so that it needs no initialisation at run time.
    package static let exactPowersOf10: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    package static func real(_ p: UnsafePointer<UInt8>, _ count: Int, point: UInt8 = 0x2E) -> Float?
    {
        guard let double = double(p, count, point: point) else { return nil }
        let rounded = Float(double)
        // Rounding twice is wrong only where the double lies exactly between two floats.
        if Double(rounded) == double || !isHalfway(double) {
            return rounded.isInfinite && double.isFinite ? nil : rounded
        }
        guard let exact = Float(plainNumber(p, count, point: point)), exact.isFinite else {
            return nil
        }
        return exact
    }

    /// Whether the bits below a float's are exactly a half, or the value is subnormal as a float.
    private static func isHalfway(_ value: Double) -> Bool {
        value.bitPattern & 0x1FFF_FFFF == 0x1000_0000
            || value.magnitude < Double(Float.leastNormalMagnitude)
    }

    /// Everything but a plain number of few digits.
    @inline(never)
    private static func slowDouble(
        _ p: UnsafePointer<UInt8>, _ count: Int, point: UInt8
    ) -> Double? {
        guard let number = DecimalNumber(p, count, point: point) else { return special(p, count) }
        var magnitude: Double?
        if !number.isTruncated {
            if number.mantissa <= 1 << 53, (-22...22).contains(number.exponent) {
                let power = exactPowersOf10[abs(number.exponent)]
                let whole = Double(number.mantissa)
                magnitude = number.exponent < 0 ? whole / power : whole * power
            } else {
                magnitude = EiselLemire.double(number.mantissa, number.exponent)
            }
        } else if let low = EiselLemire.double(number.mantissa, number.exponent),
            low == EiselLemire.double(number.mantissa + 1, number.exponent)
        {
            // What was cut lies between the two, and both round the same way.
            magnitude = low
        }
        if magnitude == nil {
            magnitude = Double(plainNumber(p, count, point: point))?.magnitude
        }
        guard let magnitude, magnitude.isFinite else { return nil }
        return number.isNegative ? -magnitude : magnitude
    }

    /// The number as the standard library reads it.
    private static func plainNumber(
        _ p: UnsafePointer<UInt8>, _ count: Int, point: UInt8
    ) -> String {
        let bytes = UnsafeBufferPointer(start: p, count: count)
        return String(decoding: bytes.map { $0 == point ? 0x2E : $0 }, as: UTF8.self)
    }

    private static func special(_ p: UnsafePointer<UInt8>, _ count: Int) -> Double? {
        guard count >= 3, count <= 9 else { return nil }
        var text = String(decoding: UnsafeBufferPointer(start: p, count: count), as: UTF8.self)
            .lowercased()
        let isNegative = text.hasPrefix("-")
        if isNegative || text.hasPrefix("+") { text.removeFirst() }
        switch text {
        case "inf", "infinity": return isNegative ? -.infinity : .infinity
        case "nan": return .nan
        default: return nil
        }
    }
}

/// The syntax of a number: sign, up to 19 significant digits, power of ten.
struct DecimalNumber {
    var isNegative = false
    var mantissa: UInt64 = 0
    var exponent = 0
    /// Whether a digit other than zero was left out of `mantissa`.
    var isTruncated = false

    /// `nil` where the bytes are not a number.
    init?(_ p: UnsafePointer<UInt8>, _ count: Int, point: UInt8) {
        var i = 0
        if count > 0, p[0] == UInt8(ascii: "-") || p[0] == UInt8(ascii: "+") {
            isNegative = p[0] == UInt8(ascii: "-")
            i = 1
        }
        var significant = 0
        var seenDigit = false
        var seenPoint = false
        while i < count {
            let digit = p[i] &- 48
            if digit <= 9 {
                seenDigit = true
                if significant < 19 {
                    mantissa = mantissa &* 10 &+ UInt64(digit)
                    if mantissa != 0 { significant += 1 }
                    if seenPoint { exponent -= 1 }
                } else {
                    if digit != 0 { isTruncated = true }
                    if !seenPoint { exponent += 1 }
                }
            } else if p[i] == point, !seenPoint {
                seenPoint = true
            } else {
                break
            }
            i += 1
        }
        guard seenDigit else { return nil }
        if i < count {
            guard p[i] | 0x20 == 0x65, let power = DecimalNumber.exponent(p + i + 1, count - i - 1)
            else { return nil }
            exponent += power
        }
    }

    /// Clamped: beyond ±100,000 every double is zero or too large, however many digits precede.
    private static func exponent(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int? {
        guard count > 0 else { return nil }
        let isSigned = p[0] == UInt8(ascii: "-") || p[0] == UInt8(ascii: "+")
        guard count > (isSigned ? 1 : 0) else { return nil }
        var value = 0
        for i in (isSigned ? 1 : 0)..<count {
            let digit = p[i] &- 48
            if digit > 9 { return nil }
            value = min(value * 10 + Int(digit), 1 << 40)
        }
        return p[0] == UInt8(ascii: "-") ? -value : value
    }
}

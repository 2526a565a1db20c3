/// Text to value, for every scalar type: what CSV, JSON strings and casts accept.
///
/// All functions take the exact bytes of the value, without quotes, and return `nil` where they are
/// not one. None reads outside `count` bytes, allocates on its usual path, or traps.
package enum ScalarText {}

extension ScalarText {
    /// An optionally signed decimal integer within 64 bits.
    @inline(__always)
    package static func int64(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        var i = 0
        var isNegative = false
        if count > 0, p[0] == UInt8(ascii: "-") || p[0] == UInt8(ascii: "+") {
            isNegative = p[0] == UInt8(ascii: "-")
            i = 1
        }
        let digits = count &- i
        guard digits > 0 else { return nil }
        if digits > 18 { return longInt64(p, count) }
        var value: Int64 = 0
        while i < count {
            let digit = p[i] &- 48
            if digit > 9 { return nil }
            value = value &* 10 &+ Int64(digit)
            i &+= 1
        }
        return isNegative ? 0 &- value : value
    }

    @inline(never)
    private static func longInt64(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        var i = p[0] == UInt8(ascii: "-") || p[0] == UInt8(ascii: "+") ? 1 : 0
        let isNegative = p[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        while i < count {
            let digit = p[i] &- 48
            if digit > 9 { return nil }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            // Negative all the way, because Int64.min has no positive counterpart.
            let (next, overflow2) = tenfold.subtractingReportingOverflow(Int64(digit))
            if overflow || overflow2 { return nil }
            value = next
            i += 1
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    @inline(__always)
    package static func int32(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
        int64(p, count).flatMap { Int32(exactly: $0) }
    }

    /// `true t yes y on 1` and `false f no n off 0`, in any case: PostgreSQL's spellings.
    package static func boolean(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool? {
        guard count > 0, count <= 5 else { return nil }
        var word: UInt64 = 0
        for i in 0..<count { word = word &<< 8 | UInt64(p[i] | 0x20) }
        switch (count, word) {
        case (1, 0x74), (1, 0x79), (1, 0x31), (2, 0x6F6E), (3, 0x79_6573), (4, 0x7472_7565):
            // `1` has 0x20 set already, so folding case leaves it alone; 0x11 would become it.
            return p[0] == 0x11 ? nil : true
        case (1, 0x66), (1, 0x6E), (1, 0x30), (2, 0x6E6F), (3, 0x6F_6666), (5, 0x66_616C_7365):
            return p[0] == 0x10 ? nil : false
        default: return nil
        }
    }

    /// 32 hexadecimal digits in groups of 8-4-4-4-12 or without hyphens, in braces or not.
    package static func uuid(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int128? {
        var (from, to) = (0, count)
        if count >= 2, p[0] == UInt8(ascii: "{"), p[count - 1] == UInt8(ascii: "}") {
            (from, to) = (1, count - 1)
        }
        let isHyphenated = to - from == 36
        guard isHyphenated || to - from == 32 else { return nil }
        var value: UInt128 = 0
        for i in from..<to {
            if isHyphenated, [8, 13, 18, 23].contains(i - from) {
                if p[i] != UInt8(ascii: "-") { return nil }
                continue
            }
            guard let digit = hexDigit(p[i]) else { return nil }
            value = value << 4 | UInt128(digit)
        }
        return Int128(truncatingIfNeeded: value)
    }

    @inline(__always)
    package static func hexDigit(_ byte: UInt8) -> UInt8? {
        let digit = byte &- 48
        if digit <= 9 { return digit }
        let letter = (byte | 0x20) &- 97
        return letter < 6 ? letter &+ 10 : nil
    }

    /// `decimal(precision, scale)`, exactly: a value that would lose a digit other than zero, or
    /// has more digits than fit, is refused. Takes an exponent (`1.5e3`).
    package static func decimal(
        _ p: UnsafePointer<UInt8>, _ count: Int, precision: Int, scale: Int, point: UInt8 = 0x2E
    ) -> Int128? {
        var i = 0
        var isNegative = false
        if count > 0, p[0] == UInt8(ascii: "-") || p[0] == UInt8(ascii: "+") {
            isNegative = p[0] == UInt8(ascii: "-")
            i = 1
        }
        var mantissa: Int128 = 0
        var (digits, fraction, zeros) = (0, 0, 0)
        var seenPoint = false
        while i < count {
            let digit = p[i] &- 48
            if digit <= 9 {
                digits += 1
                if seenPoint { fraction += 1 }
                // Zeros are kept back, so that trailing ones cannot overflow.
                if digit == 0 {
                    zeros += mantissa == 0 ? 0 : 1
                } else {
                    guard let shifted = timesPowerOf10(mantissa, zeros + 1) else { return nil }
                    let (sum, overflow) = shifted.addingReportingOverflow(Int128(digit))
                    if overflow { return nil }
                    (mantissa, zeros) = (sum, 0)
                }
            } else if p[i] == point, !seenPoint {
                seenPoint = true
            } else {
                break
            }
            i += 1
        }
        guard digits > 0 else { return nil }
        var exponent = 0
        if i < count {
            guard p[i] | 0x20 == 0x65, count - i <= 12, let e = int64(p + i + 1, count - i - 1)
            else { return nil }
            exponent = Int(e)
        }
        guard mantissa != 0 else { return 0 }
        // value = mantissa × 10^(zeros − fraction + exponent); unscaled is that × 10^scale.
        let shift = zeros - fraction + exponent + scale
        guard let unscaled = timesPowerOf10(mantissa, shift), unscaled < powerOf10(precision)
        else { return nil }
        return isNegative ? -unscaled : unscaled
    }

    /// `nil` where it overflows or is not whole.
    private static func timesPowerOf10(_ value: Int128, _ power: Int) -> Int128? {
        guard power > -39, power < 39 else { return nil }
        if power >= 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: powerOf10(power))
            return overflow ? nil : product
        }
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: powerOf10(-power))
        return remainder == 0 ? quotient : nil
    }

    /// 10^`power` for 0…38; all of them fit in 127 bits.
    package static func powerOf10(_ power: Int) -> Int128 { powersOf10[min(max(power, 0), 38)] }

    private static let powersOf10: [Int128] = {
        var powers: [Int128] = [1]
        for _ in 0..<38 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    /// Appends the bytes of `\x48656C6C6F` (PostgreSQL's hexadecimal form) to `out`; text that does
    /// not start with `\x` is its own bytes. `false` where the digits are not hexadecimal pairs.
    package static func bytes(_ p: UnsafePointer<UInt8>, _ count: Int, into out: inout [UInt8])
        -> Bool
    {
        guard count >= 2, p[0] == UInt8(ascii: "\\"), p[1] == UInt8(ascii: "x") else {
            out.append(contentsOf: UnsafeBufferPointer(start: p, count: count))
            return true
        }
        guard count % 2 == 0 else { return false }
        for i in stride(from: 2, to: count, by: 2) {
            guard let high = hexDigit(p[i]), let low = hexDigit(p[i + 1]) else { return false }
            out.append(high << 4 | low)
        }
        return true
    }
}

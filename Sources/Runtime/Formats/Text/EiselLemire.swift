/// w × 10^q to the nearest double with one or two 128-bit multiplications.
///
/// The algorithm of Daniel Lemire's "Number Parsing at a Gigabyte per Second" (Software: Practice
/// and Experience 51, 2021), with the table of powers of five computed at first use.
enum EiselLemire {
    private static let smallestPower = -342
    private static let largestPower = 308

    /// `nil` where 128 bits do not decide the rounding; infinite where the value overflows.
    static func double(_ w: UInt64, _ q: Int) -> Double? {
        if w == 0 || q < smallestPower { return 0 }
        if q > largestPower { return .infinity }
        let leadingZeros = w.leadingZeroBitCount
        let (high, low) = product(w << UInt64(leadingZeros), q)
        if low == .max, !(-27...55).contains(q) { return nil }
        let upperBit = Int(high >> 63)
        let shift = UInt64(upperBit + 64 - 52 - 3)
        var mantissa = high >> shift
        var power = binaryPower(q) + upperBit - leadingZeros + 1023
        if power <= 0 {
            if -power + 1 >= 64 { return 0 }
            mantissa >>= UInt64(-power + 1)
            mantissa = (mantissa + (mantissa & 1)) >> 1
            return Double(bitPattern: mantissa)
        }
        // Exactly between two doubles: to even.
        if low <= 1, (-4...23).contains(q), mantissa & 3 == 1, mantissa << shift == high {
            mantissa &= ~1
        }
        mantissa = (mantissa + (mantissa & 1)) >> 1
        if mantissa >= 2 << 52 {
            mantissa = 1 << 52
            power += 1
        }
        if power >= 0x7FF { return .infinity }
        return Double(bitPattern: mantissa & ~(1 << 52) | UInt64(power) << 52)
    }

    /// floor(q · log₂10) + 63
    private static func binaryPower(_ q: Int) -> Int { ((152_170 + 65_536) * q) >> 16 + 63 }

    private static func product(_ w: UInt64, _ q: Int) -> (high: UInt64, low: UInt64) {
        let five = powersOf5[q - smallestPower]
        var first = w.multipliedFullWidth(by: five.high)
        let undecided: UInt64 = .max >> 55
        if first.high & undecided == undecided {
            let second = w.multipliedFullWidth(by: five.low)
            let (sum, carry) = first.low.addingReportingOverflow(second.high)
            first = (carry ? first.high &+ 1 : first.high, sum)
        }
        return (first.high, first.low)
    }

    /// The 128 most significant bits of 5^q; for −27 ≤ q < 0 rounded up, as the proof needs.
    private static let powersOf5: [(high: UInt64, low: UInt64)] = {
        var table: [(high: UInt64, low: UInt64)] = []
        // floor(2^1792 / 5^k), by dividing by five again and again; the top bits of each are a
        // reciprocal. 1792 bits leave more than 128 of them at k = 342.
        var quotient = [UInt64](repeating: 0, count: 29)
        quotient[28] = 1
        for k in 1...(-smallestPower) {
            divideBy5(&quotient)
            let (high, low) = topBits(quotient)
            let (raised, carry) = low.addingReportingOverflow(k <= 27 ? 1 : 0)
            table.append((carry ? high + 1 : high, raised))
        }
        table.reverse()
        var power: [UInt64] = [1]
        for q in 0...largestPower {
            if q > 0 { multiplyBy5(&power) }
            table.append(topBits(power))
        }
        return table
    }()

    /// Words are least significant first.
    private static func divideBy5(_ words: inout [UInt64]) {
        var remainder: UInt64 = 0
        for i in words.indices.reversed() {
            (words[i], remainder) = UInt64(5).dividingFullWidth((remainder, words[i]))
        }
    }

    private static func multiplyBy5(_ words: inout [UInt64]) {
        var carry: UInt64 = 0
        for i in words.indices {
            let (high, low) = words[i].multipliedFullWidth(by: 5)
            let (sum, overflow) = low.addingReportingOverflow(carry)
            words[i] = sum
            carry = high + (overflow ? 1 : 0)
        }
        if carry > 0 { words.append(carry) }
    }

    /// The highest set bit and the 127 after it.
    private static func topBits(_ words: [UInt64]) -> (high: UInt64, low: UInt64) {
        guard let top = words.lastIndex(where: { $0 != 0 }) else { return (0, 0) }
        func word(_ i: Int) -> UInt64 { i >= 0 ? words[i] : 0 }
        let shift = UInt64(words[top].leadingZeroBitCount)
        func shifted(_ i: Int) -> UInt64 {
            shift == 0 ? word(i) : word(i) << shift | word(i - 1) >> (64 - shift)
        }
        return (shifted(top), shifted(top - 1))
    }
}

import PipelineDSL

/// Exact arithmetic on unscaled decimals. Every function returns `nil` where the result has no
/// place in 38 digits; rounding is half away from zero, as in PostgreSQL's `numeric`.
enum DecimalMath {
    @inline(__always)
    static func fits(_ value: Int128, precision: Int) -> Bool {
        value.magnitude < UInt128(truncatingIfNeeded: ScalarText.powerOf10(precision))
    }

    /// The same number with another scale, rounded where digits are lost.
    static func rescale(_ value: Int128, from: Int, to: Int) -> Int128? {
        if to == from { return value }
        if to > from {
            guard to - from <= 38 else { return value == 0 ? 0 : nil }
            let (product, overflow) = value.multipliedReportingOverflow(
                by: ScalarText.powerOf10(to - from))
            return overflow ? nil : product
        }
        guard from - to <= 38 else { return 0 }
        return divideRounding(value, by: ScalarText.powerOf10(from - to))
    }

    /// `divisor` is not zero.
    static func divideRounding(_ value: Int128, by divisor: Int128) -> Int128? {
        let (quotient, remainder) = value.magnitude.quotientAndRemainder(
            dividingBy: divisor.magnitude)
        let rounded = remainder >= divisor.magnitude - remainder ? quotient + 1 : quotient
        return signed(rounded, negative: (value < 0) != (divisor < 0))
    }

    private static func signed(_ magnitude: UInt128, negative: Bool) -> Int128? {
        guard magnitude <= UInt128(Int128.max) else { return nil }
        let value = Int128(magnitude)
        return negative ? -value : value
    }

    static func compare(_ a: Int128, _ scaleA: Int, _ b: Int128, _ scaleB: Int) -> Int {
        let scale = max(scaleA, scaleB)
        // Only one of them is scaled up; where that overflows, it is the greater in magnitude.
        guard let x = rescale(a, from: scaleA, to: scale) else { return a < 0 ? -1 : 1 }
        guard let y = rescale(b, from: scaleB, to: scale) else { return b < 0 ? 1 : -1 }
        return x < y ? -1 : x == y ? 0 : 1
    }

    static func multiply(_ a: Int128, _ b: Int128, dropping digits: Int) -> Int128? {
        if digits <= 0 {
            let (product, overflow) = a.multipliedReportingOverflow(by: b)
            return overflow ? nil : rescale(product, from: 0, to: -digits)
        }
        return multiplyDivide(a, b, by: ScalarText.powerOf10(digits))
    }

    /// `a * b / divisor`, rounded, with 256 bits in between. `divisor` is not zero.
    static func multiplyDivide(_ a: Int128, _ b: Int128, by divisor: Int128) -> Int128? {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        if !overflow { return divideRounding(product, by: divisor) }
        let wide = a.magnitude.multipliedFullWidth(by: b.magnitude)
        let d = divisor.magnitude
        guard wide.high < d else { return nil }
        let (quotient, remainder) = d.dividingFullWidth((wide.high, wide.low))
        let (rounded, carry) = quotient.addingReportingOverflow(remainder >= d - remainder ? 1 : 0)
        guard !carry else { return nil }
        return signed(rounded, negative: ((a < 0) != (b < 0)) != (divisor < 0))
    }

    /// `a / b` with `scale` digits after the point; `b` is not zero.
    static func divide(
        _ a: Int128, _ scaleA: Int, _ b: Int128, _ scaleB: Int, scale: Int
    ) -> Int128? {
        // a/10^sa ÷ b/10^sb × 10^scale = a × 10^(scale + sb − sa) / b
        let shift = scale + scaleB - scaleA
        if shift >= 0, shift <= 38 {
            return multiplyDivide(a, ScalarText.powerOf10(shift), by: b)
        }
        if shift > 38 {
            guard let half = multiplyDivide(a, ScalarText.powerOf10(38), by: 1) else { return nil }
            return multiplyDivide(half, ScalarText.powerOf10(min(shift - 38, 38)), by: b)
        }
        guard shift >= -38 else { return 0 }
        let (divisor, overflow) = b.multipliedReportingOverflow(by: ScalarText.powerOf10(-shift))
        return overflow ? 0 : divideRounding(a, by: divisor)
    }

    /// Sign of the dividend, as PostgreSQL; both brought to the greater scale. `b` is not zero.
    static func modulo(_ a: Int128, _ scaleA: Int, _ b: Int128, _ scaleB: Int, scale: Int)
        -> Int128?
    {
        let common = max(scaleA, scaleB)
        guard let y = rescale(b, from: scaleB, to: common) else {
            // The divisor is greater than any dividend: nothing is taken off.
            return rescale(a, from: scaleA, to: scale)
        }
        guard let x = rescale(a, from: scaleA, to: common) else { return nil }
        if y == -1 { return 0 }
        return rescale(x % y, from: common, to: scale)
    }
}

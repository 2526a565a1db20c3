import PipelineDSL

extension CastTable {
    static func numeric(_ from: DataType, _ to: DataType) -> BoundKernel? {
        switch (from, to) {
        case (.boolean, .integer): fromBits { $0 ? Int32(1) : 0 }
        case (.boolean, .bigint): fromBits { $0 ? Int64(1) : 0 }
        case (.integer, .boolean): .test { (a: Int32) in a != 0 }
        case (.bigint, .boolean): .test { (a: Int64) in a != 0 }
        case (.integer, .bigint): .unary { (a: Int32) in Int64(a) }
        case (.integer, .real): .unary { (a: Int32) in Float(a) }
        case (.integer, .double): .unary { (a: Int32) in Double(a) }
        case (.bigint, .integer):
            .checked { (a: Int64) in
                let value = Int32(truncatingIfNeeded: a)
                return (value, .when(Int64(value) != a, .overflow))
            }
        case (.bigint, .real): .unary { (a: Int64) in Float(a) }
        case (.bigint, .double): .unary { (a: Int64) in Double(a) }
        case (.real, .double): .unary { (a: Float) in Double(a) }
        case (.double, .real):
            .checked { (a: Double) in
                let value = Float(a)
                return (value, .when(value.isInfinite && !a.isInfinite, .overflow))
            }
        case (.real, .integer): .checked { (a: Float) in whole(Double(a)) as (Int32, Fault) }
        case (.real, .bigint): .checked { (a: Float) in whole(Double(a)) as (Int64, Fault) }
        case (.double, .integer): .checked { (a: Double) in whole(a) as (Int32, Fault) }
        case (.double, .bigint): .checked { (a: Double) in whole(a) as (Int64, Fault) }
        default: decimals(from, to)
        }
    }

    private static func decimals(_ from: DataType, _ to: DataType) -> BoundKernel? {
        switch (from, to) {
        case (.integer, .decimal(let precision, let scale)):
            .checked { (a: Int32) in fitted(Int128(a), 0, precision, scale) }
        case (.bigint, .decimal(let precision, let scale)):
            .checked { (a: Int64) in fitted(Int128(a), 0, precision, scale) }
        case (.real, .decimal(let precision, let scale)):
            .checked { (a: Float) in decimal(a.description, precision, scale) }
        case (.double, .decimal(let precision, let scale)):
            .checked { (a: Double) in decimal(a, precision, scale) }
        case (.decimal(_, let own), .decimal(let precision, let scale)):
            .checked { (a: Int128) in fitted(a, own, precision, scale) }
        case (.decimal(_, let scale), .integer):
            .checked { (a: Int128) in integer(a, scale) as (Int32, Fault) }
        case (.decimal(_, let scale), .bigint):
            .checked { (a: Int128) in integer(a, scale) as (Int64, Fault) }
        case (.decimal(_, let scale), .double): .unary { (a: Int128) in double(a, scale) }
        case (.decimal(_, let scale), .real): .unary { (a: Int128) in float(a, scale) }
        default: nil
        }
    }

    @inline(__always)
    private static func fromBits<T: ColumnElement>(
        _ f: @escaping @Sendable (Bool) -> T
    ) -> BoundKernel {
        BoundKernel { call in
            guard case .boolean(let bits) = call.arguments[0].column.values else {
                return KernelResult(T.wrap([T](repeating: .zero, count: call.count)))
            }
            return KernelResult(T.wrap((0..<call.count).map { f(bits[$0]) }))
        }
    }

    /// Nearest, a half to the even one.
    @inline(__always)
    static func whole<T: FixedWidthInteger>(_ value: Double) -> (T, Fault) {
        guard let whole = T(exactly: value.rounded(.toNearestOrEven)) else { return (0, .overflow) }
        return (whole, .none)
    }

    @inline(__always)
    private static func fitted(
        _ value: Int128, _ from: Int, _ precision: Int, _ scale: Int
    ) -> (Int128, Fault) {
        guard let rescaled = DecimalMath.rescale(value, from: from, to: scale),
            DecimalMath.fits(rescaled, precision: precision)
        else { return (0, .overflow) }
        return (rescaled, .none)
    }

    private static func integer<T: FixedWidthInteger>(_ value: Int128, _ scale: Int) -> (T, Fault) {
        guard let whole = DecimalMath.rescale(value, from: scale, to: 0),
            let result = T(exactly: whole)
        else { return (0, .overflow) }
        return (result, .none)
    }

    /// Whole numbers below 2⁵³ need no text.
    private static func decimal(
        _ value: Double, _ precision: Int, _ scale: Int
    ) -> (Int128, Fault) {
        if value.magnitude < 9_007_199_254_740_992, value == value.rounded(.towardZero) {
            return fitted(Int128(Int64(value)), 0, precision, scale)
        }
        return decimal(value.description, precision, scale)
    }

    private static func decimal(
        _ text: String, _ precision: Int, _ scale: Int
    ) -> (Int128, Fault) {
        var text = text
        let value = text.withUTF8 { bytes -> Int128? in
            guard let base = bytes.baseAddress,
                let number = DecimalNumber(base, bytes.count, point: UInt8(ascii: "."))
            else { return nil }
            // At most 17 digits; what lies beyond 38 more places rounds to zero.
            let magnitude = Int128(number.mantissa)
            guard number.exponent > -60 else { return 0 }
            let rescaled =
                number.exponent >= 0
                ? DecimalMath.rescale(magnitude, from: 0, to: number.exponent + scale)
                : DecimalMath.rescale(magnitude, from: -number.exponent, to: scale)
            return rescaled.map { number.isNegative ? -$0 : $0 }
        }
        guard let value, DecimalMath.fits(value, precision: precision) else {
            return (0, .overflow)
        }
        return (value, .none)
    }

    /// Correctly rounded: a quotient of two exact doubles, or by way of the digits.
    static func double(_ value: Int128, _ scale: Int) -> Double {
        if scale == 0 { return Double(value) }
        if value.magnitude <= 9_007_199_254_740_992, scale <= 22 {
            return Double(Int64(value)) / ScalarText.exactPowersOf10[scale]
        }
        return Double(digits(value, scale)) ?? .nan
    }

    private static func digits(_ value: Int128, _ scale: Int) -> String {
        var out: [UInt8] = []
        ValueText.append(decimal: value, scale: scale, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private static func float(_ value: Int128, _ scale: Int) -> Float {
        Float(digits(value, scale)) ?? .nan
    }
}

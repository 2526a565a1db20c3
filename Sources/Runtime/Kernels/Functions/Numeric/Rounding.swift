import PipelineDSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension KernelTable {
    static let roundingKernels: [String: KernelResolver] = [
        "sign": { request in
            switch request.arguments.first {
            case .bigint?: .unary { (a: Int64) in Int32(a.signum()) }
            case .decimal?: .unary { (a: Int128) in Int32(a.signum()) }
            case .double?:
                .unary { (a: Double) in a > 0 ? 1.0 : a < 0 ? -1 : a == 0 ? 0 : a }
            default: nil
            }
        },
        "ceil": { rounding($0, .up) },
        "floor": { rounding($0, .down) },
        "round": { rounding($0, .nearest) },
        "trunc": { rounding($0, .zero) },
    ]

    enum Direction: Sendable { case up, down, nearest, zero }

    private static func rounding(_ request: KernelRequest, _ direction: Direction) -> BoundKernel? {
        switch (request.arguments.first, request.arguments.count) {
        case (.bigint?, 1): return .unary { (a: Int64) in a }
        case (.bigint?, 2):
            return .checked { (a: Int64, digits: Int64) -> (Int64, Fault) in
                let (value, fault) = Rounding.integer(Int128(a), places: digits, direction)
                guard let result = Int64(exactly: value) else { return (0, .overflow) }
                return (result, fault)
            }
        case (.double?, 1): return doubles(direction)
        case (.double?, 2):
            return .binary { (a: Double, digits: Int64) in Rounding.double(a, digits, direction) }
        case (.decimal(_, let own)?, let count):
            guard case .decimal(let precision, let scale) = request.result else { return nil }
            if count == 1 {
                return .checked { (a: Int128) in
                    Rounding.decimal(a, own, digits: 0, direction, precision, scale)
                }
            }
            return .checked { (a: Int128, digits: Int64) in
                Rounding.decimal(a, own, digits: digits, direction, precision, scale)
            }
        default: return nil
        }
    }

    private static func doubles(_ direction: Direction) -> BoundKernel {
        switch direction {
        case .up: .unary { (a: Double) in a.rounded(.up) }
        case .down: .unary { (a: Double) in a.rounded(.down) }
        case .nearest: .unary { (a: Double) in a.rounded(.toNearestOrAwayFromZero) }
        case .zero: .unary { (a: Double) in a.rounded(.towardZero) }
        }
    }
}

enum Rounding {
    /// To a multiple of 10^-places where that is negative; unchanged otherwise.
    static func integer(
        _ value: Int128, places: Int64, _ direction: KernelTable.Direction
    ) -> (Int128, Fault) {
        guard places < 0 else { return (value, .none) }
        guard places >= -38 else { return (0, .none) }
        let unit = ScalarText.powerOf10(Int(-places))
        let (product, overflow) = quotient(value, unit, direction).multipliedReportingOverflow(
            by: unit)
        return (product, .when(overflow, .overflow))
    }

    /// `value / unit` as a whole number; `unit` is positive.
    private static func quotient(
        _ value: Int128, _ unit: Int128, _ direction: KernelTable.Direction
    ) -> Int128 {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: unit)
        switch direction {
        case .zero: return quotient
        case .up: return rest > 0 ? quotient + 1 : quotient
        case .down: return rest < 0 ? quotient - 1 : quotient
        case .nearest:
            // Without doubling, which could overflow: unit is at most 10³⁸.
            guard rest.magnitude >= unit.magnitude - rest.magnitude else { return quotient }
            return value < 0 ? quotient - 1 : quotient + 1
        }
    }

    /// `own` is the scale of the value, `scale` that of the result.
    static func decimal(
        _ value: Int128, _ own: Int, digits: Int64, _ direction: KernelTable.Direction,
        _ precision: Int, _ scale: Int
    ) -> (Int128, Fault) {
        // Places to cut, counted from the last digit there is.
        let cut = Int64(own) &- min(max(digits, -1000), 1000)
        let (rounded, fault) = integer(value, places: -max(cut, 0), direction)
        guard fault == .none, let result = DecimalMath.rescale(rounded, from: own, to: scale),
            DecimalMath.fits(result, precision: precision)
        else { return (0, .overflow) }
        return (result, .none)
    }

    /// Through the decimal digits of the number, so that 2.345 rounds as written and not as the
    /// nearest binary fraction below it.
    static func double(_ value: Double, _ digits: Int64, _ direction: KernelTable.Direction)
        -> Double
    {
        guard value.isFinite, value != 0 else { return value }
        if digits > 340 { return value }
        if digits < -310 { return direction == .zero || direction == .nearest ? 0 : value }
        let places = Int(digits)
        if abs(places) <= 22 {
            let power = ScalarText.exactPowersOf10[abs(places)]
            let scaled = places >= 0 ? value * power : value / power
            guard scaled.magnitude < 4_503_599_627_370_496 else { return value }
            let nearest = scaled.rounded(.toNearestOrAwayFromZero)
            // A product within a few units in the last place of a half was meant as the half.
            let isTie =
                ((scaled - scaled.rounded(.towardZero)).magnitude - 0.5).magnitude
                <= 4 * scaled.magnitude.ulp
            let isWhole = (scaled - nearest).magnitude <= 4 * scaled.magnitude.ulp
            let rounded: Double =
                switch direction {
                case .zero: isWhole ? nearest : scaled.rounded(.towardZero)
                case .up: isWhole ? nearest : scaled.rounded(.up)
                case .down: isWhole ? nearest : scaled.rounded(.down)
                case .nearest:
                    isTie ? scaled.rounded(.towardZero) + (value < 0 ? -1 : 1) : nearest
                }
            let result = places >= 0 ? rounded / power : rounded * power
            return result
        }
        let factor = pow(10.0, Double(places))
        let scaled = value * factor
        guard scaled.isFinite, factor > 0 else { return value }
        let rounded =
            direction == .nearest
            ? scaled.rounded(.toNearestOrAwayFromZero) : scaled.rounded(.towardZero)
        let result = rounded / factor
        return result.isFinite ? result : value
    }
}

import PipelineDSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension KernelTable {
    static let arithmetic: [String: KernelResolver] = [
        "add": { addition($0) ?? temporalAddition($0) },
        "subtract": { subtraction($0) ?? temporalSubtraction($0) },
        "multiply": { multiplication($0) ?? intervalScaling($0) },
        "divide": { division($0) ?? intervalScaling($0) },
        "modulo": remainder,
        "negate": negation,
        "abs": absolute,
    ]

    private static func addition(_ request: KernelRequest) -> BoundKernel? {
        switch request.pair {
        case (.integer, .integer)?: .checked { (a: Int32, b: Int32) in IntegerMath.add(a, b) }
        case (.bigint, .bigint)?: .checked { (a: Int64, b: Int64) in IntegerMath.add(a, b) }
        case (.real, .real)?: .binary { (a: Float, b: Float) in a + b }
        case (.double, .double)?: .binary { (a: Double, b: Double) in a + b }
        default:
            decimals(request) { a, sa, b, sb, scale in
                guard let x = DecimalMath.rescale(a, from: sa, to: max(sa, sb)),
                    let y = DecimalMath.rescale(b, from: sb, to: max(sa, sb))
                else { return nil }
                let (sum, overflow) = x.addingReportingOverflow(y)
                return overflow ? nil : DecimalMath.rescale(sum, from: max(sa, sb), to: scale)
            }
        }
    }

    private static func subtraction(_ request: KernelRequest) -> BoundKernel? {
        switch request.pair {
        case (.integer, .integer)?: .checked { (a: Int32, b: Int32) in IntegerMath.subtract(a, b) }
        case (.bigint, .bigint)?: .checked { (a: Int64, b: Int64) in IntegerMath.subtract(a, b) }
        case (.real, .real)?: .binary { (a: Float, b: Float) in a - b }
        case (.double, .double)?: .binary { (a: Double, b: Double) in a - b }
        default:
            decimals(request) { a, sa, b, sb, scale in
                guard let x = DecimalMath.rescale(a, from: sa, to: max(sa, sb)),
                    let y = DecimalMath.rescale(b, from: sb, to: max(sa, sb))
                else { return nil }
                let (difference, overflow) = x.subtractingReportingOverflow(y)
                return overflow
                    ? nil : DecimalMath.rescale(difference, from: max(sa, sb), to: scale)
            }
        }
    }

    private static func multiplication(_ request: KernelRequest) -> BoundKernel? {
        switch request.pair {
        case (.integer, .integer)?:
            .checked { (a: Int32, b: Int32) in
                let wide = Int64(a) &* Int64(b)
                let value = Int32(truncatingIfNeeded: wide)
                return (value, .when(Int64(value) != wide, .overflow))
            }
        case (.bigint, .bigint)?:
            .checked { (a: Int64, b: Int64) in
                let (value, overflow) = a.multipliedReportingOverflow(by: b)
                return (value, .when(overflow, .overflow))
            }
        case (.real, .real)?: .binary { (a: Float, b: Float) in a * b }
        case (.double, .double)?: .binary { (a: Double, b: Double) in a * b }
        default:
            decimals(request) { a, sa, b, sb, scale in
                DecimalMath.multiply(a, b, dropping: sa + sb - scale)
            }
        }
    }

    private static func division(_ request: KernelRequest) -> BoundKernel? {
        switch request.pair {
        case (.integer, .integer)?: .checked { (a: Int32, b: Int32) in IntegerMath.divide(a, b) }
        case (.bigint, .bigint)?: .checked { (a: Int64, b: Int64) in IntegerMath.divide(a, b) }
        case (.real, .real)?:
            .checked { (a: Float, b: Float) in (a / b, .when(b == 0, .divisionByZero)) }
        case (.double, .double)?:
            .checked { (a: Double, b: Double) in (a / b, .when(b == 0, .divisionByZero)) }
        default:
            decimals(request, isDivision: true) { a, sa, b, sb, scale in
                DecimalMath.divide(a, sa, b, sb, scale: scale)
            }
        }
    }

    private static let remainder: KernelResolver = { request in
        switch request.pair {
        case (.integer, .integer)?: .checked { (a: Int32, b: Int32) in IntegerMath.modulo(a, b) }
        case (.bigint, .bigint)?: .checked { (a: Int64, b: Int64) in IntegerMath.modulo(a, b) }
        case (.real, .real)?:
            .checked { (a: Float, b: Float) in (fmodf(a, b), .when(b == 0, .divisionByZero)) }
        case (.double, .double)?:
            .checked { (a: Double, b: Double) in (fmod(a, b), .when(b == 0, .divisionByZero)) }
        default:
            decimals(request, isDivision: true) { a, sa, b, sb, scale in
                DecimalMath.modulo(a, sa, b, sb, scale: scale)
            }
        }
    }

    private static let negation: KernelResolver = { request in
        switch request.arguments.first {
        case .integer?: .checked { (a: Int32) in (0 &- a, .when(a == .min, .overflow)) }
        case .bigint?: .checked { (a: Int64) in (0 &- a, .when(a == .min, .overflow)) }
        case .real?: .unary { (a: Float) in -a }
        case .double?: .unary { (a: Double) in -a }
        case .decimal?: .unary { (a: Int128) in 0 &- a }
        case .interval?: .checked { (a: Interval) in IntervalMath.negate(a) }
        default: nil
        }
    }

    private static let absolute: KernelResolver = { request in
        switch request.arguments.first {
        case .integer?:
            .checked { (a: Int32) in (a < 0 ? 0 &- a : a, .when(a == .min, .overflow)) }
        case .bigint?: .checked { (a: Int64) in (a < 0 ? 0 &- a : a, .when(a == .min, .overflow)) }
        case .real?: .unary { (a: Float) in abs(a) }
        case .double?: .unary { (a: Double) in abs(a) }
        case .decimal?: .unary { (a: Int128) in a < 0 ? 0 &- a : a }
        default: nil
        }
    }

    /// Decimals of any precision and scale; `f` gets and gives unscaled values and their scales.
    @inline(__always)
    private static func decimals(
        _ request: KernelRequest, isDivision: Bool = false,
        _ f: @escaping @Sendable (Int128, Int, Int128, Int, _ scale: Int) -> Int128?
    ) -> BoundKernel? {
        guard case (.decimal(_, let sa), .decimal(_, let sb))? = request.pair,
            case .decimal(let precision, let scale) = request.result
        else { return nil }
        return .checked { (a: Int128, b: Int128) -> (Int128, Fault) in
            if isDivision, b == 0 { return (0, .divisionByZero) }
            guard let value = f(a, sa, b, sb, scale), DecimalMath.fits(value, precision: precision)
            else { return (0, .overflow) }
            return (value, .none)
        }
    }
}

extension KernelRequest {
    /// The types of exactly two arguments.
    var pair: (DataType, DataType)? {
        arguments.count == 2 ? (arguments[0], arguments[1]) : nil
    }
}

/// Integer arithmetic that reports instead of trapping, without a branch where the compiler can
/// vectorise it.
enum IntegerMath {
    @inline(__always)
    static func add<T: FixedWidthInteger>(_ a: T, _ b: T) -> (T, Fault) {
        let sum = a &+ b
        return (sum, .when((a ^ sum) & (b ^ sum) < 0, .overflow))
    }

    @inline(__always)
    static func subtract<T: FixedWidthInteger>(_ a: T, _ b: T) -> (T, Fault) {
        let difference = a &- b
        return (difference, .when((a ^ b) & (a ^ difference) < 0, .overflow))
    }

    /// Towards zero.
    @inline(__always)
    static func divide<T: FixedWidthInteger & SignedInteger>(_ a: T, _ b: T) -> (T, Fault) {
        if b == 0 { return (0, .divisionByZero) }
        if b == -1 { return (0 &- a, .when(a == .min, .overflow)) }
        return (a / b, .none)
    }

    /// With the sign of `a`.
    @inline(__always)
    static func modulo<T: FixedWidthInteger & SignedInteger>(_ a: T, _ b: T) -> (T, Fault) {
        if b == 0 { return (0, .divisionByZero) }
        return (b == -1 ? 0 : a % b, .none)
    }
}

import PipelineDSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension KernelTable {
    static let transcendental: [String: KernelResolver] = [
        "sqrt": { _ in .checked { (x: Double) in (x.squareRoot(), .when(x < 0, .domain)) } },
        "cbrt": { _ in .unary { (x: Double) in cubeRoot(x) } },
        "exp": { _ in .unary { (x: Double) in exp(x) } },
        "ln": { _ in .checked { (x: Double) in (log(x), .when(x <= 0, .domain)) } },
        "log10": { _ in .checked { (x: Double) in (log10(x), .when(x <= 0, .domain)) } },
        "log2": { _ in .checked { (x: Double) in (log2(x), .when(x <= 0, .domain)) } },
        "log": { request in
            if request.arguments.count == 1 {
                return .checked { (x: Double) in (log10(x), .when(x <= 0, .domain)) }
            }
            return .checked { (base: Double, x: Double) in
                (logarithm(x, base), .when(x <= 0 || base <= 0 || base == 1, .domain))
            }
        },
        "power": { _ in
            .checked { (a: Double, b: Double) in
                // As PostgreSQL: zero to a negative power, and a root of a negative number.
                let isUndefined = (a == 0 && b < 0) || (a < 0 && b.isFinite && b != b.rounded())
                return (pow(a, b), .when(isUndefined, .domain))
            }
        },
        "pi": { _ in
            BoundKernel { KernelResult(.float64([Double](repeating: .pi, count: $0.count))) }
        },
        "degrees": { _ in .unary { (x: Double) in x * (180 / .pi) } },
        "radians": { _ in .unary { (x: Double) in x * (.pi / 180) } },
        "sin": { _ in .unary { (x: Double) in sin(x) } },
        "cos": { _ in .unary { (x: Double) in cos(x) } },
        "tan": { _ in .unary { (x: Double) in tan(x) } },
        "asin": { _ in .checked { (x: Double) in (asin(x), .when(x.magnitude > 1, .domain)) } },
        "acos": { _ in .checked { (x: Double) in (acos(x), .when(x.magnitude > 1, .domain)) } },
        "atan": { _ in .unary { (x: Double) in atan(x) } },
        "atan2": { _ in .binary { (y: Double, x: Double) in atan2(y, x) } },
        "isnan": { _ in .test { (x: Double) in x.isNaN } },
        "isfinite": { _ in .test { (x: Double) in x.isFinite } },
        "isinf": { _ in .test { (x: Double) in x.isInfinite } },
    ]

    /// One step of Newton's method rounds what the library leaves a unit in the last place off.
    @inline(__always)
    private static func cubeRoot(_ x: Double) -> Double {
        let y = cbrt(x)
        guard y.isFinite, y != 0, x.magnitude > 1e-300 else { return y }
        return y - (y * y * y - x) / (3 * y * y)
    }

    /// To the bases 2 and 10 exactly where the result is whole.
    @inline(__always)
    private static func logarithm(_ x: Double, _ base: Double) -> Double {
        base == 2 ? log2(x) : base == 10 ? log10(x) : log(x) / log(base)
    }
}

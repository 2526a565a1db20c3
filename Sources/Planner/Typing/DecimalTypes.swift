import PipelineDSL

/// Precision and scale of decimal results: the rules of SQL Server and Spark. Where 38 digits do not
/// suffice, the digits before the point are kept and the scale shrinks, down to 6 at least.
public enum DecimalTypes {
    static let maximumPrecision = 38

    public static func adding(_ a: DataType, _ b: DataType) -> DataType {
        guard let (p1, s1) = parts(a), let (p2, s2) = parts(b) else { return .double }
        let scale = max(s1, s2)
        return bounded(max(p1 - s1, p2 - s2) + scale + 1, scale)
    }

    public static func multiplying(_ a: DataType, _ b: DataType) -> DataType {
        guard let (p1, s1) = parts(a), let (p2, s2) = parts(b) else { return .double }
        return bounded(p1 + p2 + 1, s1 + s2)
    }

    public static func dividing(_ a: DataType, _ b: DataType) -> DataType {
        guard let (p1, s1) = parts(a), let (p2, s2) = parts(b) else { return .double }
        let scale = max(6, s1 + p2 + 1)
        return bounded(p1 - s1 + s2 + scale, scale)
    }

    /// The remainder is smaller than either operand.
    public static func modulo(_ a: DataType, _ b: DataType) -> DataType {
        guard let (p1, s1) = parts(a), let (p2, s2) = parts(b) else { return .double }
        let scale = max(s1, s2)
        return bounded(min(p1 - s1, p2 - s2) + scale, scale)
    }

    /// With `digits` after the point, and room for the carry of rounding.
    public static func rounded(_ a: DataType, digits: Int) -> DataType {
        guard let (precision, scale) = parts(a) else { return a }
        let kept = min(max(digits, 0), scale)
        let whole = precision - scale + (digits < scale ? 1 : 0)
        return .decimal(precision: min(max(whole + kept, 1), maximumPrecision), scale: kept)
    }

    /// Whether a result of that type may have lost digits before the point: it has no spare ones.
    public static func mayOverflow(_ type: DataType) -> Bool {
        parts(type)?.precision == maximumPrecision
    }

    /// As decimals: integers have no fraction.
    public static func parts(_ type: DataType) -> (precision: Int, scale: Int)? {
        switch type {
        case .decimal(let precision, let scale): (precision, scale)
        case .integer: (10, 0)
        case .bigint: (19, 0)
        default: nil
        }
    }

    private static func bounded(_ precision: Int, _ scale: Int) -> DataType {
        let precision = max(precision, 1)
        guard precision > maximumPrecision else {
            return .decimal(precision: precision, scale: scale)
        }
        let whole = precision - scale
        let kept = max(maximumPrecision - whole, min(scale, 6))
        return .decimal(precision: maximumPrecision, scale: kept)
    }
}

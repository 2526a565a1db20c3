import Glibc

/// How the numbers of a column are spread.
enum Distribution: Sendable {
    /// From `low`, up to but not including `high`.
    case uniform(low: Double, high: Double)
    case normal(mean: Double, deviation: Double)
    /// `median` is the middle value, `sigma` the deviation of the logarithm.
    case lognormal(median: Double, sigma: Double)
    case exponential(mean: Double)

    func values(_ rows: [Int64], _ random: RandomStream) -> [Double] {
        rows.withUnsafeBufferPointer { rows in
            switch self {
            case .uniform(let low, let high):
                let span = high - low
                return made(rows.count) { low + span * random.unit(rows[$0]) }
            case .normal(let mean, let deviation):
                return made(rows.count) { mean + deviation * random.normal(rows[$0]) }
            case .lognormal(let median, let sigma):
                return made(rows.count) { median * exp(sigma * random.normal(rows[$0])) }
            case .exponential(let mean):
                return made(rows.count) { -mean * log(random.unit(rows[$0])) }
            }
        }
    }

    /// A middle and a width: a value some widths away is plainly wrong.
    var extent: (center: Double, width: Double) {
        switch self {
        case .uniform(let low, let high): (low / 2 + high / 2, max(high / 2 - low / 2, 1))
        case .normal(let mean, let deviation): (mean, max(deviation * 6, 1))
        case .lognormal(let median, let sigma): (median, max(median * exp(sigma * 6), 1))
        case .exponential(let mean): (mean, max(mean * 40, 1))
        }
    }
}

extension RandomStream {
    /// Of the standard normal distribution: Box and Muller, 1958.
    @inline(__always)
    func normal(_ row: Int64) -> Double {
        (-2 * log(unit(row))).squareRoot() * cos(2 * .pi * unit(row, draw: 1))
    }
}

/// Ranks of a Zipf distribution: rank k comes with a probability proportional to k^-skew.
///
/// Rejection-inversion after Hörmann and Derflinger, "Rejection-inversion to generate variates from
/// monotone discrete distributions", 1996: no table, whatever the number of ranks.
struct Zipf: Sendable {
    let ranks: Int64
    let skew: Double
    private let first: Double
    private let span: Double
    private let shortcut: Double

    /// - Parameters:
    ///   - ranks: at least 1.
    ///   - skew: above 0.
    init(ranks: Int64, skew: Double) {
        self.ranks = max(1, ranks)
        self.skew = skew
        let last = Self.integral(Double(self.ranks) + 0.5, skew)
        first = Self.integral(1.5, skew) - 1
        span = first - last
        shortcut =
            2 - Self.inverse(Self.integral(2.5, skew) - Self.weight(2, skew), skew)
    }

    /// 1…``ranks``
    func rank(_ row: Int64, _ random: RandomStream) -> Int64 {
        // Nearly always the first draw; the bound only keeps a row from taking forever.
        for draw in 0..<64 as Range<UInt64> {
            let u = first - random.unit(row, draw: draw) * span
            let x = Self.inverse(u, skew)
            let k = min(max(Int64(saturating: x + 0.5), 1), ranks)
            let rank = Double(k)
            if rank - x <= shortcut
                || u >= Self.integral(rank + 0.5, skew) - Self.weight(rank, skew)
            {
                return k
            }
        }
        return 1
    }

    private static func weight(_ x: Double, _ skew: Double) -> Double { exp(-skew * log(x)) }

    /// Of ``weight(_:_:)``; near a skew of 1 without loss of digits.
    private static func integral(_ x: Double, _ skew: Double) -> Double {
        let logarithm = log(x)
        return expm1Ratio((1 - skew) * logarithm) * logarithm
    }

    private static func inverse(_ x: Double, _ skew: Double) -> Double {
        let t = max(x * (1 - skew), -1)
        return exp(log1pRatio(t) * x)
    }

    /// log(1 + x) / x
    private static func log1pRatio(_ x: Double) -> Double {
        abs(x) > 1e-8 ? log1p(x) / x : 1 - x * (0.5 - x * (1 / 3 - 0.25 * x))
    }

    /// (exp(x) - 1) / x
    private static func expm1Ratio(_ x: Double) -> Double {
        abs(x) > 1e-8 ? expm1(x) / x : 1 + x * 0.5 * (1 + x / 3 * (1 + 0.25 * x))
    }
}

/// A value that wanders, as a function of the row: Brownian motion that begins and ends at 0, built of
/// its Schauder functions (Lévy, Ciesielski), so that any row is computed without those before it.
struct Wander: Sendable {
    static let levels = 16
    /// Rows after which it comes back to where it began.
    static let period: Int64 = 1 << Int64(levels)

    /// The deviation of the difference between two rows that follow each other is 1.
    ///
    /// - Parameter key: which of many walks.
    @inline(__always)
    static func value(at time: Int64, key: Int64, _ random: RandomStream) -> Double {
        let time = time & (period - 1)
        var sum = 0.0
        for level in 0..<Int64(levels) {
            let width = period &>> level
            let (index, offset) = (time / width, time & (width &- 1))
            guard offset != 0 else { break }
            let half = Double(width) / 2
            let height = 1 - abs(Double(offset) - half) / half
            // Uniform with variance 1; their sum is as good as normal.
            let node = (1 &<< level) &+ index
            let z =
                (random.unit(node, draw: UInt64(bitPattern: key)) - 0.5) * 3.464_101_615_137_754_6
            sum += z * height * (Double(width).squareRoot() / 2)
        }
        return sum
    }
}

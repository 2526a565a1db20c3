import PipelineDSL

/// Makes the values of one column for some rows.
enum ColumnMaker: Sendable {
    case distribution(Distribution, bounds: ClosedRange<Double>)
    case sequence(start: Int64, step: Int64, cycle: Int64?)
    /// Both included; for whole numbers, moments, days.
    case whole(low: Int64, high: Int64)
    case zipf(Zipf)
    /// Digits and letters that are all random.
    case random(bound: UInt64)
    case choice(WeightedChoice, Column)
    case uuid
    /// The event time, off by at most `jitter` microseconds.
    case moment(RowTimes, jitter: Int64)
    case walk(Walk)
    /// A JSON object.
    case object([Member])
    case nothing

    struct Member: Sendable {
        /// `"name":`
        var key: [UInt8]
        var type: DataType
        var column: GeneratedTable.MadeColumn
    }

    struct Walk: Sendable {
        /// The column whose values walk by themselves, as written, and its position.
        var name: Spanned<String>?
        var by: Int?
        var from: Double
        var step: Double
        var every: Int64
        var bounds: ClosedRange<Double>
    }

    /// Whether another column has to be made before.
    var needsOthers: Bool {
        switch self {
        case .walk: true
        case .object(let members): members.contains { $0.column.maker.needsOthers }
        default: false
        }
    }
}

/// The event time of rows: microseconds since 1970.
struct RowTimes: Sendable {
    var start: Int64
    /// Microseconds; a fraction where the rate does not divide a second.
    var interval: Double

    @inline(__always)
    func time(_ row: Int64) -> Int64 {
        start.saturatingAdd(Int64(saturating: (Double(row) * interval).rounded(.down)))
    }
}

extension ColumnMaker {
    /// - Parameters:
    ///   - pattern: how numbers become text, in columns of text.
    ///   - keys: of each row the key of its walk.
    func values(
        _ rows: [Int64], _ type: DataType, _ pattern: TextPattern?, _ random: RandomStream,
        keys: [Int64]?
    ) -> Column.Values {
        switch self {
        case .distribution(let distribution, let bounds):
            return Self.stored(
                Self.limited(distribution.values(rows, random), bounds), as: type)
        case .choice(let choice, let values):
            return values.gather(choice.indices(rows, random)).values
        case .uuid: return Self.uuids(rows, type, random)
        case .walk(let walk): return Self.stored(walk.values(rows, keys, random), as: type)
        case .nothing: return Column.Values.zeros(type, count: rows.count)
        default: return Self.stored(numbers(rows, random), as: type, pattern, random)
        }
    }

    private func numbers(_ rows: [Int64], _ random: RandomStream) -> [Int64] {
        rows.withUnsafeBufferPointer { rows in
            switch self {
            case .sequence(let start, let step, let cycle):
                guard let cycle else { return made(rows.count) { start &+ rows[$0] &* step } }
                return made(rows.count) { start &+ rows[$0] % cycle &* step }
            case .whole(let low, let high):
                // 0 where the range is all of 64 bits.
                let count = UInt64(bitPattern: high &- low) &+ 1
                return made(rows.count) {
                    low &+ Int64(bitPattern: random.below(count, rows[$0]))
                }
            case .random(let bound):
                return made(rows.count) {
                    Int64(truncatingIfNeeded: random.below(bound, rows[$0]))
                }
            case .zipf(let zipf): return made(rows.count) { zipf.rank(rows[$0], random) }
            case .moment(let clock, let jitter):
                guard jitter > 0 else { return made(rows.count) { clock.time(rows[$0]) } }
                let width = UInt64(bitPattern: jitter) &* 2 &+ 1
                return made(rows.count) {
                    let offset = Int64(bitPattern: random.below(width, rows[$0])) &- jitter
                    return clock.time(rows[$0]).saturatingAdd(offset)
                }
            default: return made(rows.count) { rows[$0] }
            }
        }
    }

    private static func limited(_ values: [Double], _ bounds: ClosedRange<Double>) -> [Double] {
        guard bounds.lowerBound > -.infinity || bounds.upperBound < .infinity else { return values }
        let (low, high) = (bounds.lowerBound, bounds.upperBound)
        return values.withUnsafeBufferPointer { v in made(v.count) { min(max(v[$0], low), high) } }
    }

    // MARK: - Storage

    private static func uuids(
        _ rows: [Int64], _ type: DataType, _ random: RandomStream
    ) -> Column.Values {
        let bits = made(rows.count) { i -> Int128 in
            // Version 4, variant 10: RFC 9562.
            let high = random.bits(rows[i]) & ~0xF000 | 0x4000
            let low = random.bits(rows[i], draw: 1) & ~(3 &<< 62) | 1 &<< 63
            return Int128(bitPattern: UInt128(high) &<< 64 | UInt128(low))
        }
        guard type == .string else { return .int128(bits) }
        let column = Column(.uuid, .int128(bits))
        var builder = StringsBuilder(capacity: rows.count)
        var text: [UInt8] = []
        for row in rows.indices {
            text.removeAll(keepingCapacity: true)
            ValueText.append(column, row, to: &text)
            text.withUnsafeBytes { builder.append($0) }
        }
        return .strings(builder.finish())
    }

    /// Numbers as `type` stores them; what does not fit becomes the nearest that does.
    static func stored(_ values: [Double], as type: DataType) -> Column.Values {
        values.withUnsafeBufferPointer { v in
            switch type {
            case .double: return .float64(values)
            case .real: return .float32(made(v.count) { Float(v[$0]) })
            case .integer, .date:
                return .int32(
                    made(v.count) { Int32(clamping: Int64(saturating: v[$0].rounded())) })
            case .decimal(let precision, let scale):
                let (factor, most) = (decimalPower(scale), decimalPower(precision) - 1)
                return .int128(made(v.count) { unscaled(v[$0], factor, most) })
            default: return .int64(made(v.count) { Int64(saturating: v[$0].rounded()) })
            }
        }
    }

    private static func stored(
        _ values: [Int64], as type: DataType, _ pattern: TextPattern?, _ random: RandomStream
    ) -> Column.Values {
        values.withUnsafeBufferPointer { v in
            switch type {
            case .string:
                let pattern = pattern ?? .number
                return .strings(pattern.texts(values, random))
            case .double: return .float64(made(v.count) { Double(v[$0]) })
            case .real: return .float32(made(v.count) { Float(v[$0]) })
            case .integer: return .int32(made(v.count) { Int32(clamping: v[$0]) })
            case .date:
                return .int32(made(v.count) { Int32(clamping: CivilTime.split(v[$0]).day) })
            case .time: return .int64(made(v.count) { CivilTime.split(v[$0]).time })
            case .decimal(let precision, let scale):
                let (factor, most) = (decimalPower(scale), decimalPower(precision) - 1)
                return .int128(
                    made(v.count) {
                        let (product, overflow) = Int128(v[$0]).multipliedReportingOverflow(
                            by: factor)
                        return overflow
                            ? (v[$0] < 0 ? -most : most) : min(max(product, -most), most)
                    })
            default: return .int64(values)
            }
        }
    }

    private static func decimalPower(_ exponent: Int) -> Int128 {
        (0..<min(max(exponent, 0), 38)).reduce(1) { power, _ in power * 10 }
    }

    @inline(__always)
    private static func unscaled(_ value: Double, _ factor: Int128, _ most: Int128) -> Int128 {
        let scaled = (value * Double(factor)).rounded()
        guard let exact = Int128(exactly: scaled) else {
            return scaled.isNaN ? 0 : scaled < 0 ? -most : most
        }
        return min(max(exact, -most), most)
    }
}

extension TextPattern {
    /// The number and nothing else.
    static let number = TextPattern(parts: [.number(digits: 1)])

    init(parts: [Part]) { self.parts = parts }
}

extension ColumnMaker.Walk {
    func values(_ rows: [Int64], _ keys: [Int64]?, _ random: RandomStream) -> [Double] {
        let scale = step / Double(every).squareRoot()
        return made(rows.count) { i in
            let key = keys?[i] ?? 0
            // Every key begins somewhere else in its walk.
            let phase = Int64(bitPattern: random.bits(key, draw: 1) &>> 8)
            let value = from + scale * Wander.value(at: phase &+ rows[i], key: key, random)
            return reflected(value)
        }
    }

    /// Turned back at the bounds, as often as it takes.
    private func reflected(_ value: Double) -> Double {
        let (low, high) = (bounds.lowerBound, bounds.upperBound)
        if value >= low, value <= high { return value }
        guard low.isFinite, high.isFinite else {
            return value < low ? low + (low - value) : high - (value - high)
        }
        let span = high - low
        guard span > 0, span.isFinite else { return low }
        let folded = abs((value - low).remainder(dividingBy: 2 * span))
        return low + min(folded, span)
    }
}

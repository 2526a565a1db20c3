import PipelineDSL

/// What becomes of an exact sum.
enum ExactSumResult: Sendable {
    case int64
    /// With at most so many digits.
    case decimal(precision: Int)
    case meanDouble
    case meanDecimal(from: Int, to: Int)

    /// `nil` where values of `type` are not summed exactly, or not to `result`.
    init?(_ function: String, of type: DataType, to result: DataType) {
        switch (function, type, result) {
        case ("sum", .integer, .bigint): self = .int64
        case ("sum", .bigint, .decimal): self = .decimal(precision: 38)
        case ("sum", .decimal(_, let from), .decimal(let precision, let to)) where from == to:
            self = .decimal(precision: precision)
        case ("avg", .bigint, .double): self = .meanDouble
        case ("avg", .decimal(_, let from), .decimal(_, let to)):
            self = .meanDecimal(from: from, to: to)
        default: return nil
        }
    }

    /// The value of a sum of `count` values, in the half that the result's type reads; `nil` where
    /// it is out of range.
    func value(_ sum: Int128, count: Int64) -> (Int128, Double)? {
        switch self {
        case .int64: return Int64(exactly: sum).map { (Int128($0), 0) }
        case .decimal(let precision):
            return DecimalMath.fits(sum, precision: precision) ? (sum, 0) : nil
        case .meanDouble: return (0, Double(sum) / Double(count))
        case .meanDecimal(let from, let to):
            let mean = DecimalMath.divide(sum, from, Int128(count), 0, scale: to)
            return mean.flatMap { DecimalMath.fits($0, precision: 38) ? ($0, 0) : nil }
        }
    }
}

/// Sums and means of integers and decimals, exact. A sum is kept modulo 2¹²⁸ with a count of how
/// often it wrapped around, so that neither the order of the rows nor a passing overflow matters.
final class ExactSumAccumulator<T: ColumnElement & FixedWidthInteger>: Accumulator {
    private let result: ExactSumResult
    private var sums = GroupArray<Int128>(0)
    private var wraps = GroupArray<Int32>(0)
    private var counts = GroupArray<Int64>(0)

    init(_ result: ExactSumResult) { self.result = result }

    func grow(to groupCount: Int) {
        sums.grow(to: groupCount)
        wraps.grow(to: groupCount)
        counts.grow(to: groupCount)
    }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        guard let column = columns.first, let values = T.unwrap(column.values) else { return }
        values.withUnsafeBufferPointer { values in
            sums.withBuffer { sums in
                counts.withBuffer { counts in
                    wraps.withBuffer { wraps in
                        rows.forEach { row, group in
                            let value = Int128(truncatingIfNeeded: values[row])
                            let (sum, overflow) = sums[group].addingReportingOverflow(value)
                            sums[group] = sum
                            counts[group] &+= 1
                            if overflow { wraps[group] &+= value < 0 ? -1 : 1 }
                        }
                    }
                }
            }
        }
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        var faults = Faults()
        var wide = [Int128](repeating: 0, count: range.count)
        var doubles = [Double](repeating: 0, count: range.count)
        for (row, group) in range.enumerated() where counts[group] > 0 {
            guard wraps[group] == 0,
                let value = result.value(sums[group], count: counts[group])
            else {
                faults.add(row, .overflow)
                continue
            }
            (wide[row], doubles[row]) = value
        }
        let seen = Bitmap(count: range.count) { counts[range.lowerBound + $0] > 0 }
        let values: Column.Values =
            switch result {
            case .int64: .int64(wide.map { Int64(truncatingIfNeeded: $0) })
            case .decimal, .meanDecimal: .int128(wide)
            case .meanDouble: .float64(doubles)
            }
        return KernelResult(values, validity: seen, faults: faults)
    }

    let isMergeable = true

    func merge(_ other: any Accumulator, _ groups: [UInt32]) -> Bool {
        guard let other = other as? Self else { return false }
        for (from, to) in groups.enumerated() {
            let target = Int(to)
            let (sum, overflow) = sums[target].addingReportingOverflow(other.sums[from])
            sums[target] = sum
            wraps[target] &+= other.wraps[from]
            if overflow { wraps[target] &+= other.sums[from] < 0 ? -1 : 1 }
            counts[target] &+= other.counts[from]
        }
        return true
    }

    var byteCount: Int { sums.byteCount + wraps.byteCount + counts.byteCount }

    func encode(into out: inout [UInt8]) {
        sums.encode(into: &out)
        wraps.encode(into: &out)
        counts.encode(into: &out)
    }

    func restore(_ reader: inout ByteReader) {
        sums.restore(&reader)
        wraps.restore(&reader)
        counts.restore(&reader)
    }
}

/// Sums and means of doubles, added in row order: another order may round differently, so states
/// are not merged.
final class DoubleSumAccumulator: Accumulator {
    private let isMean: Bool
    private var sums = GroupArray<Double>(0)
    private var counts = GroupArray<Int64>(0)

    init(isMean: Bool) { self.isMean = isMean }

    func grow(to groupCount: Int) {
        sums.grow(to: groupCount)
        counts.grow(to: groupCount)
    }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        guard case .float64(let values)? = columns.first?.values else { return }
        values.withUnsafeBufferPointer { values in
            sums.withBuffer { sums in
                counts.withBuffer { counts in
                    rows.forEach { row, group in
                        sums[group] += values[row]
                        counts[group] &+= 1
                    }
                }
            }
        }
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        let seen = Bitmap(count: range.count) { counts[range.lowerBound + $0] > 0 }
        let values = range.map { isMean ? sums[$0] / Double(counts[$0]) : sums[$0] }
        return KernelResult(.float64(values), validity: seen)
    }

    var byteCount: Int { sums.byteCount + counts.byteCount }

    func encode(into out: inout [UInt8]) {
        sums.encode(into: &out)
        counts.encode(into: &out)
    }

    func restore(_ reader: inout ByteReader) {
        sums.restore(&reader)
        counts.restore(&reader)
    }
}

/// Sums and means of intervals, field by field.
final class IntervalSumAccumulator: Accumulator {
    private let isMean: Bool
    private var months = GroupArray<Int64>(0)
    private var days = GroupArray<Int64>(0)
    private var micros = GroupArray<Int128>(0)
    private var counts = GroupArray<Int64>(0)

    init(isMean: Bool) { self.isMean = isMean }

    func grow(to groupCount: Int) {
        months.grow(to: groupCount)
        days.grow(to: groupCount)
        micros.grow(to: groupCount)
        counts.grow(to: groupCount)
    }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        guard case .intervals(let values)? = columns.first?.values else { return }
        rows.forEach { row, group in
            months[group] &+= Int64(values[row].months)
            days[group] &+= Int64(values[row].days)
            micros[group] &+= Int128(values[row].microseconds)
            counts[group] &+= 1
        }
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        var values = [Interval](repeating: Interval(), count: range.count)
        var faults = Faults()
        for (row, group) in range.enumerated() where counts[group] > 0 {
            guard let m = Int32(exactly: months[group]), let d = Int32(exactly: days[group]),
                let u = Int64(exactly: micros[group])
            else {
                faults.add(row, .overflow)
                continue
            }
            let sum = Interval(months: m, days: d, microseconds: u)
            let (mean, fault) =
                isMean ? IntervalMath.scale(sum, by: 1 / Double(counts[group])) : (sum, .none)
            values[row] = mean
            if fault != .none { faults.add(row, fault) }
        }
        let seen = Bitmap(count: range.count) { counts[range.lowerBound + $0] > 0 }
        return KernelResult(.intervals(values), validity: seen, faults: faults)
    }

    let isMergeable = true

    func merge(_ other: any Accumulator, _ groups: [UInt32]) -> Bool {
        guard let other = other as? IntervalSumAccumulator else { return false }
        for (from, to) in groups.enumerated() {
            months[Int(to)] &+= other.months[from]
            days[Int(to)] &+= other.days[from]
            micros[Int(to)] &+= other.micros[from]
            counts[Int(to)] &+= other.counts[from]
        }
        return true
    }

    var byteCount: Int {
        months.byteCount + days.byteCount + micros.byteCount + counts.byteCount
    }

    func encode(into out: inout [UInt8]) {
        months.encode(into: &out)
        days.encode(into: &out)
        micros.encode(into: &out)
        counts.encode(into: &out)
    }

    func restore(_ reader: inout ByteReader) {
        months.restore(&reader)
        days.restore(&reader)
        micros.restore(&reader)
        counts.restore(&reader)
    }
}

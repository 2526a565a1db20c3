#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import PipelineDSL

/// Variance and standard deviation: Welford's recurrence, stable and in row order.
final class VarianceAccumulator: Accumulator {
    private let isSample: Bool
    private let isRoot: Bool
    private var counts = GroupArray<Int64>(0)
    private var means = GroupArray<Double>(0)
    private var squares = GroupArray<Double>(0)

    init(isSample: Bool, isRoot: Bool) {
        self.isSample = isSample
        self.isRoot = isRoot
    }

    func grow(to groupCount: Int) {
        counts.grow(to: groupCount)
        means.grow(to: groupCount)
        squares.grow(to: groupCount)
    }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        guard case .float64(let values)? = columns.first?.values else { return }
        rows.forEach { row, group in
            counts[group] &+= 1
            let delta = values[row] - means[group]
            means[group] += delta / Double(counts[group])
            squares[group] += delta * (values[row] - means[group])
        }
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        let least: Int64 = isSample ? 2 : 1
        let values = range.map { group -> Double in
            guard counts[group] >= least else { return 0 }
            let variance = squares[group] / Double(counts[group] - (isSample ? 1 : 0))
            return isRoot ? sqrt(variance) : variance
        }
        let seen = Bitmap(count: range.count) { counts[range.lowerBound + $0] >= least }
        return KernelResult(.float64(values), validity: seen)
    }

    var byteCount: Int { counts.byteCount + means.byteCount + squares.byteCount }

    func encode(into out: inout [UInt8]) {
        counts.encode(into: &out)
        means.encode(into: &out)
        squares.encode(into: &out)
    }

    func restore(_ reader: inout ByteReader) {
        counts.restore(&reader)
        means.restore(&reader)
        squares.restore(&reader)
    }
}

/// Covariance and correlation of two columns, y and x, in the same manner.
final class CovarianceAccumulator: Accumulator {
    enum Question: Sendable { case sample, population, correlation }

    private struct Moments: BitwiseCopyable {
        var count: Int64 = 0
        var meanX = 0.0
        var meanY = 0.0
        var squaresX = 0.0
        var squaresY = 0.0
        var products = 0.0
    }

    private let question: Question
    private var moments = GroupArray(Moments())

    init(_ question: Question) { self.question = question }

    func grow(to groupCount: Int) { moments.grow(to: groupCount) }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        guard columns.count >= 2, case .float64(let ys) = columns[0].values,
            case .float64(let xs) = columns[1].values
        else { return }
        rows.forEach { row, group in
            var m = moments[group]
            m.count &+= 1
            let (dx, dy) = (xs[row] - m.meanX, ys[row] - m.meanY)
            m.meanX += dx / Double(m.count)
            m.meanY += dy / Double(m.count)
            m.squaresX += dx * (xs[row] - m.meanX)
            m.squaresY += dy * (ys[row] - m.meanY)
            m.products += dx * (ys[row] - m.meanY)
            moments[group] = m
        }
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        var valid = Bitmap(repeating: true, count: range.count)
        var values = [Double](repeating: 0, count: range.count)
        for (row, group) in range.enumerated() {
            guard let value = value(moments[group]) else {
                valid[row] = false
                continue
            }
            values[row] = value
        }
        return KernelResult(.float64(values), validity: valid)
    }

    private func value(_ m: Moments) -> Double? {
        switch question {
        case .sample: return m.count > 1 ? m.products / Double(m.count - 1) : nil
        case .population: return m.count > 0 ? m.products / Double(m.count) : nil
        case .correlation:
            // Undefined where a column does not vary, as in PostgreSQL.
            guard m.count > 0, m.squaresX != 0, m.squaresY != 0 else { return nil }
            return m.products / (sqrt(m.squaresX) * sqrt(m.squaresY))
        }
    }

    var byteCount: Int { moments.byteCount }
    func encode(into out: inout [UInt8]) { moments.encode(into: &out) }
    func restore(_ reader: inout ByteReader) { moments.restore(&reader) }
}

import PipelineDSL
import Planner

/// Bounds of `RANGE` frames with an offset: the rows whose order key is within a distance of the
/// row's own.
///
/// As in PostgreSQL: a null is near nulls only, NaN near NaN only, and what is beyond the range of
/// the type is as far as its end.
struct RangeBounds {
    private let chunk: WindowChunk
    private let column: Column
    private let descending: Bool

    init(_ chunk: WindowChunk, column: Column, descending: Bool) {
        self.chunk = chunk
        self.column = column
        self.descending = descending
    }

    func bounds(_ offset: Value, isFollowing: Bool, isEnd: Bool) -> [Int32] {
        // Against the order, what follows is less.
        let adds = isFollowing != descending
        switch column.values {
        case .float64(let v): return bounds(of: v, offset.number, adds: adds, isEnd: isEnd)
        case .float32(let v):
            return bounds(of: v.map { Double($0) }, offset.number, adds: adds, isEnd: isEnd)
        default:
            let values = exactValues
            return sweep(
                values.map { descending ? 0 &- $0 : $0 }, isEnd: isEnd,
                moved: values.map { value in
                    let bound = self.moved(value, by: offset, adds: adds)
                    return descending ? -bound : bound
                })
        }
    }

    private func bounds(
        of values: [Double], _ offset: Double, adds: Bool, isEnd: Bool
    ) -> [Int32] {
        sweep(
            values.map { ordered($0) }, isEnd: isEnd, moved: moved(values, by: offset, adds: adds))
    }

    // MARK: - Floating point

    /// As a number in the direction of the rows; NaN, the greatest, is equal to itself.
    private func ordered(_ value: Double) -> Int64 {
        let key = FloatOrder.key(value)
        return descending ? ~key : key
    }

    private func moved(_ values: [Double], by offset: Double, adds: Bool) -> [Int64] {
        values.map { value in
            // An infinite value stays what it is, whatever the offset.
            if value.isNaN || value.isInfinite { return ordered(value) }
            return ordered(adds ? value + offset : value - offset)
        }
    }

    // MARK: - Exact

    /// Numbers unscaled, moments in microseconds.
    private var exactValues: [Int128] {
        switch column.values {
        case .int32(let v):
            let unit: Int128 = column.type == .date ? Int128(CivilTime.microsecondsPerDay) : 1
            return v.map { Int128($0) * unit }
        case .int64(let v): return v.map { Int128($0) }
        case .int128(let v): return v
        default: return [Int128](repeating: 0, count: column.count)
        }
    }

    private func moved(_ value: Int128, by offset: Value, adds: Bool) -> Int128 {
        switch offset {
        case .interval(let interval):
            if column.type == .time {
                let span = Int128(interval.microseconds)
                return adds ? value + span : value - span
            }
            guard let instant = Int64(exactly: value) else { return adds ? .max : -.max }
            let (moved, fault) =
                adds
                ? TemporalMath.add((instant, .none), interval)
                : TemporalMath.subtract((instant, .none), interval)
            guard fault == .none else { return adds ? .max : -.max }
            return Int128(moved)
        default:
            let distance = offset.whole
            let (sum, overflow) =
                adds
                ? value.addingReportingOverflow(distance)
                : value.subtractingReportingOverflow(distance)
            // Never the least number, which has no opposite.
            return overflow ? (adds ? .max : -.max) : max(sum, -.max)
        }
    }

    // MARK: - Sweep

    /// Of each row the first row of its partition that is not before its bound or, for an end, the
    /// first that is behind it. Bounds never decrease along the rows, so one pass does.
    private func sweep<T: Comparable>(_ values: [T], isEnd: Bool, moved: [T]) -> [Int32] {
        var bounds = [Int32](repeating: 0, count: chunk.count)
        for index in 0..<chunk.partitions {
            let partition = chunk.partition(index)
            let sound = nonNull(partition)
            var next = sound.lowerBound
            for row in partition {
                guard sound.contains(row) else {
                    // Nulls are equal to each other and at no distance from anything else.
                    let peers = chunk.peers(ofRow: row)
                    bounds[row] = Int32(
                        truncatingIfNeeded: isEnd ? peers.upperBound : peers.lowerBound)
                    continue
                }
                while next < sound.upperBound,
                    isEnd ? values[next] <= moved[row] : values[next] < moved[row]
                {
                    next += 1
                }
                bounds[row] = Int32(truncatingIfNeeded: next)
            }
        }
        return bounds
    }

    /// The rows of a partition that have a key; nulls are together at one end.
    private func nonNull(_ partition: Range<Int>) -> Range<Int> {
        var (start, end) = (partition.lowerBound, partition.upperBound)
        while start < end, column.isNull(start) { start += 1 }
        while end > start, column.isNull(end - 1) { end -= 1 }
        return start..<end
    }
}

extension Value {
    fileprivate var number: Double {
        switch self {
        case .double(let value): value
        case .integer(let value): Double(value)
        default: 0
        }
    }

    fileprivate var whole: Int128 {
        switch self {
        case .integer(let value): Int128(value)
        case .wide(let value): value
        default: 0
        }
    }
}

import PipelineDSL

/// Results that need all values of a group at hand.
enum CollectedResults {
    /// The value that `fraction` of the group lies below, between the two nearest.
    static func continuousPercentile(_ fraction: Double) -> CollectingAccumulator.Finish {
        { columns, starts in
            guard case .float64(let values) = columns[0].values else {
                return KernelResult(.float64([]))
            }
            return perGroup(starts) { range -> Double in
                let sorted = values[range].sorted { FloatOrder.key($0) < FloatOrder.key($1) }
                let position = fraction * Double(sorted.count - 1)
                let below = Int(position)
                let rest = position - Double(below)
                let low = sorted[below]
                guard rest > 0, below + 1 < sorted.count else { return low }
                return low + (sorted[below + 1] - low) * rest
            }
        }
    }

    @inline(__always)
    private static func perGroup(
        _ starts: ArraySlice<Int>, _ value: (Range<Int>) -> Double
    ) -> KernelResult {
        let bounds = Array(starts)
        var valid = Bitmap(repeating: true, count: bounds.count - 1)
        var values: [Double] = []
        for group in 0..<(bounds.count - 1) {
            let range = bounds[group]..<bounds[group + 1]
            if range.isEmpty { valid[group] = false }
            values.append(range.isEmpty ? 0 : value(range))
        }
        return KernelResult(.float64(values), validity: valid)
    }

    /// The first value that at least `fraction` of the group is not above.
    static func discretePercentile(_ fraction: Double) -> CollectingAccumulator.Finish {
        { columns, starts in
            pick(columns[0], starts) { sorted in
                let rank = (fraction * Double(sorted.count)).rounded(.up)
                return sorted[min(max(Int(rank) - 1, 0), sorted.count - 1)]
            }
        }
    }

    /// The value of the longest run; of several the least.
    static let mode: CollectingAccumulator.Finish = { columns, starts in
        let column = columns[0]
        return pick(column, starts) { sorted in
            var (best, bestCount, runStart) = (sorted[0], 0, 0)
            for i in sorted.indices {
                let row = Int(sorted[i])
                if ValueOrder.compare(column, row, column, Int(sorted[runStart])) != 0 {
                    runStart = i
                }
                if i - runStart + 1 > bestCount {
                    (best, bestCount) = (sorted[runStart], i - runStart + 1)
                }
            }
            return best
        }
    }

    /// One of each group's rows, chosen among them in ascending order of value.
    private static func pick(
        _ column: Column, _ starts: ArraySlice<Int>, _ choose: ([UInt32]) -> UInt32
    ) -> KernelResult {
        let bounds = Array(starts)
        let comparator = RowComparator(
            [column], keys: [.init(descending: false, nullsFirst: false)])
        var valid = Bitmap(repeating: true, count: bounds.count - 1)
        var rows: [UInt32] = []
        for group in 0..<(bounds.count - 1) {
            let own = (bounds[group]..<bounds[group + 1]).map { UInt32(truncatingIfNeeded: $0) }
            if own.isEmpty { valid[group] = false }
            rows.append(own.isEmpty ? 0 : choose(comparator.sorted(own)))
        }
        guard column.count > 0 else {
            return KernelResult(.zeros(column.type, count: rows.count), validity: valid)
        }
        return KernelResult(column.values.gather(rows), validity: valid)
    }

    static let array: CollectingAccumulator.Finish = { columns, starts in
        let bounds = Array(starts)
        let first = bounds[0]
        var valid = Bitmap(repeating: true, count: bounds.count - 1)
        for group in 0..<(bounds.count - 1) where bounds[group] == bounds[group + 1] {
            valid[group] = false
        }
        let offsets = bounds.map { Int32(clamping: $0 - first) }
        let child = columns[0].slice(first..<bounds[bounds.count - 1])
        return KernelResult(.list(offsets: offsets, ColumnBox(child)), validity: valid)
    }

    static func text(separator: String) -> CollectingAccumulator.Finish {
        let separator = Array(separator.utf8)
        return { columns, starts in
            guard case .strings(let strings) = columns[0].values else {
                return KernelResult(.strings(Strings([])))
            }
            let bounds = Array(starts)
            let call = KernelCall(
                arguments: [], count: bounds.count - 1, validity: nil, result: .string)
            return strings.withAccess { access in
                call.texts { group, out in
                    let range = bounds[group]..<bounds[group + 1]
                    if range.isEmpty { return .null }
                    for row in range {
                        if row > range.lowerBound { out.append(contentsOf: separator) }
                        out.append(contentsOf: access[row])
                        if out.count > TextLimits.collectedBytes { return .fault(.tooLarge) }
                    }
                    return .value
                }
            }
        }
    }
}

/// How large one made text may be.
enum TextLimits {
    /// Of one function call.
    static let callBytes = 64 << 20
    /// Of one `string_agg`.
    static let collectedBytes = 1 << 30
}

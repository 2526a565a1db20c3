import PipelineDSL

/// Sums and means over frames.
struct FrameSums {
    private let aggregate: FrameAggregate

    init(_ aggregate: FrameAggregate) { self.aggregate = aggregate }

    private var chunk: WindowChunk { aggregate.chunk }
    private var call: WindowCall { aggregate.call }

    // MARK: - Exact

    /// `nil` for types that are not summed as whole numbers.
    func exact(_ type: DataType, _ frames: WindowFrames) -> Evaluation? {
        guard let result = ExactSumResult(call.function, of: type, to: call.type) else {
            return nil
        }
        let eligible = aggregate.eligible
        let rows = EligibleRows(eligible, count: chunk.count)
        let totals = runningTotals(call.column(0, chunk), eligible)
        var faulty: [UInt32] = []
        var wide = [Int128](repeating: 0, count: chunk.count)
        var doubles = [Double](repeating: 0, count: chunk.count)
        var seen = Bitmap(repeating: false, count: chunk.count)
        for row in 0..<chunk.count {
            let frame = frames[row]
            let count = rows.count(frame)
            guard count > 0 else { continue }
            let sum = totals[frame.upperBound].minus(totals[frame.lowerBound])
            if let value = sum.narrowed.flatMap({ result.value($0, count: Int64(count)) }) {
                seen[row] = true
                (wide[row], doubles[row]) = value
            } else {
                faulty.append(UInt32(truncatingIfNeeded: row))
            }
        }
        let values: Column.Values =
            switch result {
            case .int64: .int64(wide.map { Int64(truncatingIfNeeded: $0) })
            case .decimal, .meanDecimal: .int128(wide)
            case .meanDouble: .float64(doubles)
            }
        return Evaluation(
            column: Column(call.type, values, validity: seen),
            errors: call.errors(
                faulty, .numberOutOfRange,
                FaultText.aggregate(call.function, call.type, .overflow)))
    }

    /// The sum of all rows before each row, and of all at the end.
    private func runningTotals(_ column: Column, _ eligible: Bitmap?) -> [WideSum] {
        var totals = [WideSum()]
        totals.reserveCapacity(chunk.count + 1)
        var sum = WideSum()
        func add(_ values: some Sequence<Int128>) {
            for (row, value) in values.enumerated() {
                if eligible.map({ $0[row] }) ?? true { sum.add(value) }
                totals.append(sum)
            }
        }
        switch column.values {
        case .int32(let v): add(v.lazy.map { Int128($0) })
        case .int64(let v): add(v.lazy.map { Int128($0) })
        case .int128(let v): add(v)
        default: add(repeatElement(0, count: chunk.count))
        }
        return totals
    }

    // MARK: - Doubles

    /// Frames from the first row of the partition on are summed in order as a group is; others are
    /// read off a tree.
    func doubles(_ frames: WindowFrames) -> Evaluation {
        guard case .float64(let values) = call.column(0, chunk).values else {
            return Evaluation(column: .nulls(call.type, count: chunk.count))
        }
        let eligible = aggregate.eligible
        let rows = EligibleRows(eligible, count: chunk.count)
        let isMean = call.function == "avg"
        var results = [Double](repeating: 0, count: chunk.count)
        var seen = Bitmap(repeating: false, count: chunk.count)
        for index in 0..<chunk.partitions {
            let partition = chunk.partition(index)
            let sums = PartitionSums(
                partition.map { row in eligible.map { $0[row] } ?? true ? values[row] : nil })
            for row in partition {
                let frame = frames[row]
                let count = rows.count(frame)
                guard count > 0 else { continue }
                let start = partition.lowerBound
                let sum = sums.sum((frame.lowerBound - start)..<(frame.upperBound - start))
                results[row] = isMean ? sum / Double(count) : sum
                seen[row] = true
            }
        }
        return Evaluation(column: Column(call.type, .float64(results), validity: seen))
    }
}

/// Sums over ranges of one partition.
private struct PartitionSums {
    private var running: [Double] = [0]
    private let tree: FrameTree<Double>

    init(_ values: [Double?]) {
        running.reserveCapacity(values.count + 1)
        var sum = 0.0
        for value in values {
            if let value { sum += value }
            running.append(sum)
        }
        tree = FrameTree(values.map { $0 ?? 0 }, neutral: 0, combine: +)
    }

    func sum(_ range: Range<Int>) -> Double {
        range.lowerBound == 0 ? running[range.upperBound] : tree.query(range)
    }
}

/// A sum that no number of 128-bit values overflows.
private struct WideSum {
    private var low: UInt128 = 0
    private var high: Int64 = 0

    mutating func add(_ value: Int128) {
        let (sum, carry) = low.addingReportingOverflow(UInt128(truncatingIfNeeded: value))
        low = sum
        high &+= (value < 0 ? -1 : 0) &+ (carry ? 1 : 0)
    }

    func minus(_ other: WideSum) -> WideSum {
        let (difference, borrow) = low.subtractingReportingOverflow(other.low)
        var result = WideSum()
        result.low = difference
        result.high = high &- other.high &- (borrow ? 1 : 0)
        return result
    }

    /// `nil` where it needs more than 128 bits.
    var narrowed: Int128? {
        let value = Int128(truncatingIfNeeded: low)
        return high == (value < 0 ? -1 : 0) ? value : nil
    }
}

import PipelineDSL

/// Functions of a row's place among the rows of its partition.
enum RankFunctions {
    static func evaluate(_ function: String, _ chunk: WindowChunk) -> Column {
        switch function {
        case "row_number": whole(chunk) { $0 - $1.lowerBound + 1 }
        case "rank": whole(chunk) { chunk.peers(ofRow: $0).lowerBound - $1.lowerBound + 1 }
        case "dense_rank":
            whole(chunk) { Int(chunk.peerOfRow[$0] - chunk.peerOfRow[$1.lowerBound]) + 1 }
        case "percent_rank":
            fraction(chunk) { row, partition in
                let before = chunk.peers(ofRow: row).lowerBound - partition.lowerBound
                return partition.count > 1 ? Double(before) / Double(partition.count - 1) : 0
            }
        default:
            fraction(chunk) { row, partition in
                let upTo = chunk.peers(ofRow: row).upperBound - partition.lowerBound
                return Double(upTo) / Double(partition.count)
            }
        }
    }

    private static func whole(
        _ chunk: WindowChunk, _ value: (_ row: Int, _ partition: Range<Int>) -> Int
    ) -> Column {
        Column(
            .bigint,
            .int64((0..<chunk.count).map { Int64(value($0, chunk.partition(ofRow: $0))) }))
    }

    private static func fraction(
        _ chunk: WindowChunk, _ value: (_ row: Int, _ partition: Range<Int>) -> Double
    ) -> Column {
        Column(
            .double, .float64((0..<chunk.count).map { value($0, chunk.partition(ofRow: $0)) }))
    }

    /// The first `rows % n` of n buckets have one row more than the others.
    static func ntile(_ chunk: WindowChunk, _ buckets: Column, _ span: SourceSpan?) -> Evaluation {
        guard case .int64(let counts) = buckets.values else {
            return Evaluation(column: .nulls(.bigint, count: chunk.count))
        }
        var values = [Int64](repeating: 0, count: chunk.count)
        var wrong: [UInt32] = []
        for row in 0..<chunk.count where !buckets.isNull(row) {
            guard counts[row] > 0 else {
                wrong.append(UInt32(truncatingIfNeeded: row))
                continue
            }
            let partition = chunk.partition(ofRow: row)
            let place = Int64(row - partition.lowerBound)
            let (small, larger) = Int64(partition.count).quotientAndRemainder(
                dividingBy: counts[row])
            let inLarger = larger * (small + 1)
            values[row] =
                place < inLarger
                ? place / (small + 1) + 1 : larger + (place - inLarger) / max(1, small) + 1
        }
        var evaluation = Evaluation(
            column: Column(.bigint, .int64(values), validity: buckets.validity))
        guard !wrong.isEmpty else { return evaluation }
        let errors = RowErrors(
            rows: wrong,
            reason: RowErrors.Reason(code: .badArgument, span: span) { row, _ in
                "ntile makes 1 or more groups, not \(counts[row])"
            })
        evaluation.column = evaluation.column.withValidity(
            .both(buckets.validity, errors.clean(count: chunk.count)))
        evaluation.errors = errors
        return evaluation
    }
}

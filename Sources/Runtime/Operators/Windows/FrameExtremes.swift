import PipelineDSL

/// `min`, `max`, `arg_min` and `arg_max` over frames: a tree whose nodes are the winning rows.
struct FrameExtremes {
    private let aggregate: FrameAggregate
    private static let none = Int32(-1)

    init(_ aggregate: FrameAggregate) { self.aggregate = aggregate }

    func evaluate(_ frames: WindowFrames) -> Evaluation {
        let (call, chunk) = (aggregate.call, aggregate.chunk)
        let isMax = call.function.hasSuffix("max")
        let eligible = aggregate.eligible
        let order = RowComparator(
            [call.column(call.arguments.count - 1, chunk)],
            keys: [.init(descending: isMax, nullsFirst: false)])
        // Of equal rows the earlier one, which stands on the left, wins.
        func better(_ a: Int32, _ b: Int32) -> Int32 {
            if a < 0 { return b }
            return b < 0 || order.compare(Int(a), Int(b)) <= 0 ? a : b
        }
        var sources = [UInt32](repeating: GroupTable.none, count: chunk.count)
        for index in 0..<chunk.partitions {
            let partition = chunk.partition(index)
            let leaves = partition.map { row in
                eligible.map { $0[row] } ?? true
                    ? Int32(truncatingIfNeeded: row) : FrameExtremes.none
            }
            let tree = FrameTree(leaves, neutral: FrameExtremes.none, combine: better)
            var last: (frame: Range<Int>, winner: Int32)?
            for row in partition {
                let frame = frames[row]
                let winner: Int32
                if let last, last.frame == frame {
                    winner = last.winner
                } else {
                    let start = partition.lowerBound
                    winner = tree.query((frame.lowerBound - start)..<(frame.upperBound - start))
                }
                last = (frame, winner)
                if winner >= 0 { sources[row] = UInt32(bitPattern: winner) }
            }
        }
        let column = call.column(0, chunk).gatherOptional(sources)
        return Evaluation(column: column.withType(call.type))
    }
}

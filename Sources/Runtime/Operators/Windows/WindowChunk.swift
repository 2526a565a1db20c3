import PipelineDSL
import Planner

/// Whole partitions of a window, one after the other and each in its order.
struct WindowChunk {
    let batch: Batch
    /// The first row of each partition, and the number of rows.
    let partitionStarts: [Int]
    /// The first row of each run of rows that are equal in order within a partition, and the
    /// number of rows.
    let peerStarts: [Int]
    /// The run of peers a row belongs to.
    let peerOfRow: [Int32]
    /// The partition a row belongs to.
    let partitionOfRow: [Int32]
    /// Asks for room for results.
    let reserve: (_ bytes: Int) throws -> Void

    /// - Parameters:
    ///   - partition: positions of the columns that partitions are equal in.
    ///   - order: positions of the columns that peers are equal in beside those.
    init(
        _ batch: Batch, partition: [Int], order: [Int],
        reserve: @escaping (_ bytes: Int) throws -> Void
    ) {
        self.batch = batch
        self.reserve = reserve
        let columns = partition.map { batch.columns[$0] }
        partitionStarts = RowBoundaries.starts(columns, count: batch.count)
        peerStarts =
            order.isEmpty
            ? partitionStarts
            : RowBoundaries.starts(
                columns + order.map { batch.columns[$0] }, count: batch.count)
        partitionOfRow = WindowChunk.numbers(partitionStarts, count: batch.count)
        peerOfRow = WindowChunk.numbers(peerStarts, count: batch.count)
    }

    var count: Int { batch.count }

    var partitions: Int { max(0, partitionStarts.count - 1) }

    func partition(_ index: Int) -> Range<Int> {
        partitionStarts[index]..<partitionStarts[index + 1]
    }

    func partition(ofRow row: Int) -> Range<Int> { partition(Int(partitionOfRow[row])) }

    func peers(ofRow row: Int) -> Range<Int> {
        let index = Int(peerOfRow[row])
        return peerStarts[index]..<peerStarts[index + 1]
    }

    private static func numbers(_ starts: [Int], count: Int) -> [Int32] {
        var numbers = [Int32](repeating: 0, count: count)
        for index in 0..<max(0, starts.count - 1) {
            for row in starts[index]..<starts[index + 1] {
                numbers[row] = Int32(truncatingIfNeeded: index)
            }
        }
        return numbers
    }
}

/// The rows of each row's frame.
struct WindowFrames {
    /// The first row.
    var starts: [Int32]
    /// Behind the last row; where it is not greater than the first, the frame is empty.
    var ends: [Int32]

    @inline(__always)
    subscript(row: Int) -> Range<Int> {
        let start = Int(starts[row])
        return start..<max(start, Int(ends[row]))
    }
}

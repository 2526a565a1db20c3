import PipelineDSL

/// A part of a stream: of each shard, the records between two places.
struct LogRange: Sendable {
    let shard: LogShard
    let start: LogCursor.Location
    /// The sequence number after the last one.
    let end: Int64
    /// Whether its records have passed their checksums in this process.
    var isVerified = false
}

/// Decodes the records of some ranges, shard after shard, each record's data one JSON object.
///
/// Dead letters name the shard as the object and the sequence number as the offset.
package final class LogReader: SourceReader {
    private let options: RecordOptions
    private var ranges: [LogRange]
    private var current: (cursor: LogCursor, plan: JSONPlan, end: Int64)?

    init(_ ranges: [LogRange], _ options: RecordOptions) {
        self.options = options
        self.ranges = ranges.reversed()
    }

    package func next() throws -> (any SourceUnit)? {
        while true {
            if let (cursor, plan, end) = current {
                if cursor.location.sequence < end { return try unit(cursor, plan, end) }
                current = nil
            }
            guard let range = ranges.popLast() else { return nil }
            let plan = options.plan(object: range.shard.name)
            try plan.checkTypes()
            let cursor = LogCursor(range.shard, at: range.start, isVerified: range.isVerified)
            current = (cursor, plan, range.end)
        }
    }

    private func unit(
        _ cursor: LogCursor, _ plan: JSONPlan, _ end: Int64
    ) throws -> RecordUnit {
        let block = RecordBlock(
            plan, keepsMetadata: !options.metadata.isEmpty,
            recordLimitBytes: PartitionedLog.recordLimitBytes)
        while !block.isFull, cursor.location.sequence < end {
            guard let frame = try cursor.peek() else {
                // The range was there when it was made.
                let (sequence, next) = (end - 1, cursor.location.sequence)
                throw LogReader.isMissing(plan.object, sequence, next)
            }
            block.add(
                frame.data, sequence: frame.sequence, arrival: frame.arrival, key: frame.key)
            cursor.advance()
        }
        return block.unit(endPosition: cursor.location.sequence)
    }

    private static func isMissing(_ shard: String, _ sequence: Int64, _ next: Int64) -> RunError {
        RunError(
            .logPosition, "\(shard) no longer has the record \(sequence): its next is \(next)",
            notes: ["the stream's files were removed while they were read"])
    }
}

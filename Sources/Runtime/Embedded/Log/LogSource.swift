import PipelineDSL

/// A stream as a source that goes on. What an epoch takes of the shards is cut by arrival time, so
/// that none of them runs ahead of the others.
package final class LogSource: StreamingSource {
    /// Where a run begins that has no position.
    package enum Start: Hashable, Sendable {
        case earliest
        case latest
        /// Microseconds since 1970.
        case time(Int64)
        /// By shard; others begin with the earliest record.
        case sequences([String: Int64])
    }

    let log: PartitionedLog
    private let options: RecordOptions
    private let start: Start
    /// At the end of the last slice, by shard: what follows is read without a search.
    private var cursors: [Int: LogCursor] = [:]
    private var first: [Int: Int64] = [:]

    package init(_ log: PartitionedLog, start: Start, _ options: RecordOptions) throws {
        self.log = log
        self.options = options
        self.start = start
        // Latest is what comes after now, not after the first slice.
        guard start == .latest else { return }
        for shard in log.shards { first[shard.index] = try firstSequence(shard) }
    }

    private func firstSequence(_ shard: LogShard) throws -> Int64 {
        switch start {
        case .earliest: try log.bounds(shard.index).lowerBound
        case .latest: try log.bounds(shard.index).upperBound
        case .time(let time): try log.sequence(shard.index, at: time)
        case .sequences(let starts):
            try starts[shard.name] ?? log.bounds(shard.index).lowerBound
        }
    }

    /// The same one however often it is asked for.
    private func beginning(_ shard: LogShard) throws -> Int64 {
        if let known = first[shard.index] { return known }
        let sequence = try firstSequence(shard)
        first[shard.index] = sequence
        return sequence
    }

    package var partitions: [String] { log.shards.map(\.name) }

    // MARK: - Slices

    package func slice(after position: SourcePosition?, limit: SliceLimit) throws -> SourceSlice? {
        let cursors = try log.shards.map { try cursor($0, position) }
        let starts = cursors.map(\.location)
        try take(cursors, limit)
        let ranges = zip(log.shards, zip(starts, cursors)).map { shard, places in
            LogRange(
                shard: shard, start: places.0, end: places.1.location.sequence, isVerified: true)
        }.filter { $0.start.sequence < $0.end }
        guard !ranges.isEmpty else { return nil }
        for cursor in cursors { try cursor.synchronise() }
        var end = position ?? SourcePosition()
        for (shard, cursor) in zip(log.shards, cursors) {
            end.next[shard.name] = cursor.location.sequence
        }
        var reader: any SourceReader = LogReader(ranges, options)
        if !options.metadata.isEmpty {
            reader = MetadataReader(reader, kinds: options.metadata)
        }
        let rows = ranges.reduce(0) { $0 + Int(clamping: $1.end - $1.start.sequence) }
        return SourceSlice(reader: reader, end: end, isPartitioned: true, rows: rows)
    }

    /// Everything there is now, for a run that ends.
    func everything() throws -> any SourceReader {
        let ranges = try log.shards.map { shard in
            let start = try LogCursor(shard, from: firstSequence(shard)).location
            return LogRange(
                shard: shard, start: start, end: try log.bounds(shard.index).upperBound)
        }
        return LogReader(ranges.filter { $0.start.sequence < $0.end }, options)
    }

    private func cursor(_ shard: LogShard, _ position: SourcePosition?) throws -> LogCursor {
        let sequence = try position?.next[shard.name] ?? beginning(shard)
        if let cursor = cursors[shard.index], cursor.location.sequence == sequence {
            return cursor
        }
        let cursor = try LogCursor(shard, from: sequence)
        cursors[shard.index] = cursor
        return cursor
    }

    /// Moves the cursors past the oldest records, as many as the limit has room for, at least one.
    private func take(_ cursors: [LogCursor], _ limit: SliceLimit) throws {
        var (rows, bytes) = (0, 0)
        // Shards that have a record, and its time.
        var heads = try cursors.enumerated().compactMap { index, cursor in
            try cursor.peek().map { (arrival: $0.arrival, index: index) }
        }
        while rows < limit.rows, bytes < limit.bytes || rows == 0,
            let oldest = heads.indices.min(by: { heads[$0] < heads[$1] })
        {
            let cursor = cursors[heads[oldest].index]
            guard let frame = try cursor.peek() else { break }
            rows += 1
            bytes += frame.data.count
            cursor.advance()
            if let following = try cursor.peek() {
                heads[oldest].arrival = following.arrival
            } else {
                heads.remove(at: oldest)
            }
        }
    }
}

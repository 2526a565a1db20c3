extension LogSource: LaggingSource {
    /// Records beyond the position; the arrival of the oldest of them.
    package func lag(after position: SourcePosition?) throws -> SourceLag {
        var lag = SourceLag(records: 0)
        for shard in log.shards {
            let next = try position?.next[shard.name] ?? log.bounds(shard.index).lowerBound
            guard let first = try log.read(shard.index, from: next, limit: 1).first else {
                continue
            }
            let end = try log.bounds(shard.index).upperBound
            lag.records = lag.records.map { $0 &+ Int(clamping: end - next) }
            lag.oldestArrival = min(lag.oldestArrival ?? .max, first.arrival)
        }
        return lag
    }
}

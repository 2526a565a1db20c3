import Glibc
import PipelineDSL

/// The embedded partitioned log: what a Kinesis stream is to a pipeline.
///
/// One folder a shard under the stream's, append-only segment files in it (``LogFrame``). A record's
/// shard follows from the MD5 hash of its partition key as in Kinesis: the 128-bit numbers are
/// divided into as many equal ranges as there are shards. Within a shard sequence numbers are dense
/// from 0 and arrival times never go back.
///
/// A batch is on disk when ``append(_:now:)`` returns. A crash in the middle of it leaves whole
/// records, perhaps not all, and part of one, which the next append cuts off. One process appends at
/// a time, which a file lock sees to; any number read meanwhile, without waiting.
///
/// Segments end by size or after an eighth of the retention, and are removed once all their records
/// are older than it, whenever a segment ends and a run or `pipec peek` opens the stream.
package final class PartitionedLog: @unchecked Sendable {
    /// Of data and partition key together.
    package static let recordLimitBytes = 1 << 20
    package static let keyLimitCharacters = 256
    static let keyLimitBytes = keyLimitCharacters * 4
    package static let recordsPerSecond = 1000
    package static let bytesPerSecond = 1 << 20
    package static let mostShards = 256
    package static let defaultShards = 2
    /// Microseconds.
    package static let defaultRetention: Int64 = 24 * 3600 * 1_000_000

    package struct Options: Sendable {
        /// `nil`: as it is, or 2 where it is made.
        package var shards: Int?
        /// Microseconds; `nil`: as it is, or a day where it is made.
        package var retention: Int64?
        /// Whether ``append(_:now:)`` refuses what is beyond a shard's throughput.
        package var hasLimits = false
        package var segmentBytes = 16 << 20

        package init() {}
    }

    package let folder: String
    package let retention: Int64
    let shards: [LogShard]
    private let options: Options
    private let appenders: [LogAppender]
    private let descriptor: Int32
    private let monitor = Monitor()

    /// Opens a stream, or makes it.
    ///
    /// Throws ``RunError`` where it was made with another number of shards.
    package init(_ folder: String, _ options: Options = Options()) throws {
        self.folder = folder
        self.options = options
        try Files.makeDirectory(folder)
        let lock = folder + "/lock"
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LogShard.failure("open", lock) }
        self.descriptor = descriptor
        let header: LogHeader
        do {
            header = try PartitionedLog.withLock(descriptor, lock) {
                try LogHeader.open(folder, options)
            }
        } catch {
            close(descriptor)
            throw error
        }
        retention = header.retention
        let shards = (0..<header.shards).map { LogShard(stream: folder, index: $0) }
        self.shards = shards
        appenders = shards.map { LogAppender($0, segmentBytes: max(1, options.segmentBytes)) }
    }

    deinit { close(descriptor) }

    package var shardCount: Int { shards.count }

    // MARK: - Appending

    /// Appends records, each to the shard of its key, and makes them durable.
    ///
    /// - Parameter now: the arrival time, microseconds since 1970.
    /// - Returns: for each record its place, or why it was not taken.
    package func append(
        _ batch: LogBatch, now: Int64
    ) throws -> [Result<LogPlace, LogPutFailure>] {
        try exclusively { try put(batch, now: now, limits: options.hasLimits) }
    }

    /// Only under the lock.
    func put(
        _ batch: LogBatch, now: Int64, limits: Bool
    ) throws -> [Result<LogPlace, LogPutFailure>] {
        do { return try add(batch, now: now, limits: limits) } catch {
            for appender in appenders { appender.forget() }
            throw error
        }
    }

    private func add(
        _ batch: LogBatch, now: Int64, limits: Bool
    ) throws -> [Result<LogPlace, LogPutFailure>] {
        var results: [Result<LogPlace, LogPutFailure>] = []
        results.reserveCapacity(batch.count)
        var counts = [Int](repeating: 0, count: appenders.count)
        try batch.forEach { key, data in
            if let failure = PartitionedLog.refusal(key: key, data: data) {
                results.append(.failure(failure))
                return
            }
            let shard = shard(of: key)
            let appender = appenders[shard]
            if counts[shard] == 0 { try prepare(appender, now: now) }
            if limits, appender.isExhausted(key.count + data.count, at: now) {
                results.append(.failure(.provisionedThroughputExceeded(shard: shard)))
                return
            }
            let sequence = try appender.add(
                key: key, data: data, now: now, index: counts[shard])
            counts[shard] += 1
            results.append(.success(LogPlace(shard: shard, sequence: sequence)))
        }
        for (appender, count) in zip(appenders, counts) where count > 0 {
            try appender.synchronise()
        }
        return results
    }

    private func prepare(_ appender: LogAppender, now: Int64) throws {
        try appender.refresh()
        if try appender.rollIfDue(now: now, retention: retention) {
            try appender.expire(before: now &- retention)
        }
    }

    /// Only under the lock; without a time no segment is ended.
    func refreshAll(now: Int64?) throws {
        for appender in appenders {
            if let now { try prepare(appender, now: now) } else { try appender.refresh() }
        }
    }

    /// Of each shard, after ``refreshAll(now:)``.
    var nextSequences: [Int64] { appenders.map(\.next) }

    /// The shard of a partition key.
    package func shard(of key: UnsafeRawBufferPointer) -> Int {
        if shards.count == 1 { return 0 }
        let hash = MD5.leadingBits(of: key)
        return Int(hash.multipliedFullWidth(by: UInt64(shards.count)).high)
    }

    /// What Kinesis would say to a record of any shard.
    static func refusal(
        key: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer
    ) -> LogPutFailure? {
        if key.isEmpty
            || (key.count > keyLimitCharacters
                && (key.count > keyLimitBytes
                    || String(decoding: key, as: UTF8.self).unicodeScalars.count
                        > keyLimitCharacters))
        {
            return .invalidPartitionKey
        }
        let bytes = key.count + data.count
        return bytes > recordLimitBytes ? .recordTooLarge(bytes: bytes) : nil
    }

    /// Removes what is older than the retention.
    package func expire(now: Int64) throws {
        try exclusively {
            for appender in appenders {
                try appender.refresh()
                _ = try appender.rollIfDue(now: now, retention: retention)
                try appender.expire(before: now &- retention)
            }
        }
    }

    // MARK: - Reading

    /// The sequence numbers of a shard's records that are there: the first one kept, and the next.
    package func bounds(_ shard: Int) throws -> Range<Int64> {
        guard shards.indices.contains(shard) else { return 0..<0 }
        let segments = shards[shard].segments()
        guard let first = segments.first, let last = segments.last else { return 0..<0 }
        let cursor = try LogCursor(shards[shard], from: last)
        while try cursor.peek() != nil { cursor.advance() }
        return first..<max(first, cursor.location.sequence)
    }

    /// The first record of a shard that arrived at `time` or later, or the next one.
    package func sequence(_ shard: Int, at time: Int64) throws -> Int64 {
        guard shards.indices.contains(shard) else { return 0 }
        let shard = shards[shard]
        let segments = shard.segments()
        // The last segment that begins before the time, or the first one.
        var start = segments.first ?? 0
        for segment in segments.dropFirst() {
            let first = try LogCursor(shard, from: segment).peek()
            guard let first, first.arrival < time else { break }
            start = segment
        }
        let cursor = try LogCursor(shard, from: start)
        while let frame = try cursor.peek(), frame.arrival < time { cursor.advance() }
        return cursor.location.sequence
    }

    package struct Record: Hashable, Sendable {
        package var shard: Int
        package var sequence: Int64
        /// Microseconds since 1970.
        package var arrival: Int64
        package var key: [UInt8]
        package var data: [UInt8]
    }

    /// Records of a shard from a sequence number on, those that are there.
    ///
    /// Throws ``RunError`` where that number was removed, or is beyond the end.
    package func read(_ shard: Int, from sequence: Int64, limit: Int) throws -> [Record] {
        guard shards.indices.contains(shard) else { return [] }
        let cursor = try LogCursor(shards[shard], from: sequence)
        var records: [Record] = []
        while records.count < limit, let frame = try cursor.peek() {
            records.append(
                Record(
                    shard: shard, sequence: frame.sequence, arrival: frame.arrival,
                    key: Array(frame.key), data: Array(frame.data)))
            cursor.advance()
        }
        return records
    }

    // MARK: - Locking

    /// Runs `body` while no other thread or process appends.
    func exclusively<R>(_ body: () throws -> R) throws -> R {
        try monitor.locked {
            try PartitionedLog.withLock(descriptor, folder + "/lock") {
                try completeDecided()
                return try body()
            }
        }
    }

    private static func withLock<R>(
        _ descriptor: Int32, _ path: String, _ body: () throws -> R
    ) throws -> R {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw LogShard.failure("lock", path) }
        }
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }
}

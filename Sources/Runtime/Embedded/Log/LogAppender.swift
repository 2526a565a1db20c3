import Glibc
import PipelineDSL

/// Appends to one shard. Everything happens under the stream's lock.
final class LogAppender {
    let shard: LogShard
    /// Bytes after which a segment ends.
    private let segmentBytes: Int64
    private var descriptor: Int32 = -1
    private var segment: Int64 = 0
    /// Bytes of the segment, without what is in the buffer.
    private var size: Int64 = 0
    private(set) var next: Int64 = 0
    private var firstArrival: Int64?
    private var lastArrival = Int64.min
    private var window = Window()
    /// Whether the fields above are those of the file.
    private var isKnown = false
    private var isDirty = false
    private let buffer: UnsafeMutableRawPointer
    private var buffered = 0

    private static let bufferBytes = (1 << 20) + LogFrame.maxBytes

    /// What arrived within one second.
    private struct Window {
        var second = Int64.min
        var records = 0
        var bytes = 0

        mutating func add(_ bytes: Int, at arrival: Int64) {
            let second = arrival / 1_000_000
            if second != self.second { self = Window(second: second) }
            records += 1
            self.bytes += bytes
        }
    }

    init(_ shard: LogShard, segmentBytes: Int) {
        self.shard = shard
        self.segmentBytes = Int64(segmentBytes)
        buffer = .allocate(byteCount: LogAppender.bufferBytes, alignment: 16)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        buffer.deallocate()
    }

    // MARK: - The end of the shard

    /// Finds the end, where another process may have appended since, and cuts off what a crash left
    /// of an append.
    func refresh() throws {
        if isKnown, isUnchanged { return }
        forget()
        (buffered, isDirty) = (0, false)
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        try Files.makeDirectory(shard.folder)
        segment = shard.segments().last ?? 0
        try openSegment()
        try scan()
        isKnown = true
    }

    /// After an error: what is there is found out before the next append.
    func forget() { isKnown = false }

    /// A segment after this one would be named after the next record.
    private var isUnchanged: Bool {
        Files.size(shard.path(segment)) == size
            && (segment == next || !Files.exists(shard.path(next)))
    }

    private func openSegment() throws {
        let path = shard.path(segment)
        let isNew = !Files.exists(path)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LogShard.failure("open", path) }
        if isNew { Files.syncDirectory(shard.folder) }
    }

    private func scan() throws {
        (firstArrival, window) = (nil, Window())
        let cursor = start(of: segment)
        while let frame = try cursor.peek() {
            firstArrival = firstArrival ?? frame.arrival
            lastArrival = max(lastArrival, frame.arrival)
            window.add(frame.key.count + frame.data.count, at: frame.arrival)
            cursor.advance()
        }
        next = cursor.location.sequence
        size = cursor.location.offset
        if firstArrival == nil, let before = shard.segments().last(where: { $0 < segment }) {
            lastArrival = max(lastArrival, try latestArrival(in: before))
        }
        guard let whole = Files.size(shard.path(segment)), whole > size else { return }
        try checkTorn(whole - size)
        guard ftruncate(descriptor, off_t(size)) == 0, fsync(descriptor) == 0 else {
            throw LogShard.failure("shorten", shard.path(segment))
        }
    }

    private func checkTorn(_ count: Int64) throws {
        // No append is so large that a segment would hold this much of it and nothing else.
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(clamping: min(count, segmentBytes + 2 * Int64(LogFrame.maxBytes))),
            alignment: 16)
        defer { bytes.deallocate() }
        var got = 0
        while got < bytes.count, let base = bytes.baseAddress {
            let read = pread(descriptor, base + got, bytes.count - got, off_t(size + Int64(got)))
            if read < 0, errno == EINTR { continue }
            if read < 0 { throw LogShard.failure("read", shard.path(segment)) }
            if read == 0 { break }
            got += read
        }
        if LogFrame.provesAcknowledged(next, UnsafeRawBufferPointer(rebasing: bytes[..<got])) {
            throw shard.isDamaged(next, segment: segment, offset: size)
        }
    }

    // MARK: - Appending

    /// Whether the shard takes no more of this second: 1,000 records and 1 MiB.
    func isExhausted(_ bytes: Int, at arrival: Int64) -> Bool {
        guard limitTime(arrival) / 1_000_000 == window.second else { return false }
        return window.records >= PartitionedLog.recordsPerSecond
            || window.bytes + bytes > PartitionedLog.bytesPerSecond
    }

    /// The time by which the limits count: that of the records, which never goes back, unless the clock
    /// was set back so far that a second of theirs would last for long.
    private func limitTime(_ now: Int64) -> Int64 {
        let behind = lastArrival.subtractingReportingOverflow(now)
        return behind.overflow || behind.partialValue > 10_000_000 ? now : max(now, lastArrival)
    }

    /// Adds a record, which is durable after ``synchronise()``.
    ///
    /// - Parameter index: records of this shard before it in the batch.
    /// - Returns: its sequence number.
    func add(
        key: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer, now: Int64, index: Int
    ) throws -> Int64 {
        // Times within a shard never go back, so that a time can be searched for.
        let arrival = max(now, lastArrival)
        let frame = LogFrame(
            sequence: next, arrival: arrival,
            indexInBatch: UInt32(clamping: index), key: key, data: data)
        if buffered + frame.byteCount > LogAppender.bufferBytes { try flush() }
        frame.write(to: buffer + buffered)
        buffered += frame.byteCount
        isDirty = true
        firstArrival = firstArrival ?? arrival
        window.add(key.count + data.count, at: limitTime(now))
        lastArrival = arrival
        next += 1
        return frame.sequence
    }

    /// Makes everything that was added durable.
    func synchronise() throws {
        guard isDirty else { return }
        try flush()
        guard fdatasync(descriptor) == 0 else {
            forget()
            throw LogShard.failure("synchronise", shard.path(segment))
        }
        isDirty = false
    }

    private func flush() throws {
        var done = 0
        while done < buffered {
            let written = pwrite(
                descriptor, buffer + done, buffered - done, off_t(size + Int64(done)))
            if written < 0, errno == EINTR { continue }
            if written <= 0 {
                forget()
                throw LogShard.failure("write", shard.path(segment))
            }
            done += written
        }
        size += Int64(buffered)
        buffered = 0
    }

    // MARK: - Segments

    /// Ends the segment where it is full, or so old that its records would outlive their time.
    /// Only between batches.
    func rollIfDue(now: Int64, retention: Int64) throws -> Bool {
        guard let firstArrival else { return false }
        let isOld = now.subtractingReportingOverflow(firstArrival)
        guard size >= segmentBytes || (!isOld.overflow && isOld.partialValue > retention / 8)
        else { return false }
        try synchronise()
        isKnown = false
        close(descriptor)
        descriptor = -1
        (segment, size, self.firstArrival) = (next, 0, nil)
        try openSegment()
        isKnown = true
        return true
    }

    /// Removes segments whose records are all older than the retention. The last one stays: it knows
    /// the next sequence number.
    func expire(before time: Int64) throws {
        let segments = shard.segments()
        for (old, following) in zip(segments, segments.dropFirst()) {
            let latest = try firstArrival(in: following) ?? latestArrival(in: old)
            guard latest < time else { break }
            guard unlink(shard.path(old)) == 0 || errno == ENOENT else {
                throw LogShard.failure("remove", shard.path(old))
            }
        }
    }

    /// None of the records before it is younger.
    private func firstArrival(in segment: Int64) throws -> Int64? {
        try start(of: segment).peek()?.arrival
    }

    /// That of the last record: times within a shard never go back. The others are passed over by
    /// their lengths, unchecked.
    private func latestArrival(in segment: Int64) throws -> Int64 {
        let cursor = start(of: segment, isVerified: true)
        var last: LogCursor.Location?
        while try cursor.peek() != nil, cursor.location.segment == segment {
            last = cursor.location
            cursor.advance()
        }
        guard let last, let frame = try LogCursor(shard, at: last).peek() else { return .min }
        return frame.arrival
    }

    private func start(of segment: Int64, isVerified: Bool = false) -> LogCursor {
        LogCursor(
            shard, at: LogCursor.Location(sequence: segment, segment: segment, offset: 0),
            isVerified: isVerified)
    }
}

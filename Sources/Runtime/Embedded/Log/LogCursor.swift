import Glibc
import PipelineDSL

/// Reads the records of one shard in order, also while another process appends to it.
final class LogCursor {
    /// Where a record stands, or will stand.
    struct Location: Hashable, Sendable {
        var sequence: Int64
        var segment: Int64
        var offset: Int64
    }

    private let shard: LogShard
    private(set) var location: Location
    private var descriptor: Int32 = -1
    private var buffer: UnsafeMutableRawPointer
    private var capacity: Int
    /// The bytes in hand: `start` stands at the location.
    private var (start, end) = (0, 0)
    private var current: LogFrame?
    /// Whether another cursor of this process has checked what this one reads.
    private let isVerified: Bool

    private static let bufferBytes = 256 << 10

    private init(_ shard: LogShard, _ location: Location, isVerified: Bool = false) {
        self.shard = shard
        self.isVerified = isVerified
        self.location = location
        capacity = LogCursor.bufferBytes
        buffer = .allocate(byteCount: capacity, alignment: 16)
    }

    /// At a place that another cursor on the shard was at.
    convenience init(_ shard: LogShard, at location: Location, isVerified: Bool = false) {
        self.init(shard, location, isVerified: isVerified)
    }

    /// At a record, or where the next one will be.
    ///
    /// Throws ``RunError`` where the shard no longer has it, or is shorter.
    convenience init(_ shard: LogShard, from sequence: Int64) throws {
        let segments = shard.segments()
        guard let segment = segments.last(where: { $0 <= sequence }) else {
            if let first = segments.first { throw shard.isGone(sequence, first: first) }
            guard sequence == 0 else { throw shard.isBeyondEnd(sequence, next: 0) }
            self.init(shard, Location(sequence: 0, segment: 0, offset: 0))
            return
        }
        self.init(shard, Location(sequence: segment, segment: segment, offset: 0))
        while location.sequence < sequence {
            guard try peek() != nil else {
                throw shard.isBeyondEnd(sequence, next: location.sequence)
            }
            advance()
        }
    }

    /// Over a file of one segment and no other, numbered from 0.
    convenience init(staging path: String) {
        self.init(
            LogShard(staging: path), Location(sequence: 0, segment: 0, offset: 0))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        buffer.deallocate()
    }

    /// The record here, valid until ``advance()``; `nil` where there is none yet.
    func peek() throws -> LogFrame? {
        if let current { return current }
        while true {
            if let frame = try parse() { return frame }
            if try enterNextSegment() { continue }
            // Looked for before the segment is read once more: were it the other way round, a record
            // and a segment after it could appear in between.
            let last = shard.segments().last ?? 0
            (start, end) = (0, 0)
            if let frame = try parse() { return frame }
            if try enterNextSegment() { continue }
            if last > location.sequence {
                throw shard.isDamaged(
                    location.sequence, segment: location.segment, offset: location.offset)
            }
            return nil
        }
    }

    func advance() {
        guard let frame = current else { return }
        start += frame.byteCount
        location.offset += Int64(frame.byteCount)
        location.sequence += 1
        current = nil
    }

    /// Makes what was read survive a power cut, whoever wrote it: a record that a run has used must
    /// not be another one tomorrow. Segments before this one were made durable when they ended.
    func synchronise() throws {
        guard descriptor >= 0 else { return }
        if fdatasync(descriptor) != 0 {
            throw LogShard.failure("synchronise", shard.path(location.segment))
        }
    }

    // MARK: - Bytes

    private func parse() throws -> LogFrame? {
        guard try openSegment() else { return nil }
        while true {
            switch LogFrame.parse(buffer + start, end - start, isVerified: isVerified) {
            case .frame(let frame) where frame.sequence == location.sequence:
                current = frame
                return frame
            case .needs(let count): if try !fill(count) { return nil }
            default: return nil
            }
        }
    }

    /// Reads until `count` bytes are in hand; `false` where the file has fewer.
    private func fill(_ count: Int) throws -> Bool {
        if start > 0 {
            buffer.copyMemory(from: buffer + start, byteCount: end - start)
            (start, end) = (0, end - start)
        }
        if count > capacity {
            let larger = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
            larger.copyMemory(from: buffer, byteCount: end)
            buffer.deallocate()
            (buffer, capacity) = (larger, count)
        }
        while end < count {
            let got = pread(
                descriptor, buffer + end, capacity - end, off_t(location.offset + Int64(end)))
            if got == 0 { return false }
            if got < 0 {
                if errno == EINTR { continue }
                throw LogShard.failure("read", shard.path(location.segment))
            }
            end += got
        }
        return true
    }

    private func openSegment() throws -> Bool {
        if descriptor >= 0 { return true }
        descriptor = open(shard.path(location.segment), O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 { return true }
        guard errno == ENOENT else {
            throw LogShard.failure("open", shard.path(location.segment))
        }
        // The segment it is at the end of was removed by the retention: what follows is in the next one.
        if try enterNextSegment() { return try openSegment() }
        let first = shard.segments().first
        if let first, first > location.sequence {
            throw shard.isGone(location.sequence, first: first)
        }
        guard location.sequence == 0 else {
            throw shard.isBeyondEnd(location.sequence, next: first ?? 0)
        }
        return false
    }

    /// `false` where the segment is the one to stay in.
    private func enterNextSegment() throws -> Bool {
        guard location.segment != location.sequence,
            shard.hasSegment(location.sequence)
        else { return false }
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        (start, end) = (0, 0)
        (location.segment, location.offset) = (location.sequence, 0)
        return true
    }
}

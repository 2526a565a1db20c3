import CZlib
import PipelineDSL

/// Decompresses gzip (RFC 1952): any number of members one after another, as `cat a.gz b.gz`
/// makes them, with the checksum and length of each verified by zlib. Zero bytes after the last
/// member are padding; anything else there is an error.
package final class GzipInput: ByteInput {
    private let input: any ByteInput
    private let stream: UnsafeMutablePointer<z_stream>
    private let buffer: UnsafeMutableRawBufferPointer
    private var state = State.betweenMembers
    private var membersRead = 0

    private enum State { case betweenMembers, inMember, ended }

    package var name: String { input.name }
    package var consumedBytes: Int64 { input.consumedBytes - Int64(stream.pointee.avail_in) }

    package init(_ input: any ByteInput, bufferBytes: Int = 256 * 1024) throws {
        self.input = input
        buffer = .allocate(byteCount: max(1, bufferBytes), alignment: 16)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window; 16 more mean a gzip header and trailer.
        let result = inflateInit2_(
            stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            throw RunError(.damagedCompression, "zlib cannot start on `\(input.name)`")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        buffer.deallocate()
    }

    package func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        guard target.count > 0, let base = target.baseAddress else { return 0 }
        let wanted = UInt32(min(target.count, 1 << 30))
        stream.pointee.next_out = base.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = wanted
        while stream.pointee.avail_out == wanted {
            switch state {
            case .ended: return 0
            case .betweenMembers: try startMember()
            case .inMember: try inflateSome()
            }
        }
        return Int(wanted - stream.pointee.avail_out)
    }

    private func refill() throws -> Bool {
        let count = try input.read(into: buffer)
        stream.pointee.next_in = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(count)
        return count > 0
    }

    private func startMember() throws {
        if membersRead > 0 { try skipPadding() }
        guard try stream.pointee.avail_in > 0 || refill() else {
            if membersRead == 0 { throw failure("is empty: a gzip file has at least a header") }
            state = .ended
            return
        }
        inflateReset(stream)
        state = .inMember
    }

    private func skipPadding() throws {
        repeat {
            while stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
                stream.pointee.next_in += 1
                stream.pointee.avail_in -= 1
            }
        } while try stream.pointee.avail_in == 0 && refill()
    }

    private func inflateSome() throws {
        if stream.pointee.avail_in == 0, try !refill() {
            throw failure("ends in the middle of its compressed data")
        }
        switch inflate(stream, Z_NO_FLUSH) {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            membersRead += 1
            state = .betweenMembers
        default:
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "not gzip data"
            throw failure("is damaged (\(reason))")
        }
    }

    private func failure(_ what: String) -> RunError {
        state = .ended
        return RunError(
            .damagedCompression, "`\(name)` \(what), at byte \(consumedBytes)",
            notes: ["`gzip -t` checks the file"])
    }
}

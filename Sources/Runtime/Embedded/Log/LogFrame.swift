import CZlib

/// One record as it stands in a segment file. All numbers are little-endian:
///
/// | bytes | what |
/// |---|---|
/// | 4 | CRC-32 (that of gzip) of everything after it |
/// | 4 | bytes that follow this number |
/// | 8 | sequence number |
/// | 8 | arrival time, microseconds since 1970 |
/// | 4 | records before it in its append batch |
/// | 2 | bytes of the partition key |
/// | … | partition key, then data |
struct LogFrame {
    static let headerBytes = 30
    /// Of the part that the length counts: without CRC and length.
    private static let fixedBytes = headerBytes - 8
    static let maxBytes =
        headerBytes + PartitionedLog.keyLimitBytes
        + PartitionedLog.recordLimitBytes

    var sequence: Int64
    var arrival: Int64
    /// What was appended before the batch was on disk when the batch began.
    var indexInBatch: UInt32
    /// Where it was parsed.
    var key: UnsafeRawBufferPointer
    var data: UnsafeRawBufferPointer

    var byteCount: Int { LogFrame.headerBytes + key.count + data.count }

    enum Parsed {
        case frame(LogFrame)
        /// So many bytes are needed to tell.
        case needs(Int)
        case invalid
    }

    /// - Parameter isVerified: whether these bytes have passed their checksum in this process.
    static func parse(
        _ p: UnsafeRawPointer, _ count: Int, isVerified: Bool = false
    ) -> Parsed {
        guard count >= 8 else { return .needs(headerBytes) }
        let length = Int(UInt32(littleEndian: p.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        guard length >= fixedBytes, length <= maxBytes - 8 else { return .invalid }
        guard count >= 8 + length else { return .needs(8 + length) }
        let stored = UInt32(littleEndian: p.loadUnaligned(as: UInt32.self))
        guard isVerified || stored == checksum(p + 4, 4 + length) else { return .invalid }
        let sequence = Int64(
            littleEndian: p.loadUnaligned(fromByteOffset: 8, as: Int64.self))
        let arrival = Int64(
            littleEndian: p.loadUnaligned(fromByteOffset: 16, as: Int64.self))
        let index = UInt32(
            littleEndian: p.loadUnaligned(fromByteOffset: 24, as: UInt32.self))
        let key = Int(
            UInt16(littleEndian: p.loadUnaligned(fromByteOffset: 28, as: UInt16.self)))
        guard key <= length - fixedBytes, sequence >= 0, sequence < .max else { return .invalid }
        let payload = p + headerBytes
        return .frame(
            LogFrame(
                sequence: sequence, arrival: arrival, indexInBatch: index,
                key: UnsafeRawBufferPointer(start: payload, count: key),
                data: UnsafeRawBufferPointer(
                    start: payload + key, count: length - fixedBytes - key)))
    }

    /// Writes the frame to `out`, which has room for it.
    func write(to out: UnsafeMutableRawPointer) {
        let length = UInt32(truncatingIfNeeded: byteCount - 8)
        out.storeBytes(of: length.littleEndian, toByteOffset: 4, as: UInt32.self)
        out.storeBytes(of: sequence.littleEndian, toByteOffset: 8, as: Int64.self)
        out.storeBytes(of: arrival.littleEndian, toByteOffset: 16, as: Int64.self)
        out.storeBytes(of: indexInBatch.littleEndian, toByteOffset: 24, as: UInt32.self)
        out.storeBytes(
            of: UInt16(truncatingIfNeeded: key.count).littleEndian, toByteOffset: 28,
            as: UInt16.self)
        var payload = out + LogFrame.headerBytes
        for part in [key, data] {
            if let base = part.baseAddress { payload.copyMemory(from: base, byteCount: part.count) }
            payload += part.count
        }
        out.storeBytes(
            of: LogFrame.checksum(out + 4, byteCount - 4).littleEndian, as: UInt32.self)
    }

    private static func checksum(_ p: UnsafeRawPointer, _ count: Int) -> UInt32 {
        UInt32(
            truncatingIfNeeded: crc32(
                0, p.assumingMemoryBound(to: UInt8.self), UInt32(truncatingIfNeeded: count)))
    }

    /// Whether somewhere in the bytes stands a record that was appended when the record `sequence`
    /// was already on disk. Then what stands at its place is damage and no torn append.
    static func provesAcknowledged(_ sequence: Int64, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        for offset in stride(from: 1, to: max(1, bytes.count - headerBytes + 1), by: 1) {
            let (p, left) = (base + offset, bytes.count - offset)
            let later = Int64(
                littleEndian: p.loadUnaligned(fromByteOffset: 8, as: Int64.self))
            // Before the checksum, which is dear.
            guard later > sequence, later &- sequence <= Int64(bytes.count),
                case .frame(let frame) = parse(p, left)
            else { continue }
            if frame.sequence &- Int64(frame.indexInBatch) > sequence { return true }
        }
        return false
    }
}

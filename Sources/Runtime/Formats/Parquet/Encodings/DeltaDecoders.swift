import Glibc

/// DELTA_BINARY_PACKED: integers as differences, in blocks of miniblocks with a bit width each.
///
/// https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC
struct DeltaBinaryPacked {
    private let bytes: PageBytes
    private(set) var position = 0
    private let miniblocksPerBlock: Int
    private let valuesPerMiniblock: Int
    /// Values the header promises.
    let totalCount: Int
    private var produced = 0
    private var value: Int64 = 0
    private var minDelta: Int64 = 0
    private var widths: [UInt8] = []
    private var miniblock = 0
    /// Deltas left in the current miniblock, which go on at this bit.
    private var left = 0
    private var bit = 0
    private var width = 0

    init(_ bytes: PageBytes) throws {
        self.bytes = bytes
        var position = 0
        let blockSize = try Self.varint(bytes, &position)
        let miniblocks = try Self.varint(bytes, &position)
        let total = try Self.varint(bytes, &position)
        let first = try Self.varint(bytes, &position)
        guard miniblocks > 0, blockSize > 0, blockSize <= 1 << 20, miniblocks <= blockSize,
            blockSize % miniblocks == 0, total <= UInt64(Int32.max)
        else { throw ParquetFailure.damaged("a page has impossible delta block sizes") }
        miniblocksPerBlock = Int(miniblocks)
        valuesPerMiniblock = Int(blockSize / miniblocks)
        totalCount = Int(total)
        value = Int64(bitPattern: first >> 1) ^ -Int64(bitPattern: first & 1)
        self.position = position
        miniblock = miniblocksPerBlock
    }

    private static func varint(_ bytes: PageBytes, _ position: inout Int) throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < bytes.count else { throw PageBytes.tooShort }
            let byte = bytes.start.load(fromByteOffset: position, as: UInt8.self)
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw ParquetFailure.damaged("a page has an integer of more than 64 bits")
    }

    private mutating func nextMiniblock() throws {
        if miniblock == miniblocksPerBlock {
            let raw = try Self.varint(bytes, &position)
            minDelta = Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
            guard bytes.count - position >= miniblocksPerBlock else { throw PageBytes.tooShort }
            widths = [UInt8](
                UnsafeRawBufferPointer(start: bytes.start + position, count: miniblocksPerBlock))
            position += miniblocksPerBlock
            miniblock = 0
        }
        width = Int(widths[miniblock])
        guard width <= 64 else {
            throw ParquetFailure.damaged("a delta in a page has \(width) bits")
        }
        miniblock += 1
        bit = position * 8
        left = valuesPerMiniblock
        // The last miniblock may be cut after its last value.
        let needed = min(valuesPerMiniblock, totalCount - produced)
        guard (bytes.count - position) * 8 >= needed * width else { throw PageBytes.tooShort }
        position += min((valuesPerMiniblock * width + 7) / 8, bytes.count - position)
    }

    /// Initialises `count` values at `target`; arithmetic wraps around, as the format says.
    @inline(__always)
    mutating func decode<T: FixedWidthInteger & BitwiseCopyable>(
        into target: UnsafeMutablePointer<T>, count: Int
    ) throws {
        guard count <= totalCount - produced else { throw PageBytes.tooShort }
        var done = 0
        if produced == 0 && count > 0 {
            target[0] = T(truncatingIfNeeded: value)
            produced = 1
            done = 1
        }
        while done < count {
            if left == 0 { try nextMiniblock() }
            let n = min(left, count &- done)
            unpack(into: target + done, count: n)
            left &-= n
            done &+= n
            produced &+= n
        }
    }

    @inline(__always)
    private mutating func unpack<T: FixedWidthInteger & BitwiseCopyable>(
        into target: UnsafeMutablePointer<T>, count: Int
    ) {
        let start = bytes.start
        var (value, bit) = (self.value, self.bit)
        if width == 0 {
            for i in 0..<count {
                value &+= minDelta
                target[i] = T(truncatingIfNeeded: value)
            }
        } else {
            let mask: UInt64 = width == 64 ? ~0 : (1 &<< UInt64(width)) &- 1
            for i in 0..<count {
                let word = UInt64(
                    littleEndian: start.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
                var delta = word &>> UInt64(bit & 7)
                if width &+ (bit & 7) > 64 {
                    let next = start.load(fromByteOffset: (bit &>> 3) &+ 8, as: UInt8.self)
                    delta |= UInt64(next) &<< UInt64(64 &- (bit & 7))
                }
                value = value &+ minDelta &+ Int64(bitPattern: delta & mask)
                target[i] = T(truncatingIfNeeded: value)
                bit &+= width
            }
        }
        (self.value, self.bit) = (value, bit)
    }

    /// What comes after the last value. Only right once every value has been decoded.
    var rest: PageBytes {
        PageBytes(
            block: bytes.block, range: bytes.range.lowerBound + position..<bytes.range.upperBound)
    }
}

final class DeltaIntegerDecoder<Value: FixedWidthInteger & BitwiseCopyable>: ValueDecoder {
    private var values: DeltaBinaryPacked

    init(_ bytes: PageBytes) throws { values = try DeltaBinaryPacked(bytes) }

    func decode(
        into target: UnsafeMutablePointer<Value>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        try values.decode(into: target, count: count)
    }

    func skip(_ count: Int) throws { try skipByDecoding(count) }
}

/// The lengths that stand before the bytes in both delta encodings of byte arrays.
///
/// They are decoded twice, once to find where they end and once as they are needed, so that a page
/// that claims two billion empty strings costs no memory.
struct DeltaLengths {
    private var lengths: DeltaBinaryPacked
    let rest: PageBytes

    /// The page has `valueCount` values at most.
    init(_ bytes: PageBytes, valueCount: Int) throws {
        lengths = try DeltaBinaryPacked(bytes)
        guard lengths.totalCount <= valueCount else {
            throw ParquetFailure.damaged(
                "a page of \(valueCount) values has \(lengths.totalCount) lengths")
        }
        var probe = lengths
        var left = probe.totalCount
        try withUnsafeTemporaryAllocation(of: Int32.self, capacity: 1024) { scratch in
            guard let target = scratch.baseAddress else { return }
            while left > 0 {
                let n = min(left, 1024)
                try probe.decode(into: target, count: n)
                left -= n
            }
        }
        rest = probe.rest
    }

    mutating func decode(into target: UnsafeMutablePointer<Int32>, count: Int) throws {
        try lengths.decode(into: target, count: count)
        for i in 0..<count where target[i] < 0 {
            throw ParquetFailure.damaged("a page has a value of \(target[i]) bytes")
        }
    }
}

/// DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes.
final class DeltaLengthDecoder: ValueDecoder {
    private var lengths: DeltaLengths
    private let bytes: PageBytes
    private var position = 0
    private var scratch: [Int32] = []

    init(_ bytes: PageBytes, valueCount: Int) throws {
        lengths = try DeltaLengths(bytes, valueCount: valueCount)
        self.bytes = lengths.rest
    }

    func decode(
        into target: UnsafeMutablePointer<StringView>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        if scratch.count < count { scratch = [Int32](repeating: 0, count: count) }
        let block = blocks.indexOfLast(bytes.block)
        try scratch.withUnsafeMutableBufferPointer { scratch in
            guard let lengths = scratch.baseAddress else { return }
            try self.lengths.decode(into: lengths, count: count)
            for i in 0..<count {
                let length = Int(lengths[i])
                guard length <= bytes.count - position else { throw PageBytes.tooShort }
                target[i] = StringView(
                    bytes.start + position, count: length, block: block,
                    offset: bytes.range.lowerBound + position)
                position += length
            }
        }
    }

    func skip(_ count: Int) throws { try skipByDecoding(count) }
}

/// DELTA_BYTE_ARRAY: each value as how much it shares with the one before, and the rest of it.
final class DeltaByteArrayDecoder: ValueDecoder {
    private var prefixes: DeltaLengths
    private var suffixLengths: DeltaLengths
    private let bytes: PageBytes
    private var position = 0
    private var previous: [UInt8] = []

    /// More than this in one batch is refused: a few bytes can claim any amount.
    private static let maxBytes = 512 << 20

    init(_ bytes: PageBytes, valueCount: Int) throws {
        prefixes = try DeltaLengths(bytes, valueCount: valueCount)
        suffixLengths = try DeltaLengths(prefixes.rest, valueCount: valueCount)
        self.bytes = suffixLengths.rest
    }

    func decode(
        into target: UnsafeMutablePointer<StringView>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        var prefix = [Int32](repeating: 0, count: count)
        var suffix = [Int32](repeating: 0, count: count)
        try prefix.withUnsafeMutableBufferPointer { prefix in
            try suffix.withUnsafeMutableBufferPointer { suffix in
                guard let prefix = prefix.baseAddress, let suffix = suffix.baseAddress else {
                    return
                }
                try prefixes.decode(into: prefix, count: count)
                try suffixLengths.decode(into: suffix, count: count)
                try assemble(target, count, prefix, suffix, &blocks)
            }
        }
    }

    private func assemble(
        _ target: UnsafeMutablePointer<StringView>, _ count: Int,
        _ prefix: UnsafeMutablePointer<Int32>, _ suffix: UnsafeMutablePointer<Int32>,
        _ blocks: inout [ByteBlock]
    ) throws {
        var total = 0
        for i in 0..<count { total += Int(prefix[i]) + Int(suffix[i]) }
        guard total <= Self.maxBytes else {
            throw ParquetFailure.limit("the strings of one batch take \(total) bytes")
        }
        let arena = ByteBlock(capacity: total)
        let block = blocks.indexOfLast(arena)
        var written = 0
        var last = 0..<0
        for i in 0..<count {
            let (shared, own) = (Int(prefix[i]), Int(suffix[i]))
            let known = i == 0 ? previous.count : last.count
            guard shared <= known, own <= bytes.count - position else { throw PageBytes.tooShort }
            let start = arena.base + written
            if i == 0 {
                previous.withUnsafeBytes { _ = $0.baseAddress.map { memcpy(start, $0, shared) } }
            } else {
                memcpy(start, arena.base + last.lowerBound, shared)
            }
            memcpy(start + shared, bytes.start + position, own)
            position += own
            last = written..<written + shared + own
            target[i] = StringView(start, count: last.count, block: block, offset: written)
            written += last.count
        }
        arena.setCount(written)
        if count > 0 { previous = [UInt8](arena.bytes[last]) }
    }

    func skip(_ count: Int) throws { try skipByDecoding(count) }
}

import Glibc

/// PLAIN for numbers: little-endian, one after the other.
final class PlainFixedDecoder<Value: BitwiseCopyable>: ValueDecoder {
    private let bytes: PageBytes
    private var position = 0

    init(_ bytes: PageBytes) { self.bytes = bytes }

    func decode(
        into target: UnsafeMutablePointer<Value>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        let size = try advance(count)
        memcpy(target, bytes.start + (position - size), size)
    }

    func skip(_ count: Int) throws { _ = try advance(count) }

    private func advance(_ count: Int) throws -> Int {
        let stride = MemoryLayout<Value>.size
        guard count <= (bytes.count - position) / stride else { throw PageBytes.tooShort }
        position += count * stride
        return count * stride
    }
}

/// PLAIN for booleans: one bit each, least significant first.
final class PlainBooleanDecoder: ValueDecoder {
    private let bytes: PageBytes
    private var bit = 0

    init(_ bytes: PageBytes) { self.bytes = bytes }

    func decode(
        into target: UnsafeMutablePointer<UInt8>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        try skip(count)
        let first = bit - count
        for i in 0..<count {
            let byte = bytes.start.load(fromByteOffset: (first &+ i) &>> 3, as: UInt8.self)
            target[i] = byte &>> UInt8(truncatingIfNeeded: (first &+ i) & 7) & 1
        }
    }

    func skip(_ count: Int) throws {
        guard count <= bytes.count * 8 - bit else { throw PageBytes.tooShort }
        bit += count
    }
}

/// RLE for booleans: a four-byte length, then the hybrid with one bit.
final class RLEBooleanDecoder: ValueDecoder {
    private var decoder: RLEDecoder

    init(_ bytes: PageBytes) throws {
        decoder = try RLEDecoder(try bytes.lengthPrefixed().content, bitWidth: 1)
    }

    func decode(
        into target: UnsafeMutablePointer<UInt8>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        try decoder.decode(into: target, count: count)
    }

    func skip(_ count: Int) throws { try decoder.skip(count) }
}

/// PLAIN for byte arrays: a four-byte length before each.
final class PlainBytesDecoder: ValueDecoder {
    private let bytes: PageBytes
    private var position = 0

    init(_ bytes: PageBytes) { self.bytes = bytes }

    func decode(
        into target: UnsafeMutablePointer<StringView>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        let block = blocks.indexOfLast(bytes.block)
        let (start, end) = (bytes.start, bytes.count)
        var position = self.position
        for i in 0..<count {
            guard end &- position >= 4 else { throw PageBytes.tooShort }
            let length = Int(
                UInt32(littleEndian: start.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            )
            position &+= 4
            guard length <= end &- position else { throw PageBytes.tooShort }
            target[i] = StringView(
                start + position, count: length, block: block,
                offset: bytes.range.lowerBound &+ position)
            position &+= length
        }
        self.position = position
    }

    func skip(_ count: Int) throws {
        for _ in 0..<count {
            guard bytes.count - position >= 4 else { throw PageBytes.tooShort }
            let length = bytes.start.loadUnaligned(fromByteOffset: position, as: UInt32.self)
            position += 4
            guard Int(UInt32(littleEndian: length)) <= bytes.count - position else {
                throw PageBytes.tooShort
            }
            position += Int(UInt32(littleEndian: length))
        }
    }
}

/// PLAIN for byte arrays of one length.
final class PlainFixedBytesDecoder: ValueDecoder {
    private let bytes: PageBytes
    private let width: Int
    private var position = 0

    /// `width` is at least 1.
    init(_ bytes: PageBytes, width: Int) {
        self.bytes = bytes
        self.width = width
    }

    func decode(
        into target: UnsafeMutablePointer<StringView>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        let first = position
        try skip(count)
        let block = blocks.indexOfLast(bytes.block)
        for i in 0..<count {
            let offset = first &+ i &* width
            target[i] = StringView(
                bytes.start + offset, count: width, block: block,
                offset: bytes.range.lowerBound &+ offset)
        }
    }

    func skip(_ count: Int) throws {
        guard count <= (bytes.count - position) / width else { throw PageBytes.tooShort }
        position += count * width
    }
}

extension [ByteBlock] {
    /// The index of `block`, which is appended unless it is the last one already.
    mutating func indexOfLast(_ block: ByteBlock) -> Int {
        if last !== block { append(block) }
        return count - 1
    }
}

extension PageBytes {
    /// What a four-byte length counts, and what comes after it.
    func lengthPrefixed() throws -> (content: PageBytes, rest: PageBytes) {
        guard count >= 4 else { throw PageBytes.tooShort }
        let length = Int(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
        guard length <= count - 4 else { throw PageBytes.tooShort }
        let first = range.lowerBound + 4
        return (
            PageBytes(block: block, range: first..<first + length),
            PageBytes(block: block, range: first + length..<range.upperBound)
        )
    }
}

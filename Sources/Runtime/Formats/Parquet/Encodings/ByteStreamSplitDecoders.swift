/// BYTE_STREAM_SPLIT: the first bytes of all values, then the second bytes, and so on.
struct ByteStreamSplit {
    private let bytes: PageBytes
    private let width: Int
    /// Values in the page, which is the length of one stream.
    private let count: Int
    private var next = 0

    /// `width` is at least 1.
    init(_ bytes: PageBytes, width: Int) throws {
        guard bytes.count % width == 0 else {
            throw ParquetFailure.damaged("a page holds no whole number of split values")
        }
        self.bytes = bytes
        self.width = width
        count = bytes.count / width
    }

    mutating func decode(into target: UnsafeMutablePointer<UInt8>, count: Int) throws {
        let first = next
        try skip(count)
        for stream in 0..<width {
            let source = bytes.start + (stream * self.count + first)
            for i in 0..<count {
                target[i &* width &+ stream] = source.load(fromByteOffset: i, as: UInt8.self)
            }
        }
    }

    mutating func skip(_ count: Int) throws {
        guard count <= self.count - next else { throw PageBytes.tooShort }
        next += count
    }
}

final class SplitFixedDecoder<Value: BitwiseCopyable>: ValueDecoder {
    private var streams: ByteStreamSplit

    init(_ bytes: PageBytes) throws {
        streams = try ByteStreamSplit(bytes, width: MemoryLayout<Value>.size)
    }

    func decode(
        into target: UnsafeMutablePointer<Value>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        let bytes = UnsafeMutableRawPointer(target)
            .bindMemory(to: UInt8.self, capacity: count * MemoryLayout<Value>.size)
        try streams.decode(into: bytes, count: count)
        UnsafeMutableRawPointer(target).bindMemory(to: Value.self, capacity: count)
    }

    func skip(_ count: Int) throws { try streams.skip(count) }
}

final class SplitFixedBytesDecoder: ValueDecoder {
    private var streams: ByteStreamSplit
    private let width: Int

    init(_ bytes: PageBytes, width: Int) throws {
        streams = try ByteStreamSplit(bytes, width: width)
        self.width = width
    }

    func decode(
        into target: UnsafeMutablePointer<StringView>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        // Checked before anything is allocated.
        var probe = streams
        try probe.skip(count)
        let arena = ByteBlock(capacity: count * width)
        try streams.decode(
            into: arena.base.bindMemory(to: UInt8.self, capacity: count * width), count: count)
        arena.setCount(count * width)
        let block = blocks.indexOfLast(arena)
        for i in 0..<count {
            target[i] = StringView(
                arena.base + i * width, count: width, block: block, offset: i * width)
        }
    }

    func skip(_ count: Int) throws { try streams.skip(count) }
}

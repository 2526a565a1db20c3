import CZlib
import Glibc

/// The pages of one column chunk, one after the other: read, checked and decompressed.
///
/// Holds one window of the file and one page; never the chunk.
final class ChunkPages {
    /// A page whose bytes are ready to be decoded. Offsets are into `block`.
    struct Page {
        var kind: PageHeader.Kind
        var block: ByteBlock
        /// Levels of a version 2 page stand before the values and were never compressed.
        var repetitionLevels: Range<Int>
        var definitionLevels: Range<Int>
        var values: Range<Int>
    }

    private let source: any RandomAccessBytes
    private let codec: ParquetCodec
    private var position: Int64
    private let range: Range<Int64>
    private var end: Int64 { range.upperBound }
    /// Bytes of the file from `windowStart` on.
    private var window: [UInt8] = []
    private var windowStart: Int64 = 0
    private var spare: ByteBlock?
    private var compressed: [UInt8] = []

    private static let windowBytes = 64 << 10
    private static let maxHeaderBytes = 16 << 20

    init(source: any RandomAccessBytes, codec: ParquetCodec, range: Range<Int64>) {
        self.source = source
        self.codec = codec
        position = range.lowerBound
        self.range = range
    }

    /// Goes on with the page whose header is at `offset` of the file.
    func seek(to offset: Int64) throws {
        guard range.contains(offset) else {
            throw ParquetFailure.damaged("the offset index points outside the column chunk")
        }
        position = offset
    }

    var isAtEnd: Bool { position >= end }

    /// The next page's header; `body` then reads or passes over the rest of it.
    func nextHeader() throws -> PageHeader {
        var wanted = 1024
        while true {
            try fill(wanted)
            let available = windowBytes
            do {
                let (header, size) = try window.withUnsafeBytes { bytes in
                    let offset = Int(position - windowStart)
                    var reader = ThriftReader(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
                    let header = try PageHeader(&reader)
                    return (header, reader.position)
                }
                position += Int64(size)
                guard Int64(header.compressedSize) <= end - position else {
                    throw ParquetFailure.damaged("a page reaches past the end of its column chunk")
                }
                return header
            } catch let failure as ParquetFailure {
                // The header may simply be longer than the window: statistics hold whole values.
                guard Int64(available) < end - position, available < Self.maxHeaderBytes else {
                    throw failure
                }
                wanted = available * 8
            }
        }
    }

    func skipBody(_ header: PageHeader) { position += Int64(header.compressedSize) }

    func body(_ header: PageHeader) throws -> Page {
        let size = Int(header.compressedSize)
        var repetition = 0..<0
        var definition = 0..<0
        var isCompressed = codec != .uncompressed
        if case .dataV2(let v2) = header.kind {
            repetition = 0..<Int(v2.repetitionLevelBytes)
            definition =
                repetition.upperBound..<repetition.upperBound + Int(v2.definitionLevelBytes)
            isCompressed = isCompressed && v2.isCompressed
        }
        let levels = definition.upperBound
        let uncompressedSize = isCompressed ? Int(header.uncompressedSize) : size
        guard levels <= size, levels <= uncompressedSize else {
            throw ParquetFailure.damaged("the levels of a page are longer than the page")
        }
        if isCompressed {
            try codec.checkRatio(compressed: size, uncompressed: uncompressedSize)
        }
        let block = blockForPage(uncompressedSize)
        let target = UnsafeMutableRawBufferPointer(start: block.base, count: uncompressedSize)
        if isCompressed {
            try readCompressed(size)
            try checkCRC(header, compressed.withUnsafeBytes { crc(.init(rebasing: $0[..<size])) })
            try compressed.withUnsafeBytes { bytes in
                target.copyMemory(from: .init(rebasing: bytes[..<levels]))
                // A page of nulls only may have no bytes at all, which no codec would accept.
                if size == levels && uncompressedSize == levels { return }
                try codec.decompress(
                    .init(rebasing: bytes[levels..<size]), into: .init(rebasing: target[levels...]))
            }
        } else {
            try read(into: target)
            try checkCRC(header, crc(UnsafeRawBufferPointer(target)))
        }
        block.setCount(uncompressedSize)
        return Page(
            kind: header.kind, block: block, repetitionLevels: repetition,
            definitionLevels: definition, values: levels..<uncompressedSize)
    }

    /// The last page's memory, unless strings still point into it.
    private func blockForPage(_ size: Int) -> ByteBlock {
        if isKnownUniquelyReferenced(&spare), let block = spare, block.capacity >= size {
            return block
        }
        let block = ByteBlock(capacity: size)
        spare = block
        return block
    }

    // MARK: Checksums

    private func crc(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        let start = bytes.bindMemory(to: UInt8.self).baseAddress
        return Int32(
            truncatingIfNeeded: crc32(0, start, UInt32(truncatingIfNeeded: bytes.count)))
    }

    private func checkCRC(_ header: PageHeader, _ actual: @autoclosure () -> Int32) throws {
        guard let expected = header.crc, header.compressedSize > 0 else { return }
        if actual() != expected {
            throw ParquetFailure.damaged("the checksum of a page differs from its bytes")
        }
    }

    // MARK: Bytes

    /// Bytes of the window from `position` on.
    private var windowBytes: Int {
        let windowEnd = windowStart + Int64(window.count)
        return windowStart...windowEnd ~= position ? Int(windowEnd - position) : 0
    }

    /// Makes at least `count` bytes (or all that are left) available in the window.
    private func fill(_ count: Int) throws {
        let left = Int(clamping: end - position)
        guard left > 0 else {
            throw ParquetFailure.damaged("a column chunk ends before its last value")
        }
        if windowBytes >= min(count, left) { return }
        let size = min(left, max(count, Self.windowBytes))
        if window.count != size { window = [UInt8](repeating: 0, count: size) }
        windowStart = position
        try window.withUnsafeMutableBytes { try source.read(at: position, into: $0) }
    }

    private func readCompressed(_ size: Int) throws {
        if compressed.count < size {
            compressed = [UInt8](repeating: 0, count: max(size, compressed.count * 2))
        }
        try compressed.withUnsafeMutableBytes {
            try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<size]))
        }
    }

    /// Fills `target` from the window as far as it goes, then from the file.
    private func read(into target: UnsafeMutableRawBufferPointer) throws {
        let buffered = min(windowBytes, target.count)
        if buffered > 0 {
            let offset = Int(position - windowStart)
            window.withUnsafeBytes {
                target.copyMemory(from: .init(rebasing: $0[offset..<offset + buffered]))
            }
        }
        position += Int64(target.count)
        guard buffered < target.count else { return }
        try source.read(
            at: position - Int64(target.count - buffered),
            into: UnsafeMutableRawBufferPointer(rebasing: target[buffered...]))
    }
}

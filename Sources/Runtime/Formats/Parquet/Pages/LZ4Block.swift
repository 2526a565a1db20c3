import Glibc

/// The LZ4 block format, which Parquet calls LZ4_RAW, and the framing of its predecessor LZ4.
///
/// https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
enum LZ4Block {
    static func decompress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws {
        var read = 0
        var written = 0
        while read < source.count {
            let token = Int(source[read])
            read += 1
            let literals = try length(token >> 4, source, &read)
            guard literals <= source.count - read, literals <= target.count - written else {
                throw damaged
            }
            if literals > 0, let from = source.baseAddress, let to = target.baseAddress {
                memcpy(to + written, from + read, literals)
            }
            read += literals
            written += literals
            // The last sequence has literals only.
            if read == source.count { break }
            try copyMatch(token & 15, source, &read, target, &written)
        }
        guard written == target.count else { throw damaged }
    }

    /// The deprecated codec LZ4: blocks in the framing of Hadoop, each after its two sizes in big
    /// endian, or, from some writers, one block without any.
    static func decompressFramed(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws {
        do {
            try decompressHadoop(source, into: target)
        } catch {
            try decompress(source, into: target)
        }
    }

    private static func decompressHadoop(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws {
        func size(_ offset: Int) -> Int {
            Int(UInt32(bigEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        }
        var read = 0
        var written = 0
        while source.count - read >= 8 {
            let (unfolded, stored) = (size(read), size(read + 4))
            read += 8
            guard unfolded <= target.count - written, stored <= source.count - read else {
                throw damaged
            }
            try decompress(
                UnsafeRawBufferPointer(rebasing: source[read..<read + stored]),
                into: UnsafeMutableRawBufferPointer(rebasing: target[written..<written + unfolded]))
            read += stored
            written += unfolded
        }
        guard read == source.count, written == target.count else { throw damaged }
    }

    private static func copyMatch(
        _ nibble: Int, _ source: UnsafeRawBufferPointer, _ read: inout Int,
        _ target: UnsafeMutableRawBufferPointer, _ written: inout Int
    ) throws {
        guard source.count - read >= 2 else { throw damaged }
        let distance = Int(source[read]) | Int(source[read + 1]) << 8
        read += 2
        let count = try length(nibble, source, &read) + 4
        guard distance > 0, distance <= written, count <= target.count - written,
            let to = target.baseAddress
        else { throw damaged }
        if distance >= count {
            memcpy(to + written, to + (written - distance), count)
        } else {
            // The match overlaps what it writes: it repeats its last bytes.
            for i in written..<written + count { target[i] = target[i - distance] }
        }
        written += count
    }

    /// A nibble of 15 goes on in bytes, of which the first below 255 is the last.
    private static func length(
        _ nibble: Int, _ source: UnsafeRawBufferPointer, _ read: inout Int
    ) throws -> Int {
        if nibble < 15 { return nibble }
        var length = nibble
        while true {
            guard read < source.count else { throw damaged }
            let byte = Int(source[read])
            read += 1
            length += byte
            if byte < 255 { return length }
        }
    }

    private static var damaged: ParquetFailure {
        .damaged("a page does not decompress (LZ4) to the size in its header")
    }
}

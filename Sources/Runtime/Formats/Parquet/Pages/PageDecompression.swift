import CZlib

#if Snappy
    import CSnappy
#endif
#if Zstd
    import CZstd
#endif

extension ParquetCodec {
    /// Fills `target` exactly with what `source` unfolds to; anything else is damage.
    func decompress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws {
        guard let from = source.baseAddress, let to = target.baseAddress else {
            if target.isEmpty { return }
            throw wrongSize
        }
        switch self {
        case .uncompressed:
            guard source.count == target.count else { throw wrongSize }
            target.copyMemory(from: source)
        case .gzip: try inflate(from, source.count, to, target.count)
        case .lz4Raw: try LZ4Block.decompress(source, into: target)
        case .lz4: try LZ4Block.decompressFramed(source, into: target)
        case .snappy:
            #if Snappy
                var length = target.count
                let status = snappy_uncompress(
                    from.assumingMemoryBound(to: CChar.self), source.count,
                    to.assumingMemoryBound(to: CChar.self), &length)
                guard status == SNAPPY_OK, length == target.count else { throw wrongSize }
            #else
                throw notBuilt
            #endif
        case .zstd:
            #if Zstd
                let length = ZSTD_decompress(to, target.count, from, source.count)
                guard ZSTD_isError(length) == 0, length == target.count else { throw wrongSize }
            #else
                throw notBuilt
            #endif
        default: throw unsupported
        }
    }

    /// Refuses, before anything is allocated, a size that `compressed` bytes cannot unfold to.
    func checkRatio(compressed: Int, uncompressed: Int) throws {
        let ratio: Int
        switch self {
        case .uncompressed: ratio = 1
        case .snappy: ratio = 24
        case .gzip: ratio = 1040
        case .lz4Raw, .lz4: ratio = 256
        case .zstd: ratio = 65_536
        default: throw unsupported
        }
        let (bound, overflow) = compressed.multipliedReportingOverflow(by: ratio)
        guard overflow || uncompressed <= bound + 64 else { throw wrongSize }
    }

    private var wrongSize: ParquetFailure {
        .damaged("a page does not decompress (\(name)) to the size in its header")
    }

    var unsupported: ParquetFailure {
        .codec(
            self,
            notes: [
                "UNCOMPRESSED, SNAPPY, GZIP, ZSTD, LZ4_RAW and LZ4 can be read",
                "write the file again with one of these: "
                    + "COPY (SELECT * FROM 'in.parquet') TO 'out.parquet' (COMPRESSION zstd) in DuckDB",
            ])
    }

    private var notBuilt: ParquetFailure {
        .codec(
            self,
            notes: ["this build has no \(name): build it with `swift build --traits default`"])
    }

    /// zlib and gzip framing, several members after one another included.
    private func inflate(
        _ from: UnsafeRawPointer, _ fromCount: Int, _ to: UnsafeMutableRawPointer, _ toCount: Int
    ) throws {
        var stream = z_stream()
        // 32 added to the window bits detects the framing.
        guard
            inflateInit2_(
                &stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw ParquetFailure.system("zlib has no memory") }
        defer { inflateEnd(&stream) }
        // Page sizes are 31-bit, which zlib's 32-bit counters hold.
        stream.next_in = UnsafeMutablePointer(
            mutating: from.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(truncatingIfNeeded: fromCount)
        stream.next_out = to.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(truncatingIfNeeded: toCount)
        while true {
            let status = CZlib.inflate(&stream, Z_FINISH)
            guard status == Z_STREAM_END else { throw wrongSize }
            if stream.avail_out == 0 { return }
            guard stream.avail_in > 0, inflateReset(&stream) == Z_OK else { throw wrongSize }
        }
    }
}

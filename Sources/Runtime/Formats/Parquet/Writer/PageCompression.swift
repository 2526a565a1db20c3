import CZlib
import PipelineDSL

#if Snappy
    import CSnappy
#endif
#if Zstd
    import CZstd
#endif

extension ParquetCodec {
    /// Appends `source`, compressed, to `target`. Throws where this build lacks the codec.
    func compress(_ source: UnsafeRawBufferPointer, level: Int32?, to target: PageBuffer) throws {
        switch self {
        case .uncompressed: target.append(source)
        case .gzip: try deflate(source, level ?? 6, target)
        case .snappy:
            #if Snappy
                var length = snappy_max_compressed_length(source.count)
                let status = snappy_compress(
                    source.bindMemory(to: CChar.self).baseAddress, source.count,
                    target.reserve(length).assumingMemoryBound(to: CChar.self), &length)
                guard status == SNAPPY_OK else { throw failed }
                target.commit(length)
            #else
                throw failed
            #endif
        case .zstd:
            #if Zstd
                let bound = ZSTD_compressBound(source.count)
                let length = ZSTD_compress(
                    target.reserve(bound), bound, source.baseAddress, source.count, level ?? 3)
                guard ZSTD_isError(length) == 0 else { throw failed }
                target.commit(length)
            #else
                throw failed
            #endif
        default: throw failed
        }
    }

    private func deflate(
        _ source: UnsafeRawBufferPointer, _ level: Int32, _ target: PageBuffer
    ) throws {
        var stream = z_stream()
        // 16 added to the window bits selects the gzip framing.
        guard
            deflateInit2_(
                &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw failed }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(source.count))) + 64
        stream.next_in = UnsafeMutablePointer(
            mutating: source.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(truncatingIfNeeded: source.count)
        stream.next_out = target.reserve(bound).assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(truncatingIfNeeded: bound)
        guard CZlib.deflate(&stream, Z_FINISH) == Z_STREAM_END else { throw failed }
        target.commit(bound - Int(stream.avail_out))
    }

    private var failed: RunError {
        let names = ["none", "gzip", "snappy", "zstd"].filter { Self.named($0) != nil }
        return RunError(
            .parquetCodec, "pages cannot be compressed with \(name)",
            notes: ["this build writes: \(names.joined(separator: ", "))"])
    }
}

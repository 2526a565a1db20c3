#if Zstd
    import CZstd
    import PipelineDSL

    /// Decompresses Zstandard (RFC 8878): any number of frames, skippable ones included. A frame
    /// that asks for a window beyond 128 MiB (zstd's own limit without `--long`) is refused.
    package final class ZstdInput: ByteInput {
        private let input: any ByteInput
        private let context: OpaquePointer
        private let buffer: UnsafeMutableRawBufferPointer
        private var source = ZSTD_inBuffer(src: nil, size: 0, pos: 0)
        /// 0 between frames, else what zstd would like to read next.
        private var pending = 0
        private var isStarted = false

        package var name: String { input.name }
        package var consumedBytes: Int64 { input.consumedBytes - Int64(source.size - source.pos) }

        package init(_ input: any ByteInput, bufferBytes: Int = 256 * 1024) throws {
            guard let context = ZSTD_createDStream() else {
                throw RunError(.damagedCompression, "zstd cannot start on `\(input.name)`")
            }
            self.input = input
            self.context = context
            buffer = .allocate(byteCount: max(1, bufferBytes), alignment: 16)
        }

        deinit {
            ZSTD_freeDStream(context)
            buffer.deallocate()
        }

        package func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
            guard target.count > 0 else { return 0 }
            var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
            while output.pos == 0 {
                // Inside a frame zstd may still hold output that needs no more input.
                let held = pending > 0 && source.pos == source.size ? try step(&output) : 0
                if held > 0 { break }
                if source.pos == source.size, try !refill() {
                    if pending == 0, isStarted { return 0 }
                    throw failure("ends in the middle of its compressed data")
                }
                isStarted = true
                _ = try step(&output)
            }
            return output.pos
        }

        /// Bytes put out.
        private func step(_ output: inout ZSTD_outBuffer) throws -> Int {
            pending = ZSTD_decompressStream(context, &output, &source)
            if ZSTD_isError(pending) != 0 {
                throw failure("is damaged (\(String(cString: ZSTD_getErrorName(pending))))")
            }
            return output.pos
        }

        private func refill() throws -> Bool {
            let count = try input.read(into: buffer)
            source = ZSTD_inBuffer(src: buffer.baseAddress, size: count, pos: 0)
            return count > 0
        }

        private func failure(_ what: String) -> RunError {
            RunError(
                .damagedCompression, "`\(name)` \(what), at byte \(consumedBytes)",
                notes: ["`zstd -t` checks the file"])
        }
    }
#endif

import CZlib
import PipelineDSL
import Runtime
import TestSupport
import Testing

/// One gzip member.
func gzip(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
        &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
    var input = bytes
    var out = [UInt8](repeating: 0, count: bytes.count * 2 + 100)
    let count = input.withUnsafeMutableBufferPointer { source in
        out.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            deflate(&stream, Z_FINISH)
            return target.count - Int(stream.avail_out)
        }
    }
    deflateEnd(&stream)
    return Array(out.prefix(count))
}

@Suite struct GzipInputTests {
    private let text = Array((0..<5000).flatMap { "line \($0 * 7919 % 1000)\n".utf8 })

    private func inflateAll(
        _ bytes: [UInt8], buffer: Int = 1000, piece: Int = 4096, ask: Int = 777
    ) throws -> [UInt8] {
        let input = try GzipInput(
            MemoryInput(bytes, name: "x.gz", pieceBytes: piece), bufferBytes: buffer)
        var out: [UInt8] = []
        var target = [UInt8](repeating: 0, count: ask)
        while true {
            let count = try target.withUnsafeMutableBytes { try input.read(into: $0) }
            if count == 0 { return out }
            out += target.prefix(count)
        }
    }

    @Test func membersOfEverySizeInPiecesOfEverySize() throws {
        let parts = [
            Array(text.prefix(10)), [], Array(text.dropFirst(10).prefix(9000)),
            Array(text.dropFirst(9010)),
        ]
        let packed = parts.flatMap { gzip($0) }
        for (buffer, piece, ask) in [
            (1, 1, 1), (7, 3, 100), (1000, 4096, 777), (1 << 16, 1 << 16, 1 << 20),
        ] {
            #expect(try inflateAll(packed, buffer: buffer, piece: piece, ask: ask) == text)
        }
        #expect(try inflateAll(packed + [0, 0, 0]) == text)
        #expect(try inflateAll(gzip([])) == [])
    }

    @Test func damageIsAnErrorThatNamesThePlace() throws {
        let packed = gzip(text)
        for cut in [0, 1, 5, 10, 20, packed.count / 2, packed.count - 8, packed.count - 1] {
            let error = #expect(throws: RunError.self) { try inflateAll(Array(packed.prefix(cut))) }
            #expect(error?.diagnostic.code == .damagedCompression)
            #expect(error?.diagnostic.message.contains("`x.gz`") == true)
        }
        var wrongSum = packed
        wrongSum[packed.count - 6] ^= 1
        #expect(throws: RunError.self) { try inflateAll(wrongSum) }
        #expect(throws: RunError.self) { try inflateAll(packed + [1, 2, 3]) }
        #expect(throws: RunError.self) { try inflateAll(text) }
    }

    /// 20 MB of zeros in 20 kB: only the buffers are ever held, the caller takes what it wants.
    @Test func bombsAreReadInPieces() throws {
        let packed = gzip([UInt8](repeating: 0, count: 20 << 20), level: 9)
        #expect(packed.count < 22_000)
        let input = try GzipInput(MemoryInput(packed))
        var total = 0
        var target = [UInt8](repeating: 1, count: 1 << 16)
        while case let count = try target.withUnsafeMutableBytes({ try input.read(into: $0) }),
            count > 0
        {
            #expect(count <= 1 << 16)
            total += count
        }
        #expect(total == 20 << 20)
    }

    @Test func mutationsNeverCrash() throws {
        var random = SplitMix(seed: 11)
        let packed = gzip(Array(text.prefix(3000))) + gzip(Array(text.prefix(100)))
        for _ in 0..<300 {
            let mutated = random.mutated(packed)
            do {
                _ = try inflateAll(mutated)
            } catch let error as RunError {
                #expect(error.diagnostic.code == .damagedCompression)
            }
        }
    }

    @Test func namesDecide() {
        #expect(Compression.of("a/b.csv.gz") == .gzip)
        #expect(Compression.of("a.GZ") == .gzip)
        #expect(Compression.of("a.jsonl.zst") == .zstd)
        #expect(Compression.of("x.gz/a.csv") == .none)
        #expect(Compression.of(".gz") == .none)
        for path in ["a.csv.bz2", "a.zip"] {
            let error = #expect(throws: RunError.self) { try Compression.open(path) }
            #expect(error?.diagnostic.code == .unknownCompression)
        }
        let error = #expect(throws: RunError.self) { try Compression.open("/no/such/file.csv") }
        #expect(
            error?.diagnostic.message
                == "cannot open `/no/such/file.csv`: No such file or directory")
    }
}

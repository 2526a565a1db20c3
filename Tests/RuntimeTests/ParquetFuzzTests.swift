import Foundation
import PipelineDSL
import Runtime
import TestSupport
import Testing

/// Damaged files must be refused or read, never trap, hang or ask for unbounded memory.
@Suite struct ParquetFuzzTests {
    /// One small file per way of writing, without checksums, which would hide the decoders.
    static func seeds() throws -> [[UInt8]] {
        var random = SplitMix(seed: 11)
        let types = ParquetSamples.scalarTypes + ParquetSamples.nestedTypes
        var files: [[UInt8]] = []
        for codec in [ParquetCodec.uncompressed, .preferred] {
            for group in stride(from: 0, to: types.count, by: 4) {
                let some = Array(types[group..<min(group + 4, types.count)])
                let schema = Schema(some.enumerated().map { Field("c\($0)", $1) })
                let columns = some.map { ParquetSamples.column($0, rows: 40, nulls: true, &random) }
                let options = ParquetWriteOptions(
                    codec: codec, rowGroupRows: 30, pageRows: 9,
                    usesDictionaries: group % 8 == 0, writesChecksums: false)
                files.append(
                    try parquetBytes(schema, [Batch(columns: columns, count: 40)], options))
            }
        }
        return files
    }

    /// Files of others, which use what this writer does not: other encodings, pages of version 2.
    static func foreignSeeds() throws -> [[UInt8]] {
        guard SharedFolder.folder != nil else { return [] }
        let folder = "conformance/parquet-testing/data"
        return try SharedFolder.files(folder).filter { $0.hasSuffix(".parquet") }
            .map { try SharedFolder.bytes("\(folder)/\($0)") }.filter { $0.count < 5000 }
    }

    /// Reads everything there is; returns how many rows.
    static func read(_ bytes: [UInt8]) throws -> Int {
        let file = try ParquetFile(MemoryBytes(bytes), object: "fuzz.parquet")
        // Column by column too, as one damaged column hides the others.
        var rows = 0
        let wanted: [[Field]?] = [nil, []] + file.schema.fields.map { [$0] }
        for columns in wanted {
            let options = ParquetReadOptions(columns: columns, unitRows: 8) { statistics in
                statistics.rowCount >= 0
            }
            do {
                let reader = try ParquetReader(file, options)
                while let unit = try reader.next() {
                    try unit.decode(batchRows: 16) { rows += $0.rowsRead }
                    if rows > 10_000_000 { return rows }
                }
            } catch is RunError {}
        }
        return rows
    }

    static let mutations = 40

    @Test(arguments: [UInt64(1), 2, 3, 4]) func mutatedFilesDoNoHarm(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let originals = try Self.seeds() + Self.foreignSeeds()
        try TestRun.fuzz(rounds: Self.mutations) { _ in
            for original in originals {
                let mutated = Self.mutated(original, &random)
                do {
                    let rows = try Self.read(mutated)
                    #expect(rows < 10_000_000)
                } catch is RunError {}
            }
        }
    }

    @Test func everyTruncationIsRefused() throws {
        for original in try Self.seeds().prefix(3) {
            for count in 0..<original.count {
                #expect(throws: RunError.self) { try Self.read(Array(original[..<count])) }
            }
        }
    }

    static func mutated(_ original: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = original
        // The footer's length stays mostly right, or nothing behind it would be tested.
        let end = Int.random(in: 0..<10, using: &random) == 0 ? bytes.count : bytes.count - 8
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0..<end, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes[at] = [0, 0xFF, 0x7F, 0x80].randomElement(using: &random) ?? 0
            case 3:
                for i in at..<min(at + 4, end) { bytes[i] = 0xFF }
            default:
                let from = Int.random(in: 0..<end, using: &random)
                let count = min(16, end - max(at, from))
                for i in 0..<count { bytes[at + i] = original[from + i] }
            }
        }
        return bytes
    }
}

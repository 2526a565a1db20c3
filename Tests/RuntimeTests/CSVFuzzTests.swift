import PipelineDSL
import Runtime
import TestSupport
import Testing

/// Bounded, deterministic fuzzing: whatever the bytes, nothing crashes, every record is read or
/// rejected exactly once, and nothing depends on where blocks and batches end.
@Suite struct CSVFuzzTests {
    private let fields = [
        Field("id", .bigint, nullable: false), Field("at", .timestamp), Field("x", .double),
        Field("name", .string),
    ]

    private let seed = Array(
        """
        id,at,x,name
        1,2026-01-31T08:15:00Z,1.5,Ann
        2,,-3e5,"Bob ""the"" B, jr"
        3,2026-01-31 08:15:00.123,,"two
        lines"

        4,x,7,é
        5,2026-01-31,,
        "6",,"8",""

        """.utf8)

    private func options(_ random: inout SplitMix) throws -> CSVOptions {
        var options = CSVOptions()
        if Bool.random(using: &random) {
            options.syntax.maxRecordBytes = Int.random(in: 8...80, using: &random)
        }
        options.syntax.trims = Int.random(in: 0..<4, using: &random) == 0
        if Int.random(in: 0..<4, using: &random) == 0 { options.syntax.comment = Array("#".utf8) }
        if Int.random(in: 0..<8, using: &random) == 0 { options.syntax.quote = nil }
        return options
    }

    private func attempt(_ bytes: [UInt8], _ options: CSVOptions, _ block: Int, _ batch: Int) throws
        -> Result<ReadResult, RunError>
    {
        do {
            return .success(
                try readCSV(bytes, fields, options, blockBytes: block, batchRows: batch))
        } catch let error as RunError {
            return .failure(error)
        }
    }

    @Test func mutationsReadTheSameInEveryPiecing() throws {
        var random = SplitMix(seed: 5)
        let marks = Array("\",\n\r \t#\0".utf8) + [0xFF, 0xC3]
        try TestRun.fuzz(rounds: 1500) { round in
            let bytes = random.mutated(seed, interesting: marks)
            let options = try options(&random)
            let whole = try attempt(bytes, options, 1 << 16, 1000)
            for (block, batch) in [(1, 1), (Int.random(in: 2..<64, using: &random), 2)] {
                let pieces = try attempt(bytes, options, block, batch)
                switch (whole, pieces) {
                case (.success(let a), .success(let b)):
                    let same = a == b && a.details.map(\.raw) == b.details.map(\.raw)
                    #expect(same, "round \(round), blocks of \(block)\n\(a)\n\(b)\n\(bytes)")
                    if !same { return }
                case (.failure(let a), .failure(let b)):
                    #expect(a.diagnostic.code == b.diagnostic.code)
                default:
                    Issue.record("round \(round): \(whole) but \(pieces)\n\(bytes)")
                    return
                }
            }
        }
    }

    /// The rows read and rejected are the records of an independent, character-by-character parser.
    @Test func rowsAndRejectsAreAllTheRecords() throws {
        var random = SplitMix(seed: 6)
        try TestRun.fuzz(rounds: 1000) { _ in
            let body = random.mutated(Array(seed.dropFirst(13)), interesting: Array("\",\n".utf8))
            let bytes = Array("id,at,x,name\n".utf8) + body.filter { $0 != 13 }
            guard let expected = recordCount(Array(bytes.dropFirst(13))) else { return }
            let result = try readCSV(bytes, fields)
            #expect(result.rows.count + result.rejected.count == expected)
        }
    }

    /// Records of RFC 4180 text; `nil` where a quote stays open.
    private func recordCount(_ bytes: [UInt8]) -> Int? {
        var records = 0
        var (inQuotes, atFieldStart, length) = (false, true, 0)
        var i = 0
        while i < bytes.count {
            let byte = bytes[i]
            if inQuotes {
                if byte == UInt8(ascii: "\"") {
                    if i + 1 < bytes.count, bytes[i + 1] == UInt8(ascii: "\"") {
                        i += 1
                    } else {
                        inQuotes = false
                    }
                }
                length += 1
            } else if byte == UInt8(ascii: "\n") {
                if length > 0 { records += 1 }
                (length, atFieldStart) = (0, true)
            } else {
                inQuotes = byte == UInt8(ascii: "\"") && atFieldStart
                atFieldStart = byte == UInt8(ascii: ",")
                length += 1
            }
            i += 1
        }
        return inQuotes ? nil : records + (length > 0 ? 1 : 0)
    }
}

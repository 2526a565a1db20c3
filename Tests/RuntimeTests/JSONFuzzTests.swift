import Foundation
import PipelineDSL
import Runtime
import TestSupport
import Testing

/// As ``CSVFuzzTests``: bounded, deterministic, in every piecing.
@Suite struct JSONFuzzTests {
    private let fields = [
        Field("id", .bigint, nullable: false), Field("tags", .array(.string)),
        Field(
            "who", .structure([Field("name", .string), Field("age", .integer, nullable: false)])),
        Field("any", .json), Field("m", .map(.string, .double)),
    ]
    private let rows = #"""
        {"id": 1, "tags": ["a", "\u00e9\ud83d\ude00"], "who": {"name": "x\"y", "age": 3}, "any": [1, {"k": null}]}
        {"id": 2, "tags": [], "m": {"a": 1.5, "b": -2e10, "a": 0}, "extra": [[[]]]}
        {"id": 3, "who": null, "any": "text, with ] and }"}
        """#
    private let marks = Array("{}[],:\"\\ \n0-e.u".utf8) + [0, 0xFF, 0xC3]

    private func attempt(
        _ bytes: [UInt8], _ options: JSONOptions, lines: Bool, _ block: Int, _ batch: Int
    ) throws -> ReadResult? {
        do {
            return try readJSON(
                bytes, fields, options, lines: lines, blockBytes: block, batchRows: batch)
        } catch let error as RunError {
            #expect([.invalidJSON, .notUTF8Text, .recordTooLong].contains(error.diagnostic.code))
            return nil
        }
    }

    @Test(arguments: [true, false]) func mutationsReadTheSameInEveryPiecing(lines: Bool) throws {
        var random = SplitMix(seed: lines ? 21 : 22)
        let array = "[" + rows.split(separator: "\n").joined(separator: ",\n") + "]"
        try TestRun.fuzz(rounds: 1200) { round in
            let seed = Array((lines || round % 3 == 0 ? rows : array).utf8)
            let bytes = random.mutated(seed, interesting: marks)
            var options = JSONOptions()
            if round % 4 == 0 { options.maxRecordBytes = Int.random(in: 10...120, using: &random) }
            let whole = try attempt(bytes, options, lines: lines, 1 << 16, 1000)
            for (block, batch) in [(1, 1), (Int.random(in: 2..<64, using: &random), 2)] {
                let pieces = try attempt(bytes, options, lines: lines, block, batch)
                // A document that breaks may be found broken later or earlier, never not.
                let same =
                    whole == pieces && whole?.details.map(\.raw) == pieces?.details.map(\.raw)
                #expect(same, "round \(round), \(block)\n\(String(decoding: bytes, as: UTF8.self))")
                if !same { return }
            }
        }
    }

    /// The tree and the check agree with each other, and with Foundation where both accept.
    @Test func parsersAgree() throws {
        var random = SplitMix(seed: 23)
        try TestRun.fuzz(rounds: 3000) { (_: Int) throws in
            let bytes = random.mutated(Array(rows.prefix { $0 != "\n" }.utf8), interesting: marks)
            let tree = try? JSONValue.parse(bytes)
            #expect((tree != nil) == (JSONText.error(bytes) == nil))
            if let tree {
                #expect(try JSONValue.parse(tree.text) == tree)
                let theirs = try? JSONSerialization.jsonObject(
                    with: Data(bytes), options: [.fragmentsAllowed])
                #expect(theirs != nil, "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }
}

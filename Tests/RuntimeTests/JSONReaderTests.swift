import PipelineDSL
import Runtime
import Testing

func readJSON(
    _ bytes: [UInt8], _ fields: [Field], _ options: JSONOptions = JSONOptions(), lines: Bool,
    rename: [String: String] = [:], blockBytes: Int = 1 << 20, batchRows: Int = 1000,
    startPosition: Int64 = 0
) throws -> ReadResult {
    var options = options
    options.blockBytes = blockBytes
    let input = MemoryInput(bytes, pieceBytes: max(1, blockBytes / 3))
    if lines {
        return try read(
            JSONLinesReader(
                input: input, object: "test.jsonl", source: "test", options: options,
                fields: fields, rename: rename, startPosition: startPosition),
            batchRows: batchRows)
    }
    return try read(
        JSONDocumentReader(
            input: input, object: "test.json", source: "test", options: options, fields: fields,
            rename: rename, startPosition: startPosition),
        batchRows: batchRows)
}

@Suite struct JSONReaderTests {
    private func lines(
        _ text: String, _ fields: [Field], _ options: JSONOptions = JSONOptions(),
        rename: [String: String] = [:]
    ) throws -> ReadResult {
        try everyPiecing(text, fields, options, lines: true, rename: rename)
    }

    private func document(
        _ text: String, _ fields: [Field], _ options: JSONOptions = JSONOptions()
    ) throws -> ReadResult {
        try everyPiecing(text, fields, options, lines: false)
    }

    private func everyPiecing(
        _ text: String, _ fields: [Field], _ options: JSONOptions, lines: Bool,
        rename: [String: String] = [:]
    ) throws -> ReadResult {
        let bytes = Array(text.utf8)
        let whole = try readJSON(bytes, fields, options, lines: lines, rename: rename)
        for (blockBytes, batchRows) in [(1, 1), (9, 2), (64, 3)] {
            let pieces = try readJSON(
                bytes, fields, options, lines: lines, rename: rename, blockBytes: blockBytes,
                batchRows: batchRows)
            #expect(pieces == whole, "blocks of \(blockBytes) bytes, batches of \(batchRows) rows")
        }
        return whole
    }

    private let ab = [Field("a", .bigint), Field("b", .string)]

    @Test func everyType() throws {
        let fields = [
            Field("flag", .boolean), Field("i", .integer), Field("n", .bigint), Field("r", .real),
            Field("d", .double), Field("m", .decimal(precision: 20, scale: 3)), Field("s", .string),
            Field("day", .date), Field("t", .time), Field("at", .timestamp), Field("u", .uuid),
            Field("x", .bytes), Field("j", .json),
        ]
        let result = try lines(
            #"""
            {"flag": true, "i": -7, "n": 9223372036854775807, "r": 0.1, "d": 1e-7, "m": 12345678901234567.125, "s": "a\"\u00e9\ud83d\ude00\n", "day": "2026-01-31", "t": "08:15:00.5", "at": "2026-01-31T08:15:00+01:00", "u": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "x": "\\x0aff", "j": {"k" : [1, null]}}
            {"m": "-1.5", "n": 1e3, "i": 2.0, "d": 3, "j": null, "s": "", "unknown": [{"s": "no"}]}
            """#, fields)
        #expect(result.rejected == [])
        #expect(
            result.rows == [
                [
                    "true", "-7", "9223372036854775807", "0.1", "1e-07", "12345678901234567.125",
                    "a\"é😀\n", "2026-01-31", "08:15:00.5", "2026-01-31T07:15:00Z",
                    "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "\\x0aff", #"{"k" : [1, null]}"#,
                ],
                [nil, "2", "1000", nil, "3.0", "-1.500", "", nil, nil, nil, nil, nil, nil],
            ])
    }

    @Test func nestedTypes() throws {
        let address = DataType.structure([
            Field("zip", .string, nullable: false), Field("at", .array(.double)),
        ])
        let fields = [
            Field("tags", .array(.string)), Field("address", address),
            Field("counts", .map(.string, .bigint)), Field("grid", .array(.array(.integer))),
            Field("by_day", .map(.date, .boolean)), Field("by_id", .map(.bigint, .json)),
        ]
        let result = try lines(
            #"""
            {"tags": ["a", null, "b\n"], "address": {"at": [1, 2.5], "zip": "10", "other": 1}, "counts": {"x": 1, "y": null, "x": 3}, "grid": [[1, 2], [], null], "by_day": {"2026-01-31": true}, "by_id": {"7": {"a": []}}}
            {"tags": [], "counts": {}}
            {"tags": "a"}
            {"tags": ["a", 1]}
            {"address": {"zip": null}}
            {"address": {"zip": "1", "at": [1, "x"]}}
            {"counts": {"k": 1.5}}
            {"grid": [[1], [2, [3]]]}
            {"by_day": {"yesterday": true}}
            {"by_id": {"x": 1}}
            """#, fields)
        #expect(
            result.rows == [
                [
                    #"["a",null,"b\n"]"#, #"{"zip":"10","at":[1.0,2.5]}"#, #"{"x":3,"y":null}"#,
                    "[[1,2],[],null]", #"{"2026-01-31":true}"#, #"{"7":{"a": []}}"#,
                ],
                ["[]", nil, "{}", nil, nil, nil],
            ])
        #expect(
            result.details.map(\.message) == [
                #"`$.tags` is `"a"`, not a valid array<string>"#,
                "`$.tags[1]` is `1`, not a valid string",
                "`$.address.zip` is null but required",
                #"`$.address.at[1]` is `"x"`, not a valid double"#,
                #"`$.counts["k"]` is `1.5`, not a valid bigint"#,
                "`$.grid[1][1]` is `[3]`, not a valid integer",
                #"`$.by_day["yesterday"]` is `"yesterday"`, not a valid date"#,
                #"`$.by_id["x"]` is `"x"`, not a valid bigint"#,
            ])
        #expect(
            result.rejected.map { $0.prefix { $0 != " " } } == [
                "3", "4", "5", "6", "7", "8", "9", "10",
            ])
    }

    @Test func badLinesAreRejectedAlone() throws {
        let result = try lines(
            """
            {"a": 1, "b": "x"}

            {"a": 2
            [1]
            {"a": 3} {"a": 4}
            {"a": "5"}
            {"a": 99999999999999999999}
            {"a": 6, "b": 7}
            nonsense
            \t{"a": 8, "b": null, "a": 9}\r
            {"a": null, "b": "last"}
            """, ab)
        #expect(result.rows == [["1", "x"], ["9", nil], [nil, "last"]])
        #expect(result.lines == [1, 10, 11])
        #expect(result.raw[1] == #"{"a": 8, "b": null, "a": 9}"#)
        #expect(
            result.rejected == [
                "3 invalid_json -", "4 not_an_object -", "5 invalid_json -", "6 wrong_type a",
                "7 wrong_type a", "8 wrong_type b", "9 invalid_json -",
            ])
        #expect(
            result.details[3].code == .wrongJSONShape && result.details[4].code == .wrongValueType)
        #expect(
            result.details[0].message
                == "byte 8 of the line: the text ends where `,` or `}` should be")
    }

    @Test func requiredAndRenamed() throws {
        let fields = [Field("id", .bigint, nullable: false), Field("who", .string, pii: "name")]
        let result = try lines(
            """
            {"ID": 1, "who": "x", "id": 7}
            {"who": "y"}
            {"ID": null}
            {"I\\u0044": 4, "who": 5}
            """, fields, rename: ["ID": "id"])
        #expect(result.rows == [["7", "x"]])
        #expect(result.rejected == ["2 not_null id", "3 not_null id", "4 wrong_type who"])
        #expect(result.details[2].message == "`$.who` is not a valid string")
        let swapped = try lines(
            "{\"a\": 1, \"b\": 2}", [Field("a", .bigint), Field("b", .bigint)],
            rename: ["a": "b", "b": "a"])
        #expect(swapped.rows == [["2", "1"]])
    }

    @Test func timestampsAsNumbers() throws {
        var options = JSONOptions()
        options.timestampFormat = try TimestampFormat("%Q")
        let result = try lines(
            "{\"at\": 1700000000250}\n{\"at\": \"1700000000250\"}\n{\"at\": 1.7e12}",
            [Field("at", .timestamp)], options)
        #expect(result.rows == [["2023-11-14T22:13:20.25Z"], ["2023-11-14T22:13:20.25Z"]])
        #expect(result.rejected == ["3 wrong_type at"])
    }

    @Test func documentsOfEveryForm() throws {
        let rows: [[String?]] = [["1", "x,]}"], ["2", "\\\"]"]]
        for text in [
            #"[{"a": 1, "b": "x,]}"}, {"a": 2, "b": "\\\"]"}]"#,
            "\u{FEFF} [ {\"a\":1,\"b\":\"x,]}\"}\n,\n{\"a\":2,\"b\":\"\\\\\\\"]\"} ]\n\n",
            #"{"a": 1, "b": "x,]}"} {"a": 2, "b": "\\\"]"}"#,
            "{\"a\":1,\"b\":\"x,]}\"}\n{\"a\":2,\"b\":\"\\\\\\\"]\"}\n",
        ] {
            let result = try document(text, ab)
            #expect(result.rows == rows, "\(text)")
            #expect(result.rejected.isEmpty)
        }
        #expect(try document("[]", ab).rows.isEmpty)
        #expect(try document(" [ ] ", ab).rows.isEmpty)
        #expect(try document("{}", ab).rows == [[nil, nil]])
        let mixed = try document("[{\"a\":1},\n2,\n\"x\", [], {\"a\":\"y\"}, null, {\"a\":3}]", ab)
        #expect(mixed.rows == [["1", nil], ["3", nil]])
        #expect(
            mixed.rejected == [
                "2 not_an_object -", "3 not_an_object -", "3 not_an_object -", "3 wrong_type a",
                "3 not_an_object -",
            ])
    }

    @Test func brokenDocumentsEndTheRunAndSayWhere() throws {
        for (text, line) in [
            ("", 1), (" \n ", 2), ("[", 1), ("[\n{\"a\":1}", 2), ("[{\"a\":1},]", 1), ("[,{}]", 1),
            ("[{}\n{}]", 2), ("[{}]\n[]", 2), ("[{}] x", 1), ("{}}", 1), ("]", 1), ("[{]", 1),
            ("[{\"a\":1}}", 1), ("{\"a\":\n1", 1), ("[{\"a\":\"", 1), ("{} {\"a\"", 1),
            ("{}\nx", 2),
        ] {
            for blockBytes in [1, 5, 1000] {
                let error = #expect(throws: RunError.self, "\(text)") {
                    _ = try readJSON(Array(text.utf8), ab, lines: false, blockBytes: blockBytes)
                }
                #expect(error?.diagnostic.code == .invalidJSON)
                let message = error?.diagnostic.message ?? ""
                #expect(
                    line == 1 || message.hasPrefix("line \(line) of `test.json`"),
                    "\(text) \(message)")
            }
        }
    }

    @Test func deepNestingIsRefusedNotFatal() throws {
        for open in ["[", "{\"a\":", "[{\"a\":"] {
            let deep = String(repeating: open, count: 100_000)
            #expect(throws: JSONError.self) { try JSONValue.parse(deep) }
            #expect(throws: RunError.self) {
                _ = try readJSON(Array(deep.utf8), ab, lines: false)
            }
            let result = try readJSON(Array("{\"b\": \(deep)\n{\"a\":1}\n".utf8), ab, lines: true)
            #expect(result.rows == [["1", nil]] && result.rejected == ["1 invalid_json -"])
        }
        let allowed = String(repeating: "[", count: 999) + String(repeating: "]", count: 999)
        #expect(
            try readJSON(Array("{\"j\":\(allowed)}".utf8), [Field("j", .json)], lines: true).rows
                == [[allowed]])
        let value = try JSONValue.parse("[" + allowed + "]")
        #expect(value.text == "[" + allowed + "]")
        #expect(throws: JSONError.self) { try JSONValue.parse("[[" + allowed + "]]") }
    }

    @Test func longRowsAreRejectedNotHeld() throws {
        var options = JSONOptions()
        options.maxRecordBytes = 40
        let long = String(repeating: "y", count: 50)
        let rows: [[String?]] = [["1", "x"], ["3", "z"]]
        let asLines = try lines(
            "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"\(long)\"}\n{\"a\":3,\"b\":\"z\"}", ab, options
        )
        #expect(asLines.rows == rows && asLines.rejected == ["2 record_too_long -"])
        let asArray = try document(
            "[{\"a\":1,\"b\":\"x\"},\n{\"a\":2,\"b\":\"],\(long)\"},\n{\"a\":3,\"b\":\"z\"}]", ab,
            options)
        #expect(asArray.rows == rows && asArray.rejected == ["2 record_too_long -"])
        let asSequence = try document(
            "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"}\(long)\"}\n{\"a\":3,\"b\":\"z\"}", ab,
            options)
        #expect(asSequence.rows == rows && asSequence.rejected == ["2 record_too_long -"])
    }

    @Test func readingGoesOnFromAPosition() throws {
        for (text, isLines) in [
            ("{\"a\":1}\n{\"a\":2}\n\n{\"a\":3}\n", true),
            ("[{\"a\":1}, {\"a\":2},\n{\"a\":3}]", false),
            ("{\"a\":1}\n{\"a\":2} {\"a\":3}", false),
        ] {
            let bytes = Array(text.utf8)
            var options = JSONOptions()
            options.blockBytes = 4
            let whole = try readJSON(bytes, ab, lines: isLines)
            let first: any SourceReader =
                isLines
                ? JSONLinesReader(
                    input: MemoryInput(bytes), object: "o", source: "s", options: options,
                    fields: ab)
                : JSONDocumentReader(
                    input: MemoryInput(bytes), object: "o", source: "s", options: options,
                    fields: ab)
            while let unit = try first.next() {
                for blockBytes in [1, 4, 1000] {
                    let rest = try readJSON(
                        bytes, ab, lines: isLines, blockBytes: blockBytes,
                        startPosition: unit.endPosition)
                    #expect(rest.rows == whole.rows.suffix(rest.rows.count))
                    #expect(rest.lines == whole.lines.suffix(rest.lines.count))
                }
            }
            let stale = #expect(throws: RunError.self) {
                _ = try readJSON(bytes, ab, lines: isLines, startPosition: Int64(bytes.count) + 5)
            }
            #expect(stale?.diagnostic.code == .stalePosition)
        }
    }
}

import PipelineDSL
import Runtime
import Testing

@Suite struct CSVOptionsTests {
    private let ab = [Field("a", .bigint), Field("b", .string)]

    @Test func europeanFiles() throws {
        var options = CSVOptions()
        options.syntax.delimiter = UInt8(ascii: ";")
        options.decimal = UInt8(ascii: ",")
        options.timestampFormat = try TimestampFormat("%d.%m.%Y %H:%M")
        options.dateFormat = try TimestampFormat("%d.%m.%y")
        let result = try readCSV(
            "at;day;x;y;z\n31.12.2025 23:59;01.02.69;1,5;-0,25;2,50\n1.1.2026 0:00;1.2.68;2;3;4\n",
            [
                Field("at", .timestamp), Field("day", .date), Field("x", .double),
                Field("y", .real), Field("z", .decimal(precision: 5, scale: 2)),
            ], options)
        #expect(
            result.rows == [
                ["2025-12-31T23:59:00Z", "1969-02-01", "1.5", "-0.25", "2.50"],
                ["2026-01-01T00:00:00Z", "2068-02-01", "2.0", "3.0", "4.00"],
            ])
    }

    @Test func nullSpellings() throws {
        var options = CSVOptions()
        options.nulls = [[], Array("NULL".utf8), Array("n/a".utf8)]
        let text = "a,b\nNULL,n/a\n,\"NULL\"\nn/a,null\n"
        #expect(
            try readCSV(text, ab, options).rows == [[nil, nil], [nil, "NULL"], [nil, "null"]])
        options.quotedNulls = true
        #expect(try readCSV(text, ab, options).rows == [[nil, nil], [nil, nil], [nil, "null"]])
        options.nulls = [Array("-".utf8)]
        options.quotedNulls = false
        let result = try readCSV("a,b\n-,\n,-\n", ab, options)
        #expect(result.rows == [[nil, ""]])
        #expect(result.rejected == ["3 wrong_type a"])
    }

    @Test func blanksAndPadding() throws {
        #expect(try readCSV("a,b\n 1 , x \n  ,  \n", ab).rows == [["1", " x "], [nil, "  "]])
        var options = CSVOptions()
        options.syntax.trims = true
        let text = "a,b\n 1 , x \n \"2\" ,\t\" y, \" \n  ,  \n3,\"z\"  q\n"
        let result = try readCSV(text, ab, options)
        #expect(result.rows == [["1", "x"], ["2", "y,"], [nil, nil]])
        #expect(result.rejected == ["5 text_after_quote -"])
    }

    @Test func tabsWithoutQuotes() throws {
        var options = CSVOptions()
        options.syntax.delimiter = UInt8(ascii: "\t")
        options.syntax.quote = nil
        #expect(
            try readCSV("a\tb\n1\t\"x\n2\ty\"\n", ab, options).rows == [
                ["1", "\"x"], ["2", "y\""],
            ])
    }

    @Test func commentsAndPreambles() throws {
        var options = CSVOptions()
        options.syntax.comment = Array("#".utf8)
        options.skipLines = 2
        let text = "Report\n\"of today\n# c, \"d\na,b\n# e,\"f\n1,x\n#\n2,\"#y\n#z\"\n"
        let result = try readCSV(text, ab, options)
        #expect(result.rows == [["1", "x"], ["2", "#y\n#z"]])
        #expect(result.lines == [6, 8])
        #expect(result.rejected == [])
    }

    @Test func withoutHeaderColumnsGoByPosition() throws {
        var options = CSVOptions()
        options.hasHeader = false
        let reader = CSVReader(
            input: MemoryInput(Array("x,1\ny,2\n".utf8)), object: "o", source: "s",
            options: options,
            fields: [Field("b", .bigint)], declared: ["a", "b"])
        #expect(try read(reader).rows == [["1"], ["2"]])
        #expect(reader.header == ["a", "b"])
        #expect(try readCSV("", ab, options).rows.isEmpty)
    }

    @Test func oneColumnKeepsItsEmptyLines() throws {
        #expect(try readCSV("a\n1\n\n2\n", [Field("a", .bigint)]).rows == [["1"], [nil], ["2"]])
    }

    @Test func headerNames() throws {
        let result = try readCSV(
            "x, B ,extra\n1,2,3\n", [Field("b", .bigint), Field("a", .bigint)], rename: ["x": "a"])
        #expect(result.rows == [["2", "1"]])
        let exact = try readCSV("b,B\n1,2\n", [Field("B", .bigint), Field("b", .bigint)])
        #expect(exact.rows == [["2", "1"]])
    }

    @Test func missingAndAmbiguousColumns() throws {
        let missing = #expect(throws: RunError.self) {
            _ = try readCSV("a,bb\n1,2\n", ab)
        }
        #expect(missing?.diagnostic.code == .missingHeaderColumn)
        #expect(missing?.diagnostic.notes.contains { $0.contains("rename: { bb: b }") } == true)
        let twice = #expect(throws: RunError.self) { _ = try readCSV("a,b,b\n1,2,3\n", ab) }
        #expect(twice?.diagnostic.code == .ambiguousHeaderColumn)
        var options = CSVOptions()
        options.missingColumnsAreNull = true
        #expect(try readCSV("a\n1\n", ab, options).rows == [["1", nil]])
        #expect(throws: RunError.self) {
            _ = try readCSV("a\n1\n", [Field("c", .bigint, nullable: false)], options)
        }
    }

    @Test func whatIsNoText() throws {
        for start: [UInt8] in [
            [0xFF, 0xFE, 0x61, 0], [0xFE, 0xFF], [0x1F, 0x8B], [0x28, 0xB5, 0x2F, 0xFD],
            [0x50, 0x4B, 3, 4], Array("PAR1".utf8),
        ] {
            let error = #expect(throws: RunError.self) { _ = try readCSV(start, ab) }
            #expect(error?.diagnostic.code == .notUTF8Text)
        }
        for header in ["\"a,b\n1,2", "\"a\"x,b\n"] {
            #expect(throws: RunError.self) { _ = try readCSV(Array(header.utf8), ab) }
        }
    }

    @Test func readingGoesOnFromAPosition() throws {
        let text = Array("a,b\n1,x\n2,\"y\ny\"\n3,z\n4,w\n".utf8)
        var options = CSVOptions()
        options.blockBytes = 6
        func reader(_ start: Int64) -> CSVReader {
            CSVReader(
                input: MemoryInput(text), object: "o", source: "s", options: options, fields: ab,
                startPosition: start)
        }
        let whole = try read(reader(0))
        let first = reader(0)
        while let unit = try first.next() {
            for blockBytes in [1, 6, 1000] {
                options.blockBytes = blockBytes
                let rest = try read(reader(unit.endPosition))
                #expect(rest.rows == whole.rows.suffix(rest.rows.count))
                #expect(rest.lines == whole.lines.suffix(rest.lines.count))
            }
        }
        #expect(whole.lines == [2, 3, 5, 6])
    }

    private func settings(_ entries: [(String, SettingValue.Kind)]) -> Settings {
        let span = SourceSpan.file("pipec.yaml")
        return Settings(
            entries.map { name, kind in
                Settings.Entry(key: Spanned(name, span), value: SettingValue(kind, span: span))
            }, span: span)
    }

    private func string(_ text: String) -> SettingValue.Kind {
        .string(SourceText(text: text, file: "pipec.yaml"))
    }

    @Test func settingsBecomeOptions() {
        var bag = DiagnosticBag()
        let nulls = [string(""), string("NA")].map { SettingValue($0, span: .file("")) }
        let options = CSVOptions(
            settings([
                ("delimiter", string("\\t")), ("quote", string("none")), ("decimal", string(",")),
                ("nulls", .list(nulls)), ("header", .boolean(false)), ("trim", .boolean(true)),
                ("comment", string("#")), ("skip_lines", .integer(3)),
                ("timestamp_format", string("%Y/%m/%d")), ("missing_columns", .symbol("null")),
                ("max_record_size", .size(1 << 40)),
            ]), &bag)
        #expect(bag.all.isEmpty)
        #expect(options.syntax.delimiter == UInt8(ascii: "\t"))
        #expect(options.syntax.quote == nil && options.syntax.trims)
        #expect(options.nulls == [[], Array("NA".utf8)])
        #expect(!options.hasHeader && options.skipLines == 3 && options.missingColumnsAreNull)
        #expect(options.syntax.maxRecordBytes == 256 << 20)
        #expect(options.timestampFormat?.text == "%Y/%m/%d")
    }

    @Test func wrongSettingsAreDiagnosed() {
        let cases: [[(String, SettingValue.Kind)]] = [
            [("delimiter", string("||"))], [("delimiter", string(""))],
            [("quote", string(","))], [("decimal", string(";"))],
            [("timestamp_format", string("%Y-%q"))], [("date_format", string("%"))],
            [("date_format", string(""))], [("comment", string("\"x"))],
        ]
        for entries in cases {
            var bag = DiagnosticBag()
            _ = CSVOptions(settings(entries), &bag)
            #expect(bag.all.map(\.code) == [.badFormatSetting], "\(entries)")
        }
    }

    @Test func everySettingIsDocumented() {
        for signature in CSVOptions.signatures { #expect(signature.documentation.count > 20) }
    }
}

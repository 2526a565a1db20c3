import PipelineDSL
import Runtime
import Testing

@Suite struct ParquetReaderTests {
    /// 1,000 rows in 4 row groups of 10 pages each: `n` ascends, `s` is constant within a page.
    static func numbered() throws -> ParquetFile {
        let numbers = Column(.bigint, .int64((0..<1000).map { Int64($0) }))
        let texts = Column(.string, .strings(Strings((0..<1000).map { "page \($0 / 25)" })))
        let evens = Column(
            .integer, .int32((0..<1000).map { Int32($0) }),
            validity: Bitmap(count: 1000) { $0 % 2 == 0 })
        let schema = Schema([
            Field("n", .bigint, nullable: false), Field("s", .string), Field("even", .integer),
        ])
        let options = ParquetWriteOptions(rowGroupRows: 250, pageRows: 25)
        let batch = Batch(columns: [numbers, texts, evens], count: 1000)
        return try ParquetFile(
            MemoryBytes(try parquetBytes(schema, [batch], options)), object: "numbered.parquet")
    }

    // MARK: Columns

    @Test func wantedColumnsComeInTheirOrder() throws {
        let file = try Self.numbered()
        let options = ParquetReadOptions(
            columns: [Field("S", .string), Field("number", .bigint), Field("absent", .uuid)],
            rename: ["n": "number"])
        let rows = try ParquetRows(file, options)
        #expect(rows.cells[0].first == "page 0")
        #expect(rows.cells[1].last == "999")
        #expect(rows.cells[2] == [String](repeating: "null", count: 1000))
    }

    @Test func noColumnsAreStillRows() throws {
        let reader = try ParquetReader(try Self.numbered(), ParquetReadOptions(columns: []))
        var rows = 0
        while let unit = try reader.next() {
            try unit.decode(batchRows: 64) { rows += $0.batch.count }
        }
        #expect(rows == 1000)
    }

    @Test func integersAndFloatsWiden() throws {
        let schema = Schema([
            Field("i", .integer), Field("f", .real), Field("d", .decimal(precision: 5, scale: 1)),
        ])
        let columns = [
            Column(.integer, .int32([-7])), Column(.real, .float32([0.5])),
            Column(.decimal(precision: 5, scale: 1), .int128([-12345])),
        ]
        let bytes = try parquetBytes(schema, [Batch(columns: columns, count: 1)])
        let wanted = [
            Field("i", .bigint), Field("f", .double), Field("d", .decimal(precision: 30, scale: 1)),
        ]
        let rows = try ParquetRows(bytes, ParquetReadOptions(columns: wanted))
        #expect(rows.cells == [["-7"], ["0.5"], ["-12345"]])
        #expect(rows.schema.fields == wanted)
    }

    @Test(arguments: [
        (Field("n", .integer), DiagnosticCode.parquetColumnType, "has `bigint`"),
        (Field("n", .double), .parquetColumnType, "declared `double`"),
        (Field("s", .array(.string)), .parquetColumnType, "has `string`"),
        (Field("evn", .integer, nullable: false), .parquetMissingColumn, "no column `evn`"),
    ])
    func whatDoesNotFitIsADiagnostic(_ field: Field, _ code: DiagnosticCode, _ words: String) throws
    {
        let error = #expect(throws: RunError.self) {
            try ParquetReader(try Self.numbered(), ParquetReadOptions(columns: [field]))
        }
        #expect(error?.diagnostic.code == code)
        #expect(error?.diagnostic.message.contains(words) ?? false)
        if code == .parquetMissingColumn {
            #expect(error?.diagnostic.notes.first == "did you mean `even`?")
        }
    }

    @Test func membersOfStructuresAreMatchedByName() throws {
        let type = DataType.structure([Field("a", .integer), Field("b", .array(.string))])
        let struct2 = Column(
            type,
            .structure(
                [
                    Column(.integer, .int32([1, 2, 3])),
                    Column(
                        .array(.string),
                        .list(
                            offsets: [0, 2, 2, 3],
                            ColumnBox(Column(.string, .strings(Strings(["x", "y", "z"])))))),
                ], count: 3),
            validity: Bitmap(count: 3) { $0 != 1 })
        let bytes = try parquetBytes(
            Schema([Field("v", type)]), [Batch(columns: [struct2], count: 3)])
        let reordered = DataType.structure([
            Field("B", .array(.string)), Field("c", .date), Field("a", .bigint),
        ])
        let rows = try ParquetRows(bytes, ParquetReadOptions(columns: [Field("v", reordered)]))
        #expect(rows.cells == [["{[x, y], null, 1}", "null", "{[z], null, 3}"]])
        let nothing = DataType.structure([Field("c", .date)])
        let absent = try ParquetRows(bytes, ParquetReadOptions(columns: [Field("v", nothing)]))
        #expect(absent.cells == [["{null}", "null", "{null}"]])
    }

    // MARK: Bad rows

    @Test func badValuesRejectTheirRowsOnly() throws {
        let bytes: [[UInt8]] = [
            [0x61], [0xFF, 0xFE], [0xC3, 0xA9], [0x7B], [0x5B, 0x5D], [0x6E],
        ]
        var builder = StringsBuilder()
        for value in bytes { value.withUnsafeBytes { builder.append($0) } }
        let column = Column(
            .bytes, .strings(builder.finish()), validity: Bitmap(count: 6) { $0 != 5 })
        let schema = Schema([Field("v", .bytes)])
        for options in [ParquetWriteOptions(), ParquetWriteOptions(usesDictionaries: false)] {
            let file = try parquetBytes(
                schema, [Batch(columns: [column], count: 6)], options)
            let texts = try ParquetRows(file, ParquetReadOptions(columns: [Field("v", .string)]))
            #expect(texts.cells == [["a", "é", "{", "[]", "null"]])
            #expect(texts.rejected.map(\.offset) == [1])
            #expect(texts.rejected.first?.message == "`v` of row 1 is not UTF-8 text")
            let json = try ParquetRows(
                file, ParquetReadOptions(columns: [Field("v", .json, nullable: false)]))
            #expect(json.cells == [["[]"]])
            #expect(json.rejected.map(\.offset) == [0, 1, 2, 3, 5])
            #expect(json.rejected.last?.code == .nullInRequiredColumn)
        }
    }

    @Test func nullsInRequiredMembersRejectTheirRows() throws {
        let type = DataType.array(.structure([Field("k", .integer)]))
        let items = Column(
            .structure([Field("k", .integer)]),
            .structure(
                [Column(.integer, .int32([1, 2, 3, 4]), validity: Bitmap(count: 4) { $0 != 2 })],
                count: 4))
        let column = Column(type, .list(offsets: [0, 1, 1, 4], ColumnBox(items)))
        let bytes = try parquetBytes(
            Schema([Field("v", type)]), [Batch(columns: [column], count: 3)])
        let wanted = DataType.array(.structure([Field("k", .integer, nullable: false)]))
        let rows = try ParquetRows(bytes, ParquetReadOptions(columns: [Field("v", wanted)]))
        #expect(rows.cells == [["[{1}]", "[]"]])
        #expect(rows.rejected.map(\.offset) == [2])
    }

    // MARK: Ranges

    @Test func readingGoesOnFromAnyUnit() throws {
        let file = try Self.numbered()
        let reader = try ParquetReader(file, ParquetReadOptions(unitRows: 60))
        var ends: [Int64] = []
        while let unit = try reader.next() {
            ends.append(unit.endPosition)
            #expect(unit.byteCount > 0)
        }
        #expect(ends.last == 1000)
        #expect(ends.count == 20)
        for start in ends + [1, 26, 251] {
            for unitRows in [60, 1000] {
                let options = ParquetReadOptions(startRow: start, unitRows: unitRows)
                let rows = try ParquetRows(file, options)
                #expect(rows.cells[0] == (Int(start)..<1000).map { "\($0)" })
                let evens = (Int(start)..<1000).map { $0 % 2 == 0 ? "\($0)" : "null" }
                #expect(rows.cells[2] == evens)
            }
        }
    }

    @Test func statisticsPruneRowGroupsAndPages() throws {
        let file = try Self.numbered()
        let options = ParquetReadOptions { statistics in
            guard case .integer(let max) = statistics.columns["n"]?.max,
                case .integer(let min) = statistics.columns["n"]?.min
            else { return true }
            return min <= 620 && max >= 580
        }
        let rows = try ParquetRows(file, options)
        #expect(rows.cells[0] == (575..<625).map { "\($0)" })
        #expect(rows.cells[1].first == "page 23")
        #expect(rows.prunedRows == 950)
        let text = ParquetReadOptions { statistics in
            guard case .bytes(let max) = statistics.columns["s"]?.max,
                case .bytes(let min) = statistics.columns["s"]?.min
            else { return true }
            let wanted = Array("page 7".utf8)
            return !wanted.lexicographicallyPrecedes(min) && !max.lexicographicallyPrecedes(wanted)
        }
        #expect(try ParquetRows(file, text).cells[0] == (175..<200).map { "\($0)" })
        #expect(try ParquetRows(file, ParquetReadOptions { _ in false }).rowCount == 0)
    }

    @Test func statisticsKnowNullsAndNotNaN() throws {
        let values: [Double] = [.nan, 2, -0.0, .nan]
        let column = Column(.double, .float64(values), validity: Bitmap(count: 4) { $0 != 1 })
        let nothing = Column.nulls(.string, count: 4)
        let batch = Batch(columns: [column, nothing], count: 4)
        let schema = Schema([Field("d", .double), Field("s", .string)])
        let sink = MemorySink()
        let writer = ParquetWriter(try ParquetEncoder(schema), to: sink)
        try writer.append(batch)
        let summary = try writer.finish()
        #expect(summary.leaves[0].min == .floating(-0.0))
        #expect(summary.leaves[0].max == .floating(0.0))
        #expect(summary.leaves.map(\.nullCount) == [1, 4])
        #expect(summary.leaves.map(\.valueCount) == [4, 4])
        nonisolated(unsafe) var seen: [ParquetRangeStatistics] = []
        let options = ParquetReadOptions { statistics in
            seen.append(statistics)
            return true
        }
        #expect(try ParquetRows(sink.bytes, options).rowCount == 4)
        #expect(seen.first?.columns["s"]?.isAllNull == true)
        #expect(seen.first?.columns["d"]?.nullCount == 1)
        #expect(seen.first?.columns["d"]?.max == .floating(0))
    }

    @Test func longBoundsAreCutAroundTheValue() throws {
        let texts = ["ÿÿÿ", "aaaaaaaa", "\u{10FFFF}\u{10FFFF}x", "zebra"]
        for (type, limit) in [(DataType.string, 3), (.string, 4), (.bytes, 3), (.bytes, 1)] {
            for text in texts {
                let column = Column(type, .strings(Strings([text])))
                let options = ParquetWriteOptions(statisticsBytes: limit)
                let bytes = try parquetBytes(
                    Schema([Field("t", type)]), [Batch(columns: [column], count: 1)], options)
                nonisolated(unsafe) var bounds: (StatisticValue?, StatisticValue?)
                let read = ParquetReadOptions { statistics in
                    bounds = (statistics.columns["t"]?.min, statistics.columns["t"]?.max)
                    return true
                }
                _ = try ParquetRows(bytes, read)
                let value = StatisticValue.bytes(Array(text.utf8))
                guard let min = bounds.0, let max = bounds.1 else {
                    // Nothing of that length is above the highest characters.
                    #expect(text.unicodeScalars.first == "\u{10FFFF}")
                    continue
                }
                #expect(!value.isBefore(min))
                #expect(!max.isBefore(value))
                if case .bytes(let bound) = max { #expect(bound.count <= limit + 1) }
            }
        }
    }

    // MARK: Not Parquet

    @Test func otherFilesAreNotParquet() throws {
        for text in ["", "a,b,c\n1,2,3\n", "PAR1PAR1", "PAR1\u{0}\u{0}\u{0}\u{0}PARX"] {
            let error = #expect(throws: RunError.self) {
                try ParquetFile(MemoryBytes(Array(text.utf8)), object: "a.csv")
            }
            #expect(error?.diagnostic.code == .notParquet)
        }
        let missing = #expect(throws: RunError.self) { try ParquetFile(path: "/nonexistent/a") }
        #expect(missing?.diagnostic.code == .unreadableFile)
    }
}

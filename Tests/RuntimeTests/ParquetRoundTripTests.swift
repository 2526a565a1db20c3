import PipelineDSL
import Runtime
import TestSupport
import Testing

@Suite struct ParquetRoundTripTests {
    static let optionSets: [ParquetWriteOptions] = {
        var sets = [
            ParquetWriteOptions(codec: .uncompressed, usesDictionaries: false),
            ParquetWriteOptions(codec: .gzip, rowGroupRows: 100),
            ParquetWriteOptions(
                codec: .uncompressed, rowGroupRows: 250, pageBytes: 64, pageRows: 7,
                statisticsBytes: 3),
            ParquetWriteOptions(
                codec: .gzip, dictionaryBytes: 50, writesPageIndex: false, writesChecksums: false),
        ]
        for name in ["snappy", "zstd"] {
            if let codec = ParquetCodec.named(name) {
                sets.append(ParquetWriteOptions(codec: codec))
            }
        }
        return sets
    }()

    @Test(arguments: ParquetSamples.scalarTypes + ParquetSamples.nestedTypes)
    func valuesSurvive(_ type: DataType) throws {
        var random = SplitMix(seed: 42)
        for nulls in [false, true] {
            let schema = Schema([Field("v", type, nullable: nulls || type == .null)])
            let column = ParquetSamples.column(type, rows: 600, nulls: nulls, &random)
            let expected = parquetCells(column)
            for options in Self.optionSets {
                let batches = [Batch(columns: [column], count: 600)]
                let bytes = try parquetBytes(schema, batches, options)
                for batchRows in [1000, 600, 64, 1] where batchRows > 1 || options.pageRows == 7 {
                    let rows = try ParquetRows(bytes, batchRows: batchRows)
                    #expect(rows.cells == [expected], "\(type) \(options)")
                    #expect(rows.schema == schema)
                    #expect(rows.rejected.isEmpty)
                }
            }
        }
    }

    @Test func allTypesStandBesideEachOther() throws {
        var random = SplitMix(seed: 3)
        let types = ParquetSamples.scalarTypes + ParquetSamples.nestedTypes
        let schema = Schema(types.enumerated().map { Field("c\($0)", $1) })
        let columns = types.map { ParquetSamples.column($0, rows: 500, nulls: true, &random) }
        let bytes = try parquetBytes(schema, [Batch(columns: columns, count: 500)])
        let rows = try ParquetRows(bytes, batchRows: 77)
        #expect(rows.cells == columns.map(parquetCells))
    }

    @Test func onlySelectedRowsAreWritten() throws {
        var random = SplitMix(seed: 5)
        let types: [DataType] = [
            .bigint, .string, .boolean, .uuid, .array(.string), .decimal(precision: 9, scale: 1),
        ]
        let schema = Schema(types.enumerated().map { Field("c\($0)", $1) })
        var batches: [Batch] = []
        var expected = types.map { _ in [String]() }
        for size in [0, 1, 100, 317, 5] {
            let columns = types.map { ParquetSamples.column($0, rows: size, nulls: true, &random) }
            let selection = (0..<UInt32(size)).filter { _ in Bool.random(using: &random) }
            let batch = Batch(columns: columns, count: size, selection: selection)
            batches.append(batch)
            for (i, column) in batch.compacted().columns.enumerated() {
                expected[i] += parquetCells(column)
            }
        }
        for rowGroupRows in [1, 50, 1000] {
            let options = ParquetWriteOptions(rowGroupRows: rowGroupRows)
            let rows = try ParquetRows(try parquetBytes(schema, batches, options))
            #expect(rows.cells == expected)
        }
    }

    @Test func aFileWithoutRowsHasItsSchema() throws {
        let schema = Schema([Field("a", .bigint, nullable: false), Field("b", .array(.string))])
        let file = try ParquetFile(
            MemoryBytes(try parquetBytes(schema, [])), object: "empty.parquet")
        #expect(file.schema == schema)
        #expect(file.rowCount == 0)
        #expect(try ParquetRows(file).rowCount == 0)
    }

    @Test func slicesOfOneDictionaryShareIt() throws {
        // Views of all batches point into the same blocks, long ones included.
        let texts = (0..<1000).map { "a string that is not inline, number \($0 % 10)" }
        let column = Column(.string, .strings(Strings(texts)))
        let batch = Batch(columns: [column], count: 1000)
        let parts = stride(from: 0, to: 1000, by: 100).map { start in
            batch.selecting((UInt32(start)..<UInt32(start + 100)).map { $0 })
        }
        let schema = Schema([Field("s", .string)])
        let bytes = try parquetBytes(schema, parts, ParquetWriteOptions(codec: .uncompressed))
        #expect(try ParquetRows(bytes).cells == [texts])
        #expect(bytes.count < 3000)
    }

    @Test func rowGroupsEncodeApart() throws {
        let schema = Schema([Field("n", .integer)])
        let encoder = try ParquetEncoder(schema)
        let groups = try (0..<4).map { part in
            try encoder.encodeRowGroup([
                Batch(columns: [Column(.integer, .int32([part, part]))], count: 2)
            ])
        }
        let sink = MemorySink()
        let writer = ParquetWriter(encoder, to: sink)
        for group in groups { try writer.append(group) }
        let summary = try writer.finish()
        #expect(summary.rowGroupOffsets.count == 4)
        #expect(try ParquetRows(sink.bytes).cells == [["0", "0", "1", "1", "2", "2", "3", "3"]])
    }

    @Test func aNullInARequiredColumnIsRefused() throws {
        let types: [DataType] = [.bigint, .array(.bigint)]
        for type in types {
            let schema = Schema([Field("n", type, nullable: false)])
            let batch = Batch(columns: [.nulls(type, count: 3)], count: 3)
            let error = #expect(throws: RunError.self) { try parquetBytes(schema, [batch]) }
            #expect(error?.diagnostic.code == .parquetNullNotAllowed)
            // A row that was filtered out does not count.
            #expect(throws: Never.self) { try parquetBytes(schema, [batch.selecting([])]) }
        }
    }

    @Test func whatParquetCannotHoldIsRefused() throws {
        var deep = DataType.bigint
        for _ in 0..<40 { deep = .array(deep) }
        for type in [.structure([]), deep, .map(.null, .bigint)] as [DataType] {
            let error = #expect(throws: RunError.self) {
                try ParquetEncoder(Schema([Field("v", type)]))
            }
            #expect(error?.diagnostic.code == .parquetNotWritable)
        }
        let negative = Column(.interval, .intervals([Interval(months: -1)]))
        let wide = Column(.decimal(precision: 4, scale: 0), .int128([Int128(1) << 100]))
        for column in [negative, wide] {
            let error = #expect(throws: RunError.self) {
                try parquetBytes(
                    Schema([Field("v", column.type)]), [Batch(columns: [column], count: 1)])
            }
            #expect(error?.diagnostic.code == .parquetNotWritable)
        }
    }

    @Test func keyValuesAndFieldIdentifiersAreKept() throws {
        let schema = Schema([Field("a", .bigint), Field("l", .array(.string))])
        let options = ParquetWriteOptions(
            keyValues: ["iceberg.schema": "{}"], fieldIDs: ["a": 1, "l": 2, "l.element": 3])
        let column = Column(.bigint, .int64([5]))
        let batch = Batch(columns: [column, .nulls(.array(.string), count: 1)], count: 1)
        let bytes = try parquetBytes(schema, [batch], options)
        let file = try ParquetFile(MemoryBytes(bytes), object: "test.parquet")
        #expect(file.keyValues == ["iceberg.schema": "{}"])
        #expect(file.fieldIDs == ["a": 1, "l": 2])
        #expect(file.createdBy == "pipec")
        let byID = ParquetReadOptions(
            columns: [Field("renamed", .bigint), Field("a", .bigint)],
            fieldIDs: ["renamed": 1, "a": 9])
        #expect(try ParquetRows(file, byID).cells == [["5"], ["null"]])
    }
}

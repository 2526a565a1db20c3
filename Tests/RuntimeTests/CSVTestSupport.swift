import PipelineDSL
import Runtime
import Testing

/// What a reader made of an input, as text, so that tests can say what they expect.
struct ReadResult: Equatable {
    /// `nil` is null.
    var rows: [[String?]] = []
    /// `line rule column`, in the order of the input.
    var rejected: [String] = []
    var details: [RejectedRow] = []
    /// The origins' lines of the rows read.
    var lines: [Int64] = []
    var raw: [String] = []
    var units = 0

    static func == (a: ReadResult, b: ReadResult) -> Bool {
        a.rows == b.rows && a.rejected == b.rejected && a.lines == b.lines && a.raw == b.raw
    }
}

func text(_ column: Column, _ row: Int) -> String? {
    if column.isNull(row) { return nil }
    var out: [UInt8] = []
    ValueText.append(column, row, to: &out)
    return String(decoding: out, as: UTF8.self)
}

func read(_ reader: any SourceReader, batchRows: Int = 1000) throws -> ReadResult {
    var result = ReadResult()
    var rejected: [RejectedRow] = []
    while let unit = try reader.next() {
        result.units += 1
        // No test input is so large: a reader that does not come to an end must not hang the tests.
        guard result.units < 100_000 else {
            Issue.record("the reader yields units without end")
            break
        }
        try unit.decode(batchRows: batchRows) { batch in
            #expect(batch.batch.physicalCount <= batchRows)
            for row in batch.batch.rows.map(Int.init) {
                result.rows.append(batch.batch.columns.map { text($0, row) })
                if let origin = batch.batch.origin {
                    result.lines.append(origin.source.line(origin.row(row)) ?? -1)
                    let raw = origin.source.raw(origin.row(row)) ?? []
                    result.raw.append(String(decoding: raw, as: UTF8.self))
                }
            }
            rejected += batch.rejected
        }
    }
    rejected.sort { ($0.offset ?? 0) < ($1.offset ?? 0) }
    result.rejected = rejected.map { "\($0.line ?? -1) \($0.rule) \($0.column ?? "-")" }
    result.details = rejected
    return result
}

func readCSV(
    _ bytes: [UInt8], _ fields: [Field], _ options: CSVOptions = CSVOptions(),
    rename: [String: String] = [:], blockBytes: Int = 1 << 20, batchRows: Int = 1000
) throws -> ReadResult {
    var options = options
    options.blockBytes = blockBytes
    let reader = CSVReader(
        input: MemoryInput(bytes, pieceBytes: max(1, blockBytes / 3)), object: "test.csv",
        source: "test", options: options, fields: fields, rename: rename)
    return try read(reader, batchRows: batchRows)
}

func readCSV(
    _ text: String, _ fields: [Field], _ options: CSVOptions = CSVOptions(),
    rename: [String: String] = [:]
) throws -> ReadResult {
    let whole = try readCSV(Array(text.utf8), fields, options, rename: rename)
    // Nothing may depend on where blocks and batches end.
    for (blockBytes, batchRows) in [(1, 1), (7, 2), (64, 3), (100, 1000)] {
        let pieces = try readCSV(
            Array(text.utf8), fields, options, rename: rename, blockBytes: blockBytes,
            batchRows: batchRows)
        #expect(pieces == whole, "blocks of \(blockBytes) bytes, batches of \(batchRows) rows")
    }
    return whole
}

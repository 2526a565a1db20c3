import Foundation
import PipelineDSL
import Runtime
import TestSupport
import Testing

/// Cells of a column as text, so that tests compare what users see and print what differs.
func parquetCells(_ column: Column) -> [String] {
    (0..<column.count).map { parquetCell(column, $0) }
}

private func parquetCell(_ column: Column, _ row: Int) -> String {
    if column.isNull(row) { return "null" }
    switch column.values {
    case .boolean(let bits): return bits[row] ? "true" : "false"
    case .int32(let values): return "\(values[row])"
    case .int64(let values): return "\(values[row])"
    case .float32(let values): return "\(values[row])"
    case .float64(let values): return "\(values[row])"
    case .int128(let values): return "\(values[row])"
    case .strings(let strings):
        return strings.views[row].withBytes(strings.blocks) { bytes in
            String(validating: bytes, as: UTF8.self) ?? "\([UInt8](bytes))"
        }
    case .intervals(let values):
        return "\(values[row].months)m \(values[row].days)d \(values[row].microseconds)us"
    case .list(let offsets, let child):
        let elements = (offsets[row]..<offsets[row + 1]).map { parquetCell(child.column, Int($0)) }
        return "[\(elements.joined(separator: ", "))]"
    case .structure(let members, _):
        return "{\(members.map { parquetCell($0, row) }.joined(separator: ", "))}"
    case .nulls: return "null"
    }
}

/// Rows of a file that was read to its end.
struct ParquetRows {
    var schema = Schema()
    /// By column.
    var cells: [[String]] = []
    var rejected: [RejectedRow] = []
    var unitCount = 0
    var prunedRows: Int64 = 0

    var rowCount: Int { cells.first?.count ?? 0 }

    init(
        _ file: ParquetFile, _ options: ParquetReadOptions = ParquetReadOptions(),
        batchRows: Int = 1000
    ) throws {
        let reader = try ParquetReader(file, options)
        schema = reader.schema
        cells = schema.fields.map { _ in [] }
        while let unit = try reader.next() {
            unitCount += 1
            try unit.decode(batchRows: batchRows) { source in
                #expect(source.rowsRead <= batchRows)
                let batch = source.batch.compacted()
                for (i, column) in batch.columns.enumerated() {
                    #expect(column.type == schema.fields[i].type)
                    cells[i] += parquetCells(column)
                }
                rejected += source.rejected
            }
        }
        prunedRows = reader.prunedRows
    }

    init(
        _ bytes: [UInt8], _ options: ParquetReadOptions = ParquetReadOptions(),
        batchRows: Int = 1000
    ) throws {
        try self.init(
            ParquetFile(MemoryBytes(bytes), object: "test.parquet"), options, batchRows: batchRows)
    }
}

func parquetBytes(
    _ schema: Schema, _ batches: [Batch], _ options: ParquetWriteOptions = ParquetWriteOptions()
) throws -> [UInt8] {
    let sink = MemorySink()
    let writer = ParquetWriter(try ParquetEncoder(schema, options), to: sink)
    for batch in batches { try writer.append(batch) }
    let summary = try writer.finish()
    #expect(summary.byteCount == Int64(sink.bytes.count))
    #expect(summary.rowCount == Int64(batches.reduce(0) { $0 + $1.count }))
    return sink.bytes
}

/// The same numbers on every run and every machine.

/// Columns of any type with values that are awkward somewhere, and nulls among them.
enum ParquetSamples {
    static let scalarTypes: [DataType] = [
        .boolean, .integer, .bigint, .real, .double, .decimal(precision: 7, scale: 2),
        .decimal(precision: 18, scale: 0), .decimal(precision: 20, scale: 4),
        .decimal(precision: 38, scale: 10), .string, .bytes, .date, .time, .timestamp, .interval,
        .uuid, .json, .null,
    ]

    static let nestedTypes: [DataType] = [
        .array(.integer), .array(.array(.string)), .map(.string, .bigint),
        .structure([Field("a", .bigint), Field("b", .string, nullable: false)]),
        .structure([Field("deep", .structure([Field("list", .array(.double))])), Field("x", .date)]
        ),
        .array(.structure([Field("k", .string), Field("v", .array(.integer))])),
        .map(.integer, .array(.map(.string, .uuid))), .array(.null),
    ]

    static func column(
        _ type: DataType, rows: Int, nulls: Bool, _ random: inout SplitMix
    ) -> Column {
        var validity: Bitmap?
        if nulls && type != .null {
            let bits = (0..<rows).map { _ in Int.random(in: 0..<5, using: &random) > 0 }
            validity = Bitmap(count: rows) { bits[$0] }
        }
        return Column(type, values(type, rows, nulls, &random), validity: validity)
    }

    private static func values(
        _ type: DataType, _ rows: Int, _ nulls: Bool, _ random: inout SplitMix
    ) -> Column.Values {
        func pick<T>(_ choices: [T], or make: (inout SplitMix) -> T) -> [T] {
            (0..<rows).map { _ in
                Bool.random(using: &random)
                    ? choices[Int.random(in: 0..<choices.count, using: &random)] : make(&random)
            }
        }
        switch type {
        case .boolean:
            let bits = (0..<rows).map { _ in Bool.random(using: &random) }
            return .boolean(Bitmap(count: rows) { bits[$0] })
        case .integer, .date:
            return .int32(pick([0, -1, .max, .min]) { .random(in: -1000...1000, using: &$0) })
        case .bigint, .timestamp:
            return .int64(pick([0, -1, .max, .min]) { .random(in: -9...9_000_000, using: &$0) })
        case .time:
            return .int64(pick([0, 86_399_999_999]) { .random(in: 0..<86_400, using: &$0) })
        case .real:
            return .float32(
                pick([0, -0.0, .nan, .infinity, -.infinity]) { .random(in: -1...1, using: &$0) })
        case .double:
            return .float64(
                pick([0, -0.0, .nan, .infinity, -.infinity]) { .random(in: -1...1, using: &$0) })
        case .decimal(let precision, _):
            let bound = (0..<precision).reduce(Int128(1)) { bound, _ in bound * 10 } - 1
            return .int128(pick([0, bound, -bound, 1]) { .random(in: -bound...bound, using: &$0) })
        case .uuid:
            return .int128(pick([0, -1, .min, .max]) { .random(in: .min ... .max, using: &$0) })
        case .interval:
            return .intervals(
                pick([Interval()]) {
                    Interval(
                        months: .random(in: 0...99, using: &$0),
                        days: .random(in: 0...99, using: &$0),
                        microseconds: .random(in: 0...99_999, using: &$0) * 1000)
                })
        case .string, .bytes:
            let texts = ["", "a", "twelve bytes", "thirteen byte", "Zürich 東京", longText]
            return .strings(
                Strings(pick(texts) { "number \(Int.random(in: 0...999, using: &$0)) of many" }))
        case .json:
            return .strings(Strings(pick(["null", "[]"]) { "{\"n\": \($0.next())}" }))
        case .array(let element):
            return list(element, rows, nulls, &random)
        case .map(let key, let value):
            return list(.entry(key, value), rows, nulls, &random)
        case .structure(let fields):
            let members = fields.map {
                column($0.type, rows: rows, nulls: nulls && $0.nullable, &random)
            }
            return .structure(members, count: rows)
        case .null: return .nulls(count: rows)
        }
    }

    private static let longText = String(repeating: "a long text ", count: 20)

    private static func list(
        _ element: DataType, _ rows: Int, _ nulls: Bool, _ random: inout SplitMix
    ) -> Column.Values {
        var offsets: [Int32] = [0]
        for _ in 0..<rows {
            offsets.append(offsets[offsets.count - 1] + .random(in: 0...3, using: &random))
        }
        let count = Int(offsets[rows])
        // The entries of a map are never null.
        var isEntry = false
        if case .structure(let fields) = element { isEntry = fields.first?.name == "key" }
        return .list(
            offsets: offsets,
            ColumnBox(
                isEntry
                    ? Column(element, values(element, count, nulls, &random))
                    : column(element, rows: count, nulls: nulls, &random)))
    }
}

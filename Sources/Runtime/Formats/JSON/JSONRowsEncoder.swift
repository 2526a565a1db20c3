import PipelineDSL

/// Rows as JSON objects, columns in the order of the schema: one a line, or the elements of an
/// array.
struct JSONRowsEncoder: TextRows {
    enum Framing: Sendable {
        /// JSON Lines.
        case lines
        /// One document: an array with one row a line.
        case array
    }

    private let framing: Framing
    private let keys: [[UInt8]]
    private let times: JSONTimes

    init(schema: Schema, framing: Framing, options: JSONOptions = JSONOptions()) {
        self.framing = framing
        keys = schema.names.map(JSONWriter.key)
        times = JSONTimes(timestamp: options.timestampFormat, date: options.dateFormat)
    }

    var fileExtension: String { framing == .lines ? ".jsonl" : ".json" }
    var header: [UInt8] { framing == .lines ? [] : Array("[\n".utf8) }
    var separator: [UInt8] { framing == .lines ? [] : Array(",\n".utf8) }
    var footer: [UInt8] { framing == .lines ? [] : Array("\n]\n".utf8) }

    func text(_ batches: [Batch]) -> [UInt8] {
        var text: [UInt8] = []
        for batch in batches {
            let columns = batch.columns.map(times.spelled)
            for row in batch.rows {
                if framing == .array, !text.isEmpty { text.append(contentsOf: separator) }
                JSONWriter.appendObject(keys, columns, Int(row), to: &text)
                if framing == .lines { text.append(UInt8(ascii: "\n")) }
            }
        }
        return text
    }
}

/// Timestamps and dates in the spelling that the format's settings ask for, as columns of text.
struct JSONTimes: Sendable {
    let timestamp: TimestampFormat?
    let date: TimestampFormat?

    /// Recursion follows the type, whose depth the spec bounds.
    func spelled(_ column: Column) -> Column {
        if timestamp == nil && date == nil { return column }
        switch (column.type, column.values) {
        case (.timestamp, .int64(let v)):
            return timestamp.map { text(column, $0) { v[$0] } } ?? column
        case (.date, .int32(let v)):
            return date.map { text(column, $0) { Int64(v[$0]) * ScalarText.microsecondsPerDay } }
                ?? column
        case (_, .list(let offsets, let items)):
            return Column(
                column.type, .list(offsets: offsets, ColumnBox(spelled(items.column))),
                validity: column.validity)
        case (_, .structure(let columns, let count)):
            return Column(
                column.type, .structure(columns.map(spelled), count: count),
                validity: column.validity)
        default: return column
        }
    }

    private func text(
        _ column: Column, _ format: TimestampFormat, _ microseconds: (Int) -> Int64
    ) -> Column {
        var builder = StringsBuilder(capacity: column.count)
        var field: [UInt8] = []
        for row in 0..<column.count {
            field.removeAll(keepingCapacity: true)
            if !column.isNull(row) { format.append(microseconds(row), to: &field) }
            field.withUnsafeBytes { builder.append($0) }
        }
        return Column(.string, .strings(builder.finish()), validity: column.validity)
    }
}

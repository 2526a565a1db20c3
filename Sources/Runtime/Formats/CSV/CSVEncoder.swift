import PipelineDSL

/// Rows as CSV (RFC 4180, with LF): a header line, then one record a row.
///
/// Null is the empty field, the empty string is `""`, so both survive reading with the same
/// settings. A field is quoted where it holds the delimiter, the quote, a line end, starts or ends
/// with a blank, or would be read as null or a comment. Nested values are JSON text, bytes `\x…`.
struct CSVEncoder: TextRows {
    let fileExtension = ".csv"
    private let schema: Schema
    private let options: CSVOptions
    /// What the file starts with; empty without header.
    let header: [UInt8]

    init(schema: Schema, options: CSVOptions = CSVOptions()) {
        self.schema = schema
        self.options = options
        var header: [UInt8] = []
        if options.hasHeader {
            let row = CSVRowWriter(options)
            for (i, name) in schema.names.enumerated() {
                if i > 0 { header.append(options.syntax.delimiter) }
                row.append(Array(name.utf8), isFirst: i == 0, to: &header)
            }
            header.append(CSVSyntax.lineFeed)
        }
        self.header = header
    }

    func text(_ batches: [Batch]) -> [UInt8] {
        let writer = CSVRowWriter(options)
        var out: [UInt8] = []
        for batch in batches {
            for row in batch.rows { writer.append(batch.columns, Int(row), to: &out) }
        }
        return out
    }
}

/// Puts fields into records.
private struct CSVRowWriter {
    private let options: CSVOptions
    private let quote: UInt8
    private let null: [UInt8]

    init(_ options: CSVOptions) {
        self.options = options
        // Without a quote the file could not hold every text; the writer then uses the usual one.
        quote = options.syntax.quote ?? UInt8(ascii: "\"")
        null = options.nulls.first ?? []
    }

    func append(_ columns: [Column], _ row: Int, to out: inout [UInt8]) {
        for (c, column) in columns.enumerated() {
            if c > 0 { out.append(options.syntax.delimiter) }
            if column.isNull(row) {
                out.append(contentsOf: null)
            } else {
                append(column, row, isFirst: c == 0, to: &out)
            }
        }
        out.append(CSVSyntax.lineFeed)
    }

    private func append(_ column: Column, _ row: Int, isFirst: Bool, to out: inout [UInt8]) {
        var field: [UInt8] = []
        switch (column.type, column.values) {
        case (.timestamp, .int64(let v)):
            if let format = options.timestampFormat {
                format.append(v[row], to: &field)
            } else {
                ValueText.append(timestamp: v[row], to: &field)
            }
        case (.date, .int32(let v)):
            if let format = options.dateFormat {
                format.append(Int64(v[row]) * ScalarText.microsecondsPerDay, to: &field)
            } else {
                ValueText.append(date: Int(v[row]), to: &field)
            }
        default:
            ValueText.append(column, row, to: &field)
            if options.decimal != UInt8(ascii: "."), column.type.isNumeric {
                for i in field.indices where field[i] == UInt8(ascii: ".") {
                    field[i] = options.decimal
                }
            }
        }
        append(field, isFirst: isFirst, to: &out)
    }

    /// One field, quoted where it must be.
    func append(_ field: [UInt8], isFirst: Bool, to out: inout [UInt8]) {
        guard needsQuotes(field, isFirst: isFirst) else { return out.append(contentsOf: field) }
        out.append(quote)
        for byte in field {
            if byte == quote { out.append(quote) }
            out.append(byte)
        }
        out.append(quote)
    }

    private func needsQuotes(_ field: [UInt8], isFirst: Bool) -> Bool {
        guard let first = field.first, let last = field.last else { return true }
        if first == 0x20 || last == 0x20 || first == 0x09 || last == 0x09 { return true }
        if isFirst, !options.syntax.comment.isEmpty, field.starts(with: options.syntax.comment) {
            return true
        }
        if options.nulls.contains(field) { return true }
        let delimiter = options.syntax.delimiter
        return field.contains {
            $0 == delimiter || $0 == quote || $0 == CSVSyntax.lineFeed
                || $0 == CSVSyntax.carriageReturn
        }
    }
}

import PipelineDSL

/// Values as JSON text (RFC 8259).
///
/// | type | JSON |
/// |---|---|
/// | boolean, integer, bigint | `true`, `42` (a bigint keeps all its digits) |
/// | real, double | shortest digits that read back the same; NaN and infinities, which JSON lacks, are `null` |
/// | decimal | a number with all its digits, `12.50` |
/// | string, date, time, timestamp, uuid, interval, bytes | text; bytes as `"\\x48…"` |
/// | json | as it is |
/// | array, struct | array, object |
/// | map | object with the keys as text, in the map's order |
package enum JSONWriter {
    /// One row of a column. Recursion follows the type, whose depth the spec bounds.
    package static func append(_ column: Column, _ row: Int, to out: inout [UInt8]) {
        if column.isNull(row) { return appendNull(&out) }
        switch column.values {
        case .float32(let v) where !v[row].isFinite: appendNull(&out)
        case .float64(let v) where !v[row].isFinite: appendNull(&out)
        case .strings(let v) where column.type == .string:
            v.views[row].withBytes(v.blocks) { append(string: $0, to: &out) }
        case .strings(let v) where column.type == .json:
            v.views[row].withBytes(v.blocks) { append(json: $0, to: &out) }
        case .list(let offsets, let items):
            let range = Int(offsets[row])..<Int(offsets[row + 1])
            if case .map = column.type {
                appendMap(items.column, range, to: &out)
            } else {
                appendArray(items.column, range, to: &out)
            }
        case .structure(let columns, _):
            guard case .structure(let fields) = column.type else { return appendNull(&out) }
            appendObject(fields.map { key($0.name) }, columns, row, to: &out)
        default:
            if isQuoted(column.type) {
                out.append(UInt8(ascii: "\""))
                // Only bytes have a character to escape: the backslash of `\x`.
                if column.type == .bytes { out.append(UInt8(ascii: "\\")) }
                ValueText.append(column, row, to: &out)
                out.append(UInt8(ascii: "\""))
            } else {
                ValueText.append(column, row, to: &out)
            }
        }
    }

    private static func isQuoted(_ type: DataType) -> Bool {
        switch type {
        case .date, .time, .timestamp, .uuid, .interval, .bytes: true
        default: false
        }
    }

    private static func appendNull(_ out: inout [UInt8]) { out.append(contentsOf: "null".utf8) }

    private static func appendArray(_ items: Column, _ range: Range<Int>, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "["))
        for i in range {
            if i > range.lowerBound { out.append(UInt8(ascii: ",")) }
            append(items, i, to: &out)
        }
        out.append(UInt8(ascii: "]"))
    }

    /// `entries` are structures of key and value.
    private static func appendMap(_ entries: Column, _ range: Range<Int>, to out: inout [UInt8]) {
        guard case .structure(let columns, _) = entries.values, columns.count == 2 else {
            return appendArray(entries, range, to: &out)
        }
        out.append(UInt8(ascii: "{"))
        for i in range {
            if i > range.lowerBound { out.append(UInt8(ascii: ",")) }
            var name: [UInt8] = []
            ValueText.append(columns[0], i, to: &name)
            name.withUnsafeBytes { append(string: $0, to: &out) }
            out.append(UInt8(ascii: ":"))
            append(columns[1], i, to: &out)
        }
        out.append(UInt8(ascii: "}"))
    }

    /// JSON as it is, but on one line: a line end in it can only be white space.
    private static func append(json bytes: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        let start = out.count
        out.append(contentsOf: bytes)
        for i in start..<out.count where out[i] == 0x0A || out[i] == 0x0D { out[i] = 0x20 }
    }

    /// `keys` as ``key(_:)`` makes them.
    package static func appendObject(
        _ keys: [[UInt8]], _ columns: [Column], _ row: Int, to out: inout [UInt8]
    ) {
        out.append(UInt8(ascii: "{"))
        for (c, column) in columns.enumerated() where c < keys.count {
            if c > 0 { out.append(UInt8(ascii: ",")) }
            out.append(contentsOf: keys[c])
            append(column, row, to: &out)
        }
        out.append(UInt8(ascii: "}"))
    }

    /// `"name":`
    package static func key(_ name: String) -> [UInt8] {
        var out: [UInt8] = []
        append(string: name, to: &out)
        out.append(UInt8(ascii: ":"))
        return out
    }

    package static func append(string: String, to out: inout [UInt8]) {
        var string = string
        string.withUTF8 { append(string: UnsafeRawBufferPointer($0), to: &out) }
    }

    /// In quotes; control characters, `"` and `\` are escaped, what is not UTF-8 becomes U+FFFD.
    package static func append(string bytes: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        defer { out.append(UInt8(ascii: "\"")) }
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        if !UTF8Text.isValid(base, bytes.count) {
            var repaired = String(decoding: bytes, as: UTF8.self)
            return repaired.withUTF8 { appendEscaped(UnsafeRawBufferPointer($0), to: &out) }
        }
        appendEscaped(bytes, to: &out)
    }

    private static func appendEscaped(_ bytes: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        var plainFrom = 0
        for (i, byte) in bytes.enumerated() where needsEscape(byte) {
            out.append(contentsOf: bytes[plainFrom..<i])
            plainFrom = i + 1
            out.append(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(byte)
            case UInt8(ascii: "\n"): out.append(UInt8(ascii: "n"))
            case UInt8(ascii: "\r"): out.append(UInt8(ascii: "r"))
            case UInt8(ascii: "\t"): out.append(UInt8(ascii: "t"))
            default:
                out.append(contentsOf: "u00".utf8)
                out.append(ValueText.hexDigits[Int(byte >> 4)])
                out.append(ValueText.hexDigits[Int(byte & 0xF)])
            }
        }
        out.append(contentsOf: bytes[plainFrom...])
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
}

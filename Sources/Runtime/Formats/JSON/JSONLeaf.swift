import PipelineDSL

/// Reads one scalar value that the scan has already found to be JSON.
struct JSONLeaf: BitwiseCopyable {
    let base: UnsafePointer<UInt8>

    enum Kind: UInt8 { case string, number, boolean, array, object }

    @inline(__always)
    func kind(_ span: JSONSpan) -> Kind {
        switch base[span.from] {
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        default: .number
        }
    }

    /// Calls `parse` with a number's bytes.
    @inline(__always)
    func number<T>(_ span: JSONSpan, _ parse: (UnsafePointer<UInt8>, Int) -> T?) -> T? {
        guard kind(span) == .number else { return nil }
        return parse(base + span.from, span.end &- span.from)
    }

    /// Calls `parse` with a text's bytes, escapes resolved.
    @inline(__always)
    func text<T>(_ span: JSONSpan, _ parse: (UnsafePointer<UInt8>, Int) -> T?) -> T? {
        guard kind(span) == .string else { return nil }
        if span.isEscaped {
            return unescaped(span).withUnsafeBufferPointer { buffer in
                parse(buffer.baseAddress ?? base, buffer.count)
            }
        }
        return parse(base + (span.from &+ 1), span.end &- span.from &- 2)
    }

    func unescaped(_ span: JSONSpan) -> [UInt8] {
        var bytes: [UInt8] = []
        let text = JSONCursor.Text(from: span.from + 1, end: span.end - 1, isEscaped: true)
        JSONCursor(base, end: span.end).unescape(text, into: &bytes)
        return bytes
    }

    @inline(__always)
    func boolean(_ span: JSONSpan) -> Bool? {
        kind(span) == .boolean ? base[span.from] == UInt8(ascii: "t") : nil
    }

    @inline(__always)
    func int64(_ span: JSONSpan) -> Int64? {
        number(span) { p, count in
            ScalarText.int64(p, count)
                // `1.0` and `1e3` are whole numbers too.
                ?? ScalarText.decimal(p, count, precision: 38, scale: 0).flatMap {
                    Int64(exactly: $0)
                }
        }
    }

    @inline(__always)
    func int32(_ span: JSONSpan) -> Int32? { int64(span).flatMap { Int32(exactly: $0) } }

    @inline(__always)
    func double(_ span: JSONSpan) -> Double? { number(span) { ScalarText.double($0, $1) } }

    func real(_ span: JSONSpan) -> Float? { number(span) { ScalarText.real($0, $1) } }

    func decimal(_ span: JSONSpan, precision: Int, scale: Int) -> Int128? {
        func parse(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int128? {
            ScalarText.decimal(p, count, precision: precision, scale: scale)
        }
        return number(span, parse) ?? text(span, parse)
    }

    @inline(__always)
    func timestamp(_ span: JSONSpan) -> Int64? { text(span) { ScalarText.timestamp($0, $1) } }

    func timestamp(_ span: JSONSpan, _ format: TimestampFormat) -> Int64? {
        number(span) { format.timestamp($0, $1) } ?? text(span) { format.timestamp($0, $1) }
    }

    func date(_ span: JSONSpan, _ format: TimestampFormat?) -> Int32? {
        guard let format else { return text(span) { ScalarText.date($0, $1) } }
        return number(span) { format.date($0, $1) } ?? text(span) { format.date($0, $1) }
    }

    func time(_ span: JSONSpan) -> Int64? { text(span) { ScalarText.time($0, $1) } }
    func uuid(_ span: JSONSpan) -> Int128? { text(span) { ScalarText.uuid($0, $1) } }

    func bytes(_ span: JSONSpan) -> [UInt8]? {
        text(span) { p, count in
            var bytes: [UInt8] = []
            return ScalarText.bytes(p, count, into: &bytes) ? bytes : nil
        }
    }
}

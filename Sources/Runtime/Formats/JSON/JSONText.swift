/// Checks of JSON text that need no tree.
package enum JSONText {
    /// Whether the bytes are one JSON value (RFC 8259) with white space around it at most.
    package static func isValid(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        error(p, count) == nil
    }

    /// What is wrong with the text, or `nil`.
    package static func error(_ p: UnsafePointer<UInt8>, _ count: Int) -> JSONError? {
        var cursor = JSONCursor(p, end: count)
        do throws(JSONError) {
            try cursor.skipValue()
            try cursor.finish()
            return nil
        } catch {
            return error
        }
    }

    package static func error(_ bytes: [UInt8]) -> JSONError? {
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else {
                return JSONError(offset: 0, reason: "the text is empty")
            }
            return error(base, buffer.count)
        }
    }

    /// The value in `span`, which may have white space around it; `nil` where that is not JSON.
    static func value(_ base: UnsafePointer<UInt8>, _ span: JSONSpan) -> JSONSpan? {
        var cursor = JSONCursor(base, from: span.from, end: span.end)
        do throws(JSONError) {
            let value = try cursor.value(depth: 0)
            try cursor.finish()
            return value
        } catch {
            return nil
        }
    }
}

/// A path into JSON: `$.a.b[0]`, `$."first name"`, `$['a']`; a bare name is `$.name`. Elements count
/// from 0, from the end where negative.
struct JSONPath: Sendable {
    enum Step: Sendable, Equatable {
        case member([UInt8])
        case element(Int)
    }

    private(set) var steps: [Step] = []

    init(steps: [Step]) { self.steps = steps }

    /// `nil` where the text is no path.
    init?(_ text: UnsafeRawBufferPointer) {
        var rest = Array(text)[...]
        guard let first = rest.first else { return nil }
        if first == UInt8(ascii: "$") {
            rest = rest.dropFirst()
        } else if first != UInt8(ascii: ".") && first != UInt8(ascii: "[") {
            guard let name = JSONPath.name(&rest) else { return nil }
            steps.append(.member(name))
        }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "."):
                guard let name = JSONPath.name(&rest) else { return nil }
                steps.append(.member(name))
            case UInt8(ascii: "["):
                guard let step = JSONPath.subscripted(&rest) else { return nil }
                steps.append(step)
            default: return nil
            }
        }
    }

    /// A word, or anything in double quotes.
    private static func name(_ text: inout ArraySlice<UInt8>) -> [UInt8]? {
        if text.first == UInt8(ascii: "\"") { return quoted(&text, UInt8(ascii: "\"")) }
        let name = text.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
        text = text.dropFirst(name.count)
        return name.isEmpty ? nil : Array(name)
    }

    private static func quoted(_ text: inout ArraySlice<UInt8>, _ quote: UInt8) -> [UInt8]? {
        text = text.dropFirst()
        var name: [UInt8] = []
        while let byte = text.popFirst() {
            if byte == quote { return name }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = text.popFirst() else { return nil }
                name.append(escaped)
            } else {
                name.append(byte)
            }
        }
        return nil
    }

    private static func subscripted(_ text: inout ArraySlice<UInt8>) -> Step? {
        if let quote = text.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            guard let name = quoted(&text, quote), text.popFirst() == UInt8(ascii: "]") else {
                return nil
            }
            return .member(name)
        }
        let digits = text.prefix { $0 != UInt8(ascii: "]") }
        text = text.dropFirst(digits.count)
        guard text.popFirst() == UInt8(ascii: "]"), !digits.isEmpty,
            let index = Int(String(decoding: digits, as: UTF8.self))
        else { return nil }
        return .element(index)
    }
}

/// Finds values in JSON text without building a tree. The text is known to be JSON.
enum JSONSearch {
    enum Kind { case object, array, string, number, boolean, null }

    /// Bounds of the value at the path, or `nil` where there is none.
    static func find(_ path: JSONPath, _ p: UnsafePointer<UInt8>, _ count: Int) -> TextSlice? {
        var range: TextSlice? = whole(p, count)
        for step in path.steps {
            guard let here = range else { return nil }
            range =
                switch step {
                case .member(let name): member(name, p, here)
                case .element(let index): element(index, p, here)
                }
        }
        return range
    }

    /// The value without the white space around it.
    static func whole(_ p: UnsafePointer<UInt8>, _ count: Int) -> TextSlice? {
        var cursor = JSONCursor(p, end: count)
        return try? value(&cursor)
    }

    static func kind(_ p: UnsafePointer<UInt8>, _ slice: TextSlice) -> Kind {
        switch slice.count > 0 ? p[slice.from] : 0 {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    private static func value(_ cursor: inout JSONCursor) throws(JSONError) -> TextSlice {
        cursor.skipSpace()
        let from = cursor.i
        try cursor.skipValue()
        return TextSlice(from: from, count: cursor.i - from)
    }

    /// Calls `body` with every member's key and value; of a repeated key the last is meant.
    static func forEachMember(
        _ p: UnsafePointer<UInt8>, _ slice: TextSlice,
        _ body: (_ cursor: JSONCursor, _ key: JSONCursor.Text, _ value: TextSlice) -> Void
    ) -> Bool {
        var cursor = JSONCursor(p, from: slice.from, end: slice.from + slice.count)
        guard cursor.take(UInt8(ascii: "{")) else { return false }
        if cursor.take(UInt8(ascii: "}")) { return true }
        do throws(JSONError) {
            repeat {
                let key = try cursor.key()
                body(cursor, key, try value(&cursor))
            } while cursor.take(UInt8(ascii: ","))
        } catch { return false }
        return true
    }

    static func forEachElement(
        _ p: UnsafePointer<UInt8>, _ slice: TextSlice, _ body: (TextSlice) -> Void
    ) -> Bool {
        var cursor = JSONCursor(p, from: slice.from, end: slice.from + slice.count)
        guard cursor.take(UInt8(ascii: "[")) else { return false }
        if cursor.take(UInt8(ascii: "]")) { return true }
        do throws(JSONError) {
            repeat { body(try value(&cursor)) } while cursor.take(UInt8(ascii: ","))
        } catch { return false }
        return true
    }

    private static func member(
        _ name: [UInt8], _ p: UnsafePointer<UInt8>, _ slice: TextSlice
    ) -> TextSlice? {
        var found: TextSlice?
        _ = forEachMember(p, slice) { cursor, key, value in
            if isKey(key, name, cursor) { found = value }
        }
        return found
    }

    private static func isKey(
        _ key: JSONCursor.Text, _ name: [UInt8], _ cursor: JSONCursor
    ) -> Bool {
        if key.isEscaped {
            var bytes: [UInt8] = []
            cursor.unescape(key, into: &bytes)
            return bytes == name
        }
        return key.end - key.from == name.count
            && name.withUnsafeBytes { name in
                name.isEmpty || TextSearch.hasPrefix(name, cursor.base + key.from, name.count)
            }
    }

    private static func element(
        _ index: Int, _ p: UnsafePointer<UInt8>, _ slice: TextSlice
    ) -> TextSlice? {
        var wanted = index
        if index < 0 {
            var count = 0
            guard forEachElement(p, slice, { _ in count += 1 }) else { return nil }
            wanted = count + index
        }
        guard wanted >= 0 else { return nil }
        var found: TextSlice?
        var at = 0
        _ = forEachElement(p, slice) { value in
            if at == wanted { found = value }
            at += 1
        }
        return found
    }

    /// A string's value without quotes and escapes; anything else as it is written. `false` for null.
    static func appendText(
        _ slice: TextSlice, _ p: UnsafePointer<UInt8>, to out: inout [UInt8]
    ) -> Bool {
        switch kind(p, slice) {
        case .null: return false
        case .string:
            var cursor = JSONCursor(p, from: slice.from, end: slice.from + slice.count)
            guard let text = try? cursor.string() else { return false }
            cursor.unescape(text, into: &out)
        default:
            out.append(contentsOf: UnsafeBufferPointer(start: p + slice.from, count: slice.count))
        }
        return true
    }
}

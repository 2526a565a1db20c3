/// A JSON text as a tree. For settings, state and tests; rows never become one.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// As it was written, so that no digit is lost.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// In the order written; where a key is repeated, the last one stands, at the first one's place.
    case object([Member])

    package struct Member: Hashable, Sendable {
        package var key: String
        package var value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }
}

extension JSONValue {
    /// Parses one value (RFC 8259, strictly; see ``JSONCursor``).
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var result = Result<JSONValue, JSONError>.failure(
            JSONError(offset: 0, reason: "the text is empty"))
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var parser = JSONTreeParser(cursor: JSONCursor(base, end: buffer.count))
            do throws(JSONError) { result = .success(try parser.parse()) } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    package static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    package subscript(index: Int) -> JSONValue? {
        guard case .array(let items) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }
    package var int: Int? { if case .number(let text) = self { Int(text) } else { nil } }

    /// Compact JSON text.
    package var text: String {
        var out: [UInt8] = []
        append(to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// The parser bounds the depth, so recursion is safe for what it made.
    private func append(to out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .boolean(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): out.append(contentsOf: text.utf8)
        case .string(let text): JSONWriter.append(string: text, to: &out)
        case .array(let items):
            out.append(UInt8(ascii: "["))
            for (i, item) in items.enumerated() {
                if i > 0 { out.append(UInt8(ascii: ",")) }
                item.append(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (i, member) in members.enumerated() {
                if i > 0 { out.append(UInt8(ascii: ",")) }
                out.append(contentsOf: JSONWriter.key(member.key))
                member.value.append(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }
}

/// Builds the tree with a stack of its own.
private struct JSONTreeParser {
    var cursor: JSONCursor

    private enum Frame {
        case array([JSONValue])
        case object(JSONObjectBuilder, key: String)
    }

    mutating func parse() throws(JSONError) -> JSONValue {
        var stack: [Frame] = []
        while true {
            guard var value = try open(&stack) else { continue }
            // Close every container that ends with this value.
            while true {
                guard let frame = stack.popLast() else {
                    try cursor.finish()
                    return value
                }
                let (closed, next) = try place(value, in: frame)
                if let next {
                    stack.append(next)
                    break
                }
                value = closed
            }
        }
    }

    /// A scalar or an empty container; `nil` after a container was opened.
    private mutating func open(_ stack: inout [Frame]) throws(JSONError) -> JSONValue? {
        switch cursor.peek() {
        case UInt8(ascii: "{"):
            cursor.i += 1
            try cursor.checkDepth(stack.count)
            if cursor.take(UInt8(ascii: "}")) { return .object([]) }
            stack.append(.object(JSONObjectBuilder(), key: try key()))
            return nil
        case UInt8(ascii: "["):
            cursor.i += 1
            try cursor.checkDepth(stack.count)
            if cursor.take(UInt8(ascii: "]")) { return .array([]) }
            stack.append(.array([]))
            return nil
        case UInt8(ascii: "\""): return .string(string(try cursor.string()))
        case UInt8(ascii: "-"), 0x30...0x39:
            let number = try cursor.number()
            return .number(plain(number.from, number.end))
        default:
            switch try cursor.literal() {
            case .null: return .null
            case .yes: return .boolean(true)
            case .no: return .boolean(false)
            }
        }
    }

    /// The container with the value in it, or the frame to go on with where more follows.
    private mutating func place(
        _ value: JSONValue, in frame: Frame
    ) throws(JSONError) -> (JSONValue, Frame?) {
        switch frame {
        case .array(var items):
            items.append(value)
            if cursor.take(UInt8(ascii: ",")) { return (.null, .array(items)) }
            guard cursor.take(UInt8(ascii: "]")) else { throw cursor.expected("`,` or `]`") }
            return (.array(items), nil)
        case .object(var object, let key):
            object.set(key, value)
            if cursor.take(UInt8(ascii: ",")) {
                return (.null, .object(object, key: try self.key()))
            }
            guard cursor.take(UInt8(ascii: "}")) else { throw cursor.expected("`,` or `}`") }
            return (.object(object.members), nil)
        }
    }

    private mutating func key() throws(JSONError) -> String { string(try cursor.key()) }

    private func string(_ text: JSONCursor.Text) -> String {
        guard text.isEscaped else { return plain(text.from, text.end) }
        var bytes: [UInt8] = []
        cursor.unescape(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func plain(_ from: Int, _ end: Int) -> String {
        String(
            decoding: UnsafeBufferPointer(start: cursor.base + from, count: end - from),
            as: UTF8.self)
    }
}

private struct JSONObjectBuilder {
    var members: [JSONValue.Member] = []
    /// Built only for objects of many members.
    private var index: [String: Int] = [:]

    mutating func set(_ key: String, _ value: JSONValue) {
        if let at = position(key) {
            members[at].value = value
        } else {
            members.append(JSONValue.Member(key, value))
            if members.count > 8 { index[key] = members.count - 1 }
        }
    }

    private mutating func position(_ key: String) -> Int? {
        if members.count <= 8 { return members.firstIndex { $0.key == key } }
        if index.isEmpty || index.count < members.count {
            for (i, member) in members.enumerated() { index[member.key] = i }
        }
        return index[key]
    }
}

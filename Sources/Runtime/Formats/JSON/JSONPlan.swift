import PipelineDSL

/// What decoding a file's rows needs to know; made once a file, shared by all its units.
final class JSONPlan: Sendable {
    let options: JSONOptions
    let fields: [Field]
    let keys: JSONKeys
    /// Of the rows that dead letters show; `nil` without personal data.
    let redaction: RawRedaction?
    let object: String
    let source: String
    /// Whether a row with a key that is not declared is rejected.
    let refusesUnknown: Bool

    /// `rename` maps keys of the file to names of fields.
    init(
        options: JSONOptions, fields: [Field], rename: [String: String], object: String,
        source: String, refusesUnknown: Bool = false
    ) {
        self.options = options
        self.fields = fields
        self.object = object
        self.source = source
        self.refusesUnknown = refusesUnknown
        var names: [(String, Int)] = []
        for (column, field) in fields.enumerated() {
            // A key that is itself renamed to something else no longer means its own name.
            if rename[field.name] == nil { names.append((field.name, column)) }
        }
        for (theirs, ours) in rename.sorted(by: { $0.key < $1.key }) {
            if let column = fields.firstIndex(where: { $0.name == ours }) {
                names.append((theirs, column))
            }
        }
        keys = JSONKeys(names)
        redaction = RawRedaction(fields, keys)
    }

    /// Columns of these types can be read; throws for others, which the planner should have refused.
    func checkTypes() throws {
        for field in fields where !JSONPlan.isReadable(field.type) {
            throw RunError(
                .unreadableType,
                "column `\(field.name)` of `\(object)` has the type `\(field.type)`, which JSON cannot hold",
                notes: ["declare it as `string` and cast it in a step"])
        }
    }

    static func isReadable(_ type: DataType) -> Bool {
        switch type {
        case .interval: false
        case .array(let element): isReadable(element)
        case .map(let key, let value): !key.isNested && isReadable(key) && isReadable(value)
        case .structure(let fields): fields.allSatisfy { isReadable($0.type) }
        default: true
        }
    }
}

/// What the rows of a unit stand between.
enum JSONFraming: Sendable {
    /// One row a line; a line that is not JSON is rejected.
    case lines
    /// Elements of an array with commas between; anything else breaks the document.
    case elements
    /// Values one after another.
    case sequence
}

/// A value that was read: its bytes, quotes and brackets included.
struct JSONSpan: BitwiseCopyable {
    var from: Int
    var end: Int
    /// A string with escapes.
    var isEscaped: Bool

    /// `from` in the low 32 bits, `end` in the next 31, ``isEscaped`` on top; never 0.
    @inline(__always) var packed: UInt64 {
        UInt64(truncatingIfNeeded: from) | UInt64(truncatingIfNeeded: end) &<< 32
            | (isEscaped ? 1 &<< 63 : 0)
    }

    @inline(__always)
    init(packed: UInt64) {
        from = Int(truncatingIfNeeded: packed & 0xFFFF_FFFF)
        end = Int(truncatingIfNeeded: packed &>> 32 & 0x7FFF_FFFF)
        isEscaped = packed &>> 63 == 1
    }

    @inline(__always)
    init(from: Int, end: Int, isEscaped: Bool = false) {
        self.from = from
        self.end = end
        self.isEscaped = isEscaped
    }
}

extension JSONCursor {
    /// Reads any value; `nil` where it is `null`.
    @inline(__always)
    mutating func value(depth: Int) throws(JSONError) -> JSONSpan? {
        let first = peek()
        let from = i
        switch first {
        case UInt8(ascii: "\""):
            let text = try string()
            return JSONSpan(from: from, end: i, isEscaped: text.isEscaped)
        case UInt8(ascii: "-"), 0x30...0x39: _ = try number()
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipValue(depth: depth)
        default: if try literal() == .null { return nil }
        }
        return JSONSpan(from: from, end: i)
    }

    /// Calls `body` with the elements of an array, whose bracket is next, and their indices.
    mutating func elements(
        depth: Int, _ body: (Int, JSONSpan?) -> Void
    ) throws(JSONError) {
        i += 1
        if take(UInt8(ascii: "]")) { return }
        var index = 0
        while true {
            body(index, try value(depth: depth + 1))
            index += 1
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw expected("`,` or `]`") }
            return
        }
    }

    /// Calls `body` with the members of an object, whose brace is next.
    @inline(__always)
    mutating func members(
        depth: Int, _ body: (Text, JSONCursor, JSONSpan?) -> Void
    ) throws(JSONError) {
        i &+= 1
        if take(UInt8(ascii: "}")) { return }
        while true {
            let key = try key()
            let value = try value(depth: depth &+ 1)
            body(key, self, value)
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw expected("`,` or `}`") }
            return
        }
    }
}

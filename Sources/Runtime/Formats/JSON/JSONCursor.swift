import Glibc

/// Where JSON text stops being JSON.
package struct JSONError: Error, Sendable, Equatable {
    /// Bytes from the start of the text.
    package var offset: Int
    /// What is there, or what was expected: half a sentence.
    package var reason: String
}

/// Reads JSON text (RFC 8259) from front to back, strictly: no comments, no trailing commas, no bare
/// words, only UTF-8, every surrogate paired. Containers nest at most ``maxDepth`` deep; nothing
/// here recurses, so no input can exhaust the stack.
struct JSONCursor {
    static let maxDepth = 1000

    let base: UnsafePointer<UInt8>
    let end: Int
    var i: Int

    init(_ base: UnsafePointer<UInt8>, from: Int = 0, end: Int) {
        self.base = base
        self.end = end
        i = from
    }

    func error(_ reason: String, at offset: Int? = nil) -> JSONError {
        JSONError(offset: offset ?? i, reason: reason)
    }

    /// "expected …, found …" for the byte at the cursor.
    @inline(never)
    func expected(_ what: String) -> JSONError {
        guard i < end else { return error("the text ends where \(what) should be") }
        let scalar = UnicodeScalar(base[i])
        let found =
            (0x21..<0x7F).contains(base[i]) ? "`\(scalar)`" : "byte 0x\(String(base[i], radix: 16))"
        return error("\(found) stands where \(what) should be")
    }

    @inline(__always)
    mutating func skipSpace() {
        while i < end {
            switch base[i] {
            case 0x20, 0x09, 0x0A, 0x0D: i &+= 1
            default: return
            }
        }
    }

    /// Takes `byte` if it is next, after white space.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard i < end, base[i] == byte else { return false }
        i &+= 1
        return true
    }

    /// The next byte after white space, 0 at the end. (A NUL is never valid, so 0 is never mistaken.)
    @inline(__always)
    mutating func peek() -> UInt8 {
        skipSpace()
        return i < end ? base[i] : 0
    }
}

// MARK: - Tokens

extension JSONCursor {
    /// The content of a string, without its quotes.
    struct Text {
        var from: Int
        var end: Int
        /// Whether it has escapes, so that its bytes are not its value.
        var isEscaped: Bool
    }

    /// A string; the cursor must be at its opening quote.
    @inline(__always)
    mutating func string() throws(JSONError) -> Text {
        let from = i &+ 1
        var at = from
        let raw = UnsafeRawPointer(base)
        while at &+ 8 <= end {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let special = JSONCursor.specials(word)
            if special != 0 {
                at &+= special.trailingZeroBitCount &>> 3
                break
            }
            at &+= 8
        }
        if at < end, base[at] == UInt8(ascii: "\"") {
            i = at &+ 1
            return Text(from: from, end: at, isEscaped: false)
        }
        return try longString(from, at)
    }

    @inline(never)
    private mutating func longString(_ from: Int, _ start: Int) throws(JSONError) -> Text {
        var at = start
        var isEscaped = false
        while at < end {
            if at + 8 <= end, JSONCursor.isPlain(base + at) {
                at += 8
                continue
            }
            let byte = base[at]
            if byte == UInt8(ascii: "\"") {
                i = at + 1
                return Text(from: from, end: at, isEscaped: isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                at += try escapeLength(at)
            } else if byte < 0x20 {
                throw error("a control character must be escaped in a string", at: at)
            } else {
                let length = UTF8Text.sequenceLength(base + at, end - at)
                if length == 0 { throw error("the string is not UTF-8", at: at) }
                at += length
            }
        }
        throw error("the string that starts here is never closed", at: from - 1)
    }

    /// Whether none of eight bytes is a quote, a backslash, a control or non-ASCII.
    @inline(__always)
    private static func isPlain(_ p: UnsafePointer<UInt8>) -> Bool {
        specials(UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))) == 0
    }

    /// The high bit of each byte of `word` that is a quote, a backslash, a control or non-ASCII.
    @inline(__always)
    private static func specials(_ word: UInt64) -> UInt64 {
        let controls = ~((word & ~UTF8Text.highBits) &+ 0x6060_6060_6060_6060)
        return bytesEqual(word, repeatedByte(UInt8(ascii: "\"")))
            | bytesEqual(word, repeatedByte(UInt8(ascii: "\\")))
            | ((controls | word) & UTF8Text.highBits)
    }

    private func escapeLength(_ at: Int) throws(JSONError) -> Int {
        guard at + 1 < end else { throw error("the text ends in an escape", at: at) }
        switch base[at + 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return 2
        case UInt8(ascii: "u"): break
        default: throw error("this escape does not exist", at: at)
        }
        guard let unit = hexUnit(at + 2) else {
            throw error("`\\u` needs four hexadecimal digits", at: at)
        }
        if unit & 0xFC00 == 0xDC00 { throw error("a low surrogate without a high one", at: at) }
        guard unit & 0xFC00 == 0xD800 else { return 6 }
        guard at + 7 < end, base[at + 6] == UInt8(ascii: "\\"), base[at + 7] == UInt8(ascii: "u"),
            let low = hexUnit(at + 8), low & 0xFC00 == 0xDC00
        else { throw error("a high surrogate without a low one", at: at) }
        return 12
    }

    private func hexUnit(_ at: Int) -> UInt32? {
        guard at + 4 <= end else { return nil }
        var value: UInt32 = 0
        for k in 0..<4 {
            guard let digit = ScalarText.hexDigit(base[at + k]) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// Appends the value of a string that was read before, escapes resolved.
    func unescape(_ text: Text, into out: inout [UInt8]) {
        var at = text.from
        while at < text.end {
            let byte = base[at]
            guard byte == UInt8(ascii: "\\") else {
                out.append(byte)
                at += 1
                continue
            }
            let escape = base[at + 1]
            at += 2
            switch escape {
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"):
                var value = hexUnit(at) ?? 0xFFFD
                at += 4
                if value & 0xFC00 == 0xD800, let low = hexUnit(at + 2) {
                    value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
                    at += 6
                }
                out.append(contentsOf: Unicode.UTF8.encode(UnicodeScalar(value) ?? "\u{FFFD}")!)
            default: out.append(escape)
            }
        }
    }

    /// A number; the cursor must be at its first byte.
    @inline(__always)
    mutating func number() throws(JSONError) -> (from: Int, end: Int, isInteger: Bool) {
        let from = i
        if i < end, base[i] == UInt8(ascii: "-") { i &+= 1 }
        let digits = i
        skipDigits()
        if i == digits { throw expected("a digit") }
        if base[digits] == UInt8(ascii: "0"), i &- digits > 1 {
            throw error("a number does not start with a zero", at: digits)
        }
        var isInteger = true
        if i < end, base[i] == UInt8(ascii: ".") {
            isInteger = false
            i &+= 1
            let fraction = i
            skipDigits()
            if i == fraction { throw expected("a digit after the decimal point") }
        }
        if i < end, base[i] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            i &+= 1
            if i < end, base[i] == UInt8(ascii: "-") || base[i] == UInt8(ascii: "+") { i &+= 1 }
            let exponent = i
            skipDigits()
            if i == exponent { throw expected("a digit of the exponent") }
        }
        return (from, i, isInteger)
    }

    @inline(__always)
    private mutating func skipDigits() { while i < end, base[i] &- 48 <= 9 { i &+= 1 } }

    enum Literal { case null, yes, no }

    /// `null`, `true` or `false`; the cursor must be at its first letter.
    mutating func literal() throws(JSONError) -> Literal {
        if takeWord("null") { return .null }
        if takeWord("true") { return .yes }
        if takeWord("false") { return .no }
        throw expected("a value")
    }

    private mutating func takeWord(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard end - i >= count, memcmp(base + i, word.utf8Start, count) == 0 else { return false }
        i += count
        return true
    }
}

// MARK: - Values

extension JSONCursor {
    /// Passes over one value of any kind and depth, checking all of it.
    ///
    /// - Parameter depth: how many containers the value stands in.
    mutating func skipValue(depth: Int = 0) throws(JSONError) {
        var isObject = BitStack()
        while true {
            // A value starts here.
            switch peek() {
            case UInt8(ascii: "{"):
                i += 1
                try checkDepth(depth &+ isObject.count)
                if !take(UInt8(ascii: "}")) {
                    isObject.push(true)
                    try skipKey()
                    continue
                }
            case UInt8(ascii: "["):
                i += 1
                try checkDepth(depth &+ isObject.count)
                if !take(UInt8(ascii: "]")) {
                    isObject.push(false)
                    continue
                }
            case UInt8(ascii: "\""): _ = try string()
            case UInt8(ascii: "-"), 0x30...0x39: _ = try number()
            default: _ = try literal()
            }
            // A value ended here: what follows depends on where it stood.
            while true {
                if isObject.count == 0 { return }
                let inObject = isObject.top
                if take(UInt8(ascii: ",")) {
                    if inObject { try skipKey() }
                    break
                }
                guard take(inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw expected(inObject ? "`,` or `}`" : "`,` or `]`")
                }
                isObject.pop()
            }
        }
    }

    func checkDepth(_ depth: Int) throws(JSONError) {
        if depth >= JSONCursor.maxDepth {
            throw error("it nests more than \(JSONCursor.maxDepth) deep", at: i - 1)
        }
    }

    private mutating func skipKey() throws(JSONError) { _ = try key() }

    /// A member's key and its colon.
    @inline(__always)
    mutating func key() throws(JSONError) -> Text {
        guard peek() == UInt8(ascii: "\"") else { throw expected("a key in quotes") }
        let text = try string()
        guard take(UInt8(ascii: ":")) else { throw expected("`:`") }
        return text
    }

    /// Nothing but white space may follow.
    mutating func finish() throws(JSONError) {
        skipSpace()
        if i < end { throw expected("the end of the text") }
    }
}

/// A stack of bits; no allocation up to 64 of them.
struct BitStack {
    private(set) var count = 0
    private var low: UInt64 = 0
    private var rest: [UInt64] = []

    @inline(__always)
    mutating func push(_ bit: Bool) {
        if count > 0, count & 63 == 0 {
            rest.append(low)
            low = 0
        }
        low = low &<< 1 | (bit ? 1 : 0)
        count &+= 1
    }

    /// The last bit pushed; `false` where there is none.
    @inline(__always) var top: Bool { low & 1 == 1 }

    @inline(__always)
    mutating func pop() {
        guard count > 0 else { return }
        low = low &>> 1
        count &-= 1
        if count > 0, count & 63 == 0 { low = rest.popLast() ?? 0 }
    }
}

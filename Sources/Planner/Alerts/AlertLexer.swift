import PipelineDSL

/// A word of a condition, with its place in the decoded text.
struct AlertToken: Hashable {
    enum Kind: Hashable {
        /// `errors`, `silver.telemetry`, `AND`
        case name(String)
        /// `60 s`, `512 MB`, `5`, `1%`
        case quantity(String)
        /// `${threshold}`
        case parameter(String)
        /// `>`, `(`, …
        case sign(String)
        case unknown(String)
    }

    var kind: Kind
    /// In UTF-8 bytes.
    var range: Range<Int>
}

enum AlertLexer {
    private static let signs = [
        ">=", "<=", "<>", "!=", ">", "<", "=", "(", ")", "+", "-", "*", "/",
    ]

    static func tokens(_ text: String) -> [AlertToken] {
        let bytes = Array(text.utf8)
        var tokens: [AlertToken] = []
        var i = 0
        while i < bytes.count {
            if isSpace(bytes[i]) {
                i += 1
                continue
            }
            let (kind, end) = token(bytes, i)
            tokens.append(AlertToken(kind: kind, range: i..<end))
            i = end
        }
        return tokens
    }

    private static func token(_ bytes: [UInt8], _ start: Int) -> (AlertToken.Kind, Int) {
        func text(_ end: Int) -> String { String(decoding: bytes[start..<end], as: UTF8.self) }
        if isLetter(bytes[start]) {
            let end = run(bytes, start) { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: ".") }
            return (.name(text(end)), end)
        }
        if isDigit(bytes[start]) {
            let end = quantity(bytes, start)
            return (.quantity(text(end)), end)
        }
        if bytes[start] == UInt8(ascii: "$"), start + 1 < bytes.count,
            bytes[start + 1] == UInt8(ascii: "{"),
            let close = bytes[start...].firstIndex(of: UInt8(ascii: "}"))
        {
            let name = String(decoding: bytes[(start + 2)..<close], as: UTF8.self)
            return (.parameter(name), close + 1)
        }
        for sign in signs where bytes[start...].starts(with: sign.utf8) {
            return (.sign(sign), start + sign.utf8.count)
        }
        // A character, not a part of one.
        let end = max(start + 1, run(bytes, start + 1) { $0 & 0xC0 == 0x80 })
        return (.unknown(text(end)), end)
    }

    /// A number with the unit that follows it, if one does.
    private static func quantity(_ bytes: [UInt8], _ start: Int) -> Int {
        let end = run(bytes, start) {
            isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
        }
        if end < bytes.count, bytes[end] == UInt8(ascii: "%") { return end + 1 }
        let unit = run(bytes, end, while: isSpace)
        let unitEnd = run(bytes, unit, while: isLetter)
        let word = String(decoding: bytes[unit..<unitEnd], as: UTF8.self).lowercased()
        return word.isEmpty || ["and", "or"].contains(word) ? end : unitEnd
    }

    private static func run(_ bytes: [UInt8], _ start: Int, while isIn: (UInt8) -> Bool) -> Int {
        var i = start
        while i < bytes.count, isIn(bytes[i]) { i += 1 }
        return i
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
}

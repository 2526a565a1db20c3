extension Lexer {
    /// Moves past white space and comments; false at the end of the text.
    mutating func skipBlanks() -> Bool {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D: position += 1
            case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"): skipLine()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): skipBlockComment()
            case 0x80...:
                // Text copied from a web page brings no-break spaces with it.
                guard let (scalar, length) = scalar(at: position), scalar.isBlank else {
                    return true
                }
                position += length
            default: return true
            }
        }
        return false
    }

    private mutating func skipLine() {
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
    }

    /// Block comments nest, as in PostgreSQL.
    private mutating func skipBlockComment() {
        let start = position
        var depth = 0
        while position < bytes.count {
            if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                position += 2
            } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                position += 2
                if depth == 0 { return }
            } else {
                position += 1
            }
        }
        endsInsideQuote = true
        report(
            .unclosedQuote, "this comment is never closed", start..<start + 2,
            label: "opened here", notes: ["a comment ends with `*/`; comments nest"])
    }
}

extension Unicode.Scalar {
    /// White space, and what looks like it: the byte order mark and the zero-width space.
    fileprivate var isBlank: Bool {
        properties.isWhitespace || self == "\u{FEFF}" || self == "\u{200B}"
    }
}

extension Lexer {
    mutating func scanOperator(_ byte: UInt8) {
        guard let (kind, length) = operatorKind(byte) else { return scanUnknown() }
        add(kind, length: length)
    }

    /// The longest operator that starts here. Unlike PostgreSQL the set is closed, so that `a=-1`
    /// needs no blanks.
    private func operatorKind(_ byte: UInt8) -> (Token.Kind, length: Int)? {
        let next = peek(1)
        switch byte {
        case UInt8(ascii: "("): return (.leftParenthesis, 1)
        case UInt8(ascii: ")"): return (.rightParenthesis, 1)
        case UInt8(ascii: "["): return (.leftBracket, 1)
        case UInt8(ascii: "]"): return (.rightBracket, 1)
        case UInt8(ascii: "{"): return (.leftBrace, 1)
        case UInt8(ascii: "}"): return (.rightBrace, 1)
        case UInt8(ascii: ","): return (.comma, 1)
        case UInt8(ascii: "."): return (.dot, 1)
        case UInt8(ascii: ";"): return (.semicolon, 1)
        case UInt8(ascii: "+"): return (.plus, 1)
        case UInt8(ascii: "%"): return (.percent, 1)
        case UInt8(ascii: "^"): return (.caret, 1)
        case UInt8(ascii: "*"): return next == byte ? (.doubleStar, 2) : (.star, 1)
        case UInt8(ascii: "/"): return next == byte ? (.doubleSlash, 2) : (.slash, 1)
        case UInt8(ascii: "&"): return next == byte ? (.doubleAmpersand, 2) : (.bitAnd, 1)
        case UInt8(ascii: "|"): return next == byte ? (.concatenate, 2) : (.bitOr, 1)
        case UInt8(ascii: ":"): return colon(next)
        case UInt8(ascii: "-"): return minus(next)
        case UInt8(ascii: "="): return equals(next)
        case UInt8(ascii: "<"): return less(next)
        case UInt8(ascii: ">"): return greater(next)
        case UInt8(ascii: "!"): return bang(next)
        case UInt8(ascii: "~"): return next == UInt8(ascii: "*") ? (.tildeStar, 2) : (.tilde, 1)
        default: return nil
        }
    }

    private func colon(_ next: UInt8) -> (Token.Kind, length: Int) {
        switch next {
        case UInt8(ascii: ":"): (.doubleColon, 2)
        case UInt8(ascii: "="): (.assign, 2)
        default: (.colon, 1)
        }
    }

    private func minus(_ next: UInt8) -> (Token.Kind, length: Int) {
        guard next == UInt8(ascii: ">") else { return (.minus, 1) }
        return peek(2) == UInt8(ascii: ">") ? (.doubleArrow, 3) : (.arrow, 2)
    }

    private func equals(_ next: UInt8) -> (Token.Kind, length: Int) {
        switch next {
        case UInt8(ascii: "="): (.doubleEqual, 2)
        case UInt8(ascii: ">"): (.fatArrow, 2)
        default: (.equal, 1)
        }
    }

    private func less(_ next: UInt8) -> (Token.Kind, length: Int) {
        switch next {
        case UInt8(ascii: "="): peek(2) == UInt8(ascii: ">") ? (.spaceship, 3) : (.lessOrEqual, 2)
        case UInt8(ascii: ">"): (.notEqual, 2)
        case UInt8(ascii: "<"): (.shiftLeft, 2)
        default: (.less, 1)
        }
    }

    private func greater(_ next: UInt8) -> (Token.Kind, length: Int) {
        switch next {
        case UInt8(ascii: "="): (.greaterOrEqual, 2)
        case UInt8(ascii: ">"): (.shiftRight, 2)
        default: (.greater, 1)
        }
    }

    private func bang(_ next: UInt8) -> (Token.Kind, length: Int) {
        switch next {
        case UInt8(ascii: "="): (.notEqual, 2)
        case UInt8(ascii: "~"):
            peek(2) == UInt8(ascii: "*") ? (.bangTildeStar, 3) : (.bangTilde, 2)
        default: (.bang, 1)
        }
    }

    /// One token and one diagnostic for a whole run of characters that mean nothing here.
    mutating func scanUnknown() {
        let start = position
        repeat {
            position += scalar(at: position)?.length ?? 1
        } while position < bytes.count && isUnknown()
        position = min(position, bytes.count)
        add(.invalid, from: start)
        let text = String(decoding: bytes[start..<position].prefix(60), as: UTF8.self)
        let notes =
            text.hasPrefix("?")
            ? ["a value from outside is written `${name}`, a declared parameter"] : []
        report(
            .unexpectedCharacter, "\(printable(text)) means nothing in SQL", start..<position,
            notes: notes)
    }

    private func isUnknown() -> Bool {
        let byte = bytes[position]
        switch byte {
        case 0...0x08, 0x0E...0x1F, 0x7F, UInt8(ascii: "#"), UInt8(ascii: "@"),
            UInt8(ascii: "?"), UInt8(ascii: "\\"):
            return true
        case 0x80...:
            guard let (scalar, _) = scalar(at: position) else { return true }
            return !scalar.properties.isXIDStart && !scalar.properties.isWhitespace
                && !CurlyQuotes.opens(scalar)
        default: return false
        }
    }

    private func printable(_ text: String) -> String {
        let hidden = text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        return hidden ? "a control character" : "`\(text)`"
    }
}

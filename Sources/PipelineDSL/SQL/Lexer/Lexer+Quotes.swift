/// The typographic quotes that word processors put in the place of `'` and `"`.
enum CurlyQuotes {
    static func opens(_ scalar: Unicode.Scalar) -> Bool { closing(scalar) != nil }

    static func closing(_ scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
        switch scalar {
        case "\u{2018}", "\u{2019}", "\u{201A}": ["\u{2018}", "\u{2019}"]
        case "\u{201C}", "\u{201D}", "\u{201E}": ["\u{201C}", "\u{201D}"]
        default: nil
        }
    }
}

extension Lexer {
    /// `'…'` with `''` for a quote; `E'…'` also with backslashes; `X'…'`.
    mutating func scanString(kind: Token.Kind, quoteAt quote: Int) {
        let start = position
        position = quote + 1
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\\"), kind == .escapeString {
                position = min(position + 2, bytes.count)
            } else if byte != UInt8(ascii: "'") {
                position += 1
            } else if peek(1) == UInt8(ascii: "'") {
                position += 2
            } else {
                position += 1
                return add(kind, from: start)
            }
        }
        add(kind, from: start)
        reportUnclosed(
            "text", opener: start..<quote + 1,
            notes: ["text ends with `'`; a quote inside it is written twice: `'it''s'`"])
    }

    mutating func scanQuotedName(quote: UInt8) {
        let start = position
        position += 1
        while position < bytes.count {
            if bytes[position] != quote {
                position += 1
            } else if peek(1) == quote {
                position += 2
            } else {
                position += 1
                if position - start == 2 { reportEmptyName(start..<position, quote: quote) }
                return add(.quotedName, from: start)
            }
        }
        add(.quotedName, from: start)
        reportUnclosed("name", opener: start..<start + 1, notes: [])
    }

    private mutating func reportEmptyName(_ range: Range<Int>, quote: UInt8) {
        let isDouble = quote == UInt8(ascii: "\"")
        report(
            .emptyName, "a name cannot be empty", range,
            notes: isDouble ? ["empty text is written `''`; double quotes are for names"] : [],
            fix: isDouble
                ? Diagnostic.Fix(
                    "write it as text", span: source.span(range), replacement: "''") : nil)
    }

    mutating func reportUnclosed(_ what: String, opener: Range<Int>, notes: [String]) {
        endsInsideQuote = true
        report(
            .unclosedQuote, "this \(what) is never closed", opener, label: "opened here",
            notes: notes)
    }

    /// `$$…$$`, `$tag$…$tag$`, `${…}`.
    mutating func scanDollar() {
        if peek(1) == UInt8(ascii: "{") { return scanParameter() }
        let start = position
        var tagEnd = position + 1
        while tagEnd < bytes.count, bytes[tagEnd].isWordByte, bytes[tagEnd] != UInt8(ascii: "$") {
            tagEnd += 1
        }
        let startsWithDigit = peek(1).isASCIIDigit
        guard tagEnd < bytes.count, bytes[tagEnd] == UInt8(ascii: "$"), !startsWithDigit else {
            return scanStrayDollar(wordEnd: tagEnd)
        }
        let tag = bytes[start...tagEnd]
        position = tagEnd + 1
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "$"), position + tag.count <= bytes.count,
                bytes[position..<position + tag.count].elementsEqual(tag)
            {
                position += tag.count
                return add(.dollarString, from: start)
            }
            position += 1
        }
        add(.dollarString, from: start)
        reportUnclosed(
            "text", opener: start..<tagEnd + 1,
            notes: ["it ends with `\(String(decoding: tag, as: UTF8.self))`"])
    }

    /// `$1` or `$name`: a habit from other tools.
    private mutating func scanStrayDollar(wordEnd: Int) {
        let start = position
        position = max(wordEnd, start + 1)
        add(.invalid, from: start)
        let name = String(decoding: bytes[start + 1..<position], as: UTF8.self)
        let isName = !name.isEmpty && !bytes[start + 1].isASCIIDigit
        report(
            .malformedReference, "`$` starts a reference, which has braces: `${name}`",
            start..<position,
            fix: isName
                ? Diagnostic.Fix(
                    "add the braces", span: source.span(start..<position),
                    replacement: "${\(name)}") : nil)
    }

    /// Quotes of a word processor: taken as text, so that one mistake gives one message.
    mutating func scanCurlyQuoted(length: Int) {
        let start = position
        let closers = scalar(at: position).flatMap { CurlyQuotes.closing($0.0) } ?? []
        position += length
        while position < bytes.count, bytes[position] != 0x0A {
            guard let (scalar, length) = scalar(at: position) else { break }
            position += length
            guard closers.contains(scalar) else { continue }
            let inner = String(
                decoding: bytes[start + 3..<max(start + 3, position - length)], as: UTF8.self)
            add(.invalid, from: start)
            return report(
                .unexpectedCharacter, "typographic quotes do not quote in SQL", start..<position,
                notes: ["text stands in `'`, a name in `\"`"],
                fix: Diagnostic.Fix(
                    "use straight quotes", span: source.span(start..<position),
                    replacement: quotedText(inner)))
        }
        position = start + length
        add(.invalid, from: start)
        report(
            .unexpectedCharacter, "typographic quotes do not quote in SQL", start..<position,
            notes: ["text stands in `'`, a name in `\"`"])
    }
}

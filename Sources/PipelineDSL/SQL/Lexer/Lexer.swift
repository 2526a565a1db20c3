/// Cuts SQL text into tokens, over UTF-8 bytes.
///
/// It never fails: what is no token becomes one of kind `.invalid`, with a diagnostic. The last
/// token is always `.end`, placed right after the last real one.
package struct Lexer {
    package struct Output: Sendable {
        package var tokens: [Token]
        package var diagnostics: [Diagnostic]
        /// A quote or comment stayed open, so that whatever seems to be missing at the end of the
        /// text is most likely inside it.
        package var endsInsideQuote: Bool
    }

    let source: SourceText
    let bytes: [UInt8]
    var position = 0
    var tokens: [Token] = []
    var diagnostics: [Diagnostic] = []
    var endsInsideQuote = false

    package static func run(_ source: SourceText) -> Output {
        run(source, bytes: Array(source.text.utf8))
    }

    static func run(_ source: SourceText, bytes: [UInt8]) -> Output {
        var lexer = Lexer(source: source, bytes: bytes)
        lexer.tokens.reserveCapacity(bytes.count / 4 + 2)
        while lexer.skipBlanks() { lexer.scanToken() }
        let end = Int(lexer.tokens.last?.end ?? 0)
        lexer.tokens.append(Token(.endOfText, start: end, end: end))
        return Output(
            tokens: lexer.tokens, diagnostics: lexer.diagnostics,
            endsInsideQuote: lexer.endsInsideQuote)
    }

    private init(source: SourceText, bytes: [UInt8]) {
        self.source = source
        self.bytes = bytes
    }

    /// The byte `distance` ahead, 0 past the end of the text.
    func peek(_ distance: Int = 0) -> UInt8 {
        let index = position + distance
        return index < bytes.count ? bytes[index] : 0
    }

    mutating func add(_ kind: Token.Kind, from start: Int) {
        tokens.append(Token(kind, start: start, end: position))
    }

    mutating func add(_ kind: Token.Kind, length: Int) {
        let start = position
        position += length
        add(kind, from: start)
    }

    mutating func report(
        _ code: DiagnosticCode, _ message: String, _ range: Range<Int>, label: String = "",
        notes: [String] = [], fix: Diagnostic.Fix? = nil
    ) {
        guard diagnostics.count < SQLParser.maximumDiagnostics else { return }
        diagnostics.append(
            Diagnostic(
                code, message, at: source.span(range), label: label, notes: notes, fix: fix))
    }

    private mutating func scanToken() {
        let byte = peek()
        switch byte {
        case UInt8(ascii: "'"): scanString(kind: .string, quoteAt: position)
        case UInt8(ascii: "\""), UInt8(ascii: "`"): scanQuotedName(quote: byte)
        case UInt8(ascii: "$"): scanDollar()
        case UInt8(ascii: "0")...UInt8(ascii: "9"): scanNumber()
        case UInt8(ascii: ".") where peek(1).isASCIIDigit: scanNumber()
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
            peek(1) == UInt8(ascii: "'")
                ? scanString(kind: .escapeString, quoteAt: position + 1) : scanWord()
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            peek(1) == UInt8(ascii: "'")
                ? scanString(kind: .bytes, quoteAt: position + 1) : scanWord()
        case _ where byte.isASCIILetter || byte == UInt8(ascii: "_"): scanWord()
        case 0x80...: scanBeyondASCII()
        default: scanOperator(byte)
        }
    }

    private mutating func scanBeyondASCII() {
        guard let (scalar, length) = scalar(at: position) else { return scanUnknown() }
        if scalar.properties.isXIDStart {
            scanWord()
        } else if CurlyQuotes.opens(scalar) {
            scanCurlyQuoted(length: length)
        } else {
            scanUnknown()
        }
    }

    private mutating func scanWord() {
        let start = position
        var isASCII = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte.isWordByte {
                position += 1
            } else if byte >= 0x80, let (scalar, length) = scalar(at: position),
                scalar.properties.isXIDContinue
            {
                isASCII = false
                position += length
            } else {
                break
            }
        }
        let length = position - start
        let keyword = isASCII && length <= Keyword.longest ? keyword(in: start..<position) : nil
        tokens.append(Token(.word, keyword: keyword, start: start, end: position))
    }

    private func keyword(in range: Range<Int>) -> Keyword? {
        let lowered = String(unsafeUninitializedCapacity: range.count) { buffer in
            for (offset, index) in range.enumerated() {
                buffer[offset] = bytes[index].asciiLowercased
            }
            return range.count
        }
        return Keyword.named(lowered)
    }

    func scalar(at index: Int) -> (Unicode.Scalar, length: Int)? {
        var decoder = UTF8()
        var rest = bytes[index..<min(index + 4, bytes.count)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&rest) else { return nil }
        return (scalar, UTF8.width(scalar))
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { self &- 0x30 < 10 }
    var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }
    var isWordByte: Bool { isASCIILetter || isASCIIDigit || self == 0x5F || self == 0x24 }
    var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// The value of a hexadecimal digit.
    var hexValue: UInt8? {
        if isASCIIDigit { return self &- 0x30 }
        let lowered = self | 0x20
        return lowered &- 0x61 < 6 ? lowered &- 0x61 &+ 10 : nil
    }
}

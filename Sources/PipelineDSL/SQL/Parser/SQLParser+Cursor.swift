extension SQLParser {
    var current: Token { tokens[index] }

    /// The token `distance` ahead; the end of the text where there is none.
    func peek(_ distance: Int = 1) -> Token { tokens[min(index + distance, tokens.count - 1)] }

    func at(_ kind: Token.Kind) -> Bool { current.kind == kind }
    func at(_ keyword: Keyword) -> Bool { current.keyword == keyword }

    mutating func advance() { if index < tokens.count - 1 { index += 1 } }

    mutating func accept(_ kind: Token.Kind) -> Bool {
        guard at(kind) else { return false }
        advance()
        return true
    }

    mutating func accept(_ keyword: Keyword) -> Bool {
        guard at(keyword) else { return false }
        advance()
        return true
    }

    /// Both words, or neither.
    mutating func accept(_ first: Keyword, _ second: Keyword) -> Bool {
        guard at(first), peek().keyword == second else { return false }
        advance()
        advance()
        return true
    }

    mutating func expect(_ kind: Token.Kind, _ spelling: String) throws(SyntaxError) {
        guard accept(kind) else { throw unexpected("`\(spelling)`") }
    }

    mutating func expect(_ keyword: Keyword) throws(SyntaxError) {
        if accept(keyword) { return }
        if repairMisspelling(among: [keyword]) {
            advance()
        } else {
            throw unexpected("`\(keyword.spelling)`")
        }
    }

    // MARK: Spans

    func span(at index: Int) -> SourceSpan { source.span(tokens[index].range) }

    /// From a token to the last one consumed.
    func span(from start: Int) -> SourceSpan {
        let last = max(start, index - 1)
        let lower = tokens[start].range.lowerBound
        return source.span(lower..<max(lower, tokens[last].range.upperBound))
    }

    /// The empty span behind a token, where something may be missing.
    func spanAfter(_ index: Int) -> SourceSpan {
        let end = tokens[max(0, index)].range.upperBound
        return source.span(end..<end)
    }

    /// The text between two tokens, the second not included, as written.
    func written(_ range: Range<Int>) -> String {
        guard let first = tokens[range].first, let last = tokens[range].last else { return "" }
        let end = max(first.range.lowerBound, last.range.upperBound)
        return String(decoding: text.bytes[first.range.lowerBound..<end], as: UTF8.self)
    }

    /// The current token, as an error message names it.
    var found: String {
        guard current.kind != .endOfText else { return "the end of the text" }
        let raw = text.raw(current)
        let short = raw.unicodeScalars.count > 40 ? "\(raw.unicodeScalars.prefix(37))…" : raw
        let oneLine = short.split(whereSeparator: \.isNewline).first.map(String.init) ?? short
        return "`\(oneLine)`"
    }

    // MARK: Names

    /// A name that stands on its own: any word that is not reserved, or a quoted one.
    mutating func identifier(_ what: String) throws(SyntaxError) -> Identifier {
        if at(.word), let keyword = current.keyword, keyword.isReserved {
            throw reservedName(keyword, what)
        }
        return try label(what)
    }

    /// A name where nothing else can stand, such as after `AS` or a dot: reserved words as well.
    mutating func label(_ what: String) throws(SyntaxError) -> Identifier {
        guard at(.word) || at(.quotedName) else { throw unexpected(what) }
        let name = Identifier(
            text.name(current), quoted: at(.quotedName), span: span(at: index))
        advance()
        return name
    }

    private mutating func reservedName(_ keyword: Keyword, _ what: String) -> SyntaxError {
        // A clause that follows where a name should stand: the name is missing.
        let nameIsMissing = keyword.startsClause || keyword.startsJoin || keyword == .as
        if nameIsMissing, !endsElement(1) { return unexpected(what) }
        return fail(
            .reservedWord, "`\(text.raw(current))` is a word of the language, not a name",
            notes: ["as \(what) it stands in double quotes"],
            fix: Diagnostic.Fix(
                "quote it", span: span(at: index), replacement: "\"\(text.raw(current))\""))
    }

    /// Whether the token `distance` ahead can only come after a finished element of a list.
    func endsElement(_ distance: Int = 0) -> Bool {
        let token = peek(distance)
        switch token.kind {
        case .comma, .endOfText, .semicolon, .rightParenthesis, .rightBracket, .rightBrace:
            return true
        default:
            guard let keyword = token.keyword else { return false }
            // `left(name, 3)` is a call.
            let isCall = keyword == .left || keyword == .right
            if isCall, peek(distance + 1).kind == .leftParenthesis { return false }
            return keyword.startsClause || keyword.startsJoin
        }
    }
}

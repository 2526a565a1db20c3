extension SQLParser {
    func isCloser(_ kind: Token.Kind) -> Bool {
        kind == .rightParenthesis || kind == .rightBracket || kind == .rightBrace
    }

    /// Skips to where parsing can go on behind the broken element that began at `start`: a comma,
    /// a closing bracket or a clause outside of all brackets that were opened in it.
    mutating func recover(from start: Int) {
        leaveBrackets(openedFrom: start)
        while !at(.endOfText) {
            switch current.kind {
            case .comma, .semicolon, .rightParenthesis, .rightBracket, .rightBrace: return
            case .greater where openTypes > 0, .shiftRight where openTypes > 0: return
            case .leftParenthesis, .leftBracket, .leftBrace:
                let closer = Int(closers[index])
                index = closer > index ? closer : index
            default:
                if let keyword = current.keyword, stopsRecovery(keyword) { return }
            }
            advance()
        }
    }

    private mutating func leaveBrackets(openedFrom start: Int) {
        var opener = start
        while opener < index {
            let closer = Int(closers[opener])
            if closer >= index {
                index = closer
                advance()
            } else {
                opener = max(opener, closer) + 1
            }
        }
    }

    private func stopsRecovery(_ keyword: Keyword) -> Bool {
        switch keyword {
        case .when, .then, .else, .end: return openCases > 0
        case .left, .right: return peek().kind != .leftParenthesis
        default: return keyword.startsClause || keyword.startsJoin
        }
    }

    /// Elements separated by commas. A broken one becomes `placeholder`; parsing goes on behind
    /// it. With `startsWithName` any word can start an element, `ORDER` and `FROM` included.
    mutating func list<T>(
        of what: String, startsWithName: Bool = false,
        _ element: (inout SQLParser) throws(SyntaxError) -> T,
        placeholder: (SourceSpan) -> T? = { _ in nil }
    ) -> [T] {
        var result: [T] = []
        while true {
            let start = index
            let outerHeight = height
            do {
                result.append(try element(&self))
            } catch {
                recover(from: start)
                height = max(height, outerHeight)
                placeholder(span(from: start)).map { result.append($0) }
            }
            if accept(.comma) {
                if startsWithName, at(.word) { continue }
                guard endsList else { continue }
                reportTrailingComma()
                return result
            }
            if looksLikeMisspeltClause(), repairMisspelling(among: Self.followers) { return result }
            guard index > start, startsElement() else { return result }
            reportMissingComma(of: what)
        }
    }

    mutating func expressions() -> [Expression] {
        list(of: "expressions") { (parser) throws(SyntaxError) in
            try parser.expression()
        } placeholder: {
            Expression(.invalid, span: $0)
        }
    }

    /// Whether what follows a comma can be no element.
    private var endsList: Bool {
        switch current.kind {
        case .endOfText, .semicolon, .rightParenthesis, .rightBracket, .rightBrace: return true
        default:
            guard let keyword = current.keyword, keyword.isReserved else { return false }
            return keyword.startsClause && keyword != .select
        }
    }

    private mutating func reportTrailingComma() {
        let comma = index - 1
        _ = fail(.trailingComma, "a comma is followed by nothing", at: comma) { parser in
            Diagnostic.Fix("remove the comma", span: parser.span(at: comma), replacement: "")
        }
    }

    private mutating func reportMissingComma(of what: String) {
        let previous = index - 1
        _ = fail(
            .missingComma, "a comma or an operator is missing before \(found)",
            notes: ["\(what) are separated by commas"],
            fix: Diagnostic.Fix(
                "insert a comma", span: spanAfter(previous), replacement: ","))
    }

    /// A syntax error at an earlier token than the current one.
    private mutating func fail(
        _ code: DiagnosticCode, _ message: String, at earlier: Int,
        fix: (SQLParser) -> Diagnostic.Fix?
    ) -> SyntaxError {
        let now = index
        index = earlier
        let error = fail(code, message, fix: fix(self))
        index = now
        return error
    }

    /// Whether an element of a list can start at the token `distance` ahead, so that a comma or
    /// an operator is missing before it.
    func startsElement(_ distance: Int = 0) -> Bool {
        let token = peek(distance)
        switch token.kind {
        case .quotedName, .string, .escapeString, .dollarString, .bytes, .integer, .hexInteger,
            .decimal, .double, .parameter:
            return true
        case .word:
            guard let keyword = token.keyword else { return true }
            switch keyword {
            case .case, .null, .true, .false: return true
            case .rows, .range, .groups: return openWindows == 0
            case .ignore, .respect: return peek(distance + 1).keyword != .nulls
            default: return !keyword.continuesExpression
            }
        default: return false
        }
    }

    /// The closing bracket of `opener`. Where it is missing or something else stands before it,
    /// that is reported and what is inside ends there.
    mutating func close(
        _ kind: Token.Kind, _ spelling: String, opener: Int
    ) throws(SyntaxError) {
        if accept(kind) { return }
        let closer = Int(closers[opener])
        guard closer >= index else { return reportUnclosed(opener, spelling) }
        _ = unexpected(
            "`\(spelling)`",
            secondary: [Diagnostic.Label(span(at: opener), "to close this")])
        index = closer
        advance()
    }

    private mutating func reportUnclosed(_ opener: Int, _ spelling: String) {
        let bracket = text.raw(tokens[opener])
        let noticed = Diagnostic.Label(span(at: index), "`\(spelling)` expected at the latest here")
        guard !isConsequence() else { return }
        report(
            Diagnostic(
                .unclosedBracket, "this `\(bracket)` is never closed", at: span(at: opener),
                label: "opened here", secondary: [noticed],
                fix: Diagnostic.Fix(
                    "close it", span: spanAfter(index - 1), replacement: spelling)))
    }

    // MARK: Misspelt words

    /// If the current word is nearly one of `candidates`, reports that and takes it for that.
    mutating func repairMisspelling(among candidates: [Keyword]) -> Bool {
        guard at(.word), let meant = misspelling(of: current, among: candidates) else {
            return false
        }
        _ = fail(
            .misspeltKeyword, "`\(text.raw(current))` is no word of the language",
            label: "did you mean `\(meant.spelling)`?",
            fix: Diagnostic.Fix(
                "write `\(meant.spelling)`", span: span(at: index), replacement: meant.spelling))
        tokens[index].keyword = meant
        return true
    }

    func misspelling(of token: Token, among candidates: [Keyword]) -> Keyword? {
        guard token.kind == .word, token.keyword == nil, token.range.count > 1,
            diagnostics.count < Self.maximumDiagnostics
        else { return nil }
        let word = text.raw(token)
        guard word.utf8.count <= Keyword.longest + 2 else { return nil }
        return nearName(word, among: candidates.map(\.rawValue)).flatMap { Keyword.named($0) }
    }

    /// Words that may follow a finished expression or table.
    static let followers: [Keyword] = [
        .and, .or, .between, .like, .ilike, .is, .from, .where, .group, .having, .order, .limit,
        .qualify, .window, .offset, .union, .intersect, .except, .join, .inner, .left, .right,
        .full, .cross, .using,
    ]

    /// Whether a word that might be an alias is more likely a misspelt clause: it is nearly one,
    /// and what comes next cannot follow an alias.
    func looksLikeMisspeltClause() -> Bool {
        guard at(.word), current.keyword == nil else { return false }
        let next = peek()
        let isFollowed =
            startsElement(1) || next.kind == .star
            || next.keyword.map { [.by, .not, .select, .all].contains($0) } ?? false
        return isFollowed && misspelling(of: current, among: Self.followers) != nil
    }
}

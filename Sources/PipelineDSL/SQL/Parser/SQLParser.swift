/// Parses expressions, queries and types.
///
/// Parsing never fails: it returns what it understood, `.invalid` where it did not, and every
/// mistake it found. A mistake ends the element it stands in (of a list, a pair of parentheses or
/// a clause); parsing goes on behind it.
///
/// A Pratt parser over an array of tokens. Its own recursion and the height of the trees it builds
/// are both bounded by ``maximumDepth``, so that no walk over a tree can exhaust the stack.
public struct SQLParser {
    /// How deep an expression may be nested, and how long a chain such as `a - b - c` may grow
    /// (each of its operators is a level of the tree). A subquery counts as four levels. `AND`,
    /// `OR` and set operations are flat and have no such bound.
    public static let maximumDepth = 200
    /// The longest text that is read, 1 MiB.
    public static let maximumBytes = 1 << 20
    /// More mistakes than this in one text help nobody.
    package static let maximumDiagnostics = 100

    let source: SourceText
    let text: TokenText
    let endsInsideQuote: Bool
    var tokens: [Token]
    var index = 0
    private(set) var diagnostics: [Diagnostic]

    /// How many constructs are open around the current token.
    var depth = 0
    /// The height of the highest tree finished so far in the innermost open construct.
    var height = 0
    var openCases = 0
    /// How many grouping sets `ROLLUP` and `CUBE` have been written out to.
    var expandedSets = 0
    var openWindows = 0
    /// Types whose `<` is open.
    var openTypes = 0
    /// A number followed by a unit is a duration, as in `iterator_age(events) > 60 s`.
    var allowsDurations = false
    var allowsNullType = false
    /// A word behind the current expression may be its alias.
    var mayBeAliased = false
    /// The token at which `*` or `t.*` may stand.
    var starIndex = -1
    /// Where a syntax error was last reported: another one there would be its consequence.
    private var lastErrorIndex = -1
    private var hasReportedDepth = false
    /// For each opening bracket the token that closes it, -1 where none does.
    let closers: [Int32]

    /// `nil` for text beyond ``maximumBytes``.
    init?(_ source: SourceText) {
        guard source.text.utf8.count <= Self.maximumBytes else { return nil }
        let source = source.withShortSegments()
        let bytes = Array(source.text.utf8)
        let output = Lexer.run(source, bytes: bytes)
        self.source = source
        text = TokenText(bytes: bytes)
        tokens = output.tokens
        diagnostics = output.diagnostics
        endsInsideQuote = output.endsInsideQuote
        closers = Self.matchBrackets(output.tokens)
    }

    static func tooLong(_ source: SourceText) -> Diagnostic {
        Diagnostic(
            .textTooLong, "this text is longer than \(maximumBytes) bytes", at: source.span,
            notes: ["split it: a transform of its own for a part that others read"])
    }

    /// What was found, in the order of the text.
    func finished() -> [Diagnostic] {
        var bag = DiagnosticBag()
        bag.add(contentsOf: diagnostics)
        return bag.sorted
    }

    // MARK: Reporting

    mutating func report(_ diagnostic: Diagnostic) {
        guard diagnostics.count < Self.maximumDiagnostics else { return }
        diagnostics.append(diagnostic)
    }

    /// Reports that something else was expected at the current token, unless that is only the
    /// consequence of an earlier mistake.
    mutating func unexpected(
        _ expected: String, code: DiagnosticCode = .unexpectedToken, label: String = "",
        secondary: [Diagnostic.Label] = [], notes: [String] = [], fix: Diagnostic.Fix? = nil
    ) -> SyntaxError {
        fail(
            code, "expected \(expected), found \(found)", label: label, secondary: secondary,
            notes: notes, fix: fix)
    }

    /// Reports a syntax error at the current token, unless it is the consequence of another.
    mutating func fail(
        _ code: DiagnosticCode, _ message: String, label: String = "",
        secondary: [Diagnostic.Label] = [], notes: [String] = [], fix: Diagnostic.Fix? = nil
    ) -> SyntaxError {
        if !isConsequence() {
            report(
                Diagnostic(
                    code, message, at: source.span(current.range), label: label,
                    secondary: secondary, notes: notes, fix: fix))
        }
        return SyntaxError()
    }

    /// Whether an error at the current token only follows from an earlier one; from now on, any
    /// further one there does.
    mutating func isConsequence() -> Bool {
        defer { lastErrorIndex = index }
        return lastErrorIndex == index || current.kind == .invalid
            || (current.kind == .endOfText && endsInsideQuote)
    }

    // MARK: Depth

    /// A query takes as much stack as this many expressions, both to parse and to walk.
    static let queryDepth = 4

    /// Runs `body` that many levels deeper.
    mutating func nested<T>(
        by levels: Int = 1, _ body: (inout SQLParser) throws(SyntaxError) -> T
    ) throws(SyntaxError) -> T {
        guard depth + levels <= Self.maximumDepth else { throw tooDeep() }
        let (outerHeight, outerMayBeAliased) = (height, mayBeAliased)
        depth += levels
        height = 0
        mayBeAliased = false
        defer {
            depth -= levels
            height = max(height, outerHeight)
            mayBeAliased = outerMayBeAliased
        }
        let result = try body(&self)
        try grow(by: levels)
        return result
    }

    /// Accounts for a node on top of what was just parsed.
    mutating func grow(by levels: Int = 1) throws(SyntaxError) {
        height += levels
        if height > Self.maximumDepth { throw tooDeep() }
    }

    private mutating func tooDeep() -> SyntaxError {
        lastErrorIndex = index
        guard !hasReportedDepth else { return SyntaxError() }
        hasReportedDepth = true
        report(
            Diagnostic(
                .tooDeep, "this is nested more than \(Self.maximumDepth) levels deep",
                at: source.span(current.range), label: "too deep from here on",
                notes: [
                    "compute parts of it in earlier steps or common table expressions",
                    "parentheses around parts of a long chain make it flatter",
                ]))
        return SyntaxError()
    }
}

/// Thrown to leave what could not be parsed; its diagnostic has already been reported.
struct SyntaxError: Error {}

extension SQLParser {
    private static func matchBrackets(_ tokens: [Token]) -> [Int32] {
        var closers = [Int32](repeating: -1, count: tokens.count)
        var open: [(index: Int, closer: Token.Kind)] = []
        var waiting: [Token.Kind: Int] = [:]
        for (index, token) in tokens.enumerated() {
            switch token.kind {
            case .leftParenthesis: open.append((index, .rightParenthesis))
            case .leftBracket: open.append((index, .rightBracket))
            case .leftBrace: open.append((index, .rightBrace))
            case .rightParenthesis, .rightBracket, .rightBrace:
                // One that closes nothing is skipped; one that closes an outer bracket leaves
                // the inner ones unclosed.
                guard waiting[token.kind, default: 0] > 0 else { continue }
                while let last = open.popLast() {
                    waiting[last.closer, default: 0] -= 1
                    guard last.closer == token.kind else { continue }
                    closers[last.index] = Int32(clamping: index)
                    break
                }
                continue
            default: continue
            }
            if let last = open.last { waiting[last.closer, default: 0] += 1 }
        }
        return closers
    }
}

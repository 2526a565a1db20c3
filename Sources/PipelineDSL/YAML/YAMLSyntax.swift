/// Turns libyaml's terse problems into what the user did and how to mend it.
enum YAMLSyntax {
    static func diagnostic(_ failure: YAMLFailure, _ lines: SourceLines) -> Diagnostic {
        let place = YAMLProblemPlace(failure, lines)
        for explain in explanations {
            if let diagnostic = explain(failure, place) { return diagnostic }
        }
        let context = failure.context.isEmpty ? "" : " \(failure.context)"
        return Diagnostic(
            .yamlSyntax, "this is not YAML: \(failure.problem)\(context)", at: place.span)
    }

    private typealias Explanation = @Sendable (YAMLFailure, YAMLProblemPlace) -> Diagnostic?

    /// The first that knows the problem explains it.
    private static let explanations: [Explanation] = [
        tab, unclosedQuote, documentMarkInQuote, missingColon, colonInText, sequenceInLine,
        afterQuote, strayBracket, unclosedBracket, absentValue, reservedCharacter, escape,
        blockHeader, anchorName, tagName, mixedKinds, indentation, directive,
    ]

    // MARK: Layout

    private static func tab(_ failure: YAMLFailure, _ place: YAMLProblemPlace) -> Diagnostic? {
        guard let tabs = place.tabsOfIndentation else { return nil }
        return Diagnostic(
            .yamlTab, "YAML is indented with spaces, and this line starts with a tab",
            at: place.lines.span(tabs), label: "tab",
            fix: .init(
                "indent with spaces", span: place.lines.span(tabs),
                replacement: String(repeating: "  ", count: tabs.count)))
    }

    private static func indentation(
        _ failure: YAMLFailure, _ place: YAMLProblemPlace
    ) -> Diagnostic? {
        guard
            failure.problem == "did not find expected key"
                || failure.problem == "did not find expected '-' indicator"
                || failure.problem == "did not find expected <document start>"
        else { return nil }
        let opening = place.context.map {
            [Diagnostic.Label($0, "what it should line up with")]
        }
        return Diagnostic(
            .yamlIndentation, "this line does not line up with anything above it", at: place.span,
            label: "starts in column \(place.span.start.column)", secondary: opening ?? [],
            notes: ["entries of one mapping or list start in the same column"])
    }

    private static func mixedKinds(
        _ failure: YAMLFailure, _ place: YAMLProblemPlace
    ) -> Diagnostic? {
        guard let context = place.context, context.start.column == place.span.start.column
        else { return nil }
        if failure.problem == "did not find expected '-' indicator" {
            return Diagnostic(
                .yamlIndentation, "a list goes on with `- `, and this line starts without it",
                at: place.span, secondary: [.init(context, "the list starts here")],
                notes: ["indent the line if it belongs to the item above"])
        }
        if failure.problem == "did not find expected key", place.text.hasPrefix("-") {
            return Diagnostic(
                .yamlIndentation, "a list item stands among the keys of a mapping", at: place.span,
                secondary: [.init(context, "the mapping starts here")],
                notes: ["put the list under a key of its own"])
        }
        return nil
    }

    private static func sequenceInLine(
        _ failure: YAMLFailure, _ place: YAMLProblemPlace
    ) -> Diagnostic? {
        guard failure.problem == "block sequence entries are not allowed in this context" else {
            return nil
        }
        return Diagnostic(
            .yamlIndentation, "a list with `- ` starts on a line of its own", at: place.span,
            notes: [
                "or write it in one line as `[a, b]`; a text that starts with `- ` needs quotes"
            ])
    }

    // MARK: Keys and values

    private static func colonInText(
        _ failure: YAMLFailure, _ place: YAMLProblemPlace
    ) -> Diagnostic? {
        guard failure.problem == "mapping values are not allowed in this context" else {
            return nil
        }
        if let value = place.valueBeforeColon { return quotedValue(value, place) }
        if let above = place.lineAbove, !above.hasKey { return keyWithoutColon(above.range, place) }
        return Diagnostic(
            .yamlIndentation, "this key is indented under a key that already has a value",
            at: place.lines.span(place.lineRange),
            secondary: place.lineAbove.map {
                [.init(place.lines.span($0.range), "the key with a value")]
            } ?? [],
            notes: ["keys of one mapping start in the same column"])
    }

    private static func missingColon(
        _ failure: YAMLFailure, _ place: YAMLProblemPlace
    ) -> Diagnostic? {
        guard failure.problem == "could not find expected ':'", let context = place.context else {
            return nil
        }
        return keyWithoutColon(place.text(ofLine: context.start.line), place)
    }

    private static func keyWithoutColon(
        _ line: Range<Int>, _ place: YAMLProblemPlace
    ) -> Diagnostic {
        if let colon = place.colonWithoutSpace(in: line) {
            let after = place.lines.span(colon + 1, colon + 1)
            return Diagnostic(
                .yamlMissingColon, "a space is missing after `:`",
                at: place.lines.span(colon, colon + 1), label: "write `: `",
                fix: .init("add a space", span: after, replacement: " "))
        }
        return Diagnostic(
            .yamlMissingColon, "a key without `:` after it", at: place.lines.span(line),
            label: "`:` expected at the end",
            notes: ["a text over several lines starts with `|` or stands in quotes"])
    }

    private static func absentValue(
        _ failure: YAMLFailure, _ place: YAMLProblemPlace
    ) -> Diagnostic? {
        guard failure.problem == "did not find expected node content" else { return nil }
        if failure.context == "while parsing a flow node", place.span.start == place.span.end {
            return Diagnostic(
                .yamlUnclosedBracket, "the file ends inside of brackets", at: place.span,
                label: "`]` or `}` is missing")
        }
        return Diagnostic(
            .yamlSyntax, "a value is missing here", at: place.span,
            notes: ["an empty text is written `\"\"`"])
    }

    private static func quotedValue(_ value: Range<Int>, _ place: YAMLProblemPlace) -> Diagnostic {
        let text = String(decoding: place.lines.bytes[value], as: UTF8.self)
        let isQuoted = text.hasPrefix("'") || text.hasPrefix("\"")
        let quoted =
            "'"
            + text.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "''") + "'"
        let span = place.lines.span(value)
        return Diagnostic(
            .yamlColonInText, "`: ` inside a text without quotes", at: place.span,
            label: "this would start another mapping",
            notes: ["put the whole text in quotes"],
            fix: isQuoted ? nil : .init("quote the text", span: span, replacement: quoted))
    }

    private static func afterQuote(
        _ failure: YAMLFailure, _ place: YAMLProblemPlace
    ) -> Diagnostic? {
        guard failure.problem.hasPrefix("did not find expected"), let quote = place.quoteBefore
        else { return nil }
        let escape = quote == "'" ? "''" : "\\\""
        return Diagnostic(
            .yamlSyntax, "text goes on after the closing quote", at: place.span,
            label: "expected the end of the line",
            notes: ["inside these quotes, `\(quote)` is written `\(escape)`"])
    }

    private static func reservedCharacter(
        _ failure: YAMLFailure, _ place: YAMLProblemPlace
    ) -> Diagnostic? {
        guard failure.problem == "found character that cannot start any token" else { return nil }
        let character = place.text.unicodeScalars.first.map(String.init) ?? ""
        return Diagnostic(
            .yamlReservedCharacter, "a text without quotes cannot start with `\(character)`",
            at: place.span, notes: ["put the text in quotes"],
            fix: place.quotingFix(from: place.span))
    }
}

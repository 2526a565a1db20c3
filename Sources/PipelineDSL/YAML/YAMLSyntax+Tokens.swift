/// Quotes, brackets, escapes, anchors, tags, headers and directives.
extension YAMLSyntax {
    static func unclosedQuote(_ failure: YAMLFailure, _ place: YAMLProblemPlace) -> Diagnostic? {
        guard failure.context == "while scanning a quoted scalar",
            failure.problem == "found unexpected end of stream", let opening = place.context
        else { return nil }
        let quote = String(decoding: place.lines.bytes[place.range(opening)], as: UTF8.self)
        return Diagnostic(
            .yamlUnclosedQuote, "this quote is never closed", at: opening,
            label: "no `\(quote)` up to the end of the file")
    }

    static func documentMarkInQuote(
        _ failure: YAMLFailure, _ place: YAMLProblemPlace
    ) -> Diagnostic? {
        guard failure.problem == "found unexpected document indicator" else { return nil }
        return Diagnostic(
            .yamlUnclosedQuote, "a document mark stands inside a quoted text", at: place.span,
            secondary: place.context.map { [.init($0, "the quote opened here is not closed")] }
                ?? [])
    }

    static func unclosedBracket(_ failure: YAMLFailure, _ place: YAMLProblemPlace) -> Diagnostic? {
        let isList = failure.problem == "did not find expected ',' or ']'"
        guard isList || failure.problem == "did not find expected ',' or '}'",
            let opening = place.context
        else { return nil }
        let closing = isList ? "]" : "}"
        let what = isList ? "list" : "mapping"
        guard opening.start.line == place.span.start.line else {
            return Diagnostic(
                .yamlUnclosedBracket, "this \(what) is never closed", at: opening,
                label: "no `\(closing)` for it",
                secondary: [.init(place.span, "`,` or `\(closing)` expected at the latest here")])
        }
        return Diagnostic(
            .yamlUnclosedBracket, "expected `,` or `\(closing)` here", at: place.span,
            secondary: [.init(opening, "in the \(what) that starts here")],
            notes: ["a text with a bracket, a brace or a comma in it needs quotes here"])
    }

    static func strayBracket(_ failure: YAMLFailure, _ place: YAMLProblemPlace) -> Diagnostic? {
        guard failure.problem.hasPrefix("did not find expected"),
            let first = place.text.unicodeScalars.first, "]},".unicodeScalars.contains(first),
            failure.context != "while parsing a flow sequence",
            failure.context != "while parsing a flow mapping"
        else { return nil }
        return Diagnostic(
            .yamlUnclosedBracket, "`\(first)` with nothing open that it could belong to",
            at: place.span, notes: ["a text that starts with `\(first)` needs quotes"])
    }

    static func escape(_ failure: YAMLFailure, _ place: YAMLProblemPlace) -> Diagnostic? {
        guard failure.context == "while parsing a quoted scalar" else { return nil }
        let start = place.escapeStart
        let span = place.lines.span(start, place.escapeEnd(start))
        if failure.problem == "found unknown escape character" {
            return Diagnostic(
                .yamlEscape, "no such escape in a double-quoted text", at: span,
                notes: [
                    "a backslash itself is written `\\\\`; in single quotes it needs no escape",
                    "escapes: \\n \\t \\r \\\" \\\\ \\0 \\xNN \\uNNNN \\UNNNNNNNN",
                ])
        }
        return Diagnostic(
            .yamlEscape, "this escape is not a character", at: span,
            notes: ["`\\x` takes 2, `\\u` 4 and `\\U` 8 hexadecimal digits of a Unicode character"])
    }

    static func blockHeader(_ failure: YAMLFailure, _ place: YAMLProblemPlace) -> Diagnostic? {
        guard failure.context == "while scanning a block scalar" else { return nil }
        return Diagnostic(
            .yamlBlockHeader, "after `|` or `>` the line ends", at: place.span,
            secondary: place.context.map { [.init($0, "the text block starts here")] } ?? [],
            notes: [
                "the text itself starts on the next line; `-`, `+` and a digit from 1 to 9 may "
                    + "follow the sign directly",
                "a text that starts with `|` or `>` needs quotes",
            ])
    }

    static func anchorName(_ failure: YAMLFailure, _ place: YAMLProblemPlace) -> Diagnostic? {
        let isAlias = failure.context == "while scanning an alias"
        guard isAlias || failure.context == "while scanning an anchor" else { return nil }
        let sign = isAlias ? "*" : "&"
        return Diagnostic(
            .yamlReservedCharacter,
            "`\(sign)` starts an \(isAlias ? "alias" : "anchor"), "
                + "and no name follows it", at: place.context ?? place.span,
            notes: ["a text that starts with `\(sign)` needs quotes"],
            fix: place.quotingFix(from: place.context))
    }

    static func tagName(_ failure: YAMLFailure, _ place: YAMLProblemPlace) -> Diagnostic? {
        guard
            failure.context == "while scanning a tag"
                || failure.problem == "found undefined tag handle"
        else { return nil }
        return Diagnostic(
            .yamlReservedCharacter, "`!` starts a tag, and this is not one",
            at: place.context ?? place.span, notes: ["a text that starts with `!` needs quotes"],
            fix: place.quotingFix(from: place.context))
    }

    static func directive(_ failure: YAMLFailure, _ place: YAMLProblemPlace) -> Diagnostic? {
        guard
            failure.context.contains("directive") || failure.problem.contains("directive")
                || failure.problem == "found incompatible YAML document"
        else { return nil }
        return Diagnostic(
            .yamlSyntax, "this directive is not known", at: place.context ?? place.span,
            notes: ["a spec needs no line that starts with `%`; YAML 1.1 and 1.2 are read alike"])
    }
}

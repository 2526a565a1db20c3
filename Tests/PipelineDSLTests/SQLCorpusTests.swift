import Foundation
import PipelineDSL
import Testing

@Suite(.enabled(if: !SQLCorpus.isMissing, "the conformance suites are not here"))
struct SQLCorpusTests {
    private func corpus() throws -> [String] {
        try #require(SQLCorpus.statements, "the archive of sqllogictest files cannot be read")
    }

    private func mistakes(_ statement: String) -> [Diagnostic] {
        SQLParser.query(SourceText(sql: statement)).1.filter { $0.severity == .error }
    }

    @Test func statementsOfTheLanguageParse() throws {
        let statements = try corpus()
        try #require(statements.count > 4000)
        let native = statements.filter { SQLCorpus.foreignFeature(of: $0) == nil }
        try #require(native.count > 3800)
        let failures = native.filter { !mistakes($0).isEmpty }
        let share = 1 - Double(failures.count) / Double(native.count)
        print(
            "\(native.count) of \(statements.count) statements use the language only;",
            "\(native.count - failures.count) parse (\(share * 100) %)")
        if ProcessInfo.processInfo.environment["PIPEC_VERBOSE"] == "1" {
            for failure in failures { print(failure, mistakes(failure).flatMap(rendered)) }
        }
        #expect(share > 0.99, "for example \(failures.prefix(5))")
    }

    /// `parse(print(x))` is `x` up to spans, and printing it again changes nothing.
    @Test func canonicalTextIsTheSameTree() throws {
        var checked = 0
        for statement in try corpus() {
            let (query, diagnostics) = SQLParser.query(SourceText(sql: statement))
            guard let query, !diagnostics.contains(where: { $0.severity == .error }) else {
                continue
            }
            let text = SQLPrinter.text(query)
            let (again, problems) = SQLParser.query(SourceText(sql: text))
            let isClean = !problems.contains { $0.severity == .error }
            guard let again, isClean, structure(again) == structure(query) else {
                Issue.record("\(statement)\nis printed as\n\(text)\nwhich is another query")
                continue
            }
            #expect(SQLPrinter.text(again) == text)
            #expect(again.isSameAsWritten(query))
            checked += 1
        }
        #expect(checked > 4000)
    }

    /// The text of every expression's span is that expression.
    @Test func spansHoldTheirExpressions() throws {
        var checked = 0
        for statement in try corpus().enumerated().filter({ $0.offset % 5 == 0 }).map(\.element) {
            let (query, diagnostics) = SQLParser.query(SourceText(sql: statement))
            guard let query, diagnostics.isEmpty else { continue }
            query.forEachExpression { $0.walk { checked += self.check($0, in: statement) } }
        }
        #expect(checked > 3500)
    }

    private func check(_ expression: PipelineDSL.Expression, in statement: String) -> Int {
        if case .star = expression.kind { return 0 }
        let span = expression.span
        let bytes = Array(statement.utf8)
        guard span.start.offset <= span.end.offset, span.end.offset <= bytes.count else {
            Issue.record("a span beyond the text: \(span) in \(statement)")
            return 0
        }
        let written = String(decoding: bytes[span.start.offset..<span.end.offset], as: UTF8.self)
        let (alone, _) = SQLParser.expression(SourceText(sql: written))
        // What the parser makes up has the span of the word it stands for.
        let isMadeUp =
            ["for", "row", "rows"].contains(written.lowercased())
            || IntervalWords.contains(written)
        var isBareQuery = false
        if case .subquery = expression.kind { isBareQuery = !written.hasPrefix("(") }
        // The name of a field in `{name: value}`.
        var isFieldName = false
        if case .literal(.string) = expression.kind {
            isFieldName =
                written.first.map { $0.isLetter || $0 == "_" || $0 == "\"" } ?? false
                && !written.contains("'")
        }
        if isMadeUp || isBareQuery || isFieldName { return 0 }
        #expect(
            SQLPrinter.text(alone) == SQLPrinter.text(expression),
            "`\(written)` in \(statement)")
        return 1
    }
}

private enum IntervalWords {
    static func contains(_ word: String) -> Bool {
        let units = [
            "microsecond", "millisecond", "second", "minute", "hour", "day", "week",
            "month", "quarter", "year", "decade", "century", "millennium",
        ]
        let word = word.lowercased()
        return units.contains(word) || units.contains { $0 + "s" == word }
    }
}

import Foundation
import PipelineDSL
import TestSupport
import Testing

/// Mutated statements, random bytes and deep nesting: nothing may trap, hang, or give a span
/// outside of its text. Bounded and reproducible; `make fuzz` runs it for longer.
@Suite struct SQLFuzzTests {
    private static let seeds: [String] = {
        let goldens = SQLGoldenTests.files.flatMap { file -> [String] in
            let url = SQLGoldenTests.folder.appendingPathComponent(file)
            let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
            return SQLGoldenTests.cases(in: text).map(\.text)
        }
        let corpus = (SQLCorpus.statements ?? []).enumerated().filter { $0.offset % 7 == 0 }
        return goldens + corpus.map(\.element)
    }()

    private static let seconds =
        TestRun.fuzzSeconds

    @Test(.timeLimit(.minutes(60))) func mutatedStatements() throws {
        try #require(!Self.seeds.isEmpty)
        var numbers = SplitMix(seed: 20_260_101)
        let deadline = Self.seconds.map { Date(timeIntervalSinceNow: $0 / 2) }
        var count = 0
        while count < 4000 || deadline.map({ $0 > Date() }) ?? false {
            let seed = Self.seeds.randomElement(using: &numbers) ?? ""
            check(mutated(seed, &numbers))
            count += 1
        }
    }

    @Test(.timeLimit(.minutes(60))) func randomBytes() {
        var numbers = SplitMix(seed: 7)
        let deadline = Self.seconds.map { Date(timeIntervalSinceNow: $0 / 2) }
        var count = 0
        while count < 2000 || deadline.map({ $0 > Date() }) ?? false {
            let length = Int.random(in: 0...200, using: &numbers)
            let isASCII = Bool.random(using: &numbers)
            let bytes = (0..<length).map { _ in
                UInt8.random(in: isASCII ? 0x20...0x7E : 0...0xFF, using: &numbers)
            }
            check(String(decoding: bytes, as: UTF8.self))
            count += 1
        }
    }

    // MARK: Mutations

    private static let pieces = [
        "(", ")", "[", "]", "'", "\"", ",", ".", "*", ";", "::", "--", "/*", "*/", "${", "}", "$$",
        "=", "==", "||", "-", "1", "1e", "0x", "é", "\u{1F986}", "\0", "\n", " ", "`", "E'\\", "X'",
        " SELECT ", " FROM ", " WHERE ", " GROUP BY ", " ORDER BY ", " LIMIT ", " UNION ",
        " EXCEPT (", " JOIN ", " ON ", " USING (", " CASE ", " WHEN ", " THEN ", " END ", " NOT ",
        " AND ", " OR ", " BETWEEN ", " IN (", " LIKE ", " ESCAPE ", " IS ", " NULL ", " CAST(",
        " AS ", " INTERVAL ", " OVER (", " ROWS ", " FILTER (", " WITHIN GROUP (", " EXISTS (",
        " VALUES (", " WITH a AS (", " ROLLUP (", " GROUPING SETS (", " EXCLUDE ", " DISTINCT ON (",
        " array<", " struct<", "decimal(", " AT TIME ZONE ", " LATERAL ", " FETCH FIRST ", " FORM ",
        " GRUOP BY ", " timestamp with time zone '", " EXTRACT(", " trim(both ", "position(",
    ]

    private func mutated(_ seed: String, _ numbers: inout SplitMix) -> String {
        var bytes = Array(seed.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
            let at = Int.random(in: 0...bytes.count, using: &numbers)
            let end = min(bytes.count, at + Int.random(in: 0...12, using: &numbers))
            switch Int.random(in: 0..<6, using: &numbers) {
            case 0: bytes.removeSubrange(at..<end)
            case 1: bytes.insert(contentsOf: bytes[at..<end], at: at)
            case 2 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &numbers)
            case 3:
                let other = Array((Self.seeds.randomElement(using: &numbers) ?? "").utf8)
                bytes.insert(contentsOf: other.prefix(60), at: at)
            case 4 where at < bytes.count: bytes.removeSubrange(at...)
            default:
                let piece = Self.pieces.randomElement(using: &numbers) ?? ""
                bytes.insert(contentsOf: piece.utf8, at: at)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: What must hold

    private func check(_ text: String) {
        let source = SourceText(sql: text)
        let (query, queryProblems) = SQLParser.query(source)
        let (expression, problems) = SQLParser.expression(source)
        let typeProblems = SQLParser.type(source).1
        checkSpans(queryProblems + problems + typeProblems, in: text)
        if let query {
            let canonical = SQLPrinter.text(query)
            checkStable(queryProblems, text, canonical) {
                SQLParser.query(SourceText(sql: canonical)).0.map { SQLPrinter.text($0) }
            }
        }
        let canonical = SQLPrinter.text(expression)
        checkStable(problems, text, canonical) {
            SQLPrinter.text(SQLParser.expression(SourceText(sql: canonical)).0)
        }
    }

    private func checkSpans(_ diagnostics: [Diagnostic], in text: String) {
        let length = text.utf8.count
        for diagnostic in diagnostics {
            let labels = [diagnostic.primary].compactMap(\.self) + diagnostic.secondary
            for span in labels.map(\.span) + [diagnostic.fix?.span].compactMap(\.self) {
                let isInside = span.start <= span.end && span.end.offset <= length
                #expect(isInside, "\(diagnostic.message) at \(place(span)) in \(text)")
            }
        }
    }

    /// What was understood without an error prints as text that means the same.
    private func checkStable(
        _ problems: [Diagnostic], _ text: String, _ canonical: String, again: () -> String?
    ) {
        guard !problems.contains(where: { $0.severity == .error }) else { return }
        let printed = again()
        #expect(
            printed == canonical, "\(text) is printed as \(canonical), then as \(printed ?? "")")
    }

    // MARK: Bombs

    private static let bombTexts: [(name: String, unit: String, tail: String)] = [
        ("parentheses", "(", ""), ("sum", "a+", "a"), ("minus", "- ", "1"), ("not", "not ", "a"),
        ("and", "a and ", "a"), ("and or", "a and b or ", "a"), ("cast", "a::int::", "int"),
        ("suffixes", "a[1].b", ""), ("brackets", "[", ""), ("mixed", "([{", ""),
        ("closers", ")", ""), ("case", "case when ", ""), ("case results", "case when a then ", ""),
        ("calls", "f(a, ", ""), ("between", "a between ", ""), ("comparisons", "a < ", "a"),
        ("bars", "a = a || ", "b"), ("tests", "a is null ", ""), ("in", "a in (", ""),
        ("queries", "(select ", ""), ("from", "(select * from ", ""),
        ("exists", "exists (select ", ""),
        ("commas", ",", ""), ("quotes", "'", ""), ("dollars", "$a$", ""),
        ("references", "${a}", ""),
        ("comments", "/*", ""), ("curly quotes", "\u{201C}", ""), ("digits", "1", ""),
        ("types", "a::array<", ""), ("windows", "f() over (order by ", ""),
        ("intervals", "interval (", ""), ("trim", "trim(", ""),
        ("joins", "select 1 from a join ", "b"),
        ("inner joins", "a join b ", ""), ("unions", "select 1 union ", "select 1"),
        ("set operations", "select 1 union select 2 except ", "select 1"),
        ("tables", "select 1 from (a join ", ""), ("common tables", "with a as (", ""),
        ("rows", "(1),", ""), ("grouping sets", "grouping sets (", ""),
        ("misspelt", "form t wher a ", ""), ("lateral", "lateral (select 1 from ", ""),
    ]

    @Test(arguments: bombTexts.indices) func bombs(index: Int) {
        let bomb = Self.bombTexts[index]
        let body = String(repeating: bomb.unit, count: 60_000 / bomb.unit.utf8.count)
        let time = processorTime {
            for prefix in ["", "select ", "select a from ", "values ", "select a group by "] {
                explode(prefix + body + bomb.tail)
            }
        }
        // Less than a second in a release build.
        #expect(time < .seconds(30), "\(bomb.name)")
    }

    /// Everything that walks over a tree, for whatever is made of the text.
    private func explode(_ text: String) {
        let (query, queryProblems) = SQLParser.query(SourceText(sql: text))
        let (expression, problems) = SQLParser.expression(SourceText(sql: text))
        checkSpans(queryProblems + problems, in: text)
        _ = SQLPrinter.text(expression)
        _ = expression.hashValue
        #expect(expression == expression)
        _ = expression.names
        _ = expression.renamed(["a": "b"])
        guard let query else { return }
        _ = SQLPrinter.text(query)
        _ = query.hashValue
        _ = query.tables
    }

    @Test func textBeyondTheBoundIsRefused() {
        let text = "a = '" + String(repeating: "x", count: SQLParser.maximumBytes) + "'"
        let (expression, diagnostics) = SQLParser.expression(SourceText(sql: text))
        #expect(expression.kind == .invalid)
        #expect(diagnostics.map(\.code) == [.textTooLong])
    }
}

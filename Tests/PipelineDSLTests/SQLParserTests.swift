import PipelineDSL
import Testing

@Suite struct SQLParserTests {
    private func parsed(_ text: String) throws -> PipelineDSL.Expression {
        let (expression, diagnostics) = SQLParser.expression(SourceText(sql: text))
        try #require(diagnostics.isEmpty, "\(diagnostics.flatMap(rendered))")
        return expression
    }

    // MARK: Spans

    /// A block scalar of a YAML file: its lines stand in the file with an indentation that the
    /// decoded text has lost.
    private func blockScalar(_ lines: [String], line: Int, column: Int) -> SourceText {
        var segments: [SourceText.Segment] = []
        var text = ""
        var offset = 1000
        for (index, content) in lines.enumerated() {
            offset += column - 1
            segments.append(
                SourceText.Segment(
                    decodedOffset: text.utf8.count,
                    position: SourcePosition(line: line + index, column: column, offset: offset)))
            text += content + "\n"
            offset += content.utf8.count + 1
        }
        let start = SourcePosition(line: line, column: column, offset: 1000)
        return SourceText(
            text: text, file: "pipec.yaml", segments: segments,
            span: SourceSpan(file: "pipec.yaml", start: start, end: start))
    }

    @Test func diagnosticsOfABlockScalarPointIntoTheFile() throws {
        let source = blockScalar(
            ["SELECT a,", "       é.b == 1", "FORM t", "WHERE (x = 2"], line: 40, column: 7)
        let (query, diagnostics) = SQLParser.query(source)
        #expect(query != nil)
        let places = diagnostics.map { "\($0.code) \($0.primary.map { place($0.span) } ?? "")" }
        #expect(
            places == [
                "PIPE0310 41:18-41:20", "PIPE0315 42:7-42:11", "PIPE0302 43:13-43:14",
            ])
        #expect(diagnostics.allSatisfy { $0.primary?.span.file == "pipec.yaml" })
    }

    @Test func nodesOfABlockScalarPointIntoTheFile() throws {
        let source = blockScalar(["a +", "bé * (c", "- 1)"], line: 3, column: 5)
        let (expression, diagnostics) = SQLParser.expression(source)
        #expect(diagnostics.isEmpty)
        #expect(place(expression.span) == "3:5-5:9")
        guard case .binary(.add, let left, let right) = expression.kind,
            case .binary(.multiply, let factor, let difference) = right.kind
        else { return #expect(Bool(false), "not a sum of a product") }
        #expect(place(left.span) == "3:5-3:6")
        #expect(place(right.span) == "4:5-5:9")
        #expect(place(factor.span) == "4:5-4:7")
        #expect(place(difference.span) == "4:11-5:8")
    }

    /// Positions are found in a bounded number of steps however long a line is; they must be
    /// those the text itself gives.
    @Test func longLinesGiveTheSameSpans() throws {
        let words = (0..<400).map { $0 % 3 == 0 ? "größe_\($0)" : "x\($0)" }
        let text = "[" + words.joined(separator: ", ") + "]"
        let source = SourceText(sql: text)
        guard case .array(let items) = try parsed(text).kind else {
            return #expect(Bool(false), "not an array")
        }
        var offset = 1
        for (item, word) in zip(items, words) {
            #expect(item.span == source.span(offset..<offset + word.utf8.count))
            offset += word.utf8.count + 2
        }
    }

    // MARK: Depth

    @Test func depthIsBoundedAndReportedOnce() {
        func problems(_ count: Int) -> [DiagnosticCode] {
            let text =
                String(repeating: "(", count: count) + "1" + String(repeating: ")", count: count)
            return SQLParser.expression(SourceText(sql: text)).1.map(\.code)
        }
        #expect(problems(150).isEmpty)
        #expect(problems(SQLParser.maximumDepth + 1) == [.tooDeep])
    }

    @Test func flatChainsHaveAnyLength() throws {
        for word in ["AND", "OR"] {
            let text = (0..<20_000).map { "a = \($0)" }.joined(separator: " \(word) ")
            switch try parsed(text).kind {
            case .and(let operands), .or(let operands): #expect(operands.count == 20_000)
            default: #expect(Bool(false), "no chain")
            }
        }
        let union = Array(repeating: "SELECT 1", count: 5000).joined(separator: " UNION ALL ")
        let (query, diagnostics) = SQLParser.query(SourceText(sql: union))
        #expect(diagnostics.isEmpty)
        guard case .set(.union, all: true, let operands)? = query?.body else {
            return #expect(Bool(false), "no union")
        }
        #expect(operands.count == 5000)
    }

    @Test func diagnosticsAreBounded() {
        let text = String(repeating: "f(,), ", count: 5000) + "1"
        let (_, diagnostics) = SQLParser.selectItems(SourceText(sql: text))
        #expect(diagnostics.count <= SQLParser.maximumDiagnostics)
    }

    // MARK: Same meaning

    @Test(arguments: [
        ("a=1", "A_ = 1", false), ("a=1", "( a )=1 -- note", true), ("a!=1", "a <> 1", true),
        ("x::int", "CAST(x AS integer)", true), ("COUNT(*)", "count( * )", true),
        ("a AND (b AND c)", "(a AND b) AND c", true), ("a - (b - c)", "a - b - c", false),
        ("'a'", "E'a'", true), ("1_000", "1000", true), ("0x1F", "31", true), (".50", "0.50", true),
        ("1.5", "1.50", false), ("\"a\"", "a", true), ("\"A\"", "a", false),
        ("INTERVAL '60 minutes'", "INTERVAL 1 HOUR", true),
        ("INTERVAL '1 day'", "INTERVAL '24 hours'", false),
        ("a NOT IN (1)", "NOT a IN (1)", false), ("date '2026-01-01'", "'2026-01-01'::date", true),
        ("substring(a FROM 2)", "substring(a, 2)", true), ("a or b", "b or a", false),
    ]) func meaning(left: String, right: String, isSame: Bool) throws {
        #expect(try parsed(left).isSameAsWritten(parsed(right)) == isSame)
    }

    // MARK: Walkers

    @Test func namesAreFoundInEveryOperand() throws {
        let text = """
            CASE a.x WHEN b THEN c ELSE d END + f(e, DISTINCT_ ORDER BY g) FILTER (WHERE h)
            OVER (PARTITION BY i ORDER BY j ROWS k PRECEDING) * m[n] BETWEEN o AND p
            """
        let names = try parsed(text).names.map { $0.map(\.text).joined(separator: ".") }
        #expect(
            names == [
                "a.x", "b", "c", "d", "e", "DISTINCT_", "g", "h", "i", "j", "k", "m", "n", "o", "p",
            ])
    }

    @Test func namesAreReplacedInEveryOperand() throws {
        let text = "a IN (a, b) AND f(a) LIKE a ESCAPE a OR -a IS NULL AND a[b] ~ t.a"
        let renamed = try parsed(text).renamed(["A": "z"])
        #expect(
            SQLPrinter.text(renamed)
                == "z IN (z, b) AND f(z) LIKE z ESCAPE z OR -z IS NULL AND z[b] ~ t.a")
        #expect(try parsed(text).renamed([:]) == parsed(text))
    }

    @Test func tablesOfAQuery() throws {
        let text = """
            WITH recent AS (SELECT * FROM silver.telemetry), late AS (SELECT * FROM recent)
            SELECT (SELECT max(x) FROM limits), recent.*
            FROM recent JOIN (SELECT * FROM vehicles) v USING (id), late, unnest(v.tags)
            WHERE EXISTS (SELECT 1 FROM Recent WHERE id IN (SELECT id FROM banned))
            UNION SELECT * FROM (WITH inner_one AS (SELECT 1) SELECT * FROM inner_one) q
            """
        let (query, diagnostics) = SQLParser.query(SourceText(sql: text))
        #expect(diagnostics.isEmpty)
        #expect(
            query?.tables.map(\.text) == ["silver.telemetry", "vehicles", "limits", "banned"])
    }

    // MARK: Speed

    @Test func parsesTenKilobytesFast() {
        let item =
            "CASE WHEN a.speed_kmh > 10.5 THEN sum(b.count) OVER (PARTITION BY c) END AS x,\n"
        let text = "SELECT " + String(repeating: item, count: 10_000 / item.utf8.count) + "1 FROM t"
        var best = Duration.seconds(60)
        for _ in 0..<5 {
            let time = processorTime {
                #expect(SQLParser.query(SourceText(sql: text)).1.isEmpty)
            }
            best = min(best, time)
        }
        // About 1 ms in a release build; the bound holds for a debug build.
        #expect(best < .milliseconds(250))
    }
}

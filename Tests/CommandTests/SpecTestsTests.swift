import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// `pipec test`: what the sessions in `Golden/commands/spec-tests.txt` do not show.
@Suite struct SpecTestsTests {
    static let pipeline = """
        version: 1
        pipeline: rides
        sources:
          rides:
            files: { path: "rides/*.csv" }
            format: csv
            columns:
              id: bigint not null
              at: timestamp not null
              price: decimal(8,2)
              weight: real
              score: double
              note: string
              day: date
              time: time
              wait: interval
              key: uuid
              raw: bytes
              done: boolean
              parts: array<integer>
              place: "struct<city: string not null, zip: integer>"
              extra: map<string, bigint>
              more: json
            event_time: { column: at, watermark: 1 minute }
        transforms:
          fresh: { from: rides, steps: [ { dedupe: { on: [id], within: 1 hour } } ] }
          stamped: { from: rides, steps: [ { derive: { seen: now() } } ] }
        sinks: { out: { from: fresh, files: { path: out/ }, format: jsonl } }

        """

    /// Runs the tests of a spec; mistakes in it are issues.
    private func results(
        _ tests: String, of pipeline: String = pipeline
    ) throws -> [SpecTestResult] {
        let (tests, mistakes) = try compiled(tests, of: pipeline)
        #expect(mistakes.isEmpty, "\(mistakes.map(\.message))")
        return SpecTestRunner(project: ProjectDirectory("/nowhere"), workers: 2).run(tests)
    }

    private func compiled(
        _ tests: String, of pipeline: String = pipeline
    ) throws -> ([SpecTest], [Diagnostic]) {
        let bytes = Array((pipeline + "tests:\n" + tests).utf8)
        let (spec, mistakes) = read(bytes)
        guard let spec, mistakes.isEmpty else { return ([], mistakes) }
        let compiled = SpecTests(spec.tests, batch: try plan(spec, .batch)) {
            try? plan(spec, .streaming)
        }
        return (compiled.tests, compiled.diagnostics)
    }

    private func read(_ bytes: [UInt8]) -> (Spec?, [Diagnostic]) {
        SpecReader.read(
            file: "pipec.yaml", bytes: bytes, values: InterpolationValues(),
            connectors: Set(Registry.catalogue().connectors.map(\.name)), include: { _, _ in [] })
    }

    private func plan(_ spec: Spec, _ mode: Plan.Mode) throws -> Plan {
        let (checked, _) = Checker.check(spec, catalogue: Registry.catalogue(), mode: mode)
        return Planner.plan(try #require(checked))
    }

    // MARK: - Values

    @Test(arguments: [
        "price: 12.5", "price: '12.50'", "price: -3", "weight: 1.1", "weight: 2", "score: 0.1",
        "score: .nan", "score: -.inf", "score: 1e300", "note: plain", "note: '17'", "note: yes",
        "note: 2026-01-01", "note: ''", "day: 2026-02-28", "time: 08:15:00.5", "wait: 90 minutes",
        "key: 00112233-4455-6677-8899-aabbccddeeff", "raw: '\\x00ff'", "done: true", "done: ~",
        "parts: [1, 2]", "parts: []", "place: { city: Oslo }", "place: { city: Oslo, zip: 1 }",
        "extra: { a: 1, b: 2 }", "extra: {}", "more: { a: [1, 'x', null] }", "more: '{\"a\": 1}'",
        "more: 12", "at: 2026-01-01", "at: 2026-01-01T10:00:00+02:00", "id: -9223372036854775808",
    ])
    func valuesComeBackAsTheyWereGiven(_ cell: String) throws {
        let own = cell.hasPrefix("id:") ? "at: 2026-01-01" : "id: 1"
        let at = cell.hasPrefix("id:") || cell.hasPrefix("at:") ? "" : ", at: 2026-01-01"
        let row = "{ \(own)\(at), \(cell) }"
        let results = try results(
            "  it: { given: { rides: [ \(row) ] }, expect: { out: [ \(row) ], rides: [ \(row) ] } }"
        )
        #expect(results.flatMap(\.failures).map(\.message) == [])
        #expect(results.count == 1)
    }

    @Test(arguments: [
        "price: 12.345", "price: 1234567", "price: many", "price: true", "weight: '1'",
        "score: 1,5", "note: 17", "note: 1.5", "note: true", "note: [a]", "note: { a: b }",
        "day: 2026-02-29", "day: 20260101", "time: 25:00:00", "wait: soon", "key: 17",
        "raw: '\\x0'", "done: yes", "done: 1", "done: 'true'", "parts: 1", "parts: [a]",
        "parts: [~, 1.5]", "place: {}", "place: { city: ~ }", "place: { town: Oslo, city: a }",
        "extra: [1]", "extra: { a: b }", "more: '{'", "at: now", "id: 1.0",
        "id: 9223372036854775808",
        "id: ~", "nothing: 1",
    ])
    func valuesOfAnotherTypeAreRefusedWhereTheyStand(_ cell: String) throws {
        let (tests, mistakes) = try compiled(
            "  it: { given: { rides: [ { id: 1, at: 2026-01-01, \(cell) } ] }, expect: { late: 0 } }"
                .replacingOccurrences(
                    of: cell.hasPrefix("id:")
                        ? "id: 1, " : cell.hasPrefix("at:") ? "at: 2026-01-01, " : "NOTHING",
                    with: ""))
        #expect(tests.isEmpty)
        #expect(!mistakes.isEmpty)
        let codes: Set<DiagnosticCode> = [.testValue, .testColumn, .testColumnMissing]
        for mistake in mistakes {
            #expect(codes.contains(mistake.code), "\(mistake)")
            let start = try #require(mistake.primary?.span.start)
            let line = Self.pipeline.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(start.line == line + 1, "\(mistake)")
        }
    }

    @Test func fixesMakeTheRowRight() throws {
        for cell in ["note: 17", "done: yes", "score: '1.5'"] {
            let test =
                "  it: { given: { rides: [ { id: 1, at: 2026-01-01, \(cell) } ] }, "
                + "expect: { late: 0 } }"
            let (_, mistakes) = try compiled(test)
            let fix = try #require(mistakes.first?.fix)
            var bytes = Array((Self.pipeline + "tests:\n" + test).utf8)
            bytes.replaceSubrange(
                fix.span.start.offset..<fix.span.end.offset, with: Array(fix.replacement.utf8))
            let mended = String(decoding: bytes, as: UTF8.self)
                .components(separatedBy: "tests:\n")[1]
            #expect(try compiled(mended).1.isEmpty, "\(cell)")
        }
    }

    /// Also those that are no numbers in the relation, though they count.
    @Test func whatRowsDoNotSayOfTheirOriginIsMadeUp() throws {
        let pipeline = """
            version: 1
            pipeline: log
            sources:
              events:
                kinesis: { stream: events }
                format: jsonl
                columns: { id: bigint not null }
                metadata: { file: shard, sequence: number, partition_key: key, received_at: at }
            transforms:
              seen: { from: events }

            """
        let results = try results(
            "  it: { given: { events: [ { id: 7 }, { id: 8 } ] }, "
                + "expect: { seen: [ { id: 7, number: '0' }, { id: 8, number: '1' } ] } }",
            of: pipeline)
        #expect(results.flatMap(\.failures).map(\.message) == [])
    }

    // MARK: - Crashes

    /// Wherever a run dies, the end is that of one that never did.
    @Test(arguments: 1...7) func crashesChangeNothing(_ row: Int) throws {
        let rows = (1...7).map { "{ id: \($0 % 4), at: 2026-01-01T00:0\($0):00Z }" }
        let first = rows.prefix(5).joined(separator: ", ")
        let second = rows.suffix(2).joined(separator: ", ")
        let expected =
            "{ fresh: [ { id: 1 }, { id: 2 }, { id: 3 }, { id: 0 } ], rides: { count: 7 }, "
            + "dead_letters: [] }"
        var tests = ""
        for point in ["after_row_\(min(row, 5))", "before_commit", "after_epoch"] {
            tests += """
                  \(point):
                    given: { rides: [ \(first) ] }
                    then: [ { advance: \(row) hours }, { crash: \(point) }, restart, { rows: { rides: [ \(second) ] } } ]
                    expect: \(expected)
                  later_\(point):
                    given: { rides: [ \(first) ] }
                    then: [ restart, { rows: { rides: [ \(second) ] } }, { crash: \(row < 3 ? "after_row_\(row)" : point == "before_commit" ? point : "after_epoch") }, { advance: 1 s }, restart, { restart: true } ]
                    expect: \(expected)

                """
        }
        for result in try results(tests) {
            #expect(result.passed, "\(result.name): \(result.failures)")
        }
    }

    @Test func theClockIsThatOfTheTest() throws {
        let results = try results(
            """
              batch:
                now: 2030-01-01T10:00:00Z
                given: { rides: [ { id: 1, at: 2026-01-01 } ] }
                expect: { stamped: [ { id: 1, seen: 2030-01-01T10:00:00Z } ] }
              streaming:
                now: 2030-01-01T10:00:00Z
                given: { rides: [ { id: 1, at: 2026-01-01 } ] }
                then: [ { advance: 90 minutes }, { rows: { rides: [ { id: 2, at: 2026-01-01 } ] } } ]
                expect:
                  stamped:
                    - { id: 1, seen: 2030-01-01T10:00:00Z }
                    - { id: 2, seen: 2030-01-01T11:30:00Z }

            """)
        #expect(results.flatMap(\.failures).map(\.notes) == [])
        #expect(results.count == 2)
    }

    @Test(arguments: [
        ("0001-01-01T00:00:00.000001Z", "1000000 days", true),
        ("1969-12-31T23:59:59.000001Z", "1000000 days", true),
        ("9999-12-31T23:59:58Z", "500 ms", true), ("9999-12-31T23:59:58Z", "1 hour", false),
        ("2026-01-01", "100000000 days", false),
    ])
    func anyTimeOfOurCalendarWillDo(_ now: String, _ time: String, _ works: Bool) throws {
        let results = try results(
            """
              it:
                now: \(now)
                given: { rides: [ { id: 1, at: \(now) } ] }
                then: [ { advance: \(time) }, { rows: { rides: [ { id: 2, at: \(now) } ] } }, { advance: \(time) }, end ]
                expect: { fresh: { count: 2 }, stamped: { count: 2 } }

            """)
        #expect(results.flatMap(\.failures).map(\.code) == (works ? [] : [.testNotPossible]))
    }

    // MARK: - Nodes

    static let nodes = """
        version: 1
        pipeline: shop
        contracts:
          order:
            columns: { id: bigint not null, at: timestamp not null, amount: double }
            rules: { positive: amount > 0 }
        sources:
          orders:
            files: { path: "orders/*.csv" }
            format: { csv: { delimiter: ";", skip_lines: 1, decimal: "," } }
            contract: order
            rename: { betrag: amount }
            metadata: { file: origin, line: row }
            event_time: { column: at, watermark: 1 minute }
          names: { files: { path: "names/*.jsonl" }, format: jsonl, columns: { id: bigint not null, name: string } }
        zones: { lake: { path: lake, format: parquet } }
        transforms:
          rich: { from: orders, steps: [ { lookup: { in: names, on: id, take: [name] } }, { derive: { tenth: "10 / CAST(amount AS bigint)" } } ] }
          lake.all: { from: rich, write: append }
          lake.latest: { from: rich, write: { mode: merge, on: [id] } }
          once: { from: rich, steps: [ { dedupe: { on: [id], within: 1 hour } } ] }
        sinks:
          store: { from: rich, dynamodb: { table: t, partition_key: name, sort_key: id } }
          queue: { from: once, sqs: { queue: q } }

        """

    @Test func nodesAreWhatARunMakesOfThem() throws {
        let results = try results(
            """
              rows_of_a_file:
                given:
                  orders:
                    lines: |
                      made by hand
                      id;at;betrag
                      1;2026-01-01;1,5
                      2;2026-01-01;-1,5
                      3;someday;7,25
                      4;2026-01-01;0,25
                expect:
                  orders: [ { id: 1, amount: 1.5, origin: given, row: 3 }, { id: 4, row: 6 } ]
                  lake.all: [ { id: 1, tenth: 5 } ]
                  dead_letters:
                    - { node: orders, rule: positive, id: 2, amount: -1.5, line: 4, object: given }
                    - { node: orders, id: 3, amount: 7.25, column: at, raw: "3;someday;7,25" }
                    - { node: rich, id: 4, code: PIPE0551, values: { amount: 0.25 } }
              keys_of_a_table:
                given:
                  orders: [ { id: 1, at: 2026-01-01, amount: 1 }, { id: 2, at: 2026-01-01, amount: 2 }, { id: 1, at: 2026-01-02, amount: 3 } ]
                  names: [ { id: 1, name: a } ]
                expect:
                  lake.latest: [ { id: 1, amount: 3 }, { id: 2, amount: 2, name: null } ]
                  lake.all: { count: 3 }
                  store: [ { id: 1, amount: 3, name: a } ]
                  queue: { count: 3 }
                  dead_letters: [ { rule: key_not_null, node: store, column: name, id: 2 } ]
              epochs:
                given: { orders: [ { id: 1, at: 2026-01-01, amount: 1 } ], names: [ { id: 1, name: a } ] }
                then:
                  - { advance: 1 hour }
                  - rows: { orders: [ { id: 2, at: 2026-01-01, amount: 2 } ], names: [ { id: 2, name: b } ] }
                  - { crash: after_epoch }
                  - restart
                  - rows: { orders: [ { id: 1, at: 2026-01-01, amount: 3 }, { id: 9, at: 2026-01-01, amount: -3 } ] }
                expect:
                  lake.latest: [ { id: 1, amount: 3 }, { id: 2, amount: 2, name: b } ]
                  lake.all: { count: 3 }
                  store: [ { name: a, amount: 3 }, { name: b } ]
                  queue: [ { id: 1, amount: 1 }, { id: 2 } ]
                  orders: { count: 3 }
                  dead_letters: [ { rule: positive, id: 9 } ]
              a_transform_by_itself:
                given: { rich: [ { origin: a, id: 1, at: 2026-01-01, amount: 1 } ] }
                then: [ { rows: { rich: [ { origin: a, id: 2, at: 2026-01-03, amount: 1 } ] } }, { rows: { rich: [ { origin: a, id: 3, at: 2026-01-01, amount: 1 } ] } } ]
                expect: { queue: [ { id: 1 }, { id: 2 } ], late: 1, dead_letters: [ { rule: late, id: 3 } ] }

            """, of: Self.nodes)
        for result in results {
            #expect(result.passed, "\(result.name): \(result.failures)")
        }
        #expect(results.count == 4)
    }

    // MARK: - Event time

    static let windows = """
        version: 1
        pipeline: events
        sources:
          events:
            files: { path: "e/*.jsonl" }
            format: jsonl
            columns: { id: string not null, at: timestamp not null, n: bigint }
            event_time: { column: at, watermark: 1 minute, idle_after: 5 minutes }
        transforms:
          per_minute:
            sql: |
              SELECT window_start, count(*) AS n FROM events GROUP BY tumble(at, INTERVAL '10 minutes')

        """

    @Test func windowsCloseByTheClocksOfATest() throws {
        let results = try results(
            """
              closes_by_watermark:
                given: { events: [ { id: a, at: 2026-01-01T00:01:00Z }, { id: b, at: 2026-01-01T00:02:00Z } ] }
                then:
                  - rows: { events: [ { id: c, at: 2026-01-01T00:12:00Z } ] }
                expect: { per_minute: [ { n: 2 } ], late: 0 }
              closes_at_end:
                given: { events: [ { id: a, at: 2026-01-01T00:01:00Z }, { id: b, at: 2026-01-01T00:02:00Z } ] }
                then:
                  - rows: { events: [ { id: c, at: 2026-01-01T00:12:00Z } ] }
                  - end
                expect: { per_minute: [ { n: 2 }, { n: 1 } ], late: 0 }
              slow_partition_holds:
                given: { events: { partition: p1, rows: [ { id: a, at: 2026-01-01T00:01:00Z } ] } }
                then:
                  - rows: { events: { partition: p2, rows: [ { id: c, at: 2026-01-01T00:42:00Z } ] } }
                expect: { per_minute: [] }
              idle_partition_does_not:
                given: { events: { partition: p1, rows: [ { id: a, at: 2026-01-01T00:01:00Z } ] } }
                then:
                  - advance: 3 minutes
                  - rows: { events: { partition: p2, rows: [ { id: c, at: 2026-01-01T00:42:00Z } ] } }
                  - advance: 3 minutes
                expect: { per_minute: [ { n: 1 } ] }
              crash_in_windows:
                given: { events: [ { id: a, at: 2026-01-01T00:01:00Z }, { id: b, at: 2026-01-01T00:02:00Z } ] }
                then:
                  - crash: after_epoch
                  - restart
                  - rows: { events: [ { id: c, at: 2026-01-01T00:03:00Z } ] }
                  - rows: { events: [ { id: c, at: 2026-01-01T00:30:00Z } ] }
                  - crash: after_row_1
                  - restart
                  - rows: { events: [ { id: c, at: 2026-01-01T00:03:00Z } ] }
                expect: { per_minute: [ { n: 3 } ], late: 1, dead_letters: [ { id: c , rule: late}] }

            """, of: Self.windows)
        for result in results {
            #expect(result.passed, "\(result.name): \(result.failures)")
        }
        #expect(results.count == 5)
    }

    // MARK: - Robustness

    @Test func mutationsOfTestsNeverTrap() throws {
        let model = Array(
            """
              a:
                now: 2026-01-01T00:00:00Z
                given: { rides: [ { id: 1, at: 2026-01-01, price: 1.5, place: { city: a } } ] }
                then: [ { advance: 1 hour }, { crash: after_row_1 }, restart, { rows: { rides: [ { id: 2, at: 2026-01-02 } ] } } ]
                expect: { out: { rows: [ { id: 1, score: { near: 1, within: 2 } } ], ordered: true, count: 1 }, late: 0, dead_letters: [ { rule: late, values: { id: 1 } } ] }
              b:
                given: { fresh: [ { id: 1, at: 2026-01-01 } ], rides: { lines: "id,at\\n1,x" } }
                expect: { out: { contains: [ { id: 1 } ] }, fails: PIPE0504 }

            """.utf8)
        var random = SplitMix(seed: 680)
        let signs = Array("{}[]:,-'\"0129aeinrstx_ \n".utf8)
        let runner = SpecTestRunner(project: ProjectDirectory("/nowhere"), workers: 2)
        TestRun.fuzz(rounds: 300) { _ in
            let bytes = random.mutated(model, interesting: signs)
            let text = String(decoding: bytes, as: UTF8.self)
            guard let (tests, _) = try? compiled(text) else { return }
            _ = runner.run(tests)
        }
    }

    @Test func aMatchingIsFoundWhereThereIsOne() {
        var random = SplitMix(seed: 7)
        for _ in 0..<500 {
            let (e, a) = (random.below(7), random.below(7))
            var fits = Array(repeating: Array(repeating: false, count: a), count: e)
            for i in 0..<e { for j in 0..<a { fits[i][j] = random.below(3) == 0 } }
            let matching = RowMatching(expected: e, actual: a) { fits[$0][$1] }
            let found = matching.actual.indices.filter { matching.actual[$0] != nil }
            for i in found {
                let j = matching.actual[i] ?? 0
                #expect(fits[i][j] && matching.expected[j] == i)
            }
            #expect(found.count == Self.best(fits, 0, []))
        }
    }

    /// The size of the largest matching, by trying all.
    private static func best(_ fits: [[Bool]], _ row: Int, _ taken: Set<Int>) -> Int {
        guard row < fits.count else { return 0 }
        var best = best(fits, row + 1, taken)
        for j in fits[row].indices where fits[row][j] && !taken.contains(j) {
            best = max(best, 1 + self.best(fits, row + 1, taken.union([j])))
        }
        return best
    }

    // MARK: - Reports

    @Test func jUnitIsXMLWhateverIsInTheRows() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("pipec-junit-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let nasty = #""<a b='c'> & ]]> \u0001 \x00 \r\n\t é \uFFFE""#
        let spec =
            Self.pipeline + """
                tests:
                  passes: { given: {}, expect: { out: [] } }
                  fails: { given: { rides: [ { id: 1, at: 2026-01-01, note: \(nasty) } ] }, expect: { out: [ { note: "<&>" } ] } }

                """
        try Data(spec.utf8).write(to: URL(fileURLWithPath: folder + "/pipec.yaml"))
        let result = try PipecBinary.run(["test", "--junit", "junit.xml"], in: folder)
        #expect(result.status == 1)
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/junit.xml"))
        let reader = JUnitReader()
        let parser = XMLParser(data: data)
        parser.delegate = reader
        #expect(parser.parse(), "\(String(decoding: data, as: UTF8.self))")
        #expect(reader.elements == ["testsuites", "testsuite", "testcase", "testcase", "failure"])
        #expect(reader.text.contains("<a b='c'> & ]]>"))
        let json = try PipecBinary.run(["test", "--format", "json"], in: folder)
        let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        let tests = (document as? [String: Any])?["tests"] as? [[String: Any]]
        #expect(tests?.map { $0["passed"] as? Bool } == [true, false])
        let rest = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(rest.sorted() == ["junit.xml", "pipec.yaml"], "nothing else is left behind")
    }
}

private final class JUnitReader: NSObject, XMLParserDelegate {
    var elements: [String] = []
    var text = ""

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String] = [:]
    ) {
        elements.append(name)
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}

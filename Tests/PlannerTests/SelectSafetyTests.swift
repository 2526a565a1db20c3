import Foundation
import PipelineDSL
import TestSupport
import Testing

import Planner

/// Nothing that can be written traps, hangs, or yields a tree that does not hold together.
@Suite struct SelectSafetyTests {
    private static let environment: TypingGolden.Environment = {
        var environment = TypingGolden.Environment()
        for line in [
            "columns silver.telemetry: vehicle_id string not null; recorded_at timestamp not null; speed_kmh double; place struct<lat: double, tags: array<string>>",
            "columns orders: id bigint not null; customer_id integer; amount decimal(12,2) not null; placed date not null; note string",
            "columns customers: id integer not null; name string not null; payload json; scores map<string, double>",
            "parameter top bigint 10",
        ] {
            _ = environment.accept(line)
        }
        return environment
    }()

    private func plan(_ text: String) -> (node: LogicalNode?, diagnostics: [Diagnostic]) {
        var bag = DiagnosticBag()
        let planner = SelectPlanner(Self.environment)
        let node = planner.plan(SourceText(text: text, file: "query"), diagnostics: &bag)
        return (node, bag.all)
    }

    private func expectSound(_ text: String) {
        let (node, diagnostics) = plan(text)
        guard let node else {
            #expect(diagnostics.contains { $0.severity == .error }, "no reason for \(text)")
            return
        }
        let misfit = node.misfit(relation: Self.environment.schema)
        #expect(misfit == nil, "\(text): \(misfit.map { "\($0.path) \($0.reason)" } ?? "")")
        for diagnostic in diagnostics { #expect(diagnostic.primary != nil) }
    }

    @Test func deepExpressionsAreRefusedOrPlanned() {
        for depth in [50, 150, 195, 1_000] {
            expectSound(
                "SELECT " + String(repeating: "abs(", count: depth) + "1"
                    + String(repeating: ")", count: depth))
            expectSound("SELECT 1" + String(repeating: " - 1.5", count: depth))
            expectSound(
                "SELECT " + String(repeating: "(SELECT ", count: depth) + "1"
                    + String(repeating: ")", count: depth))
            expectSound("SELECT " + String(repeating: "NOT ", count: depth) + "TRUE")
            expectSound(
                "SELECT " + String(repeating: "CASE WHEN TRUE THEN ", count: depth) + "1"
                    + String(repeating: " END", count: depth))
            let from = String(repeating: "(SELECT * FROM ", count: depth)
            expectSound("SELECT * FROM " + from + "orders" + String(repeating: ")", count: depth))
            expectSound(
                "SELECT id FROM orders"
                    + String(repeating: " UNION SELECT id FROM orders", count: depth))
            expectSound(
                "SELECT a0.id FROM orders a0"
                    + (1...depth).map { " JOIN orders a\($0) ON a0.id = a\($0).id" }.joined())
            expectSound(
                "SELECT a0.id FROM orders a0" + (1...depth).map { ", orders a\($0)" }.joined()
                    + " WHERE TRUE")
        }
    }

    @Test func whatDoublesIsBounded() {
        var nested = "1"
        for _ in 0..<60 { nested = "nullif(\(nested), 0)" }
        #expect(plan("SELECT \(nested)").node == nil)
        nested = "1"
        for _ in 0..<60 { nested = "(CASE WHEN \(nested) BETWEEN 0 AND 1 THEN 1 ELSE 0 END)" }
        #expect(plan("SELECT \(nested)").node == nil)
        nested = "1"
        for _ in 0..<60 { nested = "(CASE \(nested) WHEN 1 THEN 1 WHEN 2 THEN 2 ELSE 3 END)" }
        #expect(plan("SELECT \(nested)").node == nil)
        let tables = (1...60).map {
            "t\($0) AS (SELECT a.x FROM t\($0 - 1) a JOIN t\($0 - 1) b ON a.x = b.x)"
        }
        #expect(
            plan("WITH t0 AS (SELECT 1 AS x), \(tables.joined(separator: ", ")) SELECT * FROM t60")
                .node == nil)
        let names = (1...60).map { "a\($0 - 1) + a\($0 - 1) AS a\($0)" }
        #expect(plan("SELECT 1 AS a0, \(names.joined(separator: ", "))").node == nil)
        expectSound(
            "SELECT 1 GROUP BY CUBE (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), CUBE (1, 2, 3)")
        expectSound(
            "SELECT id IN (\((0..<20_000).map(String.init).joined(separator: ", "))) FROM orders")
    }

    /// Queries of the goldens, cut up and put together at random.
    @Test func scrambledQueriesNeverTrap() throws {
        var words: [[String]] = []
        for url in try TypingGolden.files(suffix: "select") {
            let text = try String(contentsOf: url, encoding: .utf8)
            for line in text.split(separator: "\n")
            where line.hasPrefix("SELECT") || line.hasPrefix("WITH") || line.hasPrefix("VALUES") {
                words.append(line.split(separator: " ").map(String.init))
            }
        }
        #expect(words.count > 100)
        var random = SplitMix(seed: 7)
        TestRun.fuzz(rounds: 4_000) { _ in
            var query = words[random.below(words.count)]
            for _ in 0...random.below(4) {
                let other = words[random.below(words.count)]
                switch random.below(3) {
                case 0: query.remove(at: random.below(query.count))
                case 1:
                    query.insert(other[random.below(other.count)], at: random.below(query.count))
                default:
                    let start = random.below(other.count)
                    let end = min(other.count, start + 1 + random.below(5))
                    query.insert(contentsOf: other[start..<end], at: random.below(query.count))
                }
                if query.isEmpty { query = ["SELECT"] }
            }
            expectSound(query.joined(separator: " "))
        }
    }

    @Test func personalDataKeepsItsClass() {
        var bag = DiagnosticBag()
        let schema = Schema([
            Field("email", .string, pii: "email"), Field("phone", .string, pii: "phone"),
            Field("n", .integer),
        ])
        let planner = SelectPlanner(checker: ExpressionChecker()) { _ in
            .found(LogicalNode(.input(Input(node: "people")), schema: schema))
        }
        let text = "SELECT DISTINCT lower(email) AS a, email || phone AS b, n FROM people"
        let node = planner.plan(SourceText(text: text, file: "q"), diagnostics: &bag)
        #expect(node?.schema.fields.map(\.pii) == ["email", "email, phone", nil])
    }

    @Test func aSelectOverAGivenRelationNeedsNoFrom() throws {
        var bag = DiagnosticBag()
        let (query, _) = SQLParser.query(
            SourceText(text: "SELECT n, count(*) AS rows GROUP BY n", file: "step"))
        guard case .select(let select)? = query?.body else { return #expect(Bool(false)) }
        let input = LogicalNode(
            .input(Input(node: "t")), schema: Schema([Field("n", .integer, nullable: false)]))
        let planner = SelectPlanner(checker: ExpressionChecker()) { _ in .unknown }
        let node = planner.plan(select, over: input, named: "bronze.t", diagnostics: &bag)
        #expect(node?.schema.names == ["n", "rows"])
        #expect(bag.all.isEmpty)
    }

    @Test func anInteractiveQueryMayRepeatNames() {
        var bag = DiagnosticBag()
        var planner = SelectPlanner(Self.environment)
        planner.renamesDuplicates = true
        let text = "SELECT * FROM orders o JOIN customers c ON o.customer_id = c.id"
        let node = planner.plan(SourceText(text: text, file: "q"), diagnostics: &bag)
        #expect(node?.schema.names.contains("id_1") == true)
    }
}

/// A small generator that is the same everywhere.

import Foundation
import PipelineDSL
import Planner
import Runtime
import Testing

/// What no peer answers as we do, or at all: worked out by hand.
@Suite struct SQLOperatorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var sql: String
        var rows: [[String]]

        init(_ sql: String, _ rows: [[String]]) {
            self.sql = sql
            self.rows = rows
        }

        var testDescription: String { sql }
    }

    static let numbers = "(VALUES (1, 1), (2, 2), (3, 4), (4, NULL), (5, NULL)) AS v(id, x)"
    static let times = """
        (SELECT id, CAST(at AS timestamp) AS at FROM (VALUES
          (1, '2026-01-01 00:00:00'), (2, '2026-01-01 00:04:59.999999'),
          (3, '2026-01-01 00:09:59'), (4, '1969-12-31 23:59:59')) AS w(id, at)) AS v
        """

    static let cases = [
        // Nulls are within any distance of nulls, and of nothing else.
        Case(
            "SELECT id, count(*) OVER (ORDER BY x RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS n FROM \(numbers)",
            [["1", "2"], ["2", "2"], ["3", "1"], ["4", "2"], ["5", "2"]]),
        Case(
            "SELECT id, count(x) OVER (ORDER BY x DESC NULLS FIRST RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) AS n FROM \(numbers)",
            [["1", "2"], ["2", "2"], ["3", "1"], ["4", "0"], ["5", "0"]]),
        // NaN is the greatest number, and near NaN only.
        Case(
            """
            SELECT id, count(*) OVER (ORDER BY d RANGE BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) AS n
            FROM (VALUES (1, 0.5e0), (2, CAST('NaN' AS double)), (3, CAST('Infinity' AS double)),
                         (4, CAST('NaN' AS double))) AS v(id, d)
            """, [["1", "4"], ["2", "2"], ["3", "3"], ["4", "2"]]),
        // Bounds far beyond the rows.
        Case(
            "SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN 9223372036854775807 PRECEDING AND 9223372036854775807 FOLLOWING) AS n FROM \(numbers)",
            (1...5).map { ["\($0)", "15"] }),
        Case(
            "SELECT id, lag(id, 9223372036854775807, -1) OVER (ORDER BY id) AS n FROM \(numbers) WHERE id < 3",
            [["1", "-1"], ["2", "-1"]]),
        // A sum that leaves the range on its way, but not in the frame.
        Case(
            """
            SELECT id, sum(x) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS n
            FROM (VALUES (1, 9223372036854775807), (2, 1), (3, -9223372036854775807)) AS v(id, x)
            """,
            [
                ["1", "9223372036854775807"], ["2", "9223372036854775808"],
                ["3", "-9223372036854775806"],
            ]),
        // Windows begin at multiples of their size, before 1970, too.
        Case(
            "SELECT window_start, count(*) AS n FROM \(times) GROUP BY tumble(at, INTERVAL '5 minutes')",
            [
                ["2026-01-01T00:00:00Z", "2"], ["2026-01-01T00:05:00Z", "1"],
                ["1969-12-31T23:55:00Z", "1"],
            ]),
        // A pause of exactly the gap ends a session.
        Case(
            "SELECT window_start, window_end, count(*) AS n FROM \(times) GROUP BY session(at, INTERVAL '299.999999 seconds')",
            [
                ["2026-01-01T00:00:00Z", "2026-01-01T00:04:59.999999Z", "1"],
                ["2026-01-01T00:04:59.999999Z", "2026-01-01T00:14:58.999999Z", "2"],
                ["1969-12-31T23:59:59Z", "1970-01-01T00:04:58.999999Z", "1"],
            ]),
        // An empty set has a row where there is no other.
        Case(
            "SELECT x, count(*) AS n FROM \(numbers) WHERE id > 9 GROUP BY GROUPING SETS ((x), (), ())",
            [["NULL", "0"], ["NULL", "0"]]),
    ]

    @Test(arguments: cases, [16_384, 1])
    func rows(item: Case, batchRows: Int) throws {
        let rows = try Self.project.rows(item.sql, batchRows: batchRows, workers: 2)
        #expect(rows.map { $0.values.map(\.text) } == item.rows)
    }

    @Test(arguments: [
        (
            "SELECT ntile(id - 1) OVER (ORDER BY id) AS n FROM \(numbers)",
            DiagnosticCode.badArgument
        ),
        ("SELECT nth_value(id, id - 1) OVER (ORDER BY id) AS n FROM \(numbers)", .badArgument),
        (
            "SELECT sum(x) OVER (ORDER BY id) AS n FROM (SELECT id, CAST(90000000000000000000000000000000000000 AS decimal(38,0)) AS x FROM \(numbers)) AS w",
            .numberOutOfRange
        ),
        ("SELECT lag(10 / (id - 1)) OVER (ORDER BY id) AS n FROM \(numbers)", .divisionByZero),
        (
            "SELECT count(*) AS n FROM (SELECT CAST(NULL AS timestamp) AS at FROM \(numbers)) AS w GROUP BY tumble(at, INTERVAL '1 hour')",
            .missingEventTime
        ),
        (
            "SELECT count(*) AS n FROM \(times) GROUP BY hop(at, INTERVAL '1 microsecond', INTERVAL '1 day')",
            .cannotRun
        ),
    ])
    func mistakes(sql: String, code: DiagnosticCode) throws {
        let error = #expect(throws: RunError.self) { try Self.project.rows(sql) }
        #expect(error?.diagnostic.code == code)
    }

    /// Without files: every query brings its rows.
    private static var project: SQLProject {
        get throws {
            try SQLProject(folder: FileManager.default.temporaryDirectory.path, tables: [])
        }
    }
}

extension SQLValue {
    var text: String {
        switch self {
        case .null: "NULL"
        case .text(let text): text
        case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        }
    }
}

import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// Operators that do not get the memory they would like: the same rows, from disk.
@Suite(.enabled(if: !Peers.isMissing, "scripts/peers.sh makes the Python environment"))
struct SQLSpillTests {
    /// Some 50,000 rows, more than fit the memory that the queries get.
    static let rows = """
        (SELECT t.id * 1000 + u.id AS k, t.g, t.x, t.q, t.s || u.s AS s, u.i, u.id AS uid,
                u.made_at FROM t CROSS JOIN u WHERE u.id <= 100) AS r
        """

    /// Window functions leave rows in their order, on disk or not.
    static let ordered = [
        """
        SELECT k, row_number() OVER (PARTITION BY g, i ORDER BY s, k) AS a,
               sum(q) OVER (PARTITION BY uid ORDER BY k ROWS BETWEEN 20 PRECEDING AND CURRENT ROW) AS b,
               lag(s) OVER (PARTITION BY uid ORDER BY x, k) AS c
        FROM \(rows)
        """,
        "SELECT k, s FROM \(rows) ORDER BY s DESC, k",
    ]

    static let unordered = [
        "SELECT k, s FROM \(rows) EXCEPT ALL SELECT k, s FROM \(rows) WHERE x > 0",
        "SELECT k, s FROM \(rows) INTERSECT SELECT k, s FROM \(rows) WHERE x > 0",
        "SELECT DISTINCT ON (k % 30000) k % 30000 AS m, s FROM \(rows) ORDER BY k % 30000, s, k",
        "SELECT k, i, count(*) AS n, max(s) AS s FROM \(rows) GROUP BY GROUPING SETS ((k), (k, i))",
        "SELECT a.k, b.s FROM \(rows) JOIN (SELECT k, s FROM \(rows)) AS b ON r.k = b.k".replacing(
            "a.k", with: "r.k"),
        "SELECT r.k, b.s FROM \(rows) FULL JOIN (SELECT k + 500 AS k, s FROM \(rows)) AS b ON r.k = b.k",
        "SELECT r.k FROM \(rows) WHERE NOT EXISTS (SELECT 1 FROM (SELECT k + 500 AS k, s FROM \(rows)) AS b WHERE r.k = b.k AND r.s < b.s)",
    ]

    static let plenty = 1 << 30
    static let little = 4 << 20
    static let tiny = 1 << 20

    @Test(arguments: ordered)
    func sameRowsInOrder(sql: String) throws {
        try Self.withProject { project in
            let rows = try project.rows(sql, memory: Self.plenty)
            #expect(rows.count == 50_000)
            for batchRows in [16_384, 1000] {
                let spilled = try project.rows(
                    sql, batchRows: batchRows, workers: 2, memory: Self.little)
                let isSame = spilled == rows
                #expect(isSame, "batches of \(batchRows) rows")
            }
        }
    }

    @Test(arguments: unordered)
    func sameRows(sql: String) throws {
        try Self.withProject { project in
            let rows = try project.rows(sql, memory: Self.plenty)
            let spilled = try project.rows(sql, memory: Self.little)
            let isSame = Self.counted(spilled) == Self.counted(rows)
            #expect(isSame)
        }
    }

    /// What cannot be worked off in parts is refused, and nothing traps.
    @Test(arguments: [
        "SELECT k, max(s) OVER (ORDER BY k ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS a FROM \(rows)",
        "SELECT count(*) AS n FROM u JOIN \(rows) ON u.id < r.k AND u.s < r.s",
    ])
    func refused(sql: String) throws {
        try Self.withProject { project in
            let error = #expect(throws: RunError.self) {
                try project.rows(sql, memory: Self.tiny)
            }
            #expect(error?.diagnostic.code == .memoryExceeded)
        }
    }

    private static func counted(_ rows: [SQLRow]) -> [SQLRow: Int] {
        rows.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func withProject(_ body: (SQLProject) throws -> Void) throws {
        try Peers.withFolder { folder in
            try Peers.run("sql_peer.py", "tables", folder)
            try body(try SQLProject(folder: folder, tables: SQLPeerTests.tables))
        }
    }
}

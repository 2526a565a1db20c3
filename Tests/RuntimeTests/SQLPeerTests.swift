import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// SQL run by the engine and by DuckDB over the same files. Where the two languages differ a case
/// says what DuckDB is asked instead.
@Suite(.enabled(if: !Peers.isMissing, "scripts/peers.sh makes the Python environment"))
struct SQLPeerTests {
    static let tables = ["t", "u", "e"]

    static let files =
        ((try? FileManager.default.contentsOfDirectory(atPath: SQLCase.folder.path)) ?? [])
        .filter { $0.hasSuffix(".sql") }.sorted()

    @Test(arguments: files)
    func sameAsDuckDB(file: String) throws {
        try Peers.withFolder { folder in
            try Peers.run("sql_peer.py", "tables", folder)
            let results = folder + "/results"
            try FileManager.default.createDirectory(
                atPath: results, withIntermediateDirectories: true)
            let project = try SQLProject(folder: folder, tables: Self.tables)
            for item in try SQLCase.read(file) {
                guard let rows = run(item, project) else { continue }
                let name = item.name.replacingOccurrences(of: " ", with: "_")
                try JSONSerialization.data(withJSONObject: rows.map(\.json))
                    .write(to: URL(fileURLWithPath: "\(results)/\(name).json"))
            }
            try Peers.run(
                "sql_peer.py", "compare", folder, SQLCase.folder.appendingPathComponent(file).path)
        }
    }

    /// Every row that an operator read is somewhere, spilled, filtered, combined or not.
    @Test(arguments: files)
    func rowsAddUp(file: String) throws {
        try Peers.withFolder { folder in
            try Peers.run("sql_peer.py", "tables", folder)
            let project = try SQLProject(folder: folder, tables: Self.tables)
            for item in try SQLCase.read(file) {
                do {
                    for node in try project.run(item.sql).nodes {
                        #expect(node.closes, "\(item.name): \(node)")
                    }
                } catch {
                    Issue.record("\(item.name): \(Self.text(error))")
                }
            }
        }
    }

    private static func text(_ error: any Error) -> String {
        guard let diagnostic = (error as? RunError)?.diagnostic else { return "\(error)" }
        return "\(diagnostic.message) \(diagnostic.notes)"
    }

    /// The rows, which are the same in any batching and on any number of workers.
    private func run(_ item: SQLCase, _ project: SQLProject) -> [SQLRow]? {
        do {
            let rows = try project.rows(item.sql)
            for (batchRows, workers) in [(2, 1), (16_384, 4), (2, 4)] {
                let others = try project.rows(item.sql, batchRows: batchRows, workers: workers)
                let isSame = others == rows
                #expect(
                    isSame,
                    "\(item.name): other rows in batches of \(batchRows) rows on \(workers) workers"
                )
            }
            return rows
        } catch {
            Issue.record("\(item.name): \(Self.text(error))")
            return nil
        }
    }
}

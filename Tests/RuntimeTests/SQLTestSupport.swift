import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// A project of Parquet files that SQL is asked of.
struct SQLProject {
    struct Mistake: Error, CustomStringConvertible {
        var description: String
    }

    let project: ProjectDirectory
    /// The spec without the query.
    private let spec: Spec

    static let columns = """
        { id: bigint, g: string, x: bigint, i: integer, d: double, q: double, n: "decimal(10,2)",
          s: string, b: boolean, day: date, made_at: timestamp, tags: "array<string>",
          nums: "array<bigint>" }
        """

    init(folder: String, tables: [String]) throws {
        project = ProjectDirectory(folder)
        let sources = tables.map {
            "  \($0):\n    files: { path: \($0).parquet }\n    format: parquet\n    columns: \(Self.columns)\n"
        }
        let zone = "zones:\n  gold: { path: lake/gold, format: jsonl }\n"
        let text =
            "version: 1\npipeline: queries\n\(zone)"
            + (sources.isEmpty ? "" : "sources:\n" + sources.joined())
        let (spec, diagnostics) = SpecReader.read(
            file: "pipec.yaml", bytes: Array(text.utf8),
            connectors: Set(Registry.connectors.map(\.name)))
        try Self.stop(diagnostics)
        self.spec = try #require(spec)
    }

    private static func stop(_ diagnostics: [Diagnostic]) throws {
        let errors = diagnostics.filter { $0.severity == .error }
        guard !errors.isEmpty else { return }
        throw Mistake(
            description: errors.map { "\($0.message) \($0.notes)" }.joined(separator: "\n"))
    }

    private func plan(_ sql: String, as name: String = "query result") throws -> Plan {
        var spec = spec
        let text = SourceText(text: sql, file: "query.sql")
        spec.transforms.append(
            TransformDeclaration(
                name: Spanned(name, text.span), body: .sql(text), span: text.span))
        let (checked, diagnostics) = Checker.check(spec, catalogue: Registry.catalogue())
        try Self.stop(diagnostics)
        return Planner.plan(try #require(checked))
    }

    /// The rows in order, values as texts, null as nil and lists as lists.
    func rows(
        _ sql: String, batchRows: Int = 16_384, workers: Int = 1, memory: Int = 1 << 30
    ) throws -> [SQLRow] {
        var settings = RunSettings(now: 1_767_225_600_000_000)
        settings.batchRows = batchRows
        settings.workers = workers
        settings.memoryLimit = memory
        var rows: [SQLRow] = []
        try QueryRun(plan: try plan(sql), project: project, settings: settings)
            .rows(of: "query result") { batch in
                for row in batch.rows {
                    rows.append(SQLRow(values: batch.columns.map { SQLValue($0, Int(row)) }))
                }
            }
        return rows
    }
}

extension SQLProject {
    /// Writes the rows to a table, in a run that must account for every row.
    func run(_ sql: String) throws -> RunReport {
        var settings = RunSettings(now: 1_767_225_600_000_000)
        settings.batchRows = 100
        settings.workers = 2
        return try Run(
            plan: try plan(sql, as: "gold.result"), project: project, settings: settings
        ).execute()
    }
}

struct SQLRow: Hashable {
    var values: [SQLValue]

    var json: Any { values.map(\.json) }
}

enum SQLValue: Hashable {
    case null
    case text(String)
    case list([SQLValue])

    init(_ column: Column, _ row: Int) {
        if column.isNull(row) {
            self = .null
        } else if case .list(let offsets, let child) = column.values {
            self = .list(
                (offsets[row]..<offsets[row + 1]).map { SQLValue(child.column, Int($0)) })
        } else {
            self = .text(column.text(row))
        }
    }

    var json: Any {
        switch self {
        case .null: NSNull()
        case .text(let text): text
        case .list(let values): values.map(\.json)
        }
    }
}

/// SQL texts with names, from a file of Tests/Golden/queries.
struct SQLCase: CustomTestStringConvertible, Sendable {
    var file: String
    var name: String
    var sql: String

    var testDescription: String { "\(file): \(name)" }

    static let folder = TestRun.root.appendingPathComponent("Tests/Golden/queries")

    static func read(_ file: String) throws -> [SQLCase] {
        let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
        return text.components(separatedBy: "-- case:").dropFirst().map { part in
            let lines = part.split(separator: "\n", omittingEmptySubsequences: false)
            let body = lines.dropFirst().prefix { !$0.hasPrefix("--") }
            return SQLCase(
                file: file, name: lines[0].trimmingCharacters(in: .whitespaces),
                sql: body.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }
}

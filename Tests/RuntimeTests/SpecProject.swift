import Foundation
import PipelineDSL
import Planner
import Runtime
import Testing

/// A project in a folder of its own: a spec, its files, and what runs make of them.
final class SpecProject {
    let root: String
    let directory: ProjectDirectory

    init(files: [String: String] = [:]) throws {
        root = FileManager.default.temporaryDirectory.path + "/pipec-spec-\(UUID().uuidString)"
        directory = ProjectDirectory(root)
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        for (name, text) in files { try write(text, to: name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ text: String, to name: String) throws {
        let url = URL(fileURLWithPath: root + "/" + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func text(_ name: String) throws -> String {
        String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: root + "/" + name)), as: UTF8.self)
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: root + "/" + name)
    }

    /// Paths of all files below a folder of the project, sorted.
    func walk(_ folder: String) -> [String] { Files.walk(root + "/" + folder) }

    /// The spec read and checked; `nil` where it is wrong.
    func check(
        _ spec: String, mode: Plan.Mode = .batch, schemas: SchemaPins.Use = .pinned
    ) -> (CheckedPipeline?, [Diagnostic]) {
        let catalogue = Registry.catalogue()
        let (read, first) = SpecReader.read(
            file: "pipec.yaml", bytes: Array(("version: 1\npipeline: test\n" + spec).utf8),
            values: InterpolationValues(), connectors: Set(catalogue.connectors.map(\.name)),
            include: { _, _ in [] })
        guard let read else { return (nil, first) }
        let pins = SchemaPins(directory, use: schemas)
        let (checked, second) = Checker.check(
            read, catalogue: catalogue, mode: mode, inference: pins.answer)
        if checked != nil {
            do { try pins.save() } catch { Issue.record(error) }
        }
        return (checked, first + second)
    }

    func plan(
        _ spec: String, mode: Plan.Mode = .batch, schemas: SchemaPins.Use = .pinned
    ) throws -> Plan {
        let (checked, diagnostics) = check(spec, mode: mode, schemas: schemas)
        let errors = diagnostics.filter { $0.severity == .error }
        #expect(errors.isEmpty, "\(errors.map(\.message))")
        return Planner.plan(try #require(checked))
    }

    @discardableResult
    func run(_ spec: String, batchRows: Int = 16_384) throws -> RunReport {
        let plan = try plan(spec, schemas: .pinning)
        var settings = RunSettings(now: 1_767_225_600_000_000)
        settings.batchRows = batchRows
        return try Run(plan: plan, project: directory, settings: settings).execute()
    }

    /// The rows of a node as JSON texts.
    func rows(_ node: String, of spec: String) throws -> [String] {
        let plan = try plan(spec, schemas: .inferred)
        let schema = try #require(plan[node]?.schema)
        var rows: [String] = []
        // The receiver is called by one worker at a time.
        nonisolated(unsafe) let add: (Batch) -> Void = { batch in
            rows += batch.rows.map { RowText.line(batch, row: Int($0), schema: schema) }
        }
        let query = QueryRun(
            plan: plan, project: directory, settings: RunSettings(now: 1_767_225_600_000_000))
        try query.rows(of: node) { add($0) }
        return rows
    }

    var deadLetters: [DeadLetter] {
        get throws { try DeadLetterStore(folder: root + "/.pipec/dead_letters").read() }
    }
}

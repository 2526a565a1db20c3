import Foundation
import PipelineDSL
import Planner
import Runtime
import Testing

/// Whole runs of transforms on stages.
@Suite struct StageRunTests {
    private static func spec(_ stages: String, runsOn: String) -> String {
        """
        sources:
          orders:
            files: { path: "data/*.csv" }
            format: csv
            columns: { id: bigint not null, note: string, cents: string not null }
        zones:
          silver: { path: lake/silver, format: jsonl }
        transforms:
          silver.orders:
            from: orders
            \(runsOn)
            steps:
              - where: id % 10 <> 0
              - derive: { amount: CAST(cents AS bigint) / 100.0 }
              - drop: [cents]
        sinks:
          out: { from: silver.orders, files: { path: out.jsonl }, format: jsonl }
        \(stages)
        """
    }

    private static func csv(_ range: Range<Int>, long: Set<Int> = []) -> String {
        range.reduce(into: "id,note,cents\n") { text, id in
            let note = long.contains(id) ? String(repeating: "x", count: 200_000) : "n\(id)"
            text += "\(id),\(note),\(id % 97 == 0 ? "many" : String(id))\n"
        }
    }

    private static let lambda =
        "stages: { cleaners: { lambda: { batch: { rows: 100, every: 5 s }, retries: 3, "
        + "bisect_on_error: true } } }"

    @Test(arguments: [2, 7, 100, 16_384])
    func aStageChangesNoRow(batchRows: Int) throws {
        let files = ["data/a.csv": Self.csv(0..<730), "data/b.csv": Self.csv(730..<1500)]
        let plain = try SpecProject(files: files)
        try plain.run(Self.spec("", runsOn: ""), batchRows: batchRows)
        let staged = try SpecProject(files: files)
        let report = try staged.run(
            Self.spec(Self.lambda, runsOn: "runs_on: cleaners"), batchRows: batchRows)
        #expect(report.closes)
        #expect(try staged.text("out.jsonl") == plain.text("out.jsonl"))
        let letters = try staged.deadLetters
        let others = try plain.deadLetters
        #expect(letters.map(\.line) == others.map(\.line))
        #expect(letters.map(\.object) == others.map(\.object))
        #expect(letters.map(\.raw) == others.map(\.raw))
        #expect(letters.count == 14)
        #expect(letters.allSatisfy { $0.stage == "cleaners" && $0.attempt == 1 })
        let node = try #require(report.nodes.first { $0.name == "silver.orders" })
        #expect(node.read == 1500)
        #expect(node.filtered == 150)
    }

    /// One row that needs more memory than the stage has, among a thousand that do not.
    @Test(arguments: [1, 4])
    func thePoisonRecordIsIsolated(workers: Int) throws {
        let project = try SpecProject(files: [
            "data/a.csv": Self.csv(1..<600, long: [333]), "data/b.csv": Self.csv(600..<1000),
        ])
        let spec = Self.spec(
            "stages: { cleaners: { flink: { memory: 100 KB, batch: { rows: 100 }, "
                + "bisect_on_error: true, parallelism: 2 } } }", runsOn: "runs_on: cleaners")
        let plan = try project.plan(spec)
        var settings = RunSettings(now: 1_767_225_600_000_000)
        settings.workers = workers
        let report = try Run(plan: plan, project: project.directory, settings: settings).execute()
        #expect(report.closes)
        let letters = try project.deadLetters.filter { $0.rule == "stage" }
        #expect(letters.count == 1)
        #expect(letters.first?.code == DiagnosticCode.stageMemory.description)
        #expect(letters.first?.line == 334)
        #expect(letters.first?.object == "data/a.csv")
        #expect(letters.first?.stage == "cleaners")
        #expect(letters.first?.raw?.hasPrefix("333,xxx") == true)
        // The batch, and the half with the row each time: what `errors(cleaners)` of an alert counts.
        let failed = try #require(report.nodes.first { $0.name == "silver.orders" }?.failedAttempts)
        #expect((6...8).contains(failed))
        let expected = (1..<1000).filter { $0 % 10 != 0 && $0 % 97 != 0 && $0 != 333 }
        let lines = try project.text("out.jsonl").split(separator: "\n")
        #expect(lines.count == expected.count)
        #expect(
            zip(lines, expected).allSatisfy { line, id in line.hasPrefix("{\"id\":\(id),") })
    }

    @Test func withoutRetriesTheRunEnds() throws {
        let project = try SpecProject(files: ["data/a.csv": Self.csv(1..<600, long: [333])])
        let spec = Self.spec(
            "stages: { cleaners: { flink: { memory: 100 KB } } }", runsOn: "runs_on: cleaners")
        let error = #expect(throws: RunError.self) { try project.run(spec) }
        #expect(error?.diagnostic.code == .stageMemory)
        #expect(!project.exists("out.jsonl"))
    }

    /// `dead_letter` of a stage, and `dead_letters: { expire_after }`.
    @Test func lettersOfAStageHaveAFolderAndATime() throws {
        let project = try SpecProject(files: ["data/a.csv": Self.csv(1..<200)])
        let spec =
            Self.spec(
                "stages: { cleaners: { lambda: { retries: 1, dead_letter: cleaners-dlq } } }",
                runsOn: "runs_on: cleaners") + "\ndead_letters: { expire_after: 14 days }\n"
        let folder = ".pipec/dead_letters/cleaners-dlq"
        try project.run(spec)
        let letters = try project.deadLetters
        #expect(letters.count == 2 && letters.allSatisfy { $0.node == "silver.orders" })
        #expect(project.walk(folder).count == 1)
        #expect(project.walk(".pipec/dead_letters").count == 1)
        let plan = try project.plan(spec)
        func run(daysLater days: Int64) throws {
            let now = RunClock.now() + days * 86_400_000_000
            _ = try Run(
                plan: plan, project: project.directory, settings: RunSettings(now: now)
            ).execute()
        }
        try run(daysLater: 13)
        #expect(project.walk(folder).count == 2)
        try run(daysLater: 15)
        #expect(project.walk(folder).count == 1)
    }

    /// Stages around everything else an operator can be.
    @Test func stagesGoWithStepsThatRemember() throws {
        let files = [
            "data/a.csv": Self.csv(1..<400) + Self.csv(1..<400).dropFirst(14),
            "names.csv": "key,name\n" + (0..<50).map { "\($0),name \($0)\n" }.joined(),
        ]
        func spec(_ stages: String, _ runsOn: String) -> String {
            """
            sources:
              orders:
                files: { path: "data/*.csv" }
                format: csv
                columns: { id: bigint not null, note: string, cents: string not null }
              names:
                files: { path: names.csv }
                format: csv
                columns: { key: bigint not null, name: string }
            zones:
              silver: { path: lake/silver, format: jsonl }
            transforms:
              cleaned:
                from: orders
                \(runsOn)
                steps:
                  - derive: { key: id % 60 }
              also: { from: orders, steps: [ { derive: { key: id } } ] }
              silver.orders:
                from: cleaned
                \(runsOn)
                steps:
                  - dedupe: { on: [id] }
                  - lookup: { in: names, on: key, take: [name] }
                  - derive: { label: upper(name) }
              silver.counts:
                \(runsOn)
                sql: SELECT name, count(*) AS orders FROM silver.orders GROUP BY name ORDER BY name
              silver.both: { from: [cleaned, also], \(runsOn.isEmpty ? "" : runsOn + ",") steps: [ { where: id < 50 } ] }
            \(stages)
            """
        }
        let plain = try SpecProject(files: files)
        try plain.run(spec("", ""))
        let staged = try SpecProject(files: files)
        let report = try staged.run(
            spec(
                "stages: { cleaners: { fargate: { batch: { rows: 33 }, retries: 1, "
                    + "scale: { on: backlog, min: 0, max: 4 } } } }", "runs_on: cleaners"))
        #expect(report.closes)
        for table in ["orders", "counts", "both"] {
            func text(_ project: SpecProject) throws -> String {
                try project.walk("lake/silver/\(table)").filter { $0.hasSuffix(".jsonl") }
                    .map { try project.text("lake/silver/\(table)/\($0)") }.joined()
            }
            #expect(!(try text(plain).isEmpty), "\(table)")
            #expect(try text(staged) == text(plain), "\(table)")
        }
    }
}

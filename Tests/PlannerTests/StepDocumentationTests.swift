import Foundation
import PipelineDSL
import Planner
import Testing

/// The documentation of a step is checked: its examples run.
@Suite struct StepDocumentationTests {
    @Test func examplesAreRight() throws {
        for step in Steps.all {
            let examples = Self.examples(step.documentation)
            #expect(!examples.isEmpty, "\(step.name) has no example")
            for example in examples {
                let test = PlanTest(Self.spec(example))
                let errors = test.diagnostics.filter { $0.severity == .error }.map(\.message)
                #expect(errors == [], "\(step.name):\n\(example)")
                #expect(example.contains("- \(step.name):"), "\(step.name): another step's example")
            }
        }
    }

    @Test func everyStepIsListed() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/Planner/Steps")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let steps = files.filter { $0.hasSuffix("Step.swift") }
        #expect(steps.count == Steps.all.count, "a step is a file and a line in Steps.swift")
        #expect(Set(Steps.all.map(\.name)).count == Steps.all.count)
    }

    /// The YAML blocks of a text.
    private static func examples(_ text: String) -> [String] {
        text.components(separatedBy: "```yaml\n").dropFirst().compactMap { part in
            part.components(separatedBy: "\n```").first
        }
    }

    private static func spec(_ steps: String) -> String {
        let indented = steps.split(separator: "\n").map { "      \($0)" }
        return """
            version: 1
            pipeline: docs
            contracts:
              telemetry: { columns: { vehicle_id: string not null }, rules: { named: vehicle_id <> '' } }
            sources:
              telemetry:
                files: { path: data/*.jsonl }
                format: jsonl
                event_time: { column: recorded_at, watermark: 10 minutes }
                columns:
                  vehicle_id: string not null
                  recorded_at: timestamp not null
                  latitude: double
                  longitude: double
                  speed_kmh: double
                  engine_status: string
                  tags: array<string>
                  device: 'struct<id: string, model: string>'
                  driver_name: { type: string, pii: name }
                  email: { type: string, pii: email }
                  phone: { type: string, pii: phone }
              vehicles:
                files: { path: vehicles.json }
                format: json
                columns: { vehicle_id: string not null, depot: string, model: string }
              assignments:
                files: { path: assignments.csv }
                format: csv
                columns: { vehicle_id: string not null, since: timestamp, driver: string }
            zones:
              silver: { path: out }
            transforms:
              silver.result:
                from: telemetry
                steps:

            """ + indented.joined(separator: "\n") + "\n"
    }
}

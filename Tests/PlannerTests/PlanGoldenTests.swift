import Foundation
import PipelineDSL
import Planner
import Testing

/// `Tests/Golden/plans/*/`: a spec, and what is made of it.
@Suite struct PlanGoldenTests {
    @Test func plansAreAsWrittenDown() throws {
        for folder in try PlanGolden.folders("plans") {
            let spec = folder.appendingPathComponent("pipec.yaml")
            guard FileManager.default.fileExists(atPath: spec.path) else { continue }
            let test = PlanTest(try PlanGolden.text(spec))
            #expect(test.lines.filter { !$0.contains("warning") } == [], "\(folder.lastPathComponent)")
            let plan = try #require(test.plan)
            try PlanGolden.check(PlanJSON.text(plan), folder.appendingPathComponent("plan.json"))
        }
    }
}

import Foundation
import PipelineDSL
import Planner
import Testing

/// `Tests/Golden/plans/explain/`: what is said about each node of a spec, and its pictures.
@Suite struct ExplainGoldenTests {
    @Test func explanationsAreAsWrittenDown() throws {
        for folder in try PlanGolden.folders("plans") {
            let spec = folder.appendingPathComponent("pipec.yaml")
            guard FileManager.default.fileExists(atPath: spec.path) else { continue }
            let test = PlanTest(try PlanGolden.text(spec))
            let plan = try #require(test.plan, "\(test.lines)")
            var text = ""
            for node in plan.nodes {
                let explanation = try #require(Explain.node(node.name, of: plan).0)
                text += "$ pipec explain \(node.name)\n\(explanation.text())\n"
            }
            try PlanGolden.check(text, folder.appendingPathComponent("explain.txt"))
            try PlanGolden.check(PlanText.text(plan), folder.appendingPathComponent("plan.txt"))
            for (format, name) in [
                (PlanGraph.Format.mermaid, "graph.mmd"), (.dot, "graph.dot"), (.svg, "graph.svg"),
            ] {
                try PlanGolden.check(
                    PlanGraph.text(plan, format), folder.appendingPathComponent(name))
            }
        }
    }

    @Test func unknownNodesAreSuggested() throws {
        let test = PlanTest(
            """
            version: 1
            pipeline: p
            sources:
              orders: { files: { path: a.csv }, format: csv, columns: { id: string } }
            zones: { silver: { path: out } }
            transforms:
              silver.orders_clean: { from: orders }
            """)
        let plan = try #require(test.plan)
        let (explanation, diagnostics) = Explain.node("orders_clean", of: plan)
        #expect(explanation == nil)
        #expect(diagnostics.first?.notes.first == "did you mean `silver.orders_clean`?")
    }
}

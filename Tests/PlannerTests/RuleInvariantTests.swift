import Foundation
import PipelineDSL
import Testing

import Planner

/// Every query of the goldens goes through every rewrite: none is refused, none runs on for ever,
/// and what comes out still holds together, survives its JSON form and passes the validator.
@Suite struct RuleInvariantTests {
    @Test func rewritesKeepEveryQueryWhole() throws {
        var count = 0
        for url in try TypingGolden.files(suffix: "select") {
            for (text, environment) in try queries(url) {
                var bag = DiagnosticBag()
                let planner = SelectPlanner(environment)
                let source = SourceText(text: text, file: "golden")
                guard let tree = planner.plan(source, diagnostics: &bag) else { continue }
                count += 1
                try check(tree, environment, text)
            }
        }
        #expect(count > 100)
    }

    private func check(
        _ tree: LogicalNode, _ environment: TypingGolden.Environment, _ text: String
    ) throws {
        let (rewritten, report) = RuleDriver().run(tree, relation: environment.schema)
        #expect(report.refused == [], "\(text)")
        #expect(!report.isExhausted, "\(text)")
        #expect(rewritten.schema == tree.schema, "\(text)")
        #expect(rewritten.misfit(relation: environment.schema) == nil, "\(text)")
        // Rejects stay rejects: nothing that can fail appears or goes.
        #expect(rewritten.fallibleCount <= tree.fallibleCount, "\(text)")

        let plan = planned(rewritten, environment)
        #expect(PlanValidator.problems(of: plan) == [], "\(text)")
        let json = PlanJSON.text(plan)
        let (again, diagnostics) = PlanJSON.read(SourceText(text: json, file: "plan.json"))
        #expect(diagnostics == [], "\(text)")
        #expect(again.map { PlanJSON.text($0) } == json, "\(text)")
        #expect(again?.nodes.last?.operators == plan.nodes.last?.operators, "\(text)")
    }

    private func planned(_ tree: LogicalNode, _ environment: TypingGolden.Environment) -> Plan {
        let binding = BindingPlan(
            connector: "files", isEmbedded: false, settings: [:], summary: "files")
        var nodes = environment.relations.map { name, schema in
            PlanNode(
                name: name, kind: .source, inputs: [], schema: schema,
                scan: ScanPlan(
                    binding: binding, format: nil, fields: schema,
                    projection: Array(schema.fields.indices)))
        }
        nodes.append(
            PlanNode(
                name: "result", kind: .relation, inputs: tree.nodesRead, schema: tree.schema,
                definition: Definition.steps(of: tree, node: "result"),
                operators: Lowering.operators(tree, of: "result")))
        return Plan(pipeline: "golden", profile: "local", mode: .batch, nodes: nodes)
    }
}

extension LogicalNode {
    fileprivate var fallibleCount: Int {
        operation.expressions.count { $0.expression.isFallible }
            + inputs.reduce(0) { $0 + $1.fallibleCount }
    }
}

/// The queries of a golden file, each with what was declared before it.
private func queries(_ url: URL) throws -> [(String, TypingGolden.Environment)] {
    var environment = TypingGolden.Environment()
    var result: [(String, TypingGolden.Environment)] = []
    let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    for block in text.components(separatedBy: "\n\n") {
        let lines = block.split(separator: "\n").map(String.init).filter {
            !$0.hasPrefix("  ") && !$0.hasPrefix("--")
        }
        let body = lines.filter { !environment.accept($0) }
        if !body.isEmpty { result.append((body.joined(separator: "\n"), environment)) }
    }
    return result
}

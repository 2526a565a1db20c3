import PipelineDSL
import Testing

import Planner

/// Queries with the tree of operations they become, or what is wrong with them.
@Suite struct SelectTests {
    @Test func queriesBecomeTheTreesTheGoldensSay() throws {
        var count = 0
        for url in try TypingGolden.files(suffix: "select") {
            var golden = try TypingGolden(url)
            count += try golden.check(describe)
        }
        #expect(count > 150)
    }

    private func describe(_ text: String, _ environment: TypingGolden.Environment) -> [String] {
        var bag = DiagnosticBag()
        let planner = SelectPlanner(environment)
        let node = planner.plan(SourceText(text: text, file: "golden"), diagnostics: &bag)
        var result = bag.sorted.flatMap { lines(of: $0, in: text) }
        guard let node else { return result }
        let columns = node.schema.fields.map { field in
            "\(field.name) \(field.type)\(field.nullable ? "" : " not null")"
        }
        result.append("→ \(columns.joined(separator: ", "))")
        result += node.text.split(separator: "\n").map(String.init)
        if let misfit = node.misfit(relation: environment.schema) {
            result.append("MISFIT \(misfit.path.joined(separator: "/")) \(misfit.reason)")
        }
        return result
    }
}

extension SelectPlanner {
    init(_ environment: TypingGolden.Environment) {
        self.init(
            checker: environment.checker, relationNames: environment.relations.map(\.name)
        ) { path in
            let name = path.map(\.text).joined(separator: ".")
            guard let schema = environment.schema(name) else { return .unknown }
            return .found(LogicalNode(.input(Input(node: name)), schema: schema))
        }
    }
}

extension TypingGolden.Environment {
    func schema(_ name: String) -> Schema? {
        relations.first { $0.name.lowercased() == name.lowercased() }?.schema
    }
}

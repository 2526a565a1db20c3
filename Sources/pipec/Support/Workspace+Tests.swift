import ArgumentParser
import PipelineDSL
import Planner
import Runtime

extension Workspace {
    /// The tests of the spec. Mistakes, in them or around them, are said and end the command.
    func tests() throws -> (pipeline: String, tests: [SpecTest]) {
        guard !isPlanFile else {
            throw Workspace.stop(
                options, .noTests, "tests stand in a spec, and \(path) is a plan",
                notes: ["without `--file` the nearest pipec.yaml is taken"])
        }
        let (checked, diagnostics) = try check()
        guard let checked else { throw failed(diagnostics) }
        guard !checked.spec.tests.isEmpty else {
            let node = checked.nodes.first { $0.kind != .source }?.name ?? "silver.orders"
            let source = checked.nodes.first { $0.kind == .source }
            let column = source?.schema.names.first ?? "id"
            throw Workspace.stop(
                options, .noTests, "\(path) has no tests",
                notes: [
                    "add some: tests: { it_works: { given: { \(source?.name ?? "orders"): "
                        + "[ { \(column): … } ] }, expect: { \(node): [ { … } ] } } }",
                    "`pipec explain PIPE0687` shows one",
                ])
        }
        let (tests, mistakes) = try tests(of: checked)
        try stop(mistakes, unless: !mistakes.contains { $0.severity == .error })
        return (checked.spec.pipeline.value, tests)
    }

    /// The tests of a checked spec, and the mistakes in them.
    func tests(of checked: CheckedPipeline) throws -> ([SpecTest], [Diagnostic]) {
        var mistakes: [Diagnostic] = []
        let tests = try SpecTests(checked.spec.tests, batch: Planner.plan(checked)) {
            let (streaming, diagnostics) = try check(mode: .streaming)
            if streaming == nil { mistakes += diagnostics }
            return streaming.map { Planner.plan($0) }
        }
        return (tests.tests, mistakes + tests.diagnostics)
    }
}

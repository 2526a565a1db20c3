import Foundation
import PipelineDSL
import Planner
import Testing

/// `Tests/Golden/plans/checks/*.check-case`: edits of a base spec, and what `check` says of each, in
/// the form of ``DiffGoldenTests``. A line `% profile aws`, `% mode streaming`, `% param name=value`
/// or `% env NAME=value` says how it is checked.
@Suite struct ResolveGoldenTests {
    @Test func mistakesAreExplainedAsWritten() throws {
        let folder = PlanGolden.root.appendingPathComponent("plans/checks")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "check-case" }.sorted { $0.path < $1.path }
        var codes: Set<DiagnosticCode> = []
        for file in files {
            let base = try PlanGolden.text(
                file.deletingPathExtension().appendingPathExtension("yaml"))
            var output: [String] = []
            for test in DiffCase.read(try PlanGolden.text(file)) {
                let (text, diagnostics) = render(test, base)
                output.append(test.text(result: text))
                codes.formUnion(diagnostics.map(\.code))
            }
            try PlanGolden.check(output.joined(), file)
        }
        let own =
            DiagnosticCode.all.filter { (250...299).contains($0.number) }
            + DiagnosticCode.all.filter { (403...440).contains($0.number) }
        // 433 needs more steps than a case should have; see ``ResolveTests``.
        #expect(
            own.filter { !codes.contains($0) && $0 != .tooManySteps } == [],
            "codes that no case shows")
    }

    /// The columns of the last table, where nothing is wrong.
    private func columns(_ test: PlanTest) -> String {
        guard let table = test.plan?.nodes.last(where: { $0.kind == .table }) else { return "" }
        let columns = table.schema.fields.map { field in
            field.description + (field.pii.map { " (pii: \($0))" } ?? "")
        }
        return "→ \(columns.joined(separator: "; "))\n"
    }

    private func render(_ test: DiffCase, _ base: String) -> (String, [Diagnostic]) {
        var options = CheckOptions()
        var edits = test
        edits.edit.removeAll { options.read($0) }
        guard let spec = edits.apply(to: base) else {
            return ("the edit does not fit the base\n", [])
        }
        let result = PlanTest(
            spec, profile: options.profile, parameters: options.parameters,
            environment: options.environment, mode: options.mode)
        let text = TerminalRenderer(source: { $0 == "pipec.yaml" ? spec : nil })
            .render(result.diagnostics)
        return (text + columns(result), result.diagnostics)
    }
}

struct CheckOptions {
    var profile = "local"
    var mode = Plan.Mode.batch
    var parameters: [String: String] = [:]
    var environment: [String: String] = [:]

    /// Whether the line was an option.
    mutating func read(_ line: String) -> Bool {
        guard line.hasPrefix("% ") else { return false }
        let words = line.dropFirst(2).split(separator: " ", maxSplits: 1).map(String.init)
        let pair = words.last?.split(separator: "=", maxSplits: 1).map(String.init) ?? []
        switch words.first {
        case "profile": profile = words[1]
        case "mode": mode = Plan.Mode(rawValue: words[1]) ?? .batch
        case "param": parameters[pair[0]] = pair[1]
        case "env": environment[pair[0]] = pair[1]
        default: return false
        }
        return true
    }
}

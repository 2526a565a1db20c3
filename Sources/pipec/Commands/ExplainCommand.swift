import ArgumentParser
import PipelineDSL
import Planner

enum ExplanationFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explains a node (schema, lineage, operators) or a diagnostic code.",
        discussion: """
              pipec explain silver.telemetry
              pipec explain PIPE0203
            """)

    @Argument(help: "A node such as silver.telemetry, or a code such as PIPE0203.")
    var topic: String

    @Option(help: "How a node is explained: text or json.")
    var format = ExplanationFormat.text

    @OptionGroup var options: GlobalOptions

    func run() throws {
        if topic.uppercased().hasPrefix("PIPE"), let number = Int(topic.dropFirst(4)) {
            return try explain(code: number)
        }
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan()
        let (explanation, diagnostics) = Explain.node(topic, of: plan)
        try workspace.stop(diagnostics, unless: explanation != nil)
        guard let explanation else { return }
        Output.write(
            format == .json ? explanation.json : explanation.text(color: options.isColored(1)))
    }

    private func explain(code number: Int) throws {
        guard let code = DiagnosticCode.all.first(where: { $0.number == number }) else {
            throw Workspace.stop(
                options, .unknownTopic, "there is no diagnostic \(topic.uppercased())",
                notes: ["docs/reference/diagnostics.md lists all of them"])
        }
        Output.write("\(code): \(code.title)\n\n\(code.explanation)\n")
    }
}

import ArgumentParser
import Planner

extension PlanGraph.Format: ExpressibleByArgument {}

struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draws the pipeline.",
        discussion: """
            Mermaid is shown by GitHub and GitLab in Markdown; dot is for Graphviz; an svg needs nothing.

              pipec graph --format svg --output pipeline.svg
            """)

    @Option(help: "mermaid, dot or svg.")
    var format = PlanGraph.Format.mermaid

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write; otherwise the standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var selection: NodeSelection
    @OptionGroup var options: GlobalOptions

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan()
        let shown = plan.showing(try selection.nodes(of: plan, workspace))
        let text = PlanGraph.text(shown, format)
        guard let output else { return Output.write(text) }
        try workspace.reporting { try Output.write(Array(text.utf8), to: output) }
    }
}

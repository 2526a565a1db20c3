import ArgumentParser
import Foundation
import Planner

extension PlanGraph.Format: ExpressibleByArgument {}

struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draws the pipeline.")

    @Option(help: "mermaid, dot or svg.")
    var format = PlanGraph.Format.mermaid

    @Option(name: .shortAndLong, help: "The file to write; otherwise the standard output.")
    var output: String?

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan()
        let text = PlanGraph.text(plan, format)
        guard let output else { return Output.write(text) }
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            Output.error("error: \(output) cannot be written: \(error.localizedDescription)\n")
            throw ExitCode.failure
        }
    }
}

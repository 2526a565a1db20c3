import ArgumentParser
import Foundation
import PipelineDSL
import Planner

enum PlanFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows what the pipeline does.")

    @Argument(help: "The spec; otherwise pipec.yaml of this folder or the nearest one above.")
    var path: String?

    @OptionGroup var options: GlobalOptions

    @Option(help: ArgumentHelp("Writes the plan, for `pipec run`.", valueName: "file"))
    var out: String?

    @Option(help: "text or json.")
    var format = PlanFormat.text

    func run() throws {
        var workspace = try Workspace(path ?? options.file, options)
        workspace.saysWarnings = true
        let plan = try workspace.plan()
        if let out {
            do {
                try Data(PlanJSON.text(plan).utf8).write(
                    to: URL(fileURLWithPath: out), options: .atomic)
            } catch {
                Output.error("error: \(out) cannot be written: \(error.localizedDescription)\n")
                throw ExitCode.failure
            }
        }
        switch format {
        case .json: Output.write(PlanJSON.text(plan))
        case .text: Output.write(PlanText.text(plan, color: options.isColored(1)))
        }
    }
}

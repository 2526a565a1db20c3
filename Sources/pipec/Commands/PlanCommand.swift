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
        case .text: Output.write(text(plan))
        }
    }

    private func text(_ plan: Plan) -> String {
        let rows = plan.nodes.map { node -> [String] in
            let place =
                node.scan?.binding.summary ?? node.sink?.binding.summary ?? node.table?.summary ?? ""
            return ["  " + node.name, node.kind.rawValue, node.inputs.joined(separator: ", "), place]
        }
        return "Plan: \(plan.nodes.count) nodes, profile \(plan.profile), \(plan.mode.rawValue)\n\n"
            + TextTable.render([["  node", "kind", "reads", "bound to"]] + rows)
    }
}

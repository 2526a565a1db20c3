import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a spec, or a plan that was written with `plan --out`.",
        discussion: """
            Everything a run writes becomes visible together, at its end. Ctrl-C stops it with nothing \
            committed; a second one ends it at once. Rejected rows are kept: `pipec dlq list`.

            A plan's paths are relative to the folder of the plan file: keep it beside the spec.

            Exit codes: 0 committed, 1 failed, 130 interrupted.
            """)

    @Argument(help: "A spec (pipec.yaml) or a plan (.json).")
    var path: String?

    @OptionGroup var selection: NodeSelection
    @OptionGroup var execution: ExecutionOptions
    @OptionGroup var options: GlobalOptions

    func run() throws {
        var workspace = try Workspace(path ?? options.file, options)
        workspace.schemas = .pinning
        let plan = try workspace.plan()
        var settings = try execution.settings()
        settings.selection = try selection.nodes(of: plan, workspace)
        let run = Run(plan: plan, project: workspace.project, settings: settings)
        _ = try execution.execute(run, options)
    }
}

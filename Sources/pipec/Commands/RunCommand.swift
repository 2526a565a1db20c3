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

            `--mode streaming` goes on: what is new is read, run and committed in epochs, each as a \
            whole. Ctrl-C ends it after the epoch that is at work (exit code 130); the next start \
            goes on from there.

            A plan's paths are relative to the folder of the plan file: keep it beside the spec.

            Exit codes: 0 committed, 1 failed, 130 interrupted.
            """)

    @Argument(help: "A spec (pipec.yaml) or a plan (.json).")
    var path: String?

    @Option(help: "batch reads to the end; streaming goes on.")
    var mode = RunMode.batch

    @Flag(help: "A streaming run ends when there is nothing left to read.")
    var untilIdle = false

    @Flag(
        help: "With --until-idle: windows that are still open at the end are written as they are.")
    var drain = false

    @Option(
        help: ArgumentHelp(
            "How often a streaming run looks for what is new, and commits.",
            valueName: "duration"))
    var interval = "200 ms"

    @Option(
        help: ArgumentHelp(
            "How many rows of each source a streaming run takes into one epoch, at most about.",
            valueName: "rows"))
    var epochRows = 1_000_000

    @OptionGroup var selection: NodeSelection
    @OptionGroup var operations: OperationsOptions
    @OptionGroup var execution: ExecutionOptions
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if untilIdle && mode == .batch {
            throw ValidationError("--until-idle is for `--mode streaming`")
        }
        if drain && !untilIdle { throw ValidationError("--drain is for `--until-idle`") }
        _ = try streaming()
    }

    private func streaming() throws -> StreamingRun.Options {
        var streaming = StreamingRun.Options()
        streaming.untilIdle = untilIdle
        guard case .success(let microseconds) = Quantity.duration(interval),
            (1000...3_600_000_000).contains(microseconds)
        else {
            throw ValidationError("--interval takes 1 ms to 1 hour, not `\(interval)`")
        }
        streaming.interval = microseconds
        streaming.drain = drain
        guard epochRows > 0 else {
            throw ValidationError("--epoch-rows takes a number above 0, not `\(epochRows)`")
        }
        streaming.limit.rows = epochRows
        return streaming
    }

    func run() throws {
        var workspace = try Workspace(path ?? options.file, options)
        workspace.schemas = .pinning
        // What is not selected need not stream.
        workspace.checksStreaming = false
        let plan = try workspace.plan(mode: mode.plan)
        var settings = try execution.settings()
        settings.selection = try selection.nodes(of: plan, workspace)
        if plan.mode == .streaming {
            let found = StreamAnalysis(plan, selection: settings.selection).diagnostics
            if !found.isEmpty { throw workspace.failed(found) }
        }
        let watched = try Output.reporting(options.color) {
            try operations.start(
                &settings, plan, workspace.project, execution, options)
        }
        defer { watched.stop() }
        let run: any Execution =
            plan.mode == .streaming
            ? StreamingRun(
                plan: plan, project: workspace.project, settings: settings,
                options: try streaming())
            : Run(plan: plan, project: workspace.project, settings: settings)
        _ = try execution.execute(run, options)
    }
}

enum RunMode: String, ExpressibleByArgument, CaseIterable {
    case batch, streaming

    var plan: Plan.Mode { self == .streaming ? .streaming : .batch }
}

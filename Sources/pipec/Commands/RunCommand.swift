import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a spec, or a plan that was written with `plan --out`.",
        discussion: """
            Everything a run writes becomes visible together, at its end. Ctrl-C stops it with nothing
            committed (exit code 130).
            """)

    @Argument(help: "A spec (pipec.yaml) or a plan (.json).")
    var path: String?

    @OptionGroup var options: GlobalOptions

    @Option(help: "How much memory the run may hold: operators spill past it.")
    var memory = "1 GiB"

    @Option(help: "Worker threads; otherwise one a core.")
    var workers = 0

    @Option(help: ArgumentHelp("Rows of a batch.", visibility: .hidden))
    var batchRows = 16_384

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Only these nodes: `node`, `+node` with all before it, `node+` with all after it.",
            valueName: "selector"))
    var select: [String] = []

    @Option(help: ArgumentHelp("Writes the report as JSON.", valueName: "file"))
    var report: String?

    func run() throws {
        var workspace = try Workspace(path ?? options.file, options)
        workspace.schemas = .pinning
        let plan = try workspace.plan()
        var settings = RunSettings(now: RunClock.now())
        settings.memoryLimit = try workspace.memory(memory)
        settings.workers = workers
        settings.batchRows = max(1, batchRows)
        settings.selection = try workspace.select(select, in: plan)
        let run = Run(plan: plan, project: workspace.project, settings: settings)
        let interrupts = InterruptHandler { run.cancel() }
        let progress = ProgressDisplay(
            run: run, isEnabled: !options.quiet && isatty(2) == 1,
            isColored: options.isColored(2))
        let start = ContinuousClock.now
        progress.start()
        do {
            let report = try withExtendedLifetime(interrupts) { try run.execute() }
            progress.stop()
            try finish(report)
        } catch {
            progress.stop()
            let elapsed = (ContinuousClock.now - start).components
            try fail(error, run, Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
        }
    }

    private func finish(_ report: RunReport) throws {
        try write(report)
        if !options.quiet { Output.write(report.text()) }
    }

    private func fail(_ error: any Error, _ run: Run, _ seconds: Double) throws -> Never {
        if error is RunInterrupted {
            try write(run.report(.interrupted, seconds: seconds))
            Output.error("interrupted; nothing was committed\n")
            throw ExitCode.interrupted
        }
        try write(run.report(.failed, seconds: seconds))
        guard let failure = error as? RunError else { throw error }
        let printer = DiagnosticPrinter(isColored: options.isColored(2))
        Output.error(printer.render([failure.diagnostic]))
        throw ExitCode.failure
    }

    private func write(_ report: RunReport) throws {
        guard let path = self.report else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        do {
            let text = try encoder.encode(report) + Data("\n".utf8)
            try text.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            Output.error("error: the report cannot be written to \(path): \(error.localizedDescription)\n")
            throw ExitCode.failure
        }
    }
}

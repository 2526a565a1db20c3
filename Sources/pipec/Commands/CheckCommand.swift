import ArgumentParser
import PipelineDSL
import Planner

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Finds every mistake, without running anything.",
        discussion: """
            Needs no credentials, no network and no data. All mistakes are said at once, each with its \
            place, the reason and a way out; `pipec explain PIPE0203` shows the page of a code.

            Exit codes: 0 no errors (there may be warnings), 1 errors.
            """)

    @Argument(help: "The spec; otherwise pipec.yaml of this folder or the nearest one above.")
    var path: String?

    @Option(
        help: "For a run of this kind: batch, or streaming, which must bound what it remembers.")
    var mode = RunMode.batch

    @Option(help: "How mistakes are said: text, json, github (annotations of a pull request).")
    var format = DiagnosticFormat.text

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let workspace = try Workspace(path ?? options.file, options)
        if workspace.isPlanFile {
            let plan = try workspace.plan()
            return say("\(workspace.path): a plan of \(plan.nodes.count) nodes, no mistakes")
        }
        var (checked, diagnostics) = try workspace.check(mode: mode.plan)
        if let pipeline = checked, mode == .streaming {
            let found = StreamAnalysis(Planner.plan(pipeline)).diagnostics
            diagnostics += found
            if !found.isEmpty { checked = nil }
        }
        // A pipeline that is wrong would make its tests wrong as well.
        if let pipeline = checked {
            let (_, found) = try workspace.tests(of: pipeline)
            diagnostics += found
            if found.contains(where: { $0.severity == .error }) { checked = nil }
        }
        let shown = options.quiet ? diagnostics.filter { $0.severity == .error } : diagnostics
        let printer = DiagnosticPrinter(format: format, isColored: options.isColored(1))
        if !shown.isEmpty || format == .json { Output.write(printer.render(shown)) }
        guard let checked else { throw ExitCode.failure }
        say("\(workspace.path): \(checked.nodes.count) nodes, no mistakes")
    }

    private func say(_ line: String) {
        if !options.quiet, format == .text { Output.write(line + "\n") }
    }
}

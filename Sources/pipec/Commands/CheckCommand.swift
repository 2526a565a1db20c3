import ArgumentParser
import PipelineDSL

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Finds every mistake, without running anything.")

    @Argument(help: "The spec; otherwise pipec.yaml of this folder or the nearest one above.")
    var path: String?

    @OptionGroup var options: GlobalOptions

    @Option(help: "How mistakes are said: text, json, github.")
    var format = DiagnosticFormat.text

    func run() throws {
        let workspace = try Workspace(path ?? options.file, options)
        let (checked, diagnostics) = try workspace.check()
        let shown = options.quiet ? diagnostics.filter { $0.severity == .error } : diagnostics
        let printer = DiagnosticPrinter(format: format, isColored: options.isColored(1))
        if !shown.isEmpty || format == .json { Output.write(printer.render(shown)) }
        guard let checked else { throw ExitCode.failure }
        if !options.quiet, format == .text {
            Output.write("\(workspace.path): \(checked.nodes.count) nodes, no mistakes\n")
        }
    }
}

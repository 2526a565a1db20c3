import ArgumentParser
import Foundation
import PipelineDSL

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Makes a project that runs.",
        discussion: """
            The folder gets a pipec.yaml with two sources, a contract, three transforms and a sink, and \
            two small files of data. `pipec run` in it works at once. Files that are there are kept.
            """)

    @Argument(help: "The folder to make; its name becomes the pipeline's.")
    var folder: String

    @Option(help: "When to use colour: auto (on a terminal), always, never.")
    var color = ColorChoice.auto

    func run() throws {
        let name = ProjectTemplate.pipelineName(folder)
        let manager = FileManager.default
        if manager.fileExists(atPath: folder + "/pipec.yaml") {
            throw failed(
                .projectExists, "\(folder)/pipec.yaml is there already; nothing was changed")
        }
        for (path, content) in ProjectTemplate.files(name) {
            let target = folder + "/" + path
            do {
                try manager.createDirectory(
                    atPath: (target as NSString).deletingLastPathComponent,
                    withIntermediateDirectories: true)
                if manager.fileExists(atPath: target) { continue }
                try Data(content.utf8).write(to: URL(fileURLWithPath: target))
            } catch {
                throw failed(
                    .notWritten, "\(target) cannot be written", [error.localizedDescription])
            }
        }
        Output.write(
            """
            \(folder)/pipec.yaml is ready. Now:

              cd \(folder)
              pipec check
              pipec test
              pipec run
              pipec query 'SELECT * FROM gold.daily_sales'

            """)
    }

    private func failed(
        _ code: DiagnosticCode, _ message: String, _ notes: [String] = []
    ) -> ExitCode {
        Output.say([Diagnostic(code, message, at: nil, notes: notes)], color)
        return ExitCode.failure
    }
}

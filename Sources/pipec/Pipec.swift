import ArgumentParser
import Foundation
import PipelineDSL

struct Pipec: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipec",
        abstract: "Declarative pipelines: check, plan and run them.",
        discussion: """
            A pipeline is declared in pipec.yaml: sources, contracts, transforms, zones and sinks.

              pipec init my-pipeline     makes a project that runs
              pipec check                finds every mistake, without running anything
              pipec plan                 shows what it does, and what a change means
              pipec test                 runs the tests in the spec
              pipec run                  runs it
              pipec query 'SELECT …'     asks its tables

            Exit codes: 0 fine, 1 error, 2 there are changes (plan --detailed-exitcode), 3 stopped by plan \
            --fail-on, 64 wrong usage, 130 interrupted.
            """,
        version: "0.1.0",
        subcommands: [
            InitCommand.self, CheckCommand.self, PlanCommand.self, TestCommand.self,
            RunCommand.self,
            QueryCommand.self, ExplainCommand.self, GraphCommand.self, DLQCommand.self,
            FeedCommand.self, PeekCommand.self, StateCommand.self,
            SchemaCommand.self,
        ])
}

@main
enum Main {
    static func main() {
        // A file that would grow beyond `ulimit -f` is an error that says so, and no death.
        signal(SIGXFSZ, SIG_IGN)
        let first = CommandLine.arguments.dropFirst().first ?? "--help"
        if let near = nearCommand(first) {
            Output.error("Error: there is no command `\(first)`. Did you mean `\(near)`?\n")
            exit(ExitCode.validationFailure.rawValue)
        }
        Pipec.main()
    }

    /// What an unknown command was probably to be; the parser says of others that they are unknown.
    private static func nearCommand(_ word: String) -> String? {
        let names = Pipec.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard !word.hasPrefix("-"), word != "help", !names.contains(word) else { return nil }
        return nearName(word, among: names)
    }
}

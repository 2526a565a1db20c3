import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

enum TestFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Runs the tests of the spec.",
        discussion: """
            A test gives rows to sources, says what happens, and names the rows that must come of it. It \
            runs in memory: no file, queue or table of the project is read or written.

              pipec test                            all tests
              pipec test duplicates_are_dropped     one of them
              pipec test --filter late --junit report.xml

            Exit codes: 0 all tests passed, 1 one failed, or there is a mistake in the spec.
            """)

    @Argument(help: "Names of tests; otherwise all.")
    var names: [String] = []

    @Option(help: ArgumentHelp("Only tests with this in their name.", valueName: "text"))
    var filter: String?

    @Option(help: ArgumentHelp("Writes the results as JUnit XML.", valueName: "file"))
    var junit: String?

    @Option(help: "How results are said: text, or json: one document.")
    var format = TestFormat.text

    @Option(
        help: ArgumentHelp(
            "How many tests run at a time; otherwise one a core.", valueName: "number"))
    var workers: Int?

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers takes a number from 1 to 1024, not \(workers)")
        }
    }

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let (pipeline, all) = try workspace.tests()
        let tests = try selected(all)
        let runner = SpecTestRunner(project: workspace.project, workers: workers ?? 0)
        let start = ContinuousClock.now
        let interrupts = InterruptHandler { runner.cancel() }
        let results = withExtendedLifetime(interrupts) { runner.run(tests) }
        let elapsed = (ContinuousClock.now - start).components
        let report = TestReport(
            pipeline: pipeline, results: results,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
        try write(report)
        if results.count < tests.count { throw ExitCode.interrupted }
        if !report.passed { throw ExitCode.failure }
    }

    private func write(_ report: TestReport) throws {
        if let junit {
            try Output.reporting(options.color) { try Output.write(report.junit(), to: junit) }
        }
        switch format {
        case .json: Output.write(try report.json())
        case .text:
            let printer = DiagnosticPrinter(isColored: options.isColored(1))
            Output.write(report.text(isQuiet: options.quiet, printer.render))
        }
    }

    private func selected(_ tests: [SpecTest]) throws -> [SpecTest] {
        for name in names where !tests.contains(where: { $0.name == name }) {
            let near = nearName(name, among: tests.map(\.name))
            throw Workspace.stop(
                options, .unknownTest, "there is no test `\(name)`",
                notes: [
                    near.map { "did you mean `\($0)`?" },
                    "tests: " + quotedList(tests.map(\.name)),
                ].compactMap(\.self))
        }
        let found = tests.filter { test in
            (names.isEmpty || names.contains(test.name))
                && (filter.map { test.name.contains($0) } ?? true)
        }
        if found.isEmpty, let filter {
            throw Workspace.stop(
                options, .unknownTest, "no test has `\(filter)` in its name",
                notes: ["tests: " + quotedList(tests.map(\.name))])
        }
        return found
    }
}

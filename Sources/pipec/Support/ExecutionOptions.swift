import ArgumentParser
import Foundation
import PipelineDSL
import Runtime

enum LogFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// The flags of commands that run a plan, and how they show it.
struct ExecutionOptions: ParsableArguments {
    @OptionGroup var memory: MemoryOption

    @Option(help: ArgumentHelp("Worker threads; otherwise one a core.", valueName: "number"))
    var workers: Int?

    @Option(help: ArgumentHelp("Rows of a batch.", visibility: .hidden))
    var batchRows = 16_384

    @Option(help: ArgumentHelp("Writes the report as JSON.", valueName: "file"))
    var report: String?

    @Option(
        help: ArgumentHelp(
            "text, or json: a line of JSON for each event on the standard error.",
            valueName: "format"))
    var log = LogFormat.text

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers takes a number from 1 to 1024, not \(workers)")
        }
        if !(1...1 << 20).contains(batchRows) {
            throw ValidationError("--batch-rows takes a number from 1 to 1048576, not \(batchRows)")
        }
        _ = try settings()
    }

    func settings() throws -> RunSettings {
        var settings = RunSettings(now: RunClock.now())
        let environment = ProcessInfo.processInfo.environment
        settings.environment = { environment[$0] }
        settings.workers = workers ?? 0
        settings.batchRows = batchRows
        try memory.limit(&settings)
        return settings
    }

    /// Runs to the end, shows how it goes and what came of it.
    ///
    /// - Throws: the exit code where the run failed or was interrupted.
    func execute(_ run: any Execution, _ options: GlobalOptions) throws -> RunReport {
        let observer = observer(run, options)
        let interrupts = InterruptHandler { run.cancel() }
        let start = ContinuousClock.now
        observer.start()
        do {
            let report = try withExtendedLifetime(interrupts) { try run.execute() }
            observer.stop(report, nil)
            try write(report, options)
            if !options.quiet { Output.write(report.text()) }
            if options.verbose { Output.write("\n" + report.details()) }
            if report.status == .stopped { throw ExitCode.interrupted }
            return report
        } catch let exit as ExitCode {
            throw exit
        } catch {
            let elapsed = (ContinuousClock.now - start).components
            let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
            throw try failed(error, run, seconds, observer, options)
        }
    }

    private func observer(_ run: any Execution, _ options: GlobalOptions) -> any RunDisplay {
        switch log {
        case .json: EventLog(run: run)
        case .text:
            ProgressDisplay(
                run: run, isEnabled: !options.quiet && isatty(2) == 1,
                isColored: options.isColored(2))
        }
    }

    private func failed(
        _ error: any Error, _ run: any Execution, _ seconds: Double, _ observer: any RunDisplay,
        _ options: GlobalOptions
    ) throws -> any Error {
        let isInterrupted = error is RunInterrupted
        let report = run.report(isInterrupted ? .interrupted : .failed, seconds: seconds)
        let diagnostic = (error as? RunError)?.diagnostic
        observer.stop(report, diagnostic)
        try write(report, options)
        if isInterrupted {
            if log == .text { Output.error("interrupted; nothing was committed\n") }
            return ExitCode.interrupted
        }
        guard let diagnostic else { return error }
        if log == .text { Output.say([diagnostic], options.color) }
        return ExitCode.failure
    }

    private func write(_ report: RunReport, _ options: GlobalOptions) throws {
        guard let path = self.report else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let text = try encoder.encode(report)
        try Output.reporting(options.color) {
            try Output.write([UInt8](text) + [UInt8(ascii: "\n")], to: path)
        }
    }
}

/// Shows how a run goes.
protocol RunDisplay {
    func start()
    /// The run is over; `failure` says why it failed.
    func stop(_ report: RunReport, _ failure: Diagnostic?)
}

extension RunReport {
    /// For `--verbose`: where the time, the bytes and the memory went.
    func details() -> String {
        var rows = [["node", "busy", "read", "written"]]
        for node in nodes {
            rows.append([
                node.name, node.busySeconds.readableSeconds, node.readBytes.readableBytes,
                node.writtenBytes.readableBytes,
            ])
        }
        return TextTable.render(rows, rightAligned: [1, 2, 3])
            + "\nrun \(run): memory \(memoryPeakBytes.readableBytes) at most, "
            + "of \(memoryLimitBytes.readableBytes)\n"
    }
}

import Foundation
import PipelineDSL
import Runtime

/// `--log json`: a line of JSON for each event of a run, on the standard error: `run_started`, every
/// second `progress`, `run_finished`.
final class EventLog: RunDisplay, @unchecked Sendable {
    private struct Node: Encodable {
        var name: String
        var read: Int
        var written: Int
        var rejected: Int
        var readBytes: Int
    }

    private struct Failure: Encodable {
        var code: String
        var message: String
        var notes: [String]
        var file: String?
        var line: Int?
        var column: Int?
    }

    private struct Event: Encodable {
        var event: String
        var level = "info"
        var time = RunClock.text(RunClock.now())
        var run: String
        var pipeline: String
        var profile: String
        var status: RunReport.Status?
        var seconds: Double?
        var deadLetters: Int?
        var nodes: [Node]?
        var failure: Failure?
    }

    private let run: any Execution
    private let lock = NSLock()
    private var isStopping = false
    private let startTime = ContinuousClock.now
    private let encoder: JSONEncoder

    private static let interval = 1.0

    init(run: any Execution) {
        self.run = run
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
    }

    func start() {
        say(event("run_started"))
        let thread = Thread { [self] in
            repeat { Thread.sleep(forTimeInterval: EventLog.interval) } while progress()
        }
        thread.start()
    }

    /// `false` when the run is over.
    private func progress() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        if isStopping { return false }
        let elapsed = (ContinuousClock.now - startTime).components
        let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        let report = run.report(.succeeded, seconds: seconds)
        var event = event("progress")
        event.seconds = seconds
        event.nodes = nodes(report).filter { $0.read > 0 }
        say(event)
        return true
    }

    func stop(_ report: RunReport, _ failure: Diagnostic?) {
        lock.lock()
        defer { lock.unlock() }
        isStopping = true
        var event = event("run_finished")
        if failure != nil { event.level = "error" }
        event.status = report.status
        event.seconds = report.seconds
        event.deadLetters = report.deadLetters
        event.nodes = nodes(report)
        event.failure = failure.map {
            Failure(
                code: $0.code.description, message: $0.message, notes: $0.notes,
                file: $0.primary?.span.file, line: $0.primary?.span.start.line,
                column: $0.primary?.span.start.column)
        }
        say(event)
    }

    private func event(_ name: String) -> Event {
        Event(
            event: name, run: run.token, pipeline: run.plan.pipeline, profile: run.plan.profile)
    }

    private func nodes(_ report: RunReport) -> [Node] {
        report.nodes.map {
            Node(
                name: $0.name, read: $0.read, written: $0.written, rejected: $0.rejected,
                readBytes: $0.readBytes)
        }
    }

    private func say(_ event: Event) {
        guard let line = try? encoder.encode(event) else { return }
        Output.error(String(decoding: line, as: UTF8.self) + "\n")
    }
}

import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime
import Synchronization

/// The flags of a run that can be watched from outside.
struct OperationsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Serves /metrics (Prometheus) and /health there while the run lasts: `127.0.0.1:9464`, or \
            a port of the loopback address.
            """,
            valueName: "address"))
    var listen: String?

    @Option(
        help: ArgumentHelp(
            "/health answers 503 where nothing was committed for so long.", valueName: "duration"))
    var healthBound = "60 s"

    func validate() throws {
        _ = try address()
        _ = try bound()
    }

    private func address() throws -> ListenAddress? {
        guard let listen else { return nil }
        guard let address = ListenAddress(listen) else {
            throw ValidationError(
                "--listen takes an address such as 127.0.0.1:9464, not `\(listen)`")
        }
        return address
    }

    private func bound() throws -> Int64 {
        guard case .success(let microseconds) = Quantity.duration(healthBound), microseconds > 0
        else {
            throw ValidationError("--health-bound takes a duration, not `\(healthBound)`")
        }
        return microseconds
    }

    /// Starts what was asked for and hangs it on the run.
    ///
    /// - Returns: to be stopped when the run is over.
    func start(
        _ settings: inout RunSettings, _ execution: ExecutionOptions, _ options: GlobalOptions
    ) throws -> Operations {
        if !options.quiet || execution.log == .json {
            settings.observers.add(ListenDisplay(execution.log))
        }
        let metrics = RunMetrics()
        let health = RunHealth(bound: try bound())
        guard let address = try address() else { return Operations(server: nil) }
        settings.observers.add(metrics)
        settings.observers.add(health)
        let server = try HTTPServer(
            address, service: OperationsService(metrics: metrics, health: health))
        return Operations(server: server)
    }
}

/// Says where others can send to.
private final class ListenDisplay: RunObserver {
    private struct Event: Encodable {
        var event = "listening"
        var level = "info"
        var time = RunClock.text(RunClock.now())
        var run: String
        var pipeline: String
        var source: String
        var url: String
    }

    private let format: LogFormat
    private let start = Mutex<RunStart?>(nil)

    init(_ format: LogFormat) { self.format = format }

    func runStarted(_ run: RunStart) { start.withLock { $0 = run } }

    func listening(_ listener: SourceListener) {
        guard format == .json else {
            return Output.error("\(listener.source): POST to \(listener.url)\n")
        }
        guard let start = start.withLock({ $0 }) else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let event = Event(
            run: start.token, pipeline: start.plan.pipeline, source: listener.source,
            url: listener.url)
        guard let line = try? encoder.encode(event) else { return }
        Output.error(String(decoding: line, as: UTF8.self) + "\n")
    }
}

/// What runs beside a run.
struct Operations {
    var server: HTTPServer?

    func stop() { server?.stop() }
}

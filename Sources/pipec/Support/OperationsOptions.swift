import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

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

    @Option(
        help: ArgumentHelp(
            """
            Writes OpenLineage events, a line each, to a file; or posts them to a server, \
            `http://localhost:5000`.
            """,
            valueName: "file or URL"))
    var openlineage: String?

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
        _ settings: inout RunSettings, _ plan: Plan, _ project: ProjectDirectory,
        _ execution: ExecutionOptions, _ options: GlobalOptions
    ) throws -> Operations {
        if !options.quiet || execution.log == .json {
            settings.observers.add(ListenDisplay(execution.log))
        }
        var shown: [any MetricsContributor] = []
        if !plan.alerts.isEmpty {
            let display = AlertDisplay(execution.log, isQuiet: options.quiet)
            let alerts = Alerts(plan, project: project, environment: settings.environment) {
                display.show($0)
            }
            settings.observers.add(alerts)
            shown.append(alerts)
        }
        if let openlineage { settings.observers.add(lineage(openlineage, settings, project)) }
        let metrics = RunMetrics(shown)
        let health = RunHealth(bound: try bound())
        guard let address = try address() else { return Operations(server: nil) }
        settings.observers.add(metrics)
        settings.observers.add(health)
        let server = try HTTPServer(
            address, service: OperationsService(metrics: metrics, health: health))
        return Operations(server: server)
    }
}

extension OperationsOptions {
    private func lineage(
        _ target: String, _ settings: RunSettings, _ project: ProjectDirectory
    ) -> OpenLineage {
        // A file is relative to where the command was called.
        let isURL = HTTPClient.isAddress(target)
        return OpenLineage(
            isURL ? target : URL(fileURLWithPath: target).path, project: project,
            version: Pipec.configuration.version, selection: settings.selection,
            environment: settings.environment
        ) { failure in
            Output.error("lineage events cannot be written to \(target): \(failure)\n")
        }
    }
}

/// What runs beside a run.
struct Operations {
    var server: HTTPServer?

    func stop() { server?.stop() }
}

import PipelineDSL
import Planner

/// The listeners of a streaming run's `http` sources: open while the run lasts. Sources with one
/// address share a listener and differ by their paths.
package final class IngestListeners: @unchecked Sendable {
    private var services: [IngestService] = []
    private var servers: [HTTPServer] = []

    /// Opens the listeners of those among `sources` that need one.
    ///
    /// - Parameter observers: are told where it is listened.
    /// - Throws: ``RunError`` where an address cannot be had, a path is taken twice or a secret is
    ///   not set; nothing is open then.
    package init(
        _ plan: Plan, sources: Set<String>, project: ProjectDirectory, settings: RunSettings,
        clock: @escaping @Sendable () -> Int64
    ) throws {
        // In a test of the spec, rows come from the test.
        guard settings.bench == nil else { return }
        do {
            for node in plan.nodes where sources.contains(node.name) {
                guard let scan = node.scan, scan.binding.connector == "http" else { continue }
                services.append(
                    try IngestListeners.service(node, scan, project, settings, clock))
            }
            try listen(plan, settings)
        } catch {
            stop()
            throw error
        }
    }

    private static func service(
        _ node: PlanNode, _ scan: ScanPlan, _ project: ProjectDirectory, _ settings: RunSettings,
        _ clock: @escaping @Sendable () -> Int64
    ) throws -> IngestService {
        let ingest = try IngestSettings(
            scan.binding, node: node.name, secrets: SecretValues(settings.environment))
        let log = try KinesisSettings(scan.binding, node: node.name).open(project)
        let usage = UsageFile(path: project.resolve(EmbeddedPaths.ingestUsage(node.name)))
        return try IngestService(
            node, scan, settings: ingest, journal: log, usage: usage, now: clock)
    }

    private func listen(_ plan: Plan, _ settings: RunSettings) throws {
        var byAddress: [(ListenAddress, [IngestService])] = []
        for service in services {
            let address = service.settings.address
            // Any free port is another one each time.
            if address.port != 0, let known = byAddress.firstIndex(where: { $0.0 == address }) {
                byAddress[known].1.append(service)
            } else {
                byAddress.append((address, [service]))
            }
        }
        for (address, services) in byAddress {
            let server = try HTTPServer(address, service: try IngestRoutes(services), threads: 2)
            servers.append(server)
            for service in services {
                let url = "http://\(server.address)\(service.settings.path)"
                settings.observers.notify {
                    $0.listening(SourceListener(source: service.source, url: url, counts: service))
                }
            }
        }
    }

    /// Takes no more, answers what is there with what is on disk, and closes.
    package func stop() {
        for server in servers { server.stop() }
        for service in services { service.stop() }
        (servers, services) = ([], [])
    }
}

/// Sources by their paths.
private struct IngestRoutes: HTTPService {
    private var services: [String: IngestService] = [:]

    init(_ services: [IngestService]) throws {
        for service in services {
            let path = service.settings.path
            if let other = self.services.updateValue(service, forKey: path) {
                throw RunError(
                    .cannotListen,
                    "`\(other.source)` and `\(service.source)` listen at the same path \(path)",
                    notes: ["give one of them another `path` or `port`"])
            }
        }
    }

    private func service(_ head: HTTPHead) -> IngestService? { services[head.path] }

    func admit(_ head: HTTPHead) -> HTTPAdmission {
        service(head)?.admit(head) ?? .refuse(.message(404, "Not Found"))
    }

    func respond(
        to request: HTTPRequest, reply: @escaping @Sendable (HTTPResponse) -> Void
    ) {
        guard let service = service(request.head) else { return reply(.message(404, "Not Found")) }
        service.respond(to: request, reply: reply)
    }

    func tooLarge(_ head: HTTPHead, limit: Int) -> HTTPResponse {
        service(head)?.tooLarge(head, limit: limit) ?? .message(413, "Request Too Long")
    }

    func overloaded(_ head: HTTPHead) -> HTTPResponse {
        service(head)?.overloaded(head) ?? .message(503, "Service Unavailable")
    }
}

/// A source that others send to, while a run listens for it.
package struct SourceListener: Sendable {
    package var source: String
    /// `http://127.0.0.1:8080/service-records`
    package var url: String
    private let service: IngestService

    init(source: String, url: String, counts service: IngestService) {
        self.source = source
        self.url = url
        self.service = service
    }

    package var acceptedRecords: Int { service.counts.accepted.value }
    package var rejectedRecords: Int { service.counts.rejected.value }
    package var requests: [(status: Int, count: Int)] { service.counts.byStatus }
}

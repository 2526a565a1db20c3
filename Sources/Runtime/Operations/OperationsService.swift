import Foundation

/// `GET /metrics` and `GET /health` of a run.
package final class OperationsService: HTTPService {
    private let metrics: RunMetrics
    private let health: RunHealth
    private let now: @Sendable () -> Int64

    package init(
        metrics: RunMetrics, health: RunHealth,
        now: @escaping @Sendable () -> Int64 = { RunClock.now() }
    ) {
        self.metrics = metrics
        self.health = health
        self.now = now
    }

    package func admit(_ head: HTTPHead) -> HTTPAdmission {
        guard ["/metrics", "/health"].contains(head.path) else {
            return .refuse(.text(404, "there are /metrics and /health\n"))
        }
        guard ["GET", "HEAD"].contains(head.method) else {
            var response = HTTPResponse.text(405, "only GET\n")
            response.headers.append(("Allow", "GET, HEAD"))
            return .refuse(response)
        }
        return .accept(bodyLimit: 1024)
    }

    package func respond(
        to request: HTTPRequest, reply: @escaping @Sendable (HTTPResponse) -> Void
    ) {
        if request.head.path == "/metrics" {
            let text = metrics.prometheus(now: now())
            return reply(HTTPResponse(200, text.utf8, type: PrometheusText.contentType))
        }
        let answer = health.answer(now: now())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(answer)).map { [UInt8]($0) } ?? []
        reply(.json(answer.isHealthy ? 200 : 503, body + [0x0A]))
    }
}

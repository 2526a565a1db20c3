import Foundation
import PipelineDSL

/// Where lineage events go: appended to a file, a line each, or posted to a server. Happens on a thread
/// of its own; what cannot be delivered does not concern the run.
final class LineageTransport: @unchecked Sendable {
    enum Target: Hashable, Sendable {
        /// Absolute.
        case file(String)
        case server(String)
    }

    private let target: Target
    private let headers: [(name: String, value: String)]
    private let report: @Sendable (String) -> Void
    private let monitor = Monitor()
    private var queue: [[UInt8]] = []
    private var isStopping = false
    private var isStopped = false
    private var hasFailed = false

    /// More are dropped, the oldest first.
    private static let mostWaiting = 1000

    /// - Parameter report: is told of the first failure in a row, by the transport's thread.
    init(
        _ target: Target, apiKey: String?, report: @escaping @Sendable (String) -> Void
    ) {
        self.target = target
        self.report = report
        headers =
            [("Content-Type", "application/json")]
            + (apiKey.map { [("Authorization", "Bearer \($0)")] } ?? [])
        let thread = Thread { [self] in work() }
        thread.name = "lineage"
        thread.start()
    }

    func send(_ event: [UInt8]) {
        monitor.locked {
            if queue.count >= LineageTransport.mostWaiting { queue.removeFirst() }
            queue.append(event)
            monitor.signalAll()
        }
    }

    /// Delivers what waits, without repeating what fails, and ends.
    func stop() {
        monitor.locked {
            isStopping = true
            monitor.signalAll()
            while !isStopped { monitor.wait() }
        }
    }

    private func work() {
        while let event = next() {
            let failure = deliver(event)
            if let failure, !hasFailed { report(failure) }
            hasFailed = failure != nil
        }
        monitor.locked {
            isStopped = true
            monitor.signalAll()
        }
    }

    private func next() -> [UInt8]? {
        monitor.locked {
            while queue.isEmpty {
                if isStopping { return nil }
                monitor.wait()
            }
            return queue.removeFirst()
        }
    }

    private func deliver(_ event: [UInt8]) -> String? {
        switch target {
        case .file(let path): return append(event + [0x0A], to: path)
        case .server(let url):
            let poster = WebhookPoster(retries: 3, backoff: 200_000, sleep: { [self] in pause($0) })
            switch poster.post(url, headers: headers, body: event) {
            case .delivered: return nil
            case .refused(let why), .failed(let why): return why
            }
        }
    }

    private func append(_ line: [UInt8], to path: String) -> String? {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return lastErrorText() }
        defer { close(descriptor) }
        // In one piece, so that two runs can share a file.
        let written = line.withUnsafeBytes {
            Foundation.write(descriptor, $0.baseAddress, $0.count)
        }
        return written == line.count ? nil : lastErrorText()
    }

    private func pause(_ microseconds: Int64) -> Bool {
        let end = ContinuousClock.now.advanced(by: .microseconds(microseconds))
        while ContinuousClock.now < end {
            if monitor.locked({ isStopping }) { return false }
            sleepMilliseconds(20)
        }
        return true
    }
}

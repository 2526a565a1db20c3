import Foundation
import PipelineDSL
import Planner
import Synchronization

/// Delivers notices on a thread of its own: no receiver, however slow or broken, holds up a run.
final class AlertNotifier: @unchecked Sendable {
    private let project: ProjectDirectory
    private let secrets: SecretValues
    private let monitor = Monitor()
    private var queue: [AlertNotice] = []
    private var isStopping = false
    private var isStopped = false
    private let report: @Sendable (AlertDelivery) -> Void

    let delivered = Counter()
    let failed = Counter()

    /// More are dropped, the oldest first, and counted as failed.
    private static let mostWaiting = 1000
    private static let retries = 5
    private static let backoff: Int64 = 500_000

    /// - Parameter report: is told what came of every notice, by the notifier's thread.
    init(
        _ project: ProjectDirectory, secrets: SecretValues,
        report: @escaping @Sendable (AlertDelivery) -> Void
    ) {
        self.project = project
        self.secrets = secrets
        self.report = report
        let thread = Thread { [self] in work() }
        thread.name = "alerts"
        thread.start()
    }

    func send(_ notices: [AlertNotice]) {
        guard !notices.isEmpty else { return }
        monitor.locked {
            queue += notices
            while queue.count > AlertNotifier.mostWaiting {
                queue.removeFirst()
                failed.add(1)
            }
            monitor.signalAll()
        }
    }

    /// Delivers what waits, without waiting between attempts any more, and ends.
    func stop() {
        monitor.locked {
            isStopping = true
            monitor.signalAll()
            while !isStopped { monitor.wait() }
        }
    }

    private func work() {
        while let notice = next() {
            for receiver in notice.alert.notify { deliver(notice, receiver) }
        }
        monitor.locked {
            isStopped = true
            monitor.signalAll()
        }
    }

    private func next() -> AlertNotice? {
        monitor.locked {
            while queue.isEmpty {
                if isStopping { return nil }
                monitor.wait()
            }
            return queue.removeFirst()
        }
    }

    private func deliver(_ notice: AlertNotice, _ receiver: BindingPlan) {
        var failure: String?
        do { failure = try attempt(notice, receiver) } catch {
            failure = (error as? RunError)?.diagnostic.message ?? "\(error)"
        }
        (failure == nil ? delivered : failed).add(1)
        report(AlertDelivery(notice: notice, receiver: receiver.connector, failure: failure))
    }

    /// - Returns: why it could not be delivered.
    private func attempt(_ notice: AlertNotice, _ receiver: BindingPlan) throws -> String? {
        if receiver.isEmbedded {
            try AlertArchive(project, notice.pipeline, notice.alert.name).append(notice, receiver)
            return nil
        }
        let message = try AlertMessage(notice, receiver, secrets)
        let poster = WebhookPoster(
            client: HTTPClient(timeout: message.timeout), retries: AlertNotifier.retries,
            backoff: AlertNotifier.backoff, sleep: { [self] in pause($0) })
        switch poster.post(message.url, headers: message.headers, body: message.body) {
        case .delivered: return nil
        case .refused(let why), .failed(let why): return why
        }
    }

    /// Waits, but not past the end of the run.
    private func pause(_ microseconds: Int64) -> Bool {
        let end = ContinuousClock.now.advanced(by: .microseconds(microseconds))
        while ContinuousClock.now < end {
            if monitor.locked({ isStopping }) { return false }
            sleepMilliseconds(20)
        }
        return true
    }
}

/// What came of telling one receiver.
package struct AlertDelivery: Sendable {
    package var notice: AlertNotice
    /// `webhook`, `slack`, …
    package var receiver: String
    /// `nil` where it was delivered.
    package var failure: String?
}

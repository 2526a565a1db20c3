import PipelineDSL
import Planner
import Synchronization

/// The alerts of a plan, evaluated after every epoch and whenever a stream finds nothing new. Each
/// tells its receivers once when its condition comes to hold, and once when it holds no more.
package final class Alerts: RunObserver, MetricsContributor {
    private let evaluator: Mutex<AlertEvaluator>
    private let notifier: AlertNotifier

    /// - Parameter report: is told what came of every notice, by another thread.
    package init(
        _ plan: Plan, project: ProjectDirectory,
        environment: @escaping @Sendable (String) -> String?,
        report: @escaping @Sendable (AlertDelivery) -> Void
    ) {
        evaluator = Mutex(AlertEvaluator(plan))
        notifier = AlertNotifier(project, secrets: SecretValues(environment), report: report)
    }

    package func runStarted(_ run: RunStart) { evaluator.withLock { $0.started(run) } }

    package func epochCommitted(_ epoch: EpochSummary) {
        notifier.send(evaluator.withLock { $0.committed(epoch) })
    }

    package func streamIdled(_ idle: IdleSummary) {
        notifier.send(evaluator.withLock { $0.idled(idle) })
    }

    /// Returns when everybody was told, or could not be.
    package func runEnded(_ report: RunReport, failure: Diagnostic?, at now: Int64) {
        if failure != nil { notifier.send(evaluator.withLock { $0.failed(at: now) }) }
        notifier.stop()
    }

    package func addMetrics(to text: inout PrometheusText, _ labels: [(String, String)]) {
        let firing = evaluator.withLock { $0.firing }
        text.family(
            "pipec_alert_firing", .gauge, "Whether an alert's condition holds.",
            firing.map { (labels + [("alert", $0.alert)], $0.isFiring ? 1 : 0) })
        guard !firing.isEmpty else { return }
        text.family(
            "pipec_alert_notices_total", .counter, "Notices of alerts, by what came of them.",
            [
                (labels + [("outcome", "delivered")], Double(notifier.delivered.value)),
                (labels + [("outcome", "failed")], Double(notifier.failed.value)),
            ])
    }
}

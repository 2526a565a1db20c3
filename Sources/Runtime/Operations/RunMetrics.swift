import PipelineDSL
import Synchronization

/// The counts of a run as Prometheus reads them. Only what was committed is counted, so no counter
/// ever goes back.
package final class RunMetrics: RunObserver {
    struct State {
        var start: RunStart?
        var total: RunReport?
        var epochs = 0
        var failures = 0
        var durations = Histogram(
            bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
        var last: EpochSummary?
        var lags: [String: SourceLag] = [:]
        var listeners: [SourceListener] = []
    }

    private let state = Mutex(State())
    private let more: [any MetricsContributor]

    /// - Parameter more: what else is shown: listeners, alerts.
    package init(_ more: [any MetricsContributor] = []) { self.more = more }

    package func runStarted(_ run: RunStart) { state.withLock { $0.start = run } }

    package func epochCommitted(_ epoch: EpochSummary) {
        state.withLock { state in
            state.epochs += 1
            state.durations.add(epoch.seconds)
            state.total = state.total.map { $0.adding(epoch.report) } ?? epoch.report
            state.lags.merge(epoch.lags) { $1 }
            state.last = epoch
        }
    }

    package func listening(_ listener: SourceListener) {
        state.withLock { $0.listeners.append(listener) }
    }

    package func streamIdled(_ idle: IdleSummary) {
        state.withLock { $0.lags.merge(idle.lags) { $1 } }
    }

    package func runEnded(_ report: RunReport, failure: Diagnostic?, at now: Int64) {
        guard failure != nil else { return }
        state.withLock { $0.failures += 1 }
    }

    /// The text exposition format, version 0.0.4.
    package func prometheus(now: Int64) -> String {
        let state = state.withLock { $0 }
        var text = PrometheusText()
        guard let start = state.start else { return text.text }
        let own = [("pipeline", start.plan.pipeline)]
        text.family(
            "pipec_run_info", .gauge, "The run that is at work.",
            [
                (
                    own + [
                        ("run", start.token), ("mode", start.plan.mode.rawValue),
                        ("profile", start.plan.profile),
                    ], 1
                )
            ])
        state.addRows(to: &text, own)
        state.addEpochs(to: &text, own)
        state.addLags(to: &text, own, now: now)
        state.addStates(to: &text, own)
        state.addListeners(to: &text, own)
        state.addMemory(to: &text, own)
        for one in more { one.addMetrics(to: &text, own) }
        return text.text
    }
}

/// Something else that `/metrics` shows.
package protocol MetricsContributor: Sendable {
    func addMetrics(to text: inout PrometheusText, _ labels: [(String, String)])
}

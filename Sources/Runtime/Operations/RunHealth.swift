import Foundation
import PipelineDSL
import Synchronization

/// Whether a run does what it should: `/health`.
///
/// Healthy is a run that has committed an epoch, or has looked and found nothing new, within a bound;
/// a start counts as such, so that a first epoch has its time.
package final class RunHealth: RunObserver {
    private struct State {
        var start: RunStart?
        var lastSign: Int64?
        var lastCommit: Int64?
        var epoch = 0
        var failure: String?
        var isOver = false
    }

    /// What `/health` says.
    package struct Answer: Encodable, Sendable {
        package var status: String
        /// Why it is not `healthy`.
        package var reason: String?
        package var pipeline: String?
        package var run: String?
        package var epoch: Int
        package var lastCommit: String?
        package var secondsSinceLastCommit: Double?
        package var boundSeconds: Double
        package var isHealthy: Bool { reason == nil }

        private enum CodingKeys: String, CodingKey {
            case status, reason, pipeline, run, epoch
            case lastCommit = "last_commit"
            case secondsSinceLastCommit = "seconds_since_last_commit"
            case boundSeconds = "bound_seconds"
        }
    }

    /// Microseconds.
    private let bound: Int64
    private let state = Mutex(State())

    /// - Parameter bound: microseconds.
    package init(bound: Int64) { self.bound = bound }

    package func runStarted(_ run: RunStart) {
        state.withLock {
            $0.start = run
            $0.lastSign = run.now
        }
    }

    package func epochCommitted(_ epoch: EpochSummary) {
        state.withLock {
            $0.lastSign = epoch.committed
            $0.lastCommit = epoch.committed
            $0.epoch = epoch.number
        }
    }

    package func streamIdled(_ idle: IdleSummary) { state.withLock { $0.lastSign = idle.now } }

    package func runEnded(_ report: RunReport, failure: Diagnostic?, at now: Int64) {
        state.withLock {
            $0.isOver = true
            $0.failure = failure.map { "\($0.code): \($0.message)" }
        }
    }

    package func answer(now: Int64) -> Answer {
        let state = state.withLock { $0 }
        var reason: String?
        if let failure = state.failure {
            reason = "the run failed: \(failure)"
        } else if state.isOver {
            reason = "the run has ended"
        } else if let last = state.lastSign {
            let silence = now &- last
            if silence > bound {
                reason =
                    "nothing was committed for \(RunHealth.seconds(silence)), the bound is "
                    + RunHealth.seconds(bound)
            }
        } else {
            reason = "the run has not started"
        }
        return Answer(
            status: reason == nil ? "healthy" : "unhealthy", reason: reason,
            pipeline: state.start?.plan.pipeline, run: state.start?.token, epoch: state.epoch,
            lastCommit: state.lastCommit.map(RunClock.text),
            secondsSinceLastCommit: state.lastCommit.map { Double(max(0, now &- $0)) / 1e6 },
            boundSeconds: Double(bound) / 1e6)
    }

    private static func seconds(_ microseconds: Int64) -> String {
        let tenths = (Double(microseconds) / 1e5).rounded() / 10
        return Int64(exactly: tenths).map { "\($0) s" } ?? "\(tenths) s"
    }
}

import PipelineDSL
import Planner

/// Follows a run from outside the engine: metrics, alerts and lineage hang on it.
///
/// Calls come from the thread of the run, one after the other, between epochs: what takes long
/// belongs on a thread of the observer's own. None can fail the run.
package protocol RunObserver: AnyObject, Sendable {
    func runStarted(_ run: RunStart)
    /// A batch run has one epoch: the whole run.
    func epochCommitted(_ epoch: EpochSummary)
    /// Others can send to a source from now on.
    func listening(_ listener: SourceListener)
    /// A streaming run looked at its sources and found nothing new.
    func streamIdled(_ idle: IdleSummary)
    /// Nothing more comes.
    ///
    /// - Parameter failure: why the run failed; `nil` where it did not.
    func runEnded(_ report: RunReport, failure: Diagnostic?, at now: Int64)
}

extension RunObserver {
    package func runStarted(_ run: RunStart) {}
    package func epochCommitted(_ epoch: EpochSummary) {}
    package func listening(_ listener: SourceListener) {}
    package func streamIdled(_ idle: IdleSummary) {}
    package func runEnded(_ report: RunReport, failure: Diagnostic?, at now: Int64) {}
}

package struct RunStart: Sendable {
    package var plan: Plan
    /// Names the run in logs, reports and dead letters.
    package var token: String
    /// Microseconds since 1970, on the run's clock, as all times here.
    package var now: Int64

    package init(plan: Plan, token: String, now: Int64) {
        self.plan = plan
        self.token = token
        self.now = now
    }
}

/// What one epoch did; committed.
package struct EpochSummary: Sendable {
    package struct StateSize: Sendable, Hashable {
        package var rows: Int
        package var bytes: Int
        package init(rows: Int, bytes: Int) {
            self.rows = rows
            self.bytes = bytes
        }
    }

    /// Counted from 1 over all runs of the pipeline.
    package var number: Int
    /// Of this epoch alone.
    package var report: RunReport
    package var began: Int64
    package var committed: Int64
    /// By source: no row before it is expected any more.
    package var watermarks: [String: Int64] = [:]
    package var lags: [String: SourceLag] = [:]
    /// By operator.
    package var states: [String: StateSize] = [:]
    package var stateMemoryBytes = 0

    package init(number: Int, report: RunReport, began: Int64, committed: Int64) {
        self.number = number
        self.report = report
        self.began = began
        self.committed = committed
    }

    package var seconds: Double { Double(max(0, committed &- began)) / 1e6 }
}

package struct IdleSummary: Sendable {
    package var now: Int64
    package var lags: [String: SourceLag]

    package init(now: Int64, lags: [String: SourceLag] = [:]) {
        self.now = now
        self.lags = lags
    }
}

/// What a source has that was not read yet.
package struct SourceLag: Sendable, Hashable {
    /// `nil` where it cannot be counted without reading.
    package var records: Int?
    package var bytes: Int?
    /// When the oldest of it arrived, microseconds since 1970; `nil` where there is nothing.
    package var oldestArrival: Int64?

    package init(records: Int? = nil, bytes: Int? = nil, oldestArrival: Int64? = nil) {
        self.records = records
        self.bytes = bytes
        self.oldestArrival = oldestArrival
    }

    package static let none = SourceLag(records: 0, bytes: 0)
}

/// A ``StreamingSource`` that can say what is still to be read.
package protocol LaggingSource {
    /// Beyond `position`; quick, since it is asked every epoch.
    func lag(after position: SourcePosition?) throws -> SourceLag
}

/// All observers of a run, called in their order.
package struct RunObservers: Sendable {
    private var all: [any RunObserver]

    package init(_ all: [any RunObserver] = []) { self.all = all }

    package var isEmpty: Bool { all.isEmpty }

    package mutating func add(_ observer: any RunObserver) { all.append(observer) }

    package func notify(_ body: (any RunObserver) -> Void) { for one in all { body(one) } }

    /// Tells of the start and, whatever comes, of the end of `work`.
    ///
    /// - Parameter report: the counts where the work fails.
    func following(
        _ plan: Plan, token: String, now: () -> Int64, report: (RunReport.Status) -> RunReport,
        _ work: () throws -> RunReport
    ) throws -> RunReport {
        guard !isEmpty else { return try work() }
        notify { $0.runStarted(RunStart(plan: plan, token: token, now: now())) }
        do {
            let result = try work()
            notify { $0.runEnded(result, failure: nil, at: now()) }
            return result
        } catch {
            let status: RunReport.Status = error is RunInterrupted ? .interrupted : .failed
            let failure =
                (error as? RunError)?.diagnostic
                ?? (status == .failed ? Diagnostic(.outputFailed, "\(error)", at: nil) : nil)
            notify { $0.runEnded(report(status), failure: failure, at: now()) }
            throw error
        }
    }
}

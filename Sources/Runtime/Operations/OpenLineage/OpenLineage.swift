import Foundation
import PipelineDSL
import Planner
import Synchronization

/// Tells an OpenLineage consumer what a run reads and writes: `START`, `RUNNING` while a stream goes
/// on, then `COMPLETE`, `FAIL` or `ABORT`.
package final class OpenLineage: RunObserver {
    private struct State {
        var events: LineageEvents?
        var total: RunReport?
        /// When the last event was.
        var saidAt: Int64 = 0
    }

    private let project: ProjectDirectory
    private let namespace: String
    private let version: String
    private let selection: Set<String>?
    private let transport: LineageTransport
    private let state = Mutex(State())

    /// A stream says `RUNNING` this often at most, microseconds.
    private static let interval: Int64 = 10_000_000

    /// - Parameters:
    ///   - target: a file, or the URL of a server; where that has no path, `/api/v1/lineage` is.
    ///   - version: of pipec.
    ///   - selection: nodes that are run; `nil` is all.
    ///   - environment: `OPENLINEAGE_NAMESPACE` is the job's namespace, `OPENLINEAGE_API_KEY` is shown
    ///     to the server.
    ///   - report: is told of what cannot be delivered.
    package init(
        _ target: String, project: ProjectDirectory, version: String, selection: Set<String>?,
        environment: (String) -> String?, report: @escaping @Sendable (String) -> Void
    ) {
        self.project = project
        self.version = version
        self.selection = selection
        namespace =
            environment("OPENLINEAGE_NAMESPACE").flatMap { $0.isEmpty ? nil : $0 } ?? "pipec"
        transport = LineageTransport(
            OpenLineage.target(target), apiKey: environment("OPENLINEAGE_API_KEY"), report: report)
    }

    private static func target(_ text: String) -> LineageTransport.Target {
        guard HTTPClient.isAddress(text), let url = URL(string: text) else { return .file(text) }
        if !["", "/"].contains(url.path()) { return .server(text) }
        return .server((text.hasSuffix("/") ? String(text.dropLast()) : text) + "/api/v1/lineage")
    }

    package func runStarted(_ run: RunStart) {
        let events = LineageEvents(
            run, project, namespace: namespace, version: version, selection: selection)
        state.withLock {
            $0.events = events
            $0.saidAt = run.now
        }
        transport.send(events.event("START", at: run.now, report: nil))
    }

    package func epochCommitted(_ epoch: EpochSummary) {
        let event = state.withLock { state -> [UInt8]? in
            state.total = state.total.map { $0.adding(epoch.report) } ?? epoch.report
            guard epoch.report.mode == Plan.Mode.streaming.rawValue,
                epoch.committed &- state.saidAt >= OpenLineage.interval
            else { return nil }
            state.saidAt = epoch.committed
            return state.events?.event("RUNNING", at: epoch.committed, report: state.total)
        }
        if let event { transport.send(event) }
    }

    package func runEnded(_ report: RunReport, failure: Diagnostic?, at now: Int64) {
        let type =
            switch report.status {
            case .succeeded, .stopped: "COMPLETE"
            case .interrupted: "ABORT"
            case .failed: "FAIL"
            }
        let event = state.withLock { state in
            // Of a run that failed, only what was committed counts.
            state.events?.event(type, at: now, report: state.total, failure: failure)
        }
        if let event { transport.send(event) }
        transport.stop()
    }
}

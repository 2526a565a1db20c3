import Foundation
import PipelineDSL
import Planner
import Runtime
import Synchronization

/// A line of `--log json` for what happens beside the rows of a run.
private struct OperationsEvent: Encodable {
    var event: String
    var level: String
    var time = RunClock.text(RunClock.now())
    var run: String
    var pipeline: String
    var source: String?
    var url: String?
    var alert: String?
    var state: String?
    var condition: String?
    var receiver: String?
    var failure: String?

    func say() {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(self) else { return }
        Output.error(String(decoding: line, as: UTF8.self) + "\n")
    }
}

/// Says where others can send to.
final class ListenDisplay: RunObserver {
    private let format: LogFormat
    private let start = Mutex<RunStart?>(nil)

    init(_ format: LogFormat) { self.format = format }

    func runStarted(_ run: RunStart) { start.withLock { $0 = run } }

    func listening(_ listener: SourceListener) {
        guard format == .json else {
            return Output.error("\(listener.source): POST to \(listener.url)\n")
        }
        guard let start = start.withLock({ $0 }) else { return }
        OperationsEvent(
            event: "listening", level: "info", run: start.token, pipeline: start.plan.pipeline,
            source: listener.source, url: listener.url
        ).say()
    }
}

/// Says what came of telling the receivers of an alert.
struct AlertDisplay: Sendable {
    private let format: LogFormat
    private let isQuiet: Bool

    init(_ format: LogFormat, isQuiet: Bool) {
        self.format = format
        self.isQuiet = isQuiet
    }

    func show(_ delivery: AlertDelivery) {
        let notice = delivery.notice
        guard format == .json else {
            if isQuiet, delivery.failure == nil { return }
            let outcome =
                delivery.failure.map { "\(delivery.receiver) could not be told: \($0)" }
                ?? "\(delivery.receiver) was told"
            let state = notice.state == .firing ? "fires" : "is over"
            return Output.error(
                "alert \(notice.alert.name) \(state): \(notice.alert.when) (\(outcome))\n")
        }
        OperationsEvent(
            event: "alert",
            level: delivery.failure != nil ? "error" : notice.state == .firing ? "warning" : "info",
            run: notice.run, pipeline: notice.pipeline, alert: notice.alert.name,
            state: notice.state.rawValue, condition: notice.alert.when,
            receiver: delivery.receiver, failure: delivery.failure
        ).say()
    }
}

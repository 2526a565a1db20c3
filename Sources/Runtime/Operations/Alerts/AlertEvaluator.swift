import PipelineDSL
import Planner

/// What an alert has to say: that its condition came to hold, or holds no more.
package struct AlertNotice: Sendable, Hashable {
    package enum State: String, Sendable { case firing, resolved }

    package var alert: AlertPlan
    package var state: State
    package var pipeline: String
    package var run: String
    /// Microseconds since 1970, on the run's clock.
    package var at: Int64
    /// The metrics of the condition as they were, `errors(processor)` to 7; durations in microseconds.
    package var values: [String: Double]
}

/// Evaluates the alerts of a plan over what a run reports. Pure: time is what it is told.
package struct AlertEvaluator {
    private struct Key: Hashable {
        var metric: AlertMetric
        var target: String?

        var text: String { "\(metric.rawValue)(\(target ?? ""))" }
    }

    private struct Alert {
        var plan: AlertPlan
        var condition: AlertCondition
        var windows: [Key: MetricWindow]
        var isFiring = false
    }

    private let plan: Plan
    private var alerts: [Alert]
    private var run = ""
    private var startedAt: Int64 = 0
    /// By node: when it last wrote a row.
    private var lastWritten: [String: Int64] = [:]
    private var lags: [String: SourceLag] = [:]
    private var watermarks: [String: Int64] = [:]

    package init(_ plan: Plan) {
        self.plan = plan
        alerts = plan.alerts.compactMap { alert in
            guard let condition = alert.condition(in: plan) else { return nil }
            var windows: [Key: MetricWindow] = [:]
            condition.forEachMetric { metric, target in
                windows[Key(metric: metric, target: target)] = MetricWindow(
                    isSum: metric.isCounter, length: alert.within)
            }
            return Alert(plan: alert, condition: condition, windows: windows)
        }
    }

    package var firing: [(alert: String, isFiring: Bool)] {
        alerts.map { ($0.plan.name, $0.isFiring) }
    }

    package mutating func started(_ start: RunStart) {
        run = start.token
        startedAt = start.now
    }

    package mutating func committed(_ epoch: EpochSummary) -> [AlertNotice] {
        for node in epoch.report.nodes where node.written > 0 {
            lastWritten[node.name] = epoch.committed
        }
        lags.merge(epoch.lags) { $1 }
        watermarks.merge(epoch.watermarks) { $1 }
        add(at: epoch.committed) { [plan] key in
            AlertEvaluator.counted(key.metric, key.target, epoch, plan)
        }
        return evaluate(at: epoch.committed)
    }

    package mutating func idled(_ idle: IdleSummary) -> [AlertNotice] {
        lags.merge(idle.lags) { $1 }
        add(at: idle.now) { _ in nil }
        return evaluate(at: idle.now)
    }

    package mutating func failed(at now: Int64) -> [AlertNotice] {
        add(at: now) { $0.metric == .errors && $0.target == nil ? 1 : nil }
        return evaluate(at: now)
    }

    // MARK: - Samples

    /// - Parameter value: what an epoch says; what it does not is taken from what stands.
    private mutating func add(at now: Int64, _ value: (Key) -> Double?) {
        let samples = alerts.map { alert in
            alert.windows.keys.reduce(into: [Key: Double]()) { samples, key in
                samples[key] = value(key) ?? standing(key, now)
            }
        }
        for index in alerts.indices {
            for (key, value) in samples[index] { alerts[index].windows[key]?.add(value, at: now) }
        }
    }

    private static func counted(
        _ metric: AlertMetric, _ target: String?, _ epoch: EpochSummary, _ plan: Plan
    ) -> Double? {
        func sum(_ value: (RunReport.Node) -> Int) -> Double {
            let nodes = epoch.report.nodes.filter { node in
                target == nil || node.name == target
                    || plan[node.name].map { $0.runsOn == target } == true
            }
            return Double(nodes.reduce(0) { $0 + value($1) })
        }
        func states(_ value: (EpochSummary.StateSize) -> Int) -> Double {
            // Operators are named after their node.
            let own = epoch.states.filter { state in
                plan[target ?? ""]?.operators.contains { $0.id == state.key } == true
            }
            return Double(own.reduce(0) { $0 + value($1.value) })
        }
        switch metric {
        case .errors: return sum { $0.rejected + $0.failedAttempts }
        case .deadLetters: return sum { $0.rejected }
        case .rowsRead: return sum { $0.read }
        case .rowsWritten: return sum { $0.written }
        case .lateRows: return sum { $0.late }
        case .duplicates: return sum { $0.deduplicated }
        case .epochs: return 1
        case .epochDuration: return Double(max(0, epoch.committed &- epoch.began))
        case .stateRows: return states { $0.rows }
        case .stateBytes: return states { $0.bytes }
        case .memory: return Double(epoch.report.memoryPeakBytes + epoch.stateMemoryBytes)
        case .iteratorAge, .watermarkLag, .backlog, .freshness: return nil
        }
    }

    /// What needs no epoch to be known.
    private func standing(_ key: Key, _ now: Int64) -> Double? {
        let target = key.target ?? ""
        switch key.metric {
        case .iteratorAge:
            guard let lag = lags[target] else { return nil }
            return lag.oldestArrival.map { Double(max(0, now &- $0)) } ?? 0
        case .backlog: return lags[target]?.records.map { Double($0) }
        case .watermarkLag: return watermarks[target].map { Double(max(0, now &- $0)) }
        case .freshness: return Double(max(0, now &- (lastWritten[target] ?? startedAt)))
        default: return nil
        }
    }

    // MARK: - Conditions

    private mutating func evaluate(at now: Int64) -> [AlertNotice] {
        var notices: [AlertNotice] = []
        for index in alerts.indices {
            var values: [Key: Double] = [:]
            for key in alerts[index].windows.keys {
                values[key] = alerts[index].windows[key]?.value(at: now)
            }
            let holds = alerts[index].condition.holds { metric, target in
                values[Key(metric: metric, target: target)]
            }
            guard holds != alerts[index].isFiring else { continue }
            alerts[index].isFiring = holds
            notices.append(
                AlertNotice(
                    alert: alerts[index].plan, state: holds ? .firing : .resolved,
                    pipeline: plan.pipeline, run: run, at: now,
                    values: Dictionary(
                        values.map { ($0.key.text, $0.value) }, uniquingKeysWith: { $1 })))
        }
        return notices
    }
}

extension AlertCondition {
    /// A comparison with something unknown (no sample yet, a division by zero) does not hold.
    func holds(_ value: (AlertMetric, String?) -> Double?) -> Bool {
        switch self {
        case .all(let parts): return parts.allSatisfy { $0.holds(value) }
        case .any(let parts): return parts.contains { $0.holds(value) }
        case .compare(let left, let comparison, let right):
            guard let a = left.value(value), let b = right.value(value) else { return false }
            return switch comparison {
            case .greater: a > b
            case .greaterOrEqual: a >= b
            case .less: a < b
            case .lessOrEqual: a <= b
            case .equal: a == b
            case .different: a != b
            }
        }
    }

    func forEachMetric(_ body: (AlertMetric, String?) -> Void) {
        switch self {
        case .all(let parts), .any(let parts): for part in parts { part.forEachMetric(body) }
        case .compare(let left, _, let right):
            left.forEachMetric(body)
            right.forEachMetric(body)
        }
    }
}

extension AlertTerm {
    fileprivate func value(_ metric: (AlertMetric, String?) -> Double?) -> Double? {
        switch self {
        case .constant(let value, _): return value
        case .metric(let name, let target): return metric(name, target)
        case .calculation(let left, let operation, let right):
            guard let a = left.value(metric), let b = right.value(metric) else { return nil }
            let result =
                switch operation {
                case .add: a + b
                case .subtract: a - b
                case .multiply: a * b
                case .divide: a / b
                }
            return result.isFinite ? result : nil
        }
    }

    fileprivate func forEachMetric(_ body: (AlertMetric, String?) -> Void) {
        switch self {
        case .constant: return
        case .metric(let metric, let target): body(metric, target)
        case .calculation(let left, _, let right):
            left.forEachMetric(body)
            right.forEachMetric(body)
        }
    }
}

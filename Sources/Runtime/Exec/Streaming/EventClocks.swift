import PipelineDSL
import Planner

/// How far event time has come in one source: no row before its watermark is expected any more.
///
/// Each partition counts by itself, and the slowest decides; one that has been silent for long does
/// not hold the others back. Safe to show rows from any worker.
final class SourceClock: @unchecked Sendable {
    private struct Partition {
        /// The latest event time of its rows; `nil` before the first one.
        var latest: Int64?
        /// When a row was last seen, by the clock of the run.
        var activeAt: Int64
    }

    private let delay: Int64
    private let idleAfter: Int64
    private let monitor = Monitor()
    private var partitions: [String: Partition] = [:]
    private var reached: Int64?
    private var now: Int64 = 0

    /// Where the spec does not say after which silence a partition is idle: 30 s.
    static let defaultIdleAfter: Int64 = 30_000_000

    init(_ time: ScanPlan.EventTime, watermark: Int64?, latest: [String: Int64], now: Int64) {
        delay = time.watermark
        idleAfter = time.idleAfter ?? Self.defaultIdleAfter
        reached = watermark
        self.now = now
        partitions = latest.mapValues { Partition(latest: $0, activeAt: now) }
    }

    /// Begins an epoch.
    ///
    /// - Parameter known: the partitions that the source has, also those without rows so far.
    func begin(at now: Int64, partitions known: [String]) {
        monitor.locked {
            self.now = max(self.now, now)
            let names = known.isEmpty && partitions.isEmpty ? [""] : known
            for name in names where partitions[name] == nil {
                partitions[name] = Partition(latest: nil, activeAt: self.now)
            }
        }
    }

    func see(_ time: Int64, in partition: String) {
        monitor.locked {
            let latest = partitions[partition]?.latest ?? .min
            partitions[partition] = Partition(latest: max(latest, time), activeAt: now)
        }
    }

    /// No row will come any more.
    func end() { monitor.locked { reached = .max } }

    /// No row before it is expected any more; never goes back. `nil` before the first row.
    var watermark: Int64? {
        monitor.locked {
            reached = Self.later(reached, current())
            return reached
        }
    }

    /// Whether nothing has come for so long that who waits for several sources need not wait for it.
    var isIdle: Bool {
        monitor.locked { !partitions.isEmpty && partitions.values.allSatisfy(isIdle) }
    }

    /// By partition, for the checkpoint.
    var latest: [String: Int64] { monitor.locked { partitions.compactMapValues(\.latest) } }

    private func isIdle(_ partition: Partition) -> Bool {
        now.subtractingReportingOverflow(partition.activeAt).partialValue >= idleAfter
    }

    private func current() -> Int64? {
        let active = partitions.values.filter { !isIdle($0) }
        if active.isEmpty {
            // Where all are silent, the one that came furthest says how late it is.
            return partitions.values.compactMap(\.latest).max().map(delayed)
        }
        var least: Int64?
        for partition in active {
            guard let latest = partition.latest else { return nil }
            least = min(least ?? .max, latest)
        }
        return least.map(delayed)
    }

    private func delayed(_ time: Int64) -> Int64 {
        let (result, overflow) = time.subtractingReportingOverflow(delay)
        return overflow ? .min : result
    }

    private static func later(_ a: Int64?, _ b: Int64?) -> Int64? {
        guard let a, let b else { return a ?? b }
        return max(a, b)
    }
}

/// The clocks of all sources of a streaming run, from epoch to epoch.
final class EventClocks: @unchecked Sendable {
    private(set) var bySource: [String: SourceClock] = [:]
    /// Of each source, how long after its end a window takes late rows, microseconds.
    private var lateness: [String: Int64] = [:]

    init(_ plan: Plan, sources: Set<String>, checkpoint: Checkpoint, now: Int64) {
        for name in sources {
            guard let time = plan[name]?.scan?.eventTime else { continue }
            lateness[name] = time.lateness
            bySource[name] = SourceClock(
                time, watermark: checkpoint.watermarks[name],
                latest: checkpoint.eventTimes[name] ?? [:], now: now)
        }
    }

    /// Of what comes from several sources: that of the slowest which is not idle.
    func watermark(of sources: Set<String>) -> Int64? {
        let clocks = sources.compactMap { bySource[$0] }
        guard clocks.count == sources.count else { return nil }
        let active = clocks.filter { !$0.isIdle }
        var least: Int64?
        for clock in active.isEmpty ? clocks : active {
            guard let watermark = clock.watermark else { return nil }
            least = min(least ?? .max, watermark)
        }
        return least
    }

    func lateness(of sources: Set<String>) -> Int64 {
        sources.compactMap { lateness[$0] }.max() ?? 0
    }
}

/// Shows the clock of a source its rows.
struct EventClockOperator: RowOperator {
    let clock: SourceClock
    let column: Int
    /// Whether each object that rows come from counts by itself: shards do, files do not.
    let isPartitioned: Bool

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        let times = batch.columns[column]
        if case .int64(let values) = times.values {
            var latest = Int64.min
            for row in batch.rows where !times.isNull(Int(row)) {
                latest = max(latest, values[Int(row)])
            }
            let partition = isPartitioned ? batch.origin?.source.object : nil
            if latest != .min { clock.see(latest, in: partition ?? "") }
        }
        output.batches.append(batch)
    }
}

import PipelineDSL
import Synchronization

/// What one epoch of a streaming run is about: the graph is built with it.
final class EpochContext: @unchecked Sendable {
    let states: StateStore
    /// What is read of each streamed source; none where there is nothing new.
    let slices: [String: SourceSlice]
    /// Names of the sources that are streamed; others are read whole, to be looked up in.
    let streamed: Set<String>
    /// Of each node, the streamed sources its rows come from.
    let sources: [String: Set<String>]
    /// What states may take; outlives the epoch.
    let stateMemory: MemoryBudget
    /// The checkpoint that the epoch starts from.
    let checkpoint: Checkpoint
    /// By source.
    private(set) var clocks: [String: EventClock] = [:]

    init(
        states: StateStore, slices: [String: SourceSlice], topology: StreamTopology,
        stateMemory: MemoryBudget, checkpoint: Checkpoint
    ) {
        self.states = states
        self.slices = slices
        streamed = topology.streamed
        sources = topology.sources
        self.stateMemory = stateMemory
        self.checkpoint = checkpoint
    }

    /// The clock of a source with event time.
    func clock(_ source: String, delay: Int64) -> EventClock {
        if let known = clocks[source] { return known }
        let clock = EventClock(watermark: checkpoint.watermarks[source], delay: delay)
        clocks[source] = clock
        return clock
    }

    /// Before it no row is expected any more, as far as the epoch's start knew: the slowest source
    /// decides. `nil` while a source has not shown any time.
    func watermark(of sources: Set<String>) -> Int64? {
        var least: Int64?
        for source in sources {
            guard let watermark = checkpoint.watermarks[source] else { return nil }
            least = min(least ?? .max, watermark)
        }
        return least
    }

    /// The checkpoint the epoch ends with.
    func next(token: String) throws -> Checkpoint {
        var next = checkpoint
        next.epoch += 1
        for (source, slice) in slices { next.positions[source] = slice.end }
        for (source, clock) in clocks { next.watermarks[source] = clock.watermark }
        next.states = try states.save(token: token)
        return next
    }
}

/// Follows the event times of a source's rows.
final class EventClock: Sendable {
    private let latest: Atomic<Int64>
    private let delay: Int64

    init(watermark: Int64?, delay: Int64) {
        self.delay = delay
        latest = Atomic(watermark.map { $0.addingReportingOverflow(delay).partialValue } ?? .min)
    }

    func see(_ time: Int64) { latest.max(time, ordering: .relaxed) }

    /// No row before it is expected any more; never goes back. `nil` before the first row.
    var watermark: Int64? {
        let time = latest.load(ordering: .relaxed)
        guard time != .min else { return nil }
        let (result, overflow) = time.subtractingReportingOverflow(delay)
        return overflow ? .min : result
    }
}

/// Shows the clock of a source its rows.
struct EventClockOperator: RowOperator {
    let clock: EventClock
    let column: Int

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        let times = batch.columns[column]
        if case .int64(let values) = times.values {
            var latest = Int64.min
            for row in batch.rows where !times.isNull(Int(row)) {
                latest = max(latest, values[Int(row)])
            }
            if latest != .min { clock.see(latest) }
        }
        output.batches.append(batch)
    }
}

/// No rows.
final class EmptyReader: SourceReader {
    func next() throws -> (any SourceUnit)? { nil }
}

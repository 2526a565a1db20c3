import PipelineDSL
import Planner

/// What one epoch of a streaming run is about: the graph is built with it.
final class EpochContext: @unchecked Sendable {
    let states: StateStore
    /// What is read of each streamed source; none where there is nothing new.
    let slices: [String: SourceSlice]
    /// What is known of every relation of the plan.
    let analysis: StreamAnalysis
    let clocks: EventClocks
    /// What is looked up in, kept from epoch to epoch.
    let lookups: LookupCache
    /// What states may take; outlives the epoch.
    let stateMemory: MemoryBudget
    /// The checkpoint that the epoch starts from.
    let checkpoint: Checkpoint
    /// Sources that flow together somewhere and so have a common watermark.
    private let common: Set<Set<String>>

    init(
        states: StateStore, slices: [String: SourceSlice], analysis: StreamAnalysis,
        clocks: EventClocks, lookups: LookupCache, stateMemory: MemoryBudget,
        checkpoint: Checkpoint, common: Set<Set<String>>
    ) {
        self.common = common
        self.states = states
        self.slices = slices
        self.analysis = analysis
        self.clocks = clocks
        self.lookups = lookups
        self.stateMemory = stateMemory
        self.checkpoint = checkpoint
    }

    func isStreamed(_ source: String) -> Bool { analysis.streamed.contains(source) }

    /// The event time of an operator's input: what it may forget, and what it may say.
    func time(of sources: Set<String>) -> EpochTime {
        let key = EpochContext.key(sources)
        return EpochTime(
            start: checkpoint.watermarks[key], lateness: clocks.lateness(of: sources)
        ) { [clocks, checkpoint] in
            EpochContext.watermark(of: sources, key, clocks, checkpoint)
        }
    }

    /// Of sources whose watermark is a common one, in the checkpoint.
    static func key(_ sources: Set<String>) -> String { sources.sorted().joined(separator: "+") }

    /// Never before that of the last epoch, also where a source that was idle wakes up behind it.
    private static func watermark(
        of sources: Set<String>, _ key: String, _ clocks: EventClocks, _ checkpoint: Checkpoint
    ) -> Int64? {
        guard let now = clocks.watermark(of: sources) else { return checkpoint.watermarks[key] }
        return max(now, checkpoint.watermarks[key] ?? .min)
    }

    /// The checkpoint the epoch ends with.
    func next(token: String) throws -> Checkpoint {
        var next = checkpoint
        next.epoch += 1
        for (source, slice) in slices { next.positions[source] = slice.end }
        for (source, clock) in clocks.bySource {
            next.watermarks[source] = clock.watermark
            next.eventTimes[source] = clock.latest
        }
        for sources in common {
            let key = EpochContext.key(sources)
            next.watermarks[key] = EpochContext.watermark(of: sources, key, clocks, checkpoint)
        }
        next.states = try states.save(token: token)
        return next
    }
}

/// Event time as an operator sees it in one epoch.
struct EpochTime: Sendable {
    /// The watermark that the last epoch ended with: a row it has passed is late. `nil` before any.
    let start: Int64?
    /// How long after its end a window takes late rows, microseconds.
    let lateness: Int64
    /// What this epoch has come to; final once all input has been seen.
    let end: @Sendable () -> Int64?

    /// Whether what ends at `end` takes no more rows.
    func isOver(_ end: Int64) -> Bool { Self.isOver(end, lateness, start) }

    /// The earliest time that is still remembered where that reaches back so far from the watermark;
    /// `nil` before there is one.
    func bound(behind reach: Int64) -> Int64? {
        guard let start else { return nil }
        let (early, overflow) = start.subtractingReportingOverflow(reach)
        if overflow { return .min }
        let bound = early.subtractingReportingOverflow(lateness)
        return bound.overflow ? .min : bound.partialValue
    }

    static func isOver(_ end: Int64, _ lateness: Int64, _ watermark: Int64?) -> Bool {
        guard let watermark else { return false }
        let (last, overflow) = end.addingReportingOverflow(lateness)
        return !overflow && last <= watermark
    }
}

/// No rows.
final class EmptyReader: SourceReader {
    func next() throws -> (any SourceUnit)? { nil }
}

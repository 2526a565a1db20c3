/// Tells the observers of a streaming run what each round came to.
struct StreamWatch {
    private let observers: RunObservers
    private let sources: [(name: String, source: any StreamingSource)]
    private var lags: [String: SourceLag] = [:]
    private var lagsAt: Int64?

    /// Asking a source for what it still has costs a look at it: not more often than this, in
    /// microseconds.
    private static let lagInterval: Int64 = 500_000

    init(_ observers: RunObservers, _ sources: [(name: String, source: any StreamingSource)]) {
        self.observers = observers
        self.sources = sources
    }

    mutating func idled(_ checkpoint: Checkpoint, at now: Int64) {
        guard !observers.isEmpty else { return }
        measure(checkpoint, now)
        let idle = IdleSummary(now: now, lags: lags)
        observers.notify { $0.streamIdled(idle) }
    }

    mutating func committed(
        _ checkpoint: Checkpoint, _ report: RunReport, began: Int64, at now: Int64,
        stateMemory: Int
    ) {
        guard !observers.isEmpty else { return }
        measure(checkpoint, now)
        var epoch = EpochSummary(
            number: checkpoint.epoch, report: report, began: began, committed: now)
        epoch.watermarks = checkpoint.watermarks.filter { watermark in
            sources.contains { $0.name == watermark.key }
        }
        epoch.lags = lags
        epoch.states = checkpoint.states.mapValues { files in
            EpochSummary.StateSize(
                rows: files.rows, bytes: files.segments.reduce(0) { $0 + $1.bytes })
        }
        epoch.stateMemoryBytes = stateMemory
        observers.notify { $0.epochCommitted(epoch) }
    }

    private mutating func measure(_ checkpoint: Checkpoint, _ now: Int64) {
        // A clock that was set back measures, too.
        if let lagsAt, now >= lagsAt, now &- lagsAt < StreamWatch.lagInterval { return }
        lagsAt = now
        for (name, source) in sources {
            guard let source = source as? any LaggingSource else { continue }
            // A source that cannot be looked at says so when it is read.
            lags[name] = try? source.lag(after: checkpoint.positions[name])
        }
    }
}

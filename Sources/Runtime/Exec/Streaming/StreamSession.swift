import PipelineDSL
import Planner

/// A plan between two epochs: its sources are open, its state is in memory, and nobody else works on
/// it. Each ``step(slices:)`` is one epoch.
package final class StreamSession {
    /// What there is to do.
    package enum Due {
        /// Rows, by source.
        case rows([String: SourceSlice])
        /// No rows, but time has passed that closes windows.
        case time
        /// Nothing, for now.
        case nothing
        /// Nothing, and no row will ever come again.
        case ended
    }

    let plan: Plan
    let project: ProjectDirectory
    private let settings: RunSettings
    private let clock: any PipelineClock
    private let lock: ProjectLock?
    private let analysis: StreamAnalysis
    let sources: [(name: String, source: any StreamingSource)]
    private let states: StateStore
    private let clocks: EventClocks
    private let lookups = LookupCache()
    private let stateMemory: MemoryBudget
    private(set) var checkpoint: Checkpoint
    private var pace: StagePace
    /// Sources that flow together somewhere.
    private let common: Set<Set<String>>

    /// Takes the project's lock, completes what a crash left behind and restores the last checkpoint.
    ///
    /// - Throws: ``RunError`` where the plan cannot be run continuously, somebody else runs in the
    ///   project, or the checkpoint is of another plan.
    package init(
        _ plan: Plan, _ project: ProjectDirectory, _ settings: RunSettings,
        clock: any PipelineClock, isStopping: @escaping @Sendable () -> Bool = { false }
    ) throws {
        let schedule = try SchedulePlan(plan, selection: settings.selection)
        var settings = settings
        settings.clock = clock
        self.plan = plan
        self.project = project
        self.clock = clock
        analysis = StreamAnalysis(plan, selection: schedule.continuous)
        if let first = analysis.diagnostics.first { throw RunError(first) }
        // Nobody else knows where the state of a test is.
        lock = try settings.bench == nil ? ProjectLock(project) : nil
        try Files.makeDirectory(project.temporary)
        try Recovery(project).completeDecided(now: settings.now)
        try Recovery(project).removeLeftovers(of: plan)
        try PendingDeliveries(plan: plan, project: project, settings: settings).deliver()
        pace = try StagePace(
            plan: plan, schedule, project: project, settings: settings,
            sources: analysis.relations.mapValues(\.sources), isStopping: isStopping)
        settings.selection = schedule.continuous
        self.settings = settings
        checkpoint = try (Checkpoint.load(project, pipeline: plan.pipeline) ?? Checkpoint())
            .renamed(plan.moved)
        sources = try StreamOpener(
            plan: plan, project: project, settings: settings, clock: clock
        ).open(analysis.streamed)
        states = StateStore(project, pipeline: plan.pipeline, restoring: checkpoint.states)
        states.removeUnused()
        common = Set(analysis.relations.values.map(\.sources).filter { $0.count > 1 })
        clocks = EventClocks(
            plan, sources: analysis.streamed, checkpoint: checkpoint, now: clock.now)
        // Half for what is remembered, half for the work on an epoch.
        stateMemory = MemoryBudget(limit: settings.memoryLimit / 2)
    }

    /// Names of the sources that are read in slices.
    var streamed: Set<String> { analysis.streamed }

    /// Whether rows will come by themselves.
    var isPending: Bool { sources.contains { $0.source.isPending } }

    /// What operators remember, in memory.
    var stateBytes: Int { stateMemory.usedBytes }

    /// Looks at all sources.
    package func due(limit: SliceLimit) throws -> Due {
        let now = clock.now
        var slices: [String: SourceSlice] = [:]
        var held: Set<String> = []
        for (name, source) in sources {
            let next = try pace.slice(
                of: source, name, after: checkpoint.positions[name], limit: limit)
            slices[name] = next.due
            if next.isHeld { held.insert(name) }
            clocks.bySource[name]?.begin(at: now, partitions: source.partitions)
        }
        if !slices.isEmpty { return .rows(slices) }
        for (name, source) in sources where source.hasEnded && !held.contains(name) {
            clocks.bySource[name]?.end()
        }
        if hasTimePassed { return .time }
        let hasEnded = sources.allSatisfy(\.source.hasEnded) && held.isEmpty
        return hasEnded && !pace.hasSchedules ? .ended : .nothing
    }

    /// Whether rows are there that a stage waits to have more of.
    var isHolding: Bool { pace.isHolding }

    /// Runs what has a schedule and is due; between two epochs.
    func runScheduled() throws -> [RunReport] { try pace.runDue() }

    /// Whether a watermark is later than the checkpoint knows: a partition fell silent, or ended.
    private var hasTimePassed: Bool {
        func hasPassed(_ watermark: Int64?, _ key: String) -> Bool {
            watermark.map { $0 > checkpoint.watermarks[key] ?? .min } ?? false
        }
        return clocks.bySource.contains { hasPassed($0.value.watermark, $0.key) }
            || common.contains { hasPassed(clocks.watermark(of: $0), EpochContext.key($0)) }
    }

    /// The end of all time: whatever waits for a watermark is complete.
    package func endTime() { for clock in clocks.bySource.values { clock.end() } }

    /// The run of the next epoch, ready to be executed.
    package func epoch(_ slices: [String: SourceSlice]) -> Run {
        var settings = settings
        settings.now = clock.now
        settings.memoryLimit /= 2
        lookups.begin(at: settings.now)
        let context = EpochContext(
            states: states, slices: slices, analysis: analysis, clocks: clocks, lookups: lookups,
            stateMemory: stateMemory, checkpoint: checkpoint, common: common)
        return Run(plan: plan, project: project, settings: settings, epoch: context)
    }

    /// After an epoch was committed.
    package func committed(_ run: Run) {
        checkpoint = run.checkpoint ?? checkpoint
        states.removeUnused()
    }
}

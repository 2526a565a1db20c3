import Planner

/// What the stages of a plan have to say to a streaming run: which nodes run continuously, which of the
/// rows that are there are read now, and what runs at its time between two epochs.
struct StagePace {
    private let runs: ScheduledRuns
    private let clock: any PipelineClock
    private var window: StageWindow
    /// The nodes that run continuously; `nil` is all.
    let selection: Set<String>?

    init(
        plan: Plan, project: ProjectDirectory, settings: RunSettings,
        isStopping: @escaping @Sendable () -> Bool
    ) throws {
        runs = try ScheduledRuns(
            plan: plan, project: project, settings: settings, isStopping: isStopping)
        clock = settings.clock
        window = StageWindow(plan, sources: [:])
        let scheduled = runs.scheduled
        selection =
            scheduled.isEmpty
            ? settings.selection
            : (settings.selection ?? Set(plan.nodes.map(\.name))).subtracting(scheduled)
    }

    /// - Parameter sources: of each node, the streamed sources its rows come from.
    mutating func follow(_ plan: Plan, sources: [String: Set<String>]) {
        window = StageWindow(plan, sources: sources)
    }

    /// Without the slices that wait for more.
    mutating func due(_ slices: [String: SourceSlice]) -> [String: SourceSlice] {
        guard !window.isEmpty else { return slices }
        let now = clock.now
        return slices.filter { window.isDue($0.key, rows: $0.value.rows, now: now) }
    }

    func runDue() throws -> [RunReport] { try runs.runDue() }

    /// Whether something will come although nothing is there to be read now.
    func isWaiting(untilIdle: Bool) -> Bool {
        window.nextDue != nil || !untilIdle && runs.nextDue != nil
    }
}

import Planner

/// What the stages of a plan have to say to a streaming run: which nodes run continuously, which of the
/// rows that are there are read now, and what runs at its time between two epochs.
struct StagePace {
    private let runs: ScheduledRuns
    private let clock: any PipelineClock
    private var window: StageWindow

    /// - Parameter sources: of each node, the streamed sources its rows come from.
    init(
        plan: Plan, _ schedule: SchedulePlan, project: ProjectDirectory, settings: RunSettings,
        sources: [String: Set<String>], isStopping: @escaping @Sendable () -> Bool
    ) throws {
        runs = try ScheduledRuns(
            plan: plan, schedule, project: project, settings: settings, isStopping: isStopping)
        clock = settings.clock
        // What a test gives is there at once, and its clock stands still while it is read.
        window = StageWindow(plan, sources: settings.bench == nil ? sources : [:])
    }

    /// Without the slices that wait for more.
    mutating func due(_ slices: [String: SourceSlice]) -> [String: SourceSlice] {
        guard !window.isEmpty else { return slices }
        let now = clock.now
        return slices.filter { window.isDue($0.key, rows: $0.value.rows, now: now) }
    }

    func runDue() throws -> [RunReport] { try runs.runDue() }

    var isHolding: Bool { window.nextDue != nil }
    var hasSchedules: Bool { runs.nextDue != nil }
}

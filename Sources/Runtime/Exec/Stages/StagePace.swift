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

    /// What a source has, unless it waits for more.
    ///
    /// - Returns: the slice to read, and whether one was held back.
    mutating func slice(
        of source: any StreamingSource, _ name: String, after position: SourcePosition?,
        limit: SliceLimit
    ) throws -> (due: SourceSlice?, isHeld: Bool) {
        if window.isEmpty { return (try source.slice(after: position, limit: limit), false) }
        let now = clock.now
        guard source.mayBeAskedAgain else {
            guard window.mayRead(name, now: now) else { return (nil, false) }
            let slice = try source.slice(after: position, limit: limit)
            if slice != nil { window.isRead(name, now: now) }
            return (slice, false)
        }
        guard let slice = try source.slice(after: position, limit: limit) else {
            return (nil, false)
        }
        return window.isDue(name, rows: slice.rows, now: now) ? (slice, false) : (nil, true)
    }

    func runDue() throws -> [RunReport] { try runs.runDue() }

    var isHolding: Bool { window.nextDue != nil }
    var hasSchedules: Bool { runs.nextDue != nil }
}

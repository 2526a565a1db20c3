import Foundation
import PipelineDSL
import Planner
import Synchronization

/// Runs the scheduled nodes of a plan when their time has come, each time over all their input.
///
/// A streaming run calls it between its epochs, with the project's lock held, and leaves these nodes
/// alone otherwise: it runs ``SchedulePlan/continuous``.
package final class ScheduledRuns {
    private let plan: Plan
    private let project: ProjectDirectory
    private let settings: RunSettings
    private var scheduler: Scheduler
    private let isStopping: @Sendable () -> Bool

    /// - Parameter isStopping: whether the run is to end; nothing is tried again then.
    /// - Throws: ``RunError`` where the state of the schedules cannot be read.
    package init(
        plan: Plan, _ schedule: SchedulePlan, project: ProjectDirectory, settings: RunSettings,
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) throws {
        self.plan = plan
        self.project = project
        self.settings = settings
        self.isStopping = isStopping
        scheduler = try Scheduler(
            schedule, project: project, pipeline: plan.pipeline, now: settings.clock.now)
    }

    /// When something is due next, microseconds since 1970; `nil` where nothing ever is.
    package var nextDue: Int64? { scheduler.nextDue }

    /// Runs what is due now, one group after the other.
    ///
    /// - Returns: a report of each run.
    /// - Throws: ``RunError`` where a run fails after all its tries; it committed nothing.
    package func runDue() throws -> [RunReport] {
        var reports: [RunReport] = []
        for (group, instant) in scheduler.due(settings.clock.now) {
            if isStopping() { break }
            reports.append(try run(group, for: instant))
        }
        return reports
    }

    private func run(_ group: SchedulePlan.Group, for instant: Int64) throws -> RunReport {
        let policy = plan[group.name].flatMap { plan.policy(of: $0) }
        let retries = policy?.retries ?? 0
        var attempt = 1
        while true {
            let run = makeRun(group, for: instant)
            do { return try once(run, group, for: instant) } catch let error as RunError
                // What is decided is the next start's to complete: once more would double it.
                where attempt <= retries && !isStopping() && !run.isDecided
            {
                let wait = (policy?.backoff ?? Backoff()).delay(attempt: attempt, key: instant)
                settings.clock.sleep(for: wait) { !self.isStopping() }
                if isStopping() { throw error }
                attempt += 1
            }
        }
    }

    private func makeRun(_ group: SchedulePlan.Group, for instant: Int64) -> Run {
        var settings = settings
        settings.selection = group.nodes
        settings.now = settings.clock.now
        let run = Run(plan: plan, project: project, settings: settings)
        run.commitsAlso = { [scheduler, project] commit in
            try scheduler.stage(group, for: instant, commit, in: project.temporary)
        }
        return run
    }

    private func once(
        _ run: Run, _ group: SchedulePlan.Group, for instant: Int64
    ) throws -> RunReport {
        let watch = group.timeout.map { Watch(run, clock: settings.clock, timeout: $0) }
        defer { watch?.end() }
        do {
            let report = try run.work()
            scheduler.ran(group, for: instant)
            return report
        } catch is RunInterrupted where watch?.hasFired == true {
            throw RunError(
                .stageTimeout,
                "the scheduled run of `\(group.name)` took longer than its stage gives it",
                at: plan[group.name]?.span, notes: ["raise `timeout` of the stage"])
        }
    }
}

/// Ends a run that takes too long.
private final class Watch: Sendable {
    private let isOver = Atomic<Bool>(false)
    private let fired = Atomic<Bool>(false)

    init(_ run: Run, clock: any PipelineClock, timeout: Int64) {
        let (deadline, overflow) = clock.now.addingReportingOverflow(timeout)
        // A clock that moves only when it is slept by would be over at once.
        guard !overflow, clock is SystemPipelineClock else { return }
        let thread = Thread {
            clock.sleep(until: deadline) { !self.isOver.load(ordering: .relaxed) }
            guard !self.isOver.load(ordering: .relaxed) else { return }
            self.fired.store(true, ordering: .relaxed)
            run.cancel()
        }
        thread.start()
    }

    var hasFired: Bool { fired.load(ordering: .relaxed) }
    func end() { isOver.store(true, ordering: .relaxed) }
}

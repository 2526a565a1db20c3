import Foundation
import PipelineDSL
import Planner
import Runtime
import Testing

/// Schedules of a plan on a clock that a test moves, and the windows of stages.
@Suite struct ScheduledRunTests {
    private static let spec = """
        sources:
          orders:
            files: { path: "data/*.csv" }
            format: csv
            columns: { id: bigint not null, day: string }
        zones:
          bronze: { path: lake/bronze, format: jsonl }
          gold: { path: lake/gold, format: jsonl }
        transforms:
          bronze.orders: { from: orders }
          gold.daily:
            runs_on: daily_load
            sql: SELECT count(*) AS orders FROM bronze.orders
          gold.hourly:
            from: bronze.orders
            every: 1 hour
            steps: [ { where: id > 1 } ]
        sinks:
          daily_report: { from: gold.daily, files: { path: daily.jsonl }, format: jsonl }
        stages:
          daily_load: { glue: { cron: "30 0 * * *", timeout: 1 hour, retries: 1 } }
        """

    private static let day: Int64 = 86_400_000_000
    private static let hour: Int64 = 3_600_000_000
    /// 2026-01-01T00:00:00Z
    private static let newYear: Int64 = 1_767_225_600_000_000

    private static func project() throws -> (SpecProject, Plan) {
        let project = try SpecProject(files: ["data/a.csv": "id,day\n1,mon\n2,tue\n3,wed\n"])
        return (project, try project.plan(spec))
    }

    @Test func groupsAreWhatRunsTogether() throws {
        let (_, plan) = try Self.project()
        let schedule = try SchedulePlan(plan)
        #expect(schedule.groups.map(\.name) == ["gold.daily", "gold.hourly"])
        #expect(schedule.groups[0].nodes == ["gold.daily", "daily_report"])
        #expect(schedule.groups[0].timeout == Self.hour)
        #expect(schedule.groups[1].schedule == .every(Self.hour))
        #expect(schedule.scheduled == ["gold.daily", "daily_report", "gold.hourly"])
        #expect(try SchedulePlan(plan, selection: ["bronze.orders"]).groups.isEmpty)
    }

    @Test func aDayOnTheClockFiresEachScheduleWhenItIsDue() throws {
        let (project, plan) = try Self.project()
        var settings = RunSettings(now: Self.newYear)
        let clock = VirtualPipelineClock(now: Self.newYear)
        settings.clock = clock
        settings.selection = ["bronze.orders"]
        _ = try Run(plan: plan, project: project.directory, settings: settings).execute()
        settings.selection = nil
        let runs = try ScheduledRuns(
            plan: plan, SchedulePlan(plan), project: project.directory, settings: settings)
        #expect(try runs.runDue().isEmpty)
        #expect(runs.nextDue == Self.newYear + Self.hour / 2)
        var fired: [String: [Int64]] = [:]
        while let next = runs.nextDue, next <= Self.newYear + Self.day {
            clock.sleep(until: next)
            for report in try runs.runDue() {
                #expect(report.closes)
                let isDaily = report.nodes.contains { $0.name == "gold.daily" }
                fired[isDaily ? "daily" : "hourly", default: []].append(clock.now - Self.newYear)
            }
        }
        #expect(fired["daily"] == [Self.hour / 2])
        #expect(fired["hourly"] == (1...24).map { Int64($0) * Self.hour })
        #expect(try project.text("daily.jsonl") == "{\"orders\":3}\n")
    }

    @Test func whatWasMissedIsMadeUpForOnce() throws {
        let (project, plan) = try Self.project()
        func runs(at now: Int64) throws -> ScheduledRuns {
            var settings = RunSettings(now: now)
            settings.clock = VirtualPipelineClock(now: now)
            return try ScheduledRuns(
                plan: plan, SchedulePlan(plan), project: project.directory, settings: settings)
        }
        var settings = RunSettings(now: Self.newYear)
        settings.selection = ["bronze.orders"]
        _ = try Run(plan: plan, project: project.directory, settings: settings).execute()
        // Its first start: nothing is owed.
        #expect(try runs(at: Self.newYear).runDue().isEmpty)
        let first = VirtualPipelineClock(now: Self.newYear)
        settings.selection = nil
        settings.clock = first
        let running = try ScheduledRuns(
            plan: plan, SchedulePlan(plan), project: project.directory, settings: settings)
        first.advance(by: Self.hour)
        #expect(try running.runDue().count == 2)
        #expect(try running.runDue().isEmpty)
        // Three days later, one run of each, and then it goes on as planned.
        let later = try runs(at: Self.newYear + 3 * Self.day + 90)
        #expect(try later.runDue().count == 2)
        #expect(try later.runDue().isEmpty)
        #expect(later.nextDue == Self.newYear + 3 * Self.day + Self.hour / 2)
    }

    @Test func aRunThatFailsHasNotRun() throws {
        let (project, plan) = try Self.project()
        let clock = VirtualPipelineClock(now: Self.newYear)
        var settings = RunSettings(now: Self.newYear)
        settings.clock = clock
        let runs = try ScheduledRuns(
            plan: plan, SchedulePlan(plan), project: project.directory, settings: settings)
        clock.advance(by: Self.hour / 2)
        // The table that it reads is not there yet.
        #expect(throws: RunError.self) { try runs.runDue() }
        #expect(runs.nextDue == Self.newYear + Self.hour / 2)
        settings.selection = ["bronze.orders"]
        _ = try Run(plan: plan, project: project.directory, settings: settings).execute()
        #expect(try runs.runDue().count == 1)
    }

    @Test func anUnreadableStateIsNotOverwritten() throws {
        let (project, plan) = try Self.project()
        try project.write("{", to: ".pipec/state/test/schedule.json")
        let error = #expect(throws: RunError.self) {
            try ScheduledRuns(
                plan: plan, SchedulePlan(plan), project: project.directory,
                settings: RunSettings(now: 0))
        }
        #expect(error?.diagnostic.code == .scheduleUnreadable)
        #expect(try project.text(".pipec/state/test/schedule.json") == "{")
    }

    @Test func aStreamThatNobodyStoresCannotBeReadOnASchedule() throws {
        let project = try SpecProject()
        let plan = try project.plan(
            """
            sources:
              made:
                generate: { rows: 5 }
                columns: { id: bigint }
            zones: { gold: { path: lake/gold, format: jsonl } }
            transforms:
              gold.made: { from: made, every: 1 hour }
            """)
        let error = #expect(throws: RunError.self) { try SchedulePlan(plan) }
        #expect(error?.diagnostic.code == .scheduledInput)
    }

    // MARK: - Windows

    @Test func aBatchIsWaitedForUntilItIsFullOrItsWindowHasPassed() throws {
        let project = try SpecProject()
        let plan = try project.plan(
            """
            sources:
              made:
                generate: { rows: 5 }
                columns: { id: bigint }
            zones: { gold: { path: lake/gold, format: jsonl } }
            transforms:
              gold.made: { from: made, runs_on: processor }
            stages:
              processor: { lambda: { batch: { rows: 100, every: 5 s } } }
            """)
        var window = StageWindow(plan, sources: ["gold.made": ["made"]])
        #expect(!window.isEmpty)
        func isDue(_ source: String, _ rows: Int?, _ now: Int64) -> Bool {
            window.isDue(source, rows: rows, now: now)
        }
        #expect(isDue("another", 1, 0))
        #expect(!isDue("made", 99, 0))
        #expect(window.nextDue == 5_000_000)
        #expect(!isDue("made", nil, 4_999_999))
        #expect(isDue("made", 99, 5_000_000))
        #expect(window.nextDue == nil)
        // The next window begins with the next record.
        #expect(!isDue("made", 1, 9_000_000))
        #expect(isDue("made", 100, 9_000_001))
        // Of a source that is read by being asked, a window passes between two readings.
        let first = window.mayRead("made", now: 20_000_000)
        let second = window.mayRead("made", now: 20_000_001)
        #expect(first && second)
        window.isRead("made", now: 20_000_001)
        #expect(window.nextDue == 25_000_001)
        let early = window.mayRead("made", now: 25_000_000)
        let later = window.mayRead("made", now: 25_000_001)
        #expect(!early && later)
        #expect(window.nextDue == nil)
        #expect(StageWindow(plan, sources: [:]).isEmpty)
    }

    // MARK: - Streaming

    /// Ends a streaming run once its virtual clock has come so far.
    private final class Stopping: PipelineClock {
        private let inner: VirtualPipelineClock
        private let end: Int64
        private let step: Int64
        nonisolated(unsafe) var stop: () -> Void = {}

        init(now: Int64, end: Int64, step: Int64) {
            inner = VirtualPipelineClock(now: now)
            self.end = end
            self.step = step
        }

        /// Each look at it takes a while.
        var now: Int64 {
            inner.advance(by: step)
            if inner.now >= end { stop() }
            return inner.now
        }

        func sleep(until instant: Int64, while goesOn: () -> Bool) {
            inner.sleep(until: instant, while: goesOn)
        }
    }

    @Test func aStreamingRunHonoursWindowsAndSchedules() throws {
        let project = try SpecProject()
        let spec = """
            sources:
              made:
                generate: { rate: 10 / second, rows: 600, seed: 3, columns: { id: sequence } }
                columns: { id: bigint not null, made_at: timestamp not null }
            zones:
              bronze: { path: lake/bronze, format: jsonl }
              gold: { path: lake/gold, format: jsonl }
            transforms:
              bronze.made:
                from: made
                runs_on: processor
                steps: [ { where: id <> 13 } ]
                write: { mode: append }
              gold.count:
                every: 30 s
                sql: SELECT count(*) AS rows FROM bronze.made
                write: { mode: overwrite }
            stages:
              processor: { lambda: { batch: { rows: 100, every: 5 s }, retries: 3, bisect_on_error: true } }
            """
        let plan = try project.plan(spec)
        let clock = Stopping(now: Self.newYear, end: Self.newYear + 125_000_000, step: 50_000)
        var settings = RunSettings(now: Self.newYear)
        settings.clock = clock
        var options = StreamingRun.Options()
        options.interval = 0
        options.clock = clock
        let run = StreamingRun(
            plan: plan, project: project.directory, settings: settings, options: options)
        clock.stop = { run.cancel() }
        let report = try run.execute()
        #expect(report.closes)
        #expect(report.nodes.first { $0.name == "bronze.made" }?.written == 599)
        let files = project.walk("lake/bronze").filter { $0.hasSuffix(".jsonl") }
        // A minute of five-second windows, not hundreds of epochs.
        #expect((10...16).contains(files.count), "\(files.count)")
        let counts = project.walk("lake/gold/count").filter { $0.hasSuffix(".jsonl") }
        #expect(counts.count == 1)
        #expect(
            try project.text("lake/gold/count/" + #require(counts.first)) == "{\"rows\":599}\n")
    }
}

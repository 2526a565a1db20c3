import Foundation
import PipelineDSL
import Planner

/// Says which scheduled groups of a plan are due, and remembers that they ran.
///
/// What was missed while nothing ran is made up for once, not once for each time.
package struct Scheduler: Sendable {
    private struct State: Codable {
        var formatVersion = 1
        /// By group: the instant for which it ran last, microseconds since 1970.
        var fired: [String: Int64] = [:]

        enum CodingKeys: String, CodingKey {
            case formatVersion = "format_version"
            case fired
        }
    }

    package let plan: SchedulePlan
    private var state: State
    private let path: String
    /// From when on a group without a past is waited for.
    private let start: Int64

    /// - Parameter now: microseconds since 1970.
    /// - Throws: ``RunError`` where the state is there and cannot be read.
    package init(
        _ plan: SchedulePlan, project: ProjectDirectory, pipeline: String, now: Int64
    ) throws {
        self.plan = plan
        start = now
        path = project.state(pipeline) + "/schedule.json"
        guard Files.exists(path) else {
            state = State()
            return
        }
        guard let bytes = Files.read(path),
            let known = try? JSONDecoder().decode(State.self, from: Data(bytes)),
            known.formatVersion == 1
        else {
            throw RunError(
                .scheduleUnreadable, "when the schedules of `\(pipeline)` ran last cannot be read",
                notes: ["it is \(path)", "remove it: each schedule then begins anew"])
        }
        state = known
        for group in plan.groups { rewind(group, now) }
    }

    /// A group that ran for an instant far in the future, because the clock was set back since, begins
    /// anew instead of standing still until then.
    private mutating func rewind(_ group: SchedulePlan.Group, _ now: Int64) {
        guard let fired = state.fired[group.name] else { return }
        let ahead = fired.subtractingReportingOverflow(now)
        guard ahead.overflow ? fired > 0 : ahead.partialValue > Self.setBackPatience,
            let next = group.schedule.next(after: now), next < fired
        else { return }
        state.fired[group.name] = now
    }

    /// A clock that is set back by less than an hour fires nothing twice, microseconds.
    private static let setBackPatience: Int64 = 3_600_000_000

    /// The groups whose time has come, with the latest instant that has.
    package func due(_ now: Int64) -> [(group: SchedulePlan.Group, instant: Int64)] {
        plan.groups.compactMap { group in
            guard let first = next(group), first <= now else { return nil }
            return (group, last(group.schedule, from: first, through: now))
        }
    }

    /// The next instant at which a group is due; `nil` where none ever is.
    package var nextDue: Int64? { plan.groups.compactMap { next($0) }.min() }

    private func next(_ group: SchedulePlan.Group) -> Int64? {
        group.schedule.next(after: state.fired[group.name] ?? start)
    }

    /// The latest firing up to `now`.
    private func last(_ schedule: Schedule, from first: Int64, through now: Int64) -> Int64 {
        if case .every(let interval) = schedule {
            return first + (now - first) / interval * interval
        }
        // Far back in time the exact minute does not matter, only that it is not fired again.
        var latest = first
        for _ in 0..<10_000 {
            guard let next = schedule.next(after: latest), next <= now else { return latest }
            latest = next
        }
        return now
    }

    /// The group runs for `instant`: remembered as part of the run's own commit, so it has run if and
    /// only if what it made is there.
    func stage(
        _ group: SchedulePlan.Group, for instant: Int64, _ commit: Commit, in folder: String
    ) throws {
        var next = state
        next.fired[group.name] = instant
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let staged = folder + "/schedule-\(commit.token).json"
        try Files.write([UInt8](try encoder.encode(next)), to: staged)
        commit.add(.moveFile(staged: staged, target: path))
    }

    /// After that commit.
    mutating func ran(_ group: SchedulePlan.Group, for instant: Int64) {
        state.fired[group.name] = instant
    }
}

import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// A project that is streamed an epoch at a time, on a clock that the test moves.
final class StreamScript {
    let project: SpecProject
    let spec: String
    let clock = VirtualPipelineClock(now: 1_767_225_600_000_000)
    let plan: Plan
    private var session: StreamSession?
    private(set) var reports: [RunReport] = []
    var settings = RunSettings(now: 1_767_225_600_000_000)

    init(_ spec: String, files: [String: String] = [:]) throws {
        project = try SpecProject(files: files)
        self.spec = spec
        plan = try project.plan(spec, mode: .streaming, schemas: .pinning)
    }

    func open() throws -> StreamSession {
        if let session { return session }
        let opened = try StreamSession(plan, project.directory, settings, clock: clock)
        session = opened
        return opened
    }

    /// Ends the process, as it were: only what is on disk is known to the next epoch.
    func restart() { session = nil }

    /// One epoch of what there is; `false` where there is nothing to do.
    @discardableResult
    func step(rows: Int = 1_000_000) throws -> Bool {
        let session = try open()
        switch try session.due(limit: SliceLimit(rows: rows, bytes: 1 << 30)) {
        case .rows(let slices): try run(slices, session)
        case .time: try run([:], session)
        case .nothing, .ended: return false
        }
        return true
    }

    /// The end of all time.
    func drain() throws {
        while try step() {}
        let session = try open()
        session.endTime()
        try run([:], session)
    }

    private func run(_ slices: [String: SourceSlice], _ session: StreamSession) throws {
        let run = session.epoch(slices)
        reports.append(try run.work())
        session.committed(run)
    }

    func rows(_ node: String) throws -> [String] {
        try project.rows(node, of: spec).sorted()
    }

    func late(_ node: String) -> Int {
        reports.reduce(0) { $0 + ($1.nodes.first { $0.name == node }?.late ?? 0) }
    }
}

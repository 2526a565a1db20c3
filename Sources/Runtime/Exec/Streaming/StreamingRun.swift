import PipelineDSL
import Planner
import Synchronization

/// A plan that is run continuously, an epoch at a time.
///
/// An epoch is a run over what is new: slices of the sources, fixed when it begins, through the same
/// operators, into one commit that also moves the checkpoint. After a crash the next start completes
/// an epoch that was decided, and repeats one that was not.
package final class StreamingRun: @unchecked Sendable {
    package struct Options {
        /// Ends when there is nothing left to read.
        package var untilIdle = false
        /// At its end, windows that are still open are taken for complete.
        package var drain = false
        /// From the start of one epoch to that of the next, at least, microseconds.
        package var interval: Int64 = 200_000
        package var clock: any PipelineClock = SystemPipelineClock.shared
        /// Called between two epochs instead of waiting: in a test, something happens then.
        package var between: (() throws -> Void)?
        /// Of each source, in an epoch.
        package var limit = SliceLimit(rows: 1_000_000, bytes: 256 << 20)

        package init() {}
    }

    package let plan: Plan
    package let project: ProjectDirectory
    package let settings: RunSettings
    package let token: String
    private let options: Options
    private let isStopping = Atomic<Bool>(false)
    private let monitor = Monitor()
    private var total: RunReport?
    private var current: Run?

    package init(
        plan: Plan, project: ProjectDirectory, settings: RunSettings, options: Options
    ) {
        self.plan = plan
        self.project = project
        self.settings = settings
        self.options = options
        token = RunClock.token(settings.now)
    }

    /// Ends after the epoch that is at work, with everything it read committed.
    package func cancel() { isStopping.store(true, ordering: .relaxed) }

    /// Runs until it is stopped, or until nothing is left where that was asked for.
    ///
    /// - Returns: the sum of all epochs.
    /// - Throws: ``RunError`` where an epoch fails; what was committed before stays.
    package func execute() throws -> RunReport {
        let start = ContinuousClock.now
        return try settings.observers.following(
            plan, token: token, now: { options.clock.now },
            report: { self.report($0, seconds: start.secondsSince) },
            {
                var report = try stream()
                report.seconds = start.secondsSince
                report.run = token
                if !goesOn { report.status = .stopped }
                return report
            })
    }

    private func stream() throws -> RunReport {
        let session = try StreamSession(plan, project, settings, clock: options.clock) {
            [weak self] in !(self?.goesOn ?? false)
        }
        let listeners = try IngestListeners(
            plan, sources: session.streamed, project: project, settings: settings,
            clock: { [clock = options.clock] in clock.now })
        defer { listeners.stop() }
        var watch = StreamWatch(settings.observers, session.sources)
        loop: while goesOn {
            let begun = options.clock.now
            for report in try session.runScheduled() { add(report) }
            switch try session.due(limit: options.limit) {
            case .rows(let slices):
                try epoch(slices, of: session, &watch)
                // What is left is read at once where that is all that is waited for.
                if options.untilIdle { continue }
            case .time: try epoch([:], of: session, &watch)
            case .nothing:
                if options.untilIdle, !session.isHolding, !session.isPending { break loop }
                watch.idled(session.checkpoint, at: options.clock.now)
            case .ended: break loop
            }
            let (next, overflow) = begun.addingReportingOverflow(options.interval)
            try wait(until: overflow ? .max : next)
        }
        if options.drain, goesOn {
            session.endTime()
            try epoch([:], of: session, &watch)
        }
        return total ?? emptyReport()
    }

    private var goesOn: Bool { !isStopping.load(ordering: .relaxed) }

    private func wait(until instant: Int64) throws {
        if let between = options.between { return try between() }
        options.clock.sleep(until: instant) { self.goesOn }
    }

    private func epoch(
        _ slices: [String: SourceSlice], of session: StreamSession, _ watch: inout StreamWatch
    ) throws {
        let began = options.clock.now
        let run = session.epoch(slices)
        monitor.locked { current = run }
        let report = try run.work()
        monitor.locked { current = nil }
        add(report)
        session.committed(run)
        watch.committed(
            session.checkpoint, report, began: began, at: options.clock.now,
            stateMemory: session.stateBytes)
    }

    private func add(_ report: RunReport) {
        monitor.locked { total = total.map { $0.adding(report) } ?? report }
    }

    private func emptyReport() -> RunReport {
        Run(plan: plan, project: project, settings: settings).report(.succeeded, seconds: 0)
    }

    /// The counts as they are now; also while an epoch is at work.
    package func report(_ status: RunReport.Status, seconds: Double) -> RunReport {
        let (total, current) = monitor.locked { (self.total, self.current) }
        let now = current?.report(status, seconds: seconds)
        guard var report = total else { return now ?? emptyReport() }
        if let now { report = report.adding(now) }
        report.status = status
        report.seconds = seconds
        return report
    }
}

extension RunReport {
    /// Of two epochs, as one.
    func adding(_ other: RunReport) -> RunReport {
        var sum = self
        sum.deadLetters += other.deadLetters
        sum.memoryPeakBytes = max(memoryPeakBytes, other.memoryPeakBytes)
        for node in other.nodes {
            guard let index = sum.nodes.firstIndex(where: { $0.name == node.name }) else {
                sum.nodes.append(node)
                continue
            }
            sum.nodes[index].add(node)
        }
        return sum
    }
}

extension RunReport.Node {
    fileprivate mutating func add(_ other: RunReport.Node) {
        read += other.read
        written += other.written
        rejected += other.rejected
        filtered += other.filtered
        deduplicated += other.deduplicated
        late += other.late
        combined += other.combined
        produced += other.produced
        warned += other.warned
        failedAttempts += other.failedAttempts
        readBytes += other.readBytes
        writtenBytes += other.writtenBytes
        files += other.files
        busySeconds += other.busySeconds
    }
}

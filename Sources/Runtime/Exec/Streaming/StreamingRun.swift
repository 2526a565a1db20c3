#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import PipelineDSL
import Planner
import Synchronization

/// A plan that is run continuously, an epoch at a time.
///
/// An epoch is a run over what is new: slices of the sources, fixed when it begins, through the same
/// operators, into one commit that also moves the checkpoint. After a crash the next start completes
/// an epoch that was decided, and repeats one that was not.
package final class StreamingRun: @unchecked Sendable {
    package struct Options: Sendable {
        /// Ends when there is nothing left to read.
        package var untilIdle = false
        /// From the start of one epoch to that of the next, at least.
        package var interval = Duration.milliseconds(200)
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
        // Nobody else knows where the state of a test is.
        let lock = try settings.bench == nil ? ProjectLock(project) : nil
        defer { withExtendedLifetime(lock) {} }
        try Files.makeDirectory(project.temporary)
        try Recovery(project).completeDecided(now: settings.now)
        try Recovery(project).removeLeftovers(of: plan)
        let topology = try StreamTopology(plan, selection: settings.selection)
        let sources = try openSources(topology)
        var checkpoint = try Checkpoint.load(project, pipeline: plan.pipeline) ?? Checkpoint()
        let states = StateStore(
            project, pipeline: plan.pipeline, restoring: checkpoint.states)
        states.removeUnused()
        // Half for what is remembered, half for the work on an epoch.
        let stateMemory = MemoryBudget(limit: settings.memoryLimit / 2)
        let start = ContinuousClock.now
        while !isStopping.load(ordering: .relaxed) {
            let begun = ContinuousClock.now
            var slices: [String: SourceSlice] = [:]
            for (name, source) in sources {
                slices[name] = try source.slice(
                    after: checkpoint.positions[name], limit: options.limit)
            }
            if slices.isEmpty {
                if options.untilIdle || sources.allSatisfy(\.1.hasEnded) { break }
            } else {
                checkpoint = try epoch(
                    EpochContext(
                        states: states, slices: slices, topology: topology,
                        stateMemory: stateMemory, checkpoint: checkpoint))
                states.removeUnused()
            }
            if !slices.isEmpty && options.untilIdle { continue }
            try pause(until: begun.advanced(by: options.interval))
        }
        var report = total ?? emptyReport()
        let elapsed = (ContinuousClock.now - start).components
        report.seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        report.run = token
        if isStopping.load(ordering: .relaxed) { report.status = .stopped }
        return report
    }

    private func openSources(
        _ topology: StreamTopology
    ) throws -> [(String, any StreamingSource)] {
        try topology.streamed.sorted().compactMap { name in
            guard let node = plan[name], let scan = node.scan else { return nil }
            if let bench = settings.bench { return (name, bench.stream(node, scan, settings)) }
            switch scan.binding.connector {
            case "files", "s3":
                return (name, FilesStream(node, scan, project: project, settings: settings))
            case let connector:
                throw RunError(
                    .streamingUnsupported, "`\(connector)` cannot be streamed yet",
                    at: scan.binding.span)
            }
        }
    }

    private func epoch(_ context: EpochContext) throws -> Checkpoint {
        var settings = settings
        settings.now = settings.bench?.now ?? RunClock.now()
        settings.memoryLimit /= 2
        let run = Run(plan: plan, project: project, settings: settings, epoch: context)
        monitor.locked { current = run }
        let report = try run.work()
        monitor.locked {
            current = nil
            total = total.map { $0.adding(report) } ?? report
        }
        return run.checkpoint ?? context.checkpoint
    }

    /// In short steps, so that a stop is not waited for.
    private func pause(until end: ContinuousClock.Instant) throws {
        // In a test something happens now.
        if let bench = settings.bench { return try bench.whenIdle() }
        while ContinuousClock.now < end, !isStopping.load(ordering: .relaxed) {
            usleep(5_000)
        }
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
        readBytes += other.readBytes
        writtenBytes += other.writtenBytes
        files += other.files
        busySeconds += other.busySeconds
    }
}

import Foundation
import PipelineDSL
import Planner
import Synchronization

/// One execution of a plan, from the lock to the report.
package final class Run: @unchecked Sendable {
    package let plan: Plan
    package let project: ProjectDirectory
    package let settings: RunSettings
    /// `20261121T063628Z-4f3a09c1`: sorts by time, names what the run writes.
    package let token: String
    private let memory: MemoryBudget
    private let deadLetters: DeadLetterWriter
    private let startedAt: String
    /// What the epoch ended with, once it is committed.
    private(set) var checkpoint: Checkpoint?
    /// Of a streaming run, of which this is one epoch.
    private let epoch: EpochContext?
    private var graph: ExecutionGraph?
    private var engine: Engine?
    private let monitor = Monitor()
    private var isCancelled = false
    private var commit: Commit?
    /// What becomes true with the results.
    var commitsAlso: ((Commit) throws -> Void)?

    package convenience init(plan: Plan, project: ProjectDirectory, settings: RunSettings) {
        self.init(plan: plan, project: project, settings: settings, epoch: nil)
    }

    init(
        plan: Plan, project: ProjectDirectory, settings: RunSettings, epoch: EpochContext?
    ) {
        self.plan = plan
        self.epoch = epoch
        self.project = project
        self.settings = settings
        memory = MemoryBudget(limit: settings.memoryLimit)
        startedAt = RunClock.text(settings.now)
        token =
            settings.redrive?.token ?? settings.bench?.token() ?? RunClock.token(settings.now)
        deadLetters = DeadLetterWriter(
            folder: project.resolve(plan.deadLetters.path), run: token, startedAt: startedAt,
            folders: plan.deadLetterFolders, redrive: settings.redrive)
    }

    /// Stops at the next batch. Nothing is committed unless the commit has begun.
    package func cancel() {
        monitor.locked {
            isCancelled = true
            engine?.cancel()
        }
    }

    /// Runs to the end and commits.
    ///
    /// - Throws: ``RunError`` where it cannot, ``RunInterrupted`` where it was cancelled; nothing
    ///   is committed then.
    package func execute() throws -> RunReport {
        let start = ContinuousClock.now
        return try settings.observers.following(
            plan, token: token, now: { RunClock.now() },
            report: { self.report($0, seconds: start.secondsSince) },
            { try executeLocked() })
    }

    private func executeLocked() throws -> RunReport {
        let began = settings.now
        let lock = try ProjectLock(project)
        defer { withExtendedLifetime(lock) {} }
        try Files.makeDirectory(project.temporary)
        try Recovery(project).completeDecided(now: settings.now)
        try Recovery(project).removeLeftovers(of: plan)
        try PendingDeliveries(plan: plan, project: project, settings: settings).deliver()
        let report = try work()
        settings.observers.notify {
            $0.epochCommitted(
                EpochSummary(number: 1, report: report, began: began, committed: RunClock.now()))
        }
        return report
    }

    /// Runs to the end and commits; the caller holds the lock and has recovered what was left.
    package func work() throws -> RunReport {
        let start = ContinuousClock.now
        try Lifecycle.sweep(plan, project, now: settings.now)
        // Every epoch may leave a file: looking at them all is not for every epoch.
        if (epoch?.checkpoint.epoch ?? 0) % 64 == 0 {
            Lifecycle.sweepDeadLetters(plan, project, now: settings.now)
        }
        do {
            let graph = try build()
            try run(graph)
            try commit(graph)
        } catch {
            if !isDecided { abort(after: error) }
            throw error
        }
        for sink in monitor.locked({ graph })?.sinks ?? [] {
            try (sink.writer as? any DeliveringSink)?.deliver()
        }
        return report(.succeeded, seconds: start.secondsSince)
    }

    /// Whether its results are the project's, or will be once the next start has completed them. An
    /// error that comes later undoes nothing, and the run must not be repeated.
    var isDecided: Bool { monitor.locked { commit }?.isDecided ?? false }

    private func build() throws -> ExecutionGraph {
        let builder = GraphBuilder(
            plan: plan, project: project, settings: settings, memory: memory,
            deadLetters: settings.bench ?? deadLetters, token: token, epoch: epoch)
        let built = try builder.build()
        monitor.locked { graph = built }
        return built
    }

    private func run(_ graph: ExecutionGraph) throws {
        let engine = Engine(graph: graph, settings: settings)
        try monitor.locked {
            self.engine = engine
            if isCancelled { throw RunInterrupted() }
        }
        try engine.run()
        for vertex in graph.vertices where vertex.metrics.accountedDifference != 0 {
            throw unaccounted(vertex)
        }
    }

    private func unaccounted(_ vertex: Vertex) -> RunError {
        let m = vertex.metrics
        return RunError(
            .rowsDoNotAddUp, "the rows of \(vertex.id) do not add up",
            notes: [
                "read \(m.input.value) + produced \(m.produced.value), but written "
                    + "\(m.output.value) + rejected \(m.rejected.value) + filtered "
                    + "\(m.filtered.value) + deduplicated \(m.deduplicated.value) + late "
                    + "\(m.late.value) + combined \(m.combined.value)",
                "nothing was committed; this is a defect of pipec",
            ])
    }

    // MARK: - Commit

    private func commit(_ graph: ExecutionGraph) throws {
        if let bench = settings.bench { return try commit(graph, to: bench) }
        let commit = Commit(token: token, project: project, pipeline: plan.pipeline)
        for output in graph.files { try output.stage(commit) }
        for sink in graph.sinks {
            try sink.writer.prepare()
            commit.add(
                sink.writer,
                step: .sink(
                    node: sink.node, connector: sink.plan.binding.connector,
                    name: SinkOpener.resource(sink.plan.binding, node: sink.node)))
        }
        for source in graph.sources {
            if let (receipt, step) = source.reader.acknowledgement {
                commit.add(receipt, step: step)
            }
        }
        try deadLetters.prepare(commit, order: graph.vertices.map(\.id))
        if let redrive = settings.redrive {
            try redrive.checkComplete()
            try DeadLetterStore(folder: project.resolve(plan.deadLetters.path))
                .mark(redrive.letters, by: token, staging: deadLetters.staging, commit)
        }
        if let epoch {
            let next = try epoch.next(token: token)
            let staged = project.temporary + "/checkpoint-\(token).json"
            try next.write(to: staged)
            commit.add(
                .moveFile(
                    staged: staged,
                    target: Checkpoint.path(project, pipeline: plan.pipeline)))
            checkpoint = next
        }
        try commitsAlso?(commit)
        try monitor.locked {
            if isCancelled { throw RunInterrupted() }
            self.commit = commit
            // From here on the run ends by committing.
            engine = nil
        }
        try commit.complete()
        for output in graph.files { Files.removeTree(output.staging) }
        deadLetters.cleanUp()
    }

    /// In a test only the checkpoint is a file: a restart reads it back.
    private func commit(_ graph: ExecutionGraph, to bench: TestBench) throws {
        let late = graph.vertices.reduce(0) { $0 + $1.metrics.late.value }
        try bench.commit(late: late) {
            guard let next = try epoch?.next(token: token) else { return }
            try next.write(to: Checkpoint.path(project, pipeline: plan.pipeline))
            checkpoint = next
        }
    }

    private func abort(after error: any Error) {
        deadLetters.cleanUp()
        guard let graph = monitor.locked({ self.graph }) else { return }
        for output in graph.files { Files.removeTree(output.staging) }
        for sink in graph.sinks { try? sink.writer.abort() }
        guard error is RunInterrupted || (error as? RunError)?.isOfTheMachine == true else {
            return
        }
        for source in graph.sources {
            (source.reader.acknowledgement?.0 as? any ReturnableReceipt)?.giveBack()
        }
    }

    // MARK: - Report

    /// The counts as they are now; also while the run works.
    package func report(_ status: RunReport.Status, seconds: Double) -> RunReport {
        let graph = monitor.locked { self.graph }
        var report = RunReport(
            run: token, pipeline: plan.pipeline, profile: plan.profile, mode: plan.mode.rawValue,
            status: status, startedAt: startedAt, seconds: seconds, nodes: [], deadLetters: 0,
            deadLetterPath: plan.deadLetters.path,
            memoryLimitBytes: settings.processLimit ?? memory.limit,
            memoryPeakBytes: memory.peakBytes)
        for parts in graph?.nodes ?? [] { report.nodes.append(RunReport.Node(parts)) }
        report.deadLetters = report.nodes.reduce(0) { $0 + $1.rejected }
        return report
    }
}

extension RunError {
    /// Whether no row is at fault: other rows would have failed in the same way.
    fileprivate var isOfTheMachine: Bool {
        [.diskFull, .outputFailed, .spillFailed, .embeddedStoreFailed].contains(diagnostic.code)
    }
}

extension RunReport.Node {
    init(_ parts: ExecutionGraph.NodeVertices) {
        self.init(name: parts.node.name, kind: parts.node.kind.rawValue)
        read = parts.entries.reduce(0) { $0 + $1.metrics.input.value }
        for vertex in parts.operators {
            let metrics = vertex.metrics
            rejected += metrics.rejected.value
            filtered += metrics.filtered.value
            deduplicated += metrics.deduplicated.value
            late += metrics.late.value
            combined += metrics.combined.value
            produced += metrics.produced.value + metrics.copied.value
            warned += metrics.warned.value
            failedAttempts += metrics.failedAttempts.value
            busySeconds += Double(metrics.busyNanoseconds.value) / 1e9
        }
        written = parts.result?.metrics.output.value ?? 0
        // A name for another relation does nothing to its rows.
        if parts.entries.isEmpty, parts.operators.isEmpty { read = written }
        if kind == "source" {
            readBytes = parts.entries.reduce(0) { $0 + $1.metrics.bytes.value }
        } else {
            writtenBytes = parts.operators.reduce(0) { $0 + $1.metrics.bytes.value }
        }
    }
}

extension ContinuousClock.Instant {
    var secondsSince: Double {
        let elapsed = (ContinuousClock.now - self).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    }
}

/// Times as the report and file names spell them.
package enum RunClock {
    package static func now() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000_000)
    }

    package static func text(_ microseconds: Int64) -> String {
        var text: [UInt8] = []
        ValueText.append(timestamp: microseconds / 1000 * 1000, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The reverse of ``text(_:)``.
    package static func microseconds(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { bytes in
            bytes.baseAddress.flatMap { ScalarText.timestamp($0, bytes.count) }
        }
    }

    static func token(_ microseconds: Int64) -> String {
        let stamp = text(microseconds / 1_000_000 * 1_000_000).filter {
            $0 != "-" && $0 != ":" && $0 != " "
        }
        // Runs of one second sort, too, and those of one instant differ.
        // Also before 1970, where remainders are negative.
        let instant = String((microseconds % 1_000_000 + 1_000_000) % 1_000_000, radix: 16)
        let chance = String(nextChance(), radix: 16)
        return stamp + "-" + String(repeating: "0", count: 5 - instant.count) + instant + chance
    }

    private static let chance = Mutex(UInt32.random(in: 0x100...0xFFF))

    /// Three digits: by chance from process to process, one after the other within one, so that epochs
    /// of one instant of a virtual clock do not meet.
    private static func nextChance() -> UInt32 {
        chance.withLock { chance in
            chance = chance == 0xFFF ? 0x100 : chance + 1
            return chance
        }
    }
}

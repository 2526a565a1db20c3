import PipelineDSL
import Planner

/// What a start does for runs that ended before they were done.
package struct Recovery {
    private let project: ProjectDirectory

    package init(_ project: ProjectDirectory) { self.project = project }

    /// Whether a run decided and has not finished, or is just finishing.
    package var isNeeded: Bool {
        pipelines.contains { Files.exists(Commit.recordPath(project, folder: $0)) }
    }

    /// Folders of pipelines that have run here. All of them: two may share a queue or a table.
    private var pipelines: [String] {
        let root = project.stateRoot
        return Files.list(root).filter { Files.isDirectory(root + "/" + $0) }
    }

    /// Completes what runs decided and did not finish. The project must be locked.
    package func completeDecided(now: Int64) throws {
        guard isNeeded else { return }
        let readers = try ReaderLock.exclusive(project)
        defer { withExtendedLifetime(readers) {} }
        let sinks = SinkRecovery(project: project, now: now)
        for pipeline in pipelines {
            _ = try Commit.recover(
                recordPath: Commit.recordPath(project, folder: pipeline), recoverSink: sinks.recover
            )
        }
    }

    /// For who only reads: results are whole when this returns, and stay so while the lock is held.
    /// Waits for a run that is at its commit, which takes a moment.
    package func beginReading(now: Int64) throws -> ReaderLock {
        try completeBeforeReading(now: now)
        return try ReaderLock.shared(project)
    }

    /// For who reads at once.
    package func completeBeforeReading(now: Int64) throws {
        for _ in 0..<100 where isNeeded {
            guard let lock = try ProjectLock.ifFree(project) else {
                sleepMilliseconds(50)
                continue
            }
            try withExtendedLifetime(lock) { try completeDecided(now: now) }
            return
        }
    }

    /// Removes what runs staged that died before they decided. The project must be locked.
    func removeLeftovers(of plan: Plan) throws {
        for node in plan.nodes {
            if let table = node.table, table.isLocal {
                removeStaging(of: project.resolve(table.path))
            }
            if let sink = node.sink, SinkOpener.writesFiles(sink.binding) {
                removeStaging(of: try FileTarget(sink.binding, node: node.name).resolved(project))
            }
        }
        for name in Files.list(project.temporary)
        where name.hasPrefix("checkpoint-") || name.hasPrefix("schedule-") {
            Files.removeTree(project.temporary + "/" + name)
        }
        let letters = project.resolve(plan.deadLetters.path)
        for name in Files.list(letters) where name.hasPrefix(DeadLetterWriter.stagingPrefix) {
            Files.removeTree(letters + "/" + name)
        }
    }

    private func removeStaging(of target: String) {
        guard let folder = Files.parent(target) else { return }
        let prefix = FileTarget.stagingPrefix(of: target)
        for name in Files.list(folder) where name.hasPrefix(prefix) {
            Files.removeTree(folder + "/" + name)
        }
    }
}

/// Completes the epochs of sinks that are not files.
private struct SinkRecovery {
    let project: ProjectDirectory
    let now: Int64

    func recover(_ step: Commit.Step, token: String) throws {
        if case .acknowledge(_, let name, let claim) = step {
            try queue(name).acknowledge(claim: claim)
            return
        }
        guard case .sink(let node, let connector, let name) = step else { return }
        switch connector {
        case "dynamodb":
            try KeyValueTable(path: project.resolve(EmbeddedPaths.keyValueTable(name)))
                .commit(token, now: now)
        case "redis": try RedisSettings.open(project).commit(token, now: now)
        case "sqs":
            try queue(name).commit(token, now: now)
        case "webhook": try WebhookOutbox(project, node: node).commit(token)
        case "kinesis":
            try PartitionedLog(project.resolve(EmbeddedPaths.stream(name)))
                .commit(LogSink.epoch(token, node), now: now)
        default: break
        }
    }

    private func queue(_ name: String) throws -> MessageQueue {
        try MessageQueue(
            path: project.resolve(EmbeddedPaths.queue(name)), isFIFO: SQSSettings.isFIFO(name))
    }
}

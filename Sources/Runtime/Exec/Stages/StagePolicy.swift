import PipelineDSL
import Planner

/// What a stage's settings mean for the rows that go through it.
package struct StagePolicy: Hashable, Sendable {
    /// How many work at a time.
    package struct Scale: Hashable, Sendable {
        package var least: Int
        package var most: Int
        /// Rows in the backlog for each.
        package var rowsEach: Int

        package init(least: Int, most: Int, rowsEach: Int) {
            self.least = least
            self.most = most
            self.rowsEach = rowsEach
        }
    }

    package var stage: String
    /// Rows of a batch at most; `nil` where batches are left as they come.
    package var batchRows: Int?
    package var batchBytes: Int?
    /// Microseconds for which a batch that is not full is waited for.
    package var window: Int64?
    /// Bytes that one batch may take.
    package var memory: Int?
    /// Microseconds that one batch may take.
    package var timeout: Int64?
    /// `nil` where a failure ends the run.
    package var retries: Int?
    package var backoff = Backoff()
    package var bisects = false
    /// The folder of its dead letters, where it has one of its own.
    package var deadLetter: String?
    package var scale: Scale?
    package var schedule: Schedule?

    /// Whether rows that go on failing go to the dead letters.
    package var keepsFailures: Bool { retries != nil || bisects || deadLetter != nil }

    /// As a plan has it; settings of another shape than the spec's are ignored.
    package init(_ plan: StagePlan) {
        stage = plan.name
        let settings = plan.settings
        let batch = settings.object("batch")
        batchRows = batch.count("rows")
        batchBytes = batch.count("bytes")
        window = batch.integer("every")
        memory = settings.count("memory")
        timeout = settings.integer("timeout")
        if plan.platform == "lambda" {
            memory = memory ?? 512_000_000
            timeout = timeout ?? 60_000_000
        }
        retries = settings.integer("retries").map { Int(clamping: max(0, $0)) }
        if let first = settings.integer("backoff") { backoff.first = max(0, first) }
        bisects = settings["bisect_on_error"] == .boolean(true)
        deadLetter = settings["dead_letter"]?.string
        scale = Self.scale(settings, batchRows: batchRows)
        if let every = settings.integer("every") {
            schedule = .every(every)
        } else if case .string(let text)? = settings["cron"],
            let cron = try? CronExpression(text)
        {
            schedule = .cron(cron)
        }
    }

    private static func scale(
        _ settings: [String: PlanValue], batchRows: Int?
    ) -> Scale? {
        for name in ["concurrency", "parallelism", "workers"] {
            guard let most = settings.count(name) else { continue }
            return Scale(least: most, most: most, rowsEach: 1)
        }
        let scale = settings.object("scale")
        guard !scale.isEmpty else { return nil }
        let most = scale.count("max") ?? 1
        let least = min(most, scale.count("min") ?? 0)
        guard scale["on"] == .string("backlog") else {
            // The load of a machine elsewhere is not known here.
            return Scale(least: most, most: most, rowsEach: 1)
        }
        return Scale(least: least, most: most, rowsEach: scale.count("per") ?? batchRows ?? 1000)
    }
}

extension StagePolicy.Scale {
    /// How many should work on so many rows; none where there is nothing to do and none must be there.
    package func workers(backlog rows: Int) -> Int {
        let each = max(1, rowsEach)
        let wanted = rows / each + (rows % each > 0 ? 1 : 0)
        return min(max(wanted, least), max(most, least))
    }
}

extension Plan {
    /// The policy of the stage that a node runs on.
    package func policy(of node: PlanNode) -> StagePolicy? {
        node.runsOn.flatMap { name in stages.first { $0.name == name } }.map { StagePolicy($0) }
    }
}

extension [String: PlanValue] {
    fileprivate func object(_ name: String) -> [String: PlanValue] {
        if case .object(let values)? = self[name] { values } else { [:] }
    }

    fileprivate func integer(_ name: String) -> Int64? {
        if case .integer(let value)? = self[name], value >= 0 { value } else { nil }
    }

    fileprivate func count(_ name: String) -> Int? { integer(name).map { Int(clamping: $0) } }
}

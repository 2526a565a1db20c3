import PipelineDSL

/// Operators without state that a stage runs a batch through, as one piece of work that succeeds or
/// fails as a whole.
///
/// Counts and rejected rows of an attempt are kept apart and count once it has succeeded.
package final class StageChain: @unchecked Sendable {
    struct Link {
        let vertex: Vertex
        let row: any RowOperator
    }

    package struct Outcome {
        package var outputs: [Batch] = []
        /// By the operators of the chain.
        var rejected: [RejectedRows] = []
        /// By the stage itself: rows that it could not work on.
        package var failed: [RejectedRow] = []
        /// All rows that go to the dead letters.
        package var letters: [RejectedRow] { rejected.flatMap(\.rows) + failed }
    }

    private struct Attempt {
        var outputs: [Batch] = []
        var rejected: [RejectedRows] = []
        var metrics: [OperatorMetrics]
    }

    private let links: [Link]
    private let policy: StagePolicy
    private let attempts: BatchAttempts
    private let workers: StageWorkers?
    private let countsArrivals: Bool
    /// Of the rows that come in.
    private let schema: Schema
    private let span: SourceSpan?

    /// - Parameter countsArrivals: whether nobody before tells the workers what has arrived.
    init(
        _ links: [Link], policy: StagePolicy, attempts: BatchAttempts, workers: StageWorkers?,
        countsArrivals: Bool, schema: Schema, span: SourceSpan?
    ) {
        self.links = links
        self.policy = policy
        self.attempts = attempts
        self.workers = workers
        self.countsArrivals = countsArrivals
        self.schema = schema
        self.span = span
    }

    /// Of operators that stand alone, without a graph around them.
    package convenience init(
        _ rows: [any RowOperator], counting metrics: [OperatorMetrics], policy: StagePolicy,
        attempts: BatchAttempts, deadLetters: any DeadLetterSink, schema: Schema = Schema()
    ) {
        let links = zip(rows, metrics).enumerated().map { index, pair in
            let vertex = Vertex(
                id: "\(policy.stage)/\(index)",
                context: OperatorContext(
                    metrics: pair.1, node: policy.stage, operatorID: "\(policy.stage)/\(index)",
                    deadLetters: deadLetters, batchRows: .max, memory: MemoryBudget(limit: .max)))
            vertex.body = .row(pair.0)
            return Link(vertex: vertex, row: pair.0)
        }
        self.init(
            links, policy: policy, attempts: attempts,
            workers: policy.scale.map { StageWorkers($0) }, countsArrivals: true, schema: schema,
            span: nil)
    }

    /// Works on one batch, once there is a place for it.
    ///
    /// - Throws: ``RunError`` where the batch fails and the stage does not say what to do then, or
    ///   where it is not the rows' fault.
    package func run(_ batch: Batch) throws -> Outcome {
        guard let workers else { return try work(batch) }
        if countsArrivals { workers.arrived(batch.count) }
        return try workers.work(on: batch.count) { try work(batch) }
    }

    private func work(_ batch: Batch) throws -> Outcome {
        let result = try attempts.run(batch) { try attempt($0) }
        if !policy.keepsFailures, let failed = result.failed.first { throw failed.error }
        var outcome = Outcome()
        for attempt in result.outputs {
            outcome.outputs += attempt.outputs
            outcome.rejected += attempt.rejected.map { rejected in
                var rejected = rejected
                for i in rejected.rows.indices { rejected.rows[i].stage = policy.stage }
                return rejected
            }
            for (link, metrics) in zip(links, attempt.metrics) { link.vertex.metrics.add(metrics) }
        }
        for failed in result.failed { outcome.failed += letters(failed) }
        return outcome
    }

    private func attempt(_ batch: Batch) throws -> Attempt {
        let start = attempts.clock.now
        let deadline = policy.timeout.map { start.addingReportingOverflow($0) }
            .map { $0.overflow ? Int64.max : $0.partialValue }
        var attempt = Attempt(metrics: links.map { _ in OperatorMetrics() })
        var batches = [batch]
        var bytes = batch.byteCount
        for (link, metrics) in zip(links, attempt.metrics) {
            var output = RowOutput()
            for batch in batches {
                metrics.input.add(batch.count)
                try process(batch, link, metrics, deadline, &output)
            }
            batches = output.batches.filter { $0.count > 0 }
            for batch in batches { metrics.output.add(batch.count) }
            if !output.rejected.isEmpty {
                attempt.rejected.append(RejectedRows(vertex: link.vertex, rows: output.rejected))
            }
            bytes = max(bytes, batches.reduce(batch.byteCount) { $0 + $1.byteCount })
            try check(bytes: bytes, rows: batch.count)
            try check(deadline: deadline, rows: batch.count)
        }
        attempt.outputs = batches
        return attempt
    }

    private func process(
        _ batch: Batch, _ link: Link, _ metrics: OperatorMetrics, _ deadline: Int64?,
        _ output: inout RowOutput
    ) throws {
        let vertex = link.vertex
        var context = OperatorContext(
            metrics: metrics, node: vertex.context.node, operatorID: vertex.context.operatorID,
            deadLetters: vertex.context.deadLetters, batchRows: vertex.context.batchRows,
            memory: vertex.context.memory)
        context.deadline = deadline
        try vertex.timed { try link.row.process(batch, context, into: &output) }
    }

    private func check(bytes: Int, rows: Int) throws {
        guard let memory = policy.memory, bytes > memory else { return }
        throw RunError(
            .stageMemory,
            "a batch of \(rowText(rows)) takes \(bytes) bytes, and `\(policy.stage)` has \(memory)",
            at: span, notes: ["smaller batches need less: `batch: { rows: … }`, or raise `memory`"])
    }

    private func check(deadline: Int64?, rows: Int) throws {
        guard let deadline, let timeout = policy.timeout, attempts.clock.now > deadline else {
            return
        }
        throw RunError(
            .stageTimeout,
            "a batch of \(rowText(rows)) took longer than the \(timeout / 1000) ms that "
                + "`\(policy.stage)` gives it", at: span,
            notes: ["smaller batches take less: `batch: { rows: … }`, or raise `timeout`"])
    }

    private func rowText(_ rows: Int) -> String { rows == 1 ? "1 row" : "\(rows) rows" }

    /// One for each row that was given up.
    private func letters(_ failed: BatchAttempts.Failed) -> [RejectedRow] {
        failed.rows.rows.map { row in
            var letter = Rejection.row(
                Int(row), of: failed.rows, schema: schema, rule: "stage",
                code: failed.error.diagnostic.code, message: failed.error.diagnostic.message,
                span: span)
            letter.attempt = failed.attempts
            letter.stage = policy.stage
            return letter
        }
    }
}

extension OperatorMetrics {
    /// What an attempt has counted, now that it counts.
    func add(_ other: OperatorMetrics) {
        for counter in [
            \OperatorMetrics.input, \.output, \.filtered, \.deduplicated, \.late, \.combined,
            \.produced, \.copied, \.warned, \.bytes,
        ] {
            self[keyPath: counter].add(other[keyPath: counter].value)
        }
    }
}

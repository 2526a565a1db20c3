import PipelineDSL

/// What moves along an edge.
package enum Payload: Sendable {
    /// Rows, with their key hashes where the receiver asked for them in ``SerialOperator/prepare``.
    case rows(Batch, hashes: [UInt64]?)
    /// What a serial operator has computed of a batch in ``SerialOperator/prepare``.
    case prepared(any Sendable, rowCount: Int)
    /// Rows that belong together in one encoded piece of a file.
    case group(RowGroup)
    /// An encoded piece, ready to be appended.
    case encoded(EncodedGroup)
    /// What follows goes into files of its own.
    case cut

    package var rowCount: Int {
        switch self {
        case .rows(let batch, _): batch.count
        case .prepared(_, let rowCount): rowCount
        case .group(let group): group.rowCount
        case .encoded(let group): group.rowCount
        case .cut: 0
        }
    }
}

/// An operator without state: pure, shared by all workers, called for any batch in any order.
package protocol RowOperator: Sendable {
    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput) throws
}

/// What a ``RowOperator`` makes of one batch.
package struct RowOutput: Sendable {
    package var batches: [Batch] = []
    package var rejected: [RejectedRow] = []

    package init() {}
}

/// An operator with state, or with an effect outside: sees its input in order, one call at a time.
///
/// Order is that of the source: the same input in any batching gives the same rows. What need not
/// happen in order (hashing, encoding) belongs in `prepare`, which runs on any worker.
package protocol SerialOperator: AnyObject, Sendable {
    /// How many inputs it has; each is ordered by itself.
    var portCount: Int { get }
    /// Pure; runs in parallel, before the payload waits for its turn.
    func prepare(_ payload: Payload, port: Int) throws -> Payload
    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void) throws
    /// No more input on `port`.
    func finish(port: Int, _ context: borrowing OperatorContext, emit: (Payload) throws -> Void)
        throws
    /// Called after all ports have finished, until it returns `nil`: what remains to be said, a
    /// piece at a time, so that the output of a large state is as bounded as that of a source.
    func drain(_ context: borrowing OperatorContext) throws -> Payload?
}

extension SerialOperator {
    package var portCount: Int { 1 }
    package func prepare(_ payload: Payload, port: Int) throws -> Payload { payload }
    package func finish(
        port: Int, _ context: borrowing OperatorContext, emit: (Payload) throws -> Void
    ) throws {}
    package func drain(_ context: borrowing OperatorContext) throws -> Payload? { nil }
}

/// What an operator may use while it works.
package struct OperatorContext: ~Copyable, Sendable {
    package let metrics: OperatorMetrics
    /// The node of the plan the operator belongs to.
    package let node: String
    package let operatorID: String
    package let deadLetters: any DeadLetterSink
    /// Rows a batch should have at most.
    package let batchRows: Int
    package let memory: MemoryBudget
    /// When a stage gives up the batch that is worked on, microseconds since 1970; who waits for
    /// something outside should not wait longer.
    package var deadline: Int64?
    /// Where rows go that come too late; `nil` is the dead letters.
    let late: LateOutput?

    package init(
        metrics: OperatorMetrics, node: String, operatorID: String,
        deadLetters: any DeadLetterSink, batchRows: Int, memory: MemoryBudget
    ) {
        self.init(
            metrics: metrics, node: node, operatorID: operatorID, deadLetters: deadLetters,
            batchRows: batchRows, memory: memory, late: nil)
    }

    init(
        metrics: OperatorMetrics, node: String, operatorID: String,
        deadLetters: any DeadLetterSink, batchRows: Int, memory: MemoryBudget, late: LateOutput?
    ) {
        self.late = late
        self.metrics = metrics
        self.node = node
        self.operatorID = operatorID
        self.deadLetters = deadLetters
        self.batchRows = batchRows
        self.memory = memory
    }

    /// Sends rows to the dead letters, in the order of the calls, and counts them. For a serial
    /// operator; one without state puts them into its ``RowOutput`` and the engine keeps the order.
    package func reject(_ rows: [RejectedRow]) throws {
        guard !rows.isEmpty else { return }
        metrics.rejected.add(rows.count)
        try deadLetters.write(rows, node: node, operatorID: operatorID)
    }

    /// Rows that came too late are counted by themselves. They go to the late output where there
    /// is one, and to the dead letters as what `letter` makes of them otherwise.
    func rejectLate(
        _ rows: [UInt32], of batch: Batch, letter: (_ row: UInt32) -> RejectedRow
    ) throws {
        guard !rows.isEmpty else { return }
        metrics.late.add(rows.count)
        if let late, late.isRead { return late.rows.append(batch.selecting(rows)) }
        try deadLetters.write(rows.map(letter), node: node, operatorID: operatorID)
    }
}

/// Where rejected rows go. Safe to call from any worker.
package protocol DeadLetterSink: Sendable {
    func write(_ rows: [RejectedRow], node: String, operatorID: String) throws
}

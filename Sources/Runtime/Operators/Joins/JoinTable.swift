import PipelineDSL
import Planner

/// The side of a join that is looked up in; complete when its input has ended.
///
/// It is held in memory. Where the budget does not grant that, all of it goes to disk in partitions by
/// the hash of the keys, which are worked off with the other side's rows of the same partition.
final class JoinTable: SerialOperator, @unchecked Sendable {
    private let keyExpressions: [CompiledExpression]
    private let keyTypes: [DataType]
    private let schema: Schema
    private let span: SourceSpan?
    private let memory: MemoryBudget
    private let directory: String
    private var level = 0

    /// The rows in memory: all, or those of the partition at hand.
    private(set) var held: JoinRows
    /// Where the rows are instead.
    private(set) var spilled: SpillPartitions?
    /// Rows of the whole side, and whether a key of them has a null, which decides `NOT IN`.
    private(set) var rowCount = 0
    private(set) var hasNullKey = false

    private struct Prepared: Sendable {
        var batch: Batch
        var keys: [Column]
        var hashes: [UInt64]
        var rejected: [RejectedRow]
    }

    init(
        _ join: Join, schema: Schema, run: RunConstants, memory: MemoryBudget, directory: String,
        span: SourceSpan?
    ) throws {
        self.schema = schema
        self.span = span
        self.memory = memory
        self.directory = directory
        keyExpressions = try join.rightKeys.map {
            try CompiledExpression($0, input: schema, run: run)
        }
        keyTypes = join.rightKeys.map(\.type)
        held = JoinRows(keyTypes: keyTypes, types: schema.fields.map(\.type), memory: memory)
    }

    // MARK: - Filling

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let rows, _) = payload else { return payload }
        return .prepared(prepared(rows), rowCount: rows.count)
    }

    private func prepared(_ rows: Batch) -> Prepared {
        var output = RowOutput()
        let all = rows.compacted()
        let (keys, errors) = JoinKeys.evaluate(keyExpressions, all)
        let sound = Rejection.errors(errors, in: all, schema: schema, into: &output)
        let together = sound.replacing(columns: sound.columns + keys).compacted()
        let width = schema.fields.count
        let batch = together.replacing(columns: Array(together.columns.prefix(width)))
        let soundKeys = Array(together.columns.dropFirst(width))
        return Prepared(
            batch: batch, keys: soundKeys, hashes: hashRows(soundKeys, count: batch.count),
            rejected: output.rejected)
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .prepared(let content, _) = payload, let prepared = content as? Prepared else {
            return
        }
        try context.reject(prepared.rejected)
        context.metrics.combined.add(prepared.batch.count)
        rowCount += prepared.batch.count
        hasNullKey = hasNullKey || prepared.keys.contains { $0.nullCount > 0 }
        try add(prepared)
    }

    private func add(_ prepared: Prepared) throws {
        if spilled == nil {
            let isHeld = try held.add(
                prepared.batch, keys: prepared.keys, hashes: prepared.hashes)
            if isHeld { return }
            try spill()
        }
        try spilled?.append(prepared.batch, rows: prepared.batch.rows, hashes: prepared.hashes)
    }

    private func spill() throws {
        // Without keys there are no partitions, and with one key to them all only one.
        guard !keyTypes.isEmpty, level < SpillPartitions.levels else { throw tooLarge() }
        let partitions = try SpillPartitions(
            directory: directory, types: schema.fields.map(\.type), level: level)
        spilled = partitions
        let batches = held.giveUp()
        startOver()
        for batch in batches {
            let (keys, _) = JoinKeys.evaluate(keyExpressions, batch)
            try partitions.append(
                batch, rows: batch.rows, hashes: hashRows(keys, count: batch.count))
        }
    }

    private func startOver() {
        held = JoinRows(keyTypes: keyTypes, types: schema.fields.map(\.type), memory: memory)
    }

    private func tooLarge() -> RunError {
        RunError(
            .memoryExceeded, "the held side of a join does not fit the memory bound", at: span,
            notes: [
                keyTypes.isEmpty
                    ? "a join without an equality cannot be worked off in parts"
                    : "the rows of one key must fit: too many rows have the same",
                "raise --memory, or put the smaller relation on the right of the join",
            ])
    }

    func finish(
        port: Int, _ context: borrowing OperatorContext, emit: (Payload) throws -> Void
    ) throws {
        held.complete()
    }

    /// The rows of a partition on disk instead of those so far. Where they do not fit either,
    /// ``spilled`` is set again.
    func refill(_ file: SpillFile, level: Int) throws {
        spilled = nil
        startOver()
        self.level = level
        while let batch = try file.next() { try add(prepared(batch)) }
        held.complete()
    }
}

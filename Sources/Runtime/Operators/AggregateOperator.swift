import PipelineDSL
import Planner

/// Groups rows by one set of groups and computes aggregates.
///
/// Keys, arguments and hashes are computed in parallel (`prepare`); groups and states are updated in
/// row order, so a sum of doubles has the same last bit in any batching. When the memory bound is
/// reached, rows of groups that are not there yet go to disk in partitions by hash, which are
/// worked off at the end one by one; rows of known groups go on being added in memory.
final class AggregateOperator: SerialOperator, @unchecked Sendable {
    private let keys: [CompiledExpression]
    private let keyTypes: [DataType]
    private let calls: [CompiledAggregate]
    private let input: Schema
    private let output: Schema
    private let directory: String
    private let reservation: Reservation

    private var table: GroupTable
    private var states: [AggregateState]
    private var groupCount: Int
    private var spilled: SpillPartitions?
    private var pending: [(file: SpillFile, level: Int)] = []
    private var saidGroups = 0

    /// What `prepare` has computed of a batch.
    private struct Prepared: Sendable {
        var batch: Batch
        var keys: [Column]
        var hashes: [UInt64]
        var arguments: [AggregateInput]
        var rejected: [RejectedRow]
    }

    init(
        _ aggregate: Aggregate, input: Schema, output: Schema, run: RunConstants,
        memory: MemoryBudget, directory: String
    ) throws {
        self.input = input
        self.output = output
        self.directory = directory
        keys = try aggregate.groups.map {
            try CompiledExpression($0.expression, input: input, run: run)
        }
        keyTypes = aggregate.groups.map(\.expression.type)
        calls = try aggregate.calls.map { try CompiledAggregate($0, input: input, run: run) }
        reservation = Reservation(memory)
        table = GroupTable(types: keyTypes)
        states = calls.map { $0.makeState() }
        groupCount = 0
    }

    // MARK: - Input

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let batch, _) = payload else { return payload }
        let prepared = evaluate(batch)
        return .prepared(prepared, rowCount: batch.count)
    }

    private func evaluate(_ batch: Batch) -> Prepared {
        let (keyColumns, keyErrors) = JoinKeys.evaluate(keys, batch)
        let arguments = calls.map { $0.evaluate(batch) }
        var errors = keyErrors
        for argument in arguments { errors = RowErrors.merged(errors, argument.errors) }
        var rejects = RowOutput()
        let sound = Rejection.errors(errors, in: batch, schema: input, into: &rejects)
        return Prepared(
            batch: sound, keys: keyColumns,
            hashes: hashRows(keyColumns, count: batch.physicalCount), arguments: arguments,
            rejected: rejects.rejected)
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .prepared(let content, _) = payload, let prepared = content as? Prepared else {
            return
        }
        try add(prepared, level: 0, context)
    }

    private func add(
        _ prepared: Prepared, level: Int, _ context: borrowing OperatorContext
    ) throws {
        try context.reject(prepared.rejected)
        let batch = prepared.batch
        guard batch.count > 0 else { return }
        if keys.isEmpty { return try addToOne(prepared, context) }
        if spilled == nil {
            let bound = table.byteCountBound(adding: batch.count, stringBytes: batch.byteCount)
            if reservation.resize(to: bound + stateBytes) {
                let groups = try table.findOrInsert(
                    prepared.keys, hashes: prepared.hashes, rows: batch.selection)
                groupCount = table.count
                context.metrics.combined.add(batch.count - groups.newPositions.count)
                return try update(prepared, groups.groups, batch.selection)
            }
            guard level < SpillPartitions.levels else { throw tooLarge() }
            spilled = try SpillPartitions(
                directory: directory, types: input.fields.map(\.type), level: level)
        }
        let groups = table.find(
            prepared.keys, hashes: prepared.hashes, rows: batch.selection, nullsEqual: true)
        let rows = batch.rows
        var known = (rows: [UInt32](), groups: [UInt32]())
        var unseen: [UInt32] = []
        for (i, group) in groups.enumerated() {
            if group == GroupTable.none {
                unseen.append(rows[i])
            } else {
                known.rows.append(rows[i])
                known.groups.append(group)
            }
        }
        context.metrics.combined.add(known.rows.count)
        try update(prepared, known.groups, known.rows)
        try spilled!.append(batch, rows: unseen, hashes: prepared.hashes)
    }

    /// Without groups there is one, whatever comes.
    private func addToOne(_ prepared: Prepared, _ context: borrowing OperatorContext) throws {
        context.metrics.combined.add(prepared.batch.count - (groupCount == 0 ? 1 : 0))
        groupCount = 1
        let groups = [UInt32](repeating: 0, count: prepared.batch.count)
        try update(prepared, groups, prepared.batch.selection)
        guard reservation.resize(to: stateBytes) else { throw tooLarge() }
    }

    private func update(_ prepared: Prepared, _ groups: [UInt32], _ rows: [UInt32]?) throws {
        for (state, arguments) in zip(states, prepared.arguments) {
            try state.update(arguments, groups: groups, rows: rows, groupCount: groupCount)
        }
    }

    private var stateBytes: Int { states.reduce(0) { $0 + $1.byteCount } }

    private func tooLarge() -> RunError {
        RunError(
            .memoryExceeded, "the groups of an aggregate do not fit the memory bound",
            notes: [
                "raise --memory", "aggregates that keep every value, such as array_agg, need most",
            ])
    }

    func finish(
        port: Int, _ context: borrowing OperatorContext, emit: (Payload) throws -> Void
    ) throws {
        guard keys.isEmpty, groupCount == 0 else { return }
        groupCount = 1
        for state in states { state.grow(to: 1) }
        context.metrics.produced.add(1)
    }

    // MARK: - Output

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        while true {
            if saidGroups < groupCount {
                let batch = try say(
                    saidGroups..<min(groupCount, saidGroups + context.batchRows), context)
                if batch.count > 0 { return .rows(batch, hashes: nil) }
                continue
            }
            if let partitions = spilled {
                pending += partitions.files.map { ($0, partitions.level + 1) }
                spilled = nil
            }
            guard let (file, level) = pending.popLast() else { return nil }
            startOver()
            while let batch = try file.next() { try add(evaluate(batch), level: level, context) }
        }
    }

    private func say(_ range: Range<Int>, _ context: borrowing OperatorContext) throws -> Batch {
        saidGroups = range.upperBound
        var columns = keys.isEmpty ? [] : table.keyColumns(range)
        var errors: RowErrors?
        for state in states {
            let evaluation = try state.finish(range)
            columns.append(evaluation.column)
            errors = RowErrors.merged(errors, evaluation.errors)
        }
        var rejects = RowOutput()
        let batch = Rejection.errors(
            errors, in: Batch(columns: columns, count: range.count), schema: output, into: &rejects)
        try context.reject(rejects.rejected)
        return batch
    }

    private func startOver() {
        table = GroupTable(types: keyTypes)
        states = calls.map { $0.makeState() }
        groupCount = 0
        saidGroups = 0
        reservation.clear()
    }
}

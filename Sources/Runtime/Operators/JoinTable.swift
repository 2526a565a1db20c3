import PipelineDSL
import Planner
import Synchronization

/// The side of a join that is held in memory; complete when its input has ended.
final class JoinTable: SerialOperator, @unchecked Sendable {
    private let join: Join
    private let keyExpressions: [CompiledExpression]
    private let schema: Schema
    private let span: SourceSpan?
    private let reservation: Reservation
    private let groups: GroupTable
    private var batches: [Batch] = []
    private var groupOfRow: [UInt32] = []
    private var heldBytes = 0

    /// All rows; set at the end, then constant.
    private(set) var rows = Batch(columns: [], count: 0)
    /// Row numbers by group: those of group g are at `starts[g]..<starts[g + 1]`.
    private var byGroup: [UInt32] = []
    private var starts: [Int] = []
    /// Whether a key of the table has a null, which decides `NOT IN`.
    private(set) var hasNullKey = false
    private let matched = Mutex(Bitmap(repeating: false, count: 0))

    init(_ join: Join, schema: Schema, run: RunConstants, memory: MemoryBudget, span: SourceSpan?)
        throws
    {
        self.join = join
        self.schema = schema
        self.span = span
        keyExpressions = try join.rightKeys.map { try CompiledExpression($0, input: schema, run: run) }
        groups = GroupTable(types: join.rightKeys.map(\.type))
        reservation = Reservation(memory)
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let rows, _) = payload else { return }
        var output = RowOutput()
        var batch = rows.compacted()
        let (keys, errors) = JoinKeys.evaluate(keyExpressions, batch)
        batch = Rejection.errors(errors, in: batch, schema: schema, into: &output)
        try context.reject(output.rejected)
        context.metrics.combined.add(batch.count)
        heldBytes += batch.byteCount + batch.count * 12
        let bound = groups.byteCountBound(adding: batch.count, stringBytes: batch.byteCount)
        guard reservation.resize(to: bound + heldBytes) else { throw tooLarge() }
        if keys.isEmpty {
            groupOfRow += [UInt32](repeating: 0, count: batch.count)
        } else {
            let found = try groups.findOrInsert(
                keys, hashes: hashRows(keys, count: batch.physicalCount), rows: batch.selection)
            groupOfRow += found.groups
            hasNullKey = hasNullKey || keys.contains { $0.nullCount > 0 }
        }
        batches.append(batch.compacted())
    }

    private func tooLarge() -> RunError {
        RunError(
            .memoryExceeded, "the held side of a join does not fit the memory bound", at: span,
            notes: ["raise --memory, or put the smaller relation on the right of the join"])
    }

    func finish(
        port: Int, _ context: borrowing OperatorContext, emit: (Payload) throws -> Void
    ) throws {
        rows = Batch.concatenated(batches, types: schema.fields.map(\.type))
        batches = []
        let groupCount = keyExpressions.isEmpty ? 1 : groups.count
        starts = [Int](repeating: 0, count: groupCount + 1)
        for group in groupOfRow { starts[Int(group) + 1] += 1 }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        var next = starts
        byGroup = [UInt32](repeating: 0, count: groupOfRow.count)
        for (row, group) in groupOfRow.enumerated() {
            byGroup[next[Int(group)]] = UInt32(truncatingIfNeeded: row)
            next[Int(group)] += 1
        }
        groupOfRow = []
        matched.withLock { $0 = Bitmap(repeating: false, count: rows.count) }
    }

    /// For each row of `batch`'s selection its group; `GroupTable.none` for no match.
    func find(_ keys: [Column], _ batch: Batch) -> [UInt32] {
        if keyExpressions.isEmpty {
            return [UInt32](repeating: rows.count > 0 ? 0 : GroupTable.none, count: batch.count)
        }
        let hashes = hashRows(keys, count: batch.physicalCount)
        return groups.find(keys, hashes: hashes, rows: batch.selection)
    }

    func rows(of group: UInt32) -> ArraySlice<UInt32> {
        byGroup[starts[Int(group)]..<starts[Int(group) + 1]]
    }

    func mark(_ rows: [UInt32]) { matched.withLock { for row in rows { $0[Int(row)] = true } } }

    var unmatched: [UInt32] { matched.withLock { (~$0).ones } }
}

enum JoinKeys {
    static func evaluate(
        _ expressions: [CompiledExpression], _ batch: Batch
    ) -> ([Column], RowErrors?) {
        var errors: RowErrors?
        let columns = expressions.map { expression -> Column in
            let evaluation = expression.evaluate(batch)
            errors = RowErrors.merged(errors, evaluation.errors)
            return evaluation.column
        }
        return (columns, errors)
    }
}

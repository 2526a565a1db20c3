import PipelineDSL
import Planner

/// Finds the rows of the held side for each row of the other.
struct JoinOperator: RowOperator {
    private let join: Join
    private let table: JoinTable
    private let keys: [CompiledExpression]
    private let residual: Predicate?
    private let left: Schema
    private let both: Schema
    private let rightTypes: [DataType]

    init(
        _ join: Join, table: JoinTable, left: Schema, right: Schema, run: RunConstants
    ) throws {
        self.join = join
        self.table = table
        self.left = left
        both = Schema(left.fields + right.fields)
        rightTypes = right.fields.map(\.type)
        keys = try join.leftKeys.map { try CompiledExpression($0, input: left, run: run) }
        let both = both
        residual = try join.residual.map { try Predicate($0, input: both, run: run) }
    }

    private var isFilter: Bool { join.kind == .semi || join.kind == .anti }
    private var keepsLeft: Bool { join.kind == .left || join.kind == .full }

    func process(
        _ input: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        let all = input.compacted()
        let (keyColumns, errors) = JoinKeys.evaluate(keys, all)
        let batch = Rejection.errors(errors, in: all, schema: left, into: &output)
        let found = table.find(keyColumns, batch)
        let rows = batch.rows
        var matchedLeft = Bitmap(repeating: false, count: batch.physicalCount)
        var pairs = Pairs(limit: context.batchRows)
        var emitted = 0
        for (i, group) in found.enumerated() where group != GroupTable.none {
            if isFilter && residual == nil {
                matchedLeft[Int(rows[i])] = true
                continue
            }
            for right in table.rows(of: group) {
                pairs.append(rows[i], right)
                if pairs.isFull {
                    emitted += try flush(&pairs, batch, &matchedLeft, context, &output)
                }
            }
        }
        emitted += try flush(&pairs, batch, &matchedLeft, context, &output)
        emitted += finish(batch, keyColumns, matchedLeft, &output)
        count(batch.count, emitted, matchedLeft, context)
    }

    /// Rows of the left that the kind keeps or drops as a whole.
    private func finish(
        _ batch: Batch, _ keyColumns: [Column], _ matched: Bitmap, _ output: inout RowOutput
    ) -> Int {
        var kept: [UInt32]
        switch join.kind {
        case .semi: kept = batch.rows(in: matched)
        case .anti:
            kept = batch.rows(in: ~matched)
            if join.isNullAware, table.rows.count > 0 {
                // `x NOT IN (…)` is unknown where x is null or the list has a null.
                kept =
                    table.hasNullKey
                    ? [] : kept.filter { row in !keyColumns.contains { $0.isNull(Int(row)) } }
            }
        case .left, .full:
            kept = batch.rows(in: ~matched)
            guard !kept.isEmpty else { return 0 }
            let alone = batch.gathered(kept)
            let nulls = rightTypes.map { Column.nulls($0, count: kept.count) }
            output.batches.append(alone.replacing(columns: alone.columns + nulls))
            return kept.count
        case .inner, .right, .cross: return 0
        }
        if !kept.isEmpty { output.batches.append(batch.selecting(kept)) }
        return kept.count
    }

    private func flush(
        _ pairs: inout Pairs, _ batch: Batch, _ matched: inout Bitmap,
        _ context: borrowing OperatorContext, _ output: inout RowOutput
    ) throws -> Int {
        guard !pairs.left.isEmpty else { return 0 }
        defer { pairs.removeAll() }
        let leftRows = batch.gathered(pairs.left)
        var joined = leftRows.replacing(
            columns: leftRows.columns + table.rows.columns.map { $0.gather(pairs.right) })
        if let residual {
            let outcome = residual.evaluate(joined)
            _ = Rejection.errors(outcome.errors, in: joined, schema: both, into: &output)
            joined = joined.selecting(outcome.matching)
        }
        let survivors = joined.rows
        for pair in survivors { matched[Int(pairs.left[Int(pair)])] = true }
        if join.kind == .right || join.kind == .full {
            table.mark(survivors.map { pairs.right[Int($0)] })
        }
        if isFilter { return 0 }
        if joined.count > 0 { output.batches.append(joined) }
        return joined.count
    }

    /// A left row without a result is filtered; results past the first of a row are produced.
    private func count(
        _ input: Int, _ emitted: Int, _ matched: Bitmap, _ context: borrowing OperatorContext
    ) {
        let surviving: Int
        switch join.kind {
        case .left, .full: surviving = input
        case .semi, .anti: surviving = emitted
        case .inner, .right, .cross: surviving = matched.onesCount
        }
        context.metrics.filtered.add(input - surviving)
        context.metrics.produced.add(emitted - surviving)
    }

    private struct Pairs {
        var left: [UInt32] = []
        var right: [UInt32] = []
        let limit: Int

        init(limit: Int) { self.limit = limit }

        var isFull: Bool { left.count >= limit }

        mutating func append(_ l: UInt32, _ r: UInt32) {
            left.append(l)
            right.append(r)
        }

        mutating func removeAll() {
            left.removeAll(keepingCapacity: true)
            right.removeAll(keepingCapacity: true)
        }
    }
}

/// After all left rows: the rows of the held side that matched none, with nulls on the left.
final class JoinRest: SerialOperator, @unchecked Sendable {
    private let table: JoinTable
    private let leftTypes: [DataType]
    private var rest: [UInt32]?
    private var said = 0

    init(table: JoinTable, leftTypes: [DataType]) {
        self.table = table
        self.leftTypes = leftTypes
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        try emit(payload)
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        if rest == nil { rest = table.unmatched }
        guard let rest, said < rest.count else { return nil }
        let part = Array(rest[said..<min(rest.count, said + context.batchRows)])
        said += part.count
        context.metrics.produced.add(part.count)
        let nulls = leftTypes.map { Column.nulls($0, count: part.count) }
        return .rows(
            Batch(columns: nulls + table.rows.columns.map { $0.gather(part) }, count: part.count),
            hashes: nil)
    }
}

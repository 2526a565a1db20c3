import PipelineDSL
import Planner

/// The newest row of each key: the greatest order value, of equal ones the last in source order. A
/// row without an order value is older than any other.
final class LatestOperator: SerialOperator, @unchecked Sendable {
    private let order: CompiledExpression
    private let schema: Schema
    private let winners: WinnerSpool
    /// The order value of each group's row, one row a group.
    private var best: [Column] = []

    init(
        _ latest: Latest, schema: Schema, run: RunConstants, memory: MemoryBudget, directory: String
    ) throws {
        self.schema = schema
        order = try CompiledExpression(latest.order, input: schema, run: run)
        winners = WinnerSpool(
            keys: latest.by, types: schema.fields.map(\.type), memory: memory, directory: directory)
    }

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let batch, _) = payload else { return payload }
        return .rows(batch, hashes: winners.hashes(batch))
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let batch, let hashes?) = payload else { return }
        let evaluation = order.evaluate(batch)
        var output = RowOutput()
        let sound = Rejection.errors(evaluation.errors, in: batch, schema: schema, into: &output)
        try context.reject(output.rejected)
        let column = evaluation.column
        let replaced = try winners.add(
            sound, hashes: hashes,
            replaces: { group, row in
                // Null is older than anything, though it sorts last elsewhere.
                if column.isNull(row) { return self.best[group].isNull(0) }
                return self.best[group].isNull(0)
                    || ValueOrder.compare(column, row, self.best[group], 0) >= 0
            },
            took: { group, row in
                let value = column.gather([UInt32(truncatingIfNeeded: row)])
                if group == self.best.count {
                    self.best.append(value)
                } else {
                    self.best[group] = value
                }
            })
        context.metrics.combined.add(replaced)
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        try winners.next().map { .rows($0, hashes: nil) }
    }
}

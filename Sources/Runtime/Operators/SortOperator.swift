import PipelineDSL
import Planner

/// Orders rows; equal ones keep their order. With a limit only the first rows are ever held.
final class SortOperator: SerialOperator, @unchecked Sendable {
    private let expressions: [CompiledExpression]
    private let limit: Int?
    private let schema: Schema
    private let sorter: ExternalSorter
    private var said = 0

    init(
        _ sort: Sort, input: Schema, run: RunConstants, memory: MemoryBudget, directory: String
    ) throws {
        expressions = try sort.keys.map {
            try CompiledExpression($0.expression, input: input, run: run)
        }
        limit = sort.limit.map { Int(clamping: max(0, $0)) }
        schema = input
        // Of the rows as they are held: their columns, then their keys.
        let width = input.fields.count
        sorter = ExternalSorter(
            types: input.fields.map(\.type) + sort.keys.map(\.expression.type),
            keys: sort.keys.map { .init(descending: $0.descending, nullsFirst: $0.nullsFirst) },
            positions: Array(width..<(width + sort.keys.count)), memory: memory,
            directory: directory)
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let rows, _) = payload else { return }
        let (keyColumns, errors) = JoinKeys.evaluate(expressions, rows)
        var rejects = RowOutput()
        let sound = Rejection.errors(errors, in: rows, schema: schema, into: &rejects)
        try context.reject(rejects.rejected)
        let batch = sound.replacing(columns: sound.columns + keyColumns)
        context.metrics.filtered.add(try sorter.add(batch, limit: limit))
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        let left = limit.map { $0 - said } ?? .max
        guard left > 0 else {
            // The rest is not said, but it was read.
            while let rest = try sorter.next(65_536) { context.metrics.filtered.add(rest.count) }
            return nil
        }
        guard let batch = try sorter.next(min(context.batchRows, left)) else { return nil }
        said += batch.count
        let columns = Array(batch.columns.prefix(schema.fields.count))
        return .rows(batch.replacing(columns: columns), hashes: nil)
    }
}

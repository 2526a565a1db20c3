import PipelineDSL
import Planner

/// Constant rows as a source.
final class ValuesReader: SourceReader {
    private var batch: Batch?

    init(_ values: Values, schema: Schema, run: RunConstants) throws {
        let empty = Schema()
        let one = Batch(columns: [], count: 1)
        var rows: [Batch] = []
        for row in values.rows {
            let columns = try row.map { expression -> Column in
                let evaluation = try CompiledExpression(expression, input: empty, run: run)
                    .evaluate(one)
                if let errors = evaluation.errors, errors.count > 0 {
                    throw RunError(errors.code(0), errors.message(0), at: errors.span(0))
                }
                return evaluation.column
            }
            rows.append(Batch(columns: columns, count: 1))
        }
        batch = Batch.concatenated(rows, types: schema.fields.map(\.type))
    }

    func next() throws -> (any SourceUnit)? {
        defer { batch = nil }
        return batch.map(BatchUnit.init)
    }
}

/// Rows that are there already.
struct BatchUnit: SourceUnit {
    let batch: Batch
    var byteCount: Int { 0 }
    var endPosition: Int64 { 0 }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        let rows = batch.rows
        var start = 0
        while start < rows.count {
            let end = min(rows.count, start + max(1, batchRows))
            try emit(SourceBatch(batch: batch.gathered(Array(rows[start..<end]))))
            start = end
        }
    }
}

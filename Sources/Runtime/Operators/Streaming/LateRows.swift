import PipelineDSL

/// Rows that come after what they could have changed is forgotten.
struct LateRows {
    let schema: Schema
    /// Position of the event time.
    let column: Int
    /// Rows with an earlier event time are late.
    let bound: Int64
    let span: SourceSpan?

    /// The batch without them.
    func rejected(
        from batch: Batch, _ context: borrowing OperatorContext, why: String
    ) throws -> Batch {
        let times = batch.columns[column]
        guard bound != .min, case .int64(let values) = times.values else { return batch }
        let rows = batch.rows
        let late = rows.filter { !times.isNull(Int($0)) && values[Int($0)] < bound }
        guard !late.isEmpty else { return batch }
        let name = schema.fields[column].name
        try context.rejectLate(late, of: batch) { row in
            Rejection.row(
                Int(row), of: batch, schema: schema, rule: "late", code: .lateRow,
                message: "\(name) is before \(RunClock.text(bound)), \(why)", column: name,
                span: span)
        }
        let isLate = Set(late)
        return batch.selecting(rows.filter { !isLate.contains($0) })
    }
}

import PipelineDSL

/// Makes dead letters of rows of a batch.
enum Rejection {
    /// The rejected row at a physical row of `batch`: its place and bytes as they were read, or its
    /// values as JSON where it does not come from one place in a file.
    static func row(
        _ physical: Int, of batch: Batch, schema: Schema, rule: String, code: DiagnosticCode,
        message: String, column: String? = nil, span: SourceSpan? = nil
    ) -> RejectedRow {
        guard let origin = batch.origin else {
            return RejectedRow(
                object: "", rule: rule, code: code, message: message, column: column, span: span,
                raw: RowText.redacted(batch, row: physical, schema: schema))
        }
        let row = origin.row(physical)
        return RejectedRow(
            object: origin.source.object, line: origin.source.line(row),
            offset: origin.source.offset(row), rule: rule, code: code, message: message,
            column: column, span: span,
            raw: origin.source.raw(row) ?? RowText.redacted(batch, row: physical, schema: schema))
    }

    /// Rejects the rows of `batch` that could not be computed.
    ///
    /// - Returns: the batch without them.
    static func errors(
        _ errors: RowErrors?, in batch: Batch, schema: Schema, into output: inout RowOutput
    ) -> Batch {
        guard let errors = errors?.restricted(to: batch.selection), errors.count > 0 else {
            return batch
        }
        let showValues = !schema.fields.contains { $0.pii != nil }
        for (index, entry) in errors.entries.enumerated() {
            output.rejected.append(
                row(
                    Int(entry.row), of: batch, schema: schema, rule: "expression_error",
                    code: errors.code(index),
                    message: errors.message(index, showValues: showValues),
                    span: errors.span(index)))
        }
        return batch.selecting(batch.rows(in: errors.clean(count: batch.physicalCount)))
    }
}

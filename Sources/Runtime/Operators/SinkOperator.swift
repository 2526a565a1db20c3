import PipelineDSL

/// Hands rows to a sink; what it refuses goes to the dead letters.
final class SinkOperator: SerialOperator, @unchecked Sendable {
    private let writer: any SinkWriter
    private let schema: Schema
    private let attempts: BatchAttempts?

    /// - Parameter attempts: how a batch that cannot be written is tried again; what goes on failing
    ///   goes to the dead letters where rows at fault are searched for, and ends the run where not.
    init(writer: any SinkWriter, schema: Schema, attempts: BatchAttempts? = nil) {
        self.writer = writer
        self.schema = schema
        self.attempts = attempts
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let batch, _) = payload else { return }
        guard let attempts else {
            let refused = refusals(try writer.write(batch), batch)
            try context.reject(refused)
            context.metrics.output.add(batch.count - refused.count)
            return
        }
        let result = try attempts.run(batch) { refusals(try writer.write($0), $0) }
        if !attempts.bisects, let failed = result.failed.first { throw failed.error }
        let refused = result.outputs.flatMap(\.self) + result.failed.flatMap(letters)
        try context.reject(refused)
        context.metrics.output.add(batch.count - refused.count)
    }

    private func refusals(_ refused: [SinkRefusal], _ batch: Batch) -> [RejectedRow] {
        refused.map {
            Rejection.row(
                $0.row, of: batch, schema: schema, rule: $0.rule, code: .rowRejected,
                message: $0.message, column: $0.column)
        }
    }

    private func letters(_ failed: BatchAttempts.Failed) -> [RejectedRow] {
        failed.rows.rows.map { row in
            var letter = Rejection.row(
                Int(row), of: failed.rows, schema: schema, rule: "sink",
                code: failed.error.diagnostic.code, message: failed.error.diagnostic.message)
            letter.attempt = failed.attempts
            return letter
        }
    }
}

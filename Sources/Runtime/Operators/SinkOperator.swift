import PipelineDSL

/// Hands rows to a sink; what it refuses goes to the dead letters.
final class SinkOperator: SerialOperator, @unchecked Sendable {
    private let writer: any SinkWriter
    private let schema: Schema

    init(writer: any SinkWriter, schema: Schema) {
        self.writer = writer
        self.schema = schema
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let batch, _) = payload else { return }
        let refused = try writer.write(batch)
        try context.reject(
            refused.map {
                Rejection.row(
                    $0.row, of: batch, schema: schema, rule: $0.rule, code: .rowRejected,
                    message: $0.message, column: $0.column)
            })
        context.metrics.output.add(batch.count - refused.count)
    }
}

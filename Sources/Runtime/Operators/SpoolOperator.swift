import PipelineDSL

/// Holds its rows until everything the plan told it to wait for has ended: the side of a join that
/// comes before the other side is complete.
final class SpoolOperator: SerialOperator, @unchecked Sendable {
    private let spool: Spool

    init(types: [DataType], memory: MemoryBudget, directory: String) {
        spool = Spool(memory: memory, directory: directory, types: types)
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        if case .rows(let batch, _) = payload { try spool.append(batch) }
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        try spool.next().map { .rows($0, hashes: nil) }
    }
}

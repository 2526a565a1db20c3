import PipelineDSL
import Planner

/// Keeps the last row of each key, in source order.
final class DedupeLastOperator: SerialOperator, @unchecked Sendable {
    private let winners: WinnerSpool

    init(_ dedupe: Dedupe, schema: Schema, memory: MemoryBudget, directory: String) {
        winners = WinnerSpool(
            keys: dedupe.on, types: schema.fields.map(\.type), memory: memory, directory: directory)
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
        context.metrics.deduplicated.add(try winners.add(batch, hashes: hashes))
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        try winners.next().map { .rows($0, hashes: nil) }
    }
}

import Planner

/// Skips `offset` rows, passes `count`, drops the rest (counted as filtered).
final class LimitOperator: SerialOperator, @unchecked Sendable {
    private var toSkip: Int
    private var toPass: Int

    init(_ limit: Limit) {
        toSkip = Int(clamping: max(0, limit.offset))
        toPass = limit.count.map { Int(clamping: max(0, $0)) } ?? .max
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let batch, _) = payload else { return }
        let skipped = min(toSkip, batch.count)
        let passed = min(toPass, batch.count - skipped)
        toSkip -= skipped
        toPass -= passed
        context.metrics.filtered.add(batch.count - passed)
        guard passed > 0 else { return }
        if passed == batch.count { return try emit(payload) }
        let rows = batch.rows
        try emit(.rows(batch.selecting(Array(rows[skipped..<(skipped + passed)])), hashes: nil))
    }
}

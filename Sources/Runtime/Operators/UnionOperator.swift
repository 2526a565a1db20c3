import PipelineDSL

/// All rows of all inputs, the first input's first. What comes early on a later input waits in a
/// spool.
final class UnionOperator: SerialOperator, @unchecked Sendable {
    let portCount: Int
    private var current = 0
    private var finished: Set<Int> = []
    private var spools: [Spool]

    init(portCount: Int, types: [DataType], memory: MemoryBudget, directory: String) {
        self.portCount = portCount
        spools = (0..<portCount).map { _ in
            Spool(memory: memory, directory: directory, types: types)
        }
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let batch, _) = payload else { return }
        if port == current { try emit(payload) } else { try spools[port].append(batch) }
    }

    func finish(
        port: Int, _ context: borrowing OperatorContext, emit: (Payload) throws -> Void
    ) throws {
        finished.insert(port)
        // The next input flows through as it comes, unless some of it waits already: that is said
        // at the end, a piece at a time.
        while finished.contains(current), current + 1 < portCount,
            spools[current + 1].rowCount == 0,
            spools[current].rowCount == 0
        {
            current += 1
        }
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        while current < portCount {
            if let batch = try spools[current].next() { return .rows(batch, hashes: nil) }
            current += 1
        }
        return nil
    }
}

import PipelineDSL
import Planner

/// `INTERSECT` and `EXCEPT`: left rows that have, or have not, an equal on the right. With `ALL` each
/// right row stands for one left row only.
///
/// Left rows that are not among the right rows in memory wait on disk where some of the right do.
final class SetOperator: SerialOperator, @unchecked Sendable {
    private let operation: SetOperation
    private let right: CountedRows
    private let types: [DataType]
    private let directory: String
    private var waiting: SpillPartitions?
    private var pending: [(left: SpillFile, right: SpillFile, level: Int)] = []
    private var current: (left: SpillFile, level: Int)?

    init(_ operation: SetOperation, right: CountedRows, types: [DataType], directory: String) {
        self.operation = operation
        self.right = right
        self.types = types
        self.directory = directory
    }

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let batch, _) = payload else { return payload }
        return .rows(batch, hashes: right.hashes(batch))
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let batch, let hashes?) = payload else { return }
        let kept = try keep(batch, hashes, level: 0, context)
        if kept.count > 0 { try emit(.rows(kept, hashes: nil)) }
    }

    /// The rows that are in the result; what cannot be decided yet is put aside.
    private func keep(
        _ batch: Batch, _ hashes: [UInt64], level: Int, _ context: borrowing OperatorContext
    ) throws -> Batch {
        if right.spilled != nil, waiting == nil {
            waiting = try SpillPartitions(directory: directory, types: types, level: level)
        }
        var kept: [UInt32] = []
        var undecided: [UInt32] = []
        for (row, group) in zip(batch.rows, right.find(batch, hashes)) {
            if group == GroupTable.none, waiting != nil {
                undecided.append(row)
                continue
            }
            let isThere =
                group != GroupTable.none && (operation.all ? right.take(group) : true)
            if isThere == (operation.kind == .intersect) { kept.append(row) }
        }
        try waiting?.append(batch, rows: undecided, hashes: hashes)
        context.metrics.filtered.add(batch.count - kept.count - undecided.count)
        return batch.selecting(kept)
    }

    // MARK: - What was put aside

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        while true {
            if let part = current {
                guard let batch = try part.left.next() else {
                    current = nil
                    continue
                }
                let kept = try keep(batch, right.hashes(batch), level: part.level, context)
                if kept.count > 0 { return .rows(kept, hashes: nil) }
                continue
            }
            if let waiting, let spilled = right.spilled {
                for (left, right) in zip(waiting.files, spilled.files).reversed() {
                    pending.append((left, right, waiting.level + 1))
                }
            }
            waiting = nil
            guard let part = pending.popLast() else { return nil }
            try right.refill(part.right, level: part.level)
            current = (part.left, part.level)
        }
    }
}

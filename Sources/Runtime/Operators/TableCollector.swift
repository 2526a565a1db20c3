import PipelineDSL

/// Gathers rows into the row groups of a table's files, by partition.
///
/// Only lists grow here. A group
/// is passed on when it is full, and the largest early when the memory bound is near, so a table
/// with many partitions has smaller groups, never more memory.
final class TableCollector: SerialOperator, @unchecked Sendable {
    /// Computes the partition columns of a batch; empty for a table without partitions.
    struct Partitioning: Sendable {
        var names: [String]
        var columns: [CompiledExpression]
    }

    private struct Open {
        var batches: [Batch] = []
        var rows = 0
        var bytes = 0
    }

    private let partitioning: Partitioning
    private let groupRows: Int
    private let reservation: Reservation
    private var open: [String: Open] = [:]
    private var heldBytes = 0
    private var remaining: [String]?

    init(partitioning: Partitioning, groupRows: Int, memory: MemoryBudget) {
        self.partitioning = partitioning
        self.groupRows = max(1, groupRows)
        reservation = Reservation(memory)
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        if case .cut = payload {
            for folder in open.keys.sorted() { try pass(folder, emit) }
            return try emit(.cut)
        }
        guard case .rows(let batch, _) = payload else { return }
        guard !partitioning.names.isEmpty else { return try add(batch, to: "", emit) }
        let columns = partitioning.columns.map { $0.evaluate(batch).column }
        for part in PartitionRows.split(batch, names: partitioning.names, columns: columns) {
            try add(batch.selecting(part.rows), to: part.folder, emit)
        }
    }

    private func add(_ batch: Batch, to folder: String, _ emit: (Payload) throws -> Void) throws {
        // A view of few rows would keep the whole batch alive.
        let batch = batch.count * 2 < batch.physicalCount ? batch.compacted() : batch
        let bytes = batch.byteCount
        open[folder, default: Open()].batches.append(batch)
        open[folder]!.rows += batch.count
        open[folder]!.bytes += bytes
        heldBytes += bytes
        if open[folder]!.rows >= groupRows { try pass(folder, emit) }
        while !reservation.resize(to: heldBytes), let largest = largestOpen() {
            try pass(largest, emit)
        }
    }

    private func largestOpen() -> String? {
        open.max { ($0.value.bytes, $1.key) < ($1.value.bytes, $0.key) }?.key
    }

    private func pass(_ folder: String, _ emit: (Payload) throws -> Void) throws {
        if let group = take(folder) { try emit(group) }
    }

    private func take(_ folder: String) -> Payload? {
        guard let part = open.removeValue(forKey: folder) else { return nil }
        heldBytes -= part.bytes
        _ = reservation.resize(to: heldBytes)
        return .group(RowGroup(partition: folder, batches: part.batches))
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        if remaining == nil { remaining = open.keys.sorted(by: >) }
        return remaining!.popLast().flatMap(take)
    }
}

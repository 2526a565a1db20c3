import PipelineDSL

/// Batches kept in order until they are asked for: in memory while the budget grants it, then on
/// disk.
package final class Spool: @unchecked Sendable {
    private var held: [Batch] = []
    private var heldIndex = 0
    private let reservation: Reservation
    private var spill: SpillFile?
    private let directory: String
    private let types: [DataType]
    package private(set) var rowCount = 0

    package init(memory: MemoryBudget, directory: String, types: [DataType]) {
        reservation = Reservation(memory)
        self.directory = directory
        self.types = types
    }

    package func append(_ batch: Batch) throws {
        guard batch.count > 0 else { return }
        rowCount += batch.count
        // Once something is on disk everything that follows must be, or the order would be lost.
        if spill == nil {
            let batch = batch.compacted()
            if reservation.resize(to: reservation.bytes + batch.byteCount) {
                held.append(batch)
                return
            }
            spill = try SpillFile(directory: directory, types: types)
        }
        try spill!.append(batch)
    }

    /// The next batch, which the spool then forgets; `nil` at the end.
    package func next() throws -> Batch? {
        if heldIndex < held.count {
            let batch = held[heldIndex]
            held[heldIndex] = Batch(columns: [], count: 0)
            heldIndex += 1
            _ = reservation.resize(to: max(0, reservation.bytes - batch.byteCount))
            return batch
        }
        return try spill?.next()
    }

    /// Visits every batch in order and keeps them; for what must be read more than once.
    package func forEach(_ body: (Batch) throws -> Void) throws {
        for batch in held[heldIndex...] { try body(batch) }
        if let spill {
            spill.rewind()
            while let batch = try spill.next() { try body(batch) }
            spill.rewind()
        }
    }
}

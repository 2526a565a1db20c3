import PipelineDSL

/// A table after a merge: the new rows, the last of each key, and the old rows whose keys are not
/// among them.
final class MergeOperator: SerialOperator, @unchecked Sendable {
    private let on: [Int]
    private let existing: ((KeyRanges) throws -> [any SourceReader])?
    /// Whether the table is left as it is where no rows come.
    private let skipsUnchanged: Bool
    private var hasRows = false
    private let winners: WinnerSpool
    private var changed: KeyRanges
    /// What is still to be read of the table, the next first.
    private var waiting: [any SourceReader] = []
    private var old: OldRows?
    private var newRowsAreSaid = false

    /// - Parameter existing: the stored rows that may have one of the changed keys; what is between
    ///   two readers stays apart.
    init(
        on: [Int], schema: Schema, memory: MemoryBudget, directory: String,
        existing: ((KeyRanges) throws -> [any SourceReader])?, skipsUnchanged: Bool = false
    ) {
        changed = KeyRanges(columnCount: on.count)
        self.on = on
        self.existing = existing
        self.skipsUnchanged = skipsUnchanged
        winners = WinnerSpool(
            keys: on, types: schema.fields.map(\.type), memory: memory, directory: directory)
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
        hasRows = hasRows || batch.count > 0
        if existing != nil { changed.add(batch, on) }
        context.metrics.combined.add(try winners.add(batch, hashes: hashes))
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        if skipsUnchanged, !hasRows { return nil }
        if !newRowsAreSaid {
            if let batch = try winners.next() { return .rows(batch, hashes: nil) }
            newRowsAreSaid = true
            waiting = try existing?(changed) ?? []
            if let first = waiting.first {
                old = OldRows(reader: first, batchRows: context.batchRows)
            }
        }
        while let batch = try old?.next() {
            let columns = on.map { batch.columns[$0] }
            let groups = winners.table.find(
                columns, hashes: hashRows(columns, count: batch.physicalCount),
                rows: batch.selection, nullsEqual: true)
            let rows = batch.rows
            let kept = rows.indices.filter { groups[$0] == GroupTable.none }.map { rows[$0] }
            if !kept.isEmpty {
                context.metrics.produced.add(kept.count)
                return .rows(batch.selecting(kept), hashes: nil)
            }
        }
        guard waiting.count > 1 else { return nil }
        waiting.removeFirst()
        old = OldRows(reader: waiting[0], batchRows: context.batchRows)
        return .cut
    }
}

/// Reads a stored table batch by batch.
private final class OldRows {
    private let reader: any SourceReader
    private let batchRows: Int
    private var waiting: [Batch] = []

    init(reader: any SourceReader, batchRows: Int) {
        self.reader = reader
        self.batchRows = batchRows
    }

    func next() throws -> Batch? {
        while waiting.isEmpty {
            guard let unit = try reader.next() else { return nil }
            try unit.decode(batchRows: batchRows) { waiting.append($0.batch) }
            waiting.reverse()
        }
        return waiting.popLast()
    }
}

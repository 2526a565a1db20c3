import PipelineDSL
import Planner

/// The keys that a streaming dedupe has seen, with the event times of the rows that were kept.
///
/// Bounded by event time: what is further back than `within` before the watermark is forgotten, and a
/// row that old can no longer be compared: it is late.
final class DedupeState: OperatorState, @unchecked Sendable {
    let definition: String
    let types: [DataType]
    private let within: Int64
    private let keyCount: Int
    private let hasTimeInKey: Bool
    private var table: GroupTable
    private var horizon: DedupeHorizon
    private var added: [Batch] = []
    private(set) var expired = Int64.min
    private let reservation: Reservation
    /// Rows in ``table`` that are still needed, in the order added, for building it anew.
    private var kept: [Batch] = []
    private var keptRows = 0

    init(_ dedupe: Dedupe, schema: Schema, within: Int64, eventTime: Int, memory: MemoryBudget) {
        let keys = dedupe.on.map { schema.fields[$0] }
        keyCount = keys.count
        types = keys.map(\.type) + [.timestamp]
        self.within = within
        hasTimeInKey = dedupe.on.contains(eventTime)
        definition =
            "dedupe on \(keys.map { "\($0.name) \($0.type)" }.joined(separator: ", ")), "
            + "event time \(schema.fields[eventTime].name)"
        table = GroupTable(types: keys.map(\.type))
        horizon = DedupeHorizon(within: within, column: keys.count)
        reservation = Reservation(memory)
    }

    /// The positions in `rows` (keys, then event time) of the first of each key.
    func keep(_ rows: Batch, hashes: [UInt64]) throws -> [UInt32] {
        let fresh = try insert(rows, hashes)
        if !fresh.isEmpty {
            let batch = rows.selecting(fresh).compacted()
            added.append(batch)
            kept.append(batch)
            keptRows += batch.count
        }
        return fresh
    }

    private func insert(_ rows: Batch, _ hashes: [UInt64]) throws -> [UInt32] {
        // The rows are held twice: as keys to compare with, and as they are written down.
        let bound =
            table.byteCountBound(adding: rows.count, stringBytes: rows.byteCount)
            + horizon.byteCount + keptRows * (keyCount + 1) * 16
        guard reservation.resize(to: bound) else {
            throw RunError(
                .memoryExceeded, "the keys of a dedupe do not fit the memory bound",
                notes: ["raise --memory, or shorten `within`"])
        }
        let groups = try table.findOrInsert(
            Array(rows.columns.prefix(keyCount)), hashes: hashes, rows: rows.selection)
        // With the event time itself in the key, rows of one key are always at one time.
        return hasTimeInKey ? groups.newRows(of: rows.selection) : horizon.keep(rows, groups)
    }

    func restore(_ batches: [Batch]) throws {
        for batch in batches {
            let keys = Array(batch.columns.prefix(keyCount))
            _ = try insert(batch, hashRows(keys, count: batch.physicalCount))
            kept.append(batch)
            keptRows += batch.count
        }
    }

    func takeAdded() -> [Batch] {
        defer { added = [] }
        return added
    }

    func latest(_ batch: Batch) -> Int64 {
        guard case .int64(let times) = batch.columns[keyCount].values else { return .max }
        return batch.rows.reduce(Int64.min) {
            batch.columns[keyCount].isNull(Int($1)) ? .max : max($0, times[Int($1)])
        }
    }

    func live(_ batch: Batch) -> Batch {
        guard case .int64(let times) = batch.columns[keyCount].values else { return batch }
        let column = batch.columns[keyCount]
        return batch.selecting(
            batch.rows.filter { column.isNull(Int($0)) || times[Int($0)] >= expired })
    }

    /// Forgets what no row that is not late can be a duplicate of.
    func advance(to time: EpochTime) throws {
        guard let bound = time.bound(behind: within) else { return }
        expired = max(expired, bound)
        var live: [Batch] = []
        var rows = 0
        for batch in kept {
            // A batch is looked at row by row only where some of it is out of date.
            let part = self.live(batch)
            if part.count > 0 {
                live.append(part.count == batch.count ? batch : part.compacted())
                rows += part.count
            }
        }
        // Building the table anew costs as much as what is left: worth it when that is the less.
        guard rows * 2 < keptRows else { return }
        table = GroupTable(types: Array(types.dropLast()))
        horizon = DedupeHorizon(within: within, column: keyCount)
        kept = []
        keptRows = 0
        reservation.clear()
        try restore(live)
    }
}

/// `dedupe: { within: … }` in a streaming run.
final class StreamingDedupeOperator: SerialOperator, @unchecked Sendable {
    private let dedupe: Dedupe
    private let eventTime: Int
    private let state: DedupeState
    private let late: LateRows

    init(
        _ dedupe: Dedupe, eventTime: Int, schema: Schema, state: DedupeState, span: SourceSpan?
    ) {
        self.dedupe = dedupe
        self.eventTime = eventTime
        self.state = state
        late = LateRows(schema: schema, column: eventTime, bound: state.expired, span: span)
    }

    private func keys(_ batch: Batch) -> [Column] { dedupe.on.map { batch.columns[$0] } }

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let batch, _) = payload else { return payload }
        return .rows(batch, hashes: hashRows(keys(batch), count: batch.physicalCount))
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let all, let hashes?) = payload else { return }
        let batch = try late.rejected(
            from: all, context, why: "further back than `within` reaches")
        guard batch.count > 0 else { return }
        let rows = Batch(
            columns: keys(batch) + [batch.columns[eventTime]], count: batch.physicalCount
        ).selecting(batch.rows)
        let fresh = try state.keep(rows, hashes: hashes)
        context.metrics.deduplicated.add(batch.count - fresh.count)
        if !fresh.isEmpty { try emit(.rows(batch.selecting(fresh), hashes: nil)) }
    }
}

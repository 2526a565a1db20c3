import PipelineDSL
import Planner

/// The event time of the newest row of each key.
///
/// A key that was silent for longer than `within` is forgotten: a row that could be older than what was
/// forgotten is late, so the next one of the key is newer for certain.
final class LatestState: OperatorState, @unchecked Sendable {
    let definition: String
    let types: [DataType]
    let order: Int
    let keys: [Int]
    private let within: Int64
    private var table: GroupTable
    /// By group.
    private var newest: [Int64] = []
    private var touched: [UInt32] = []
    private var isTouched: [Bool] = []
    private(set) var expired = Int64.min
    private let reservation: Reservation

    init(_ keys: [Int], order: Int, within: Int64, schema: Schema, memory: MemoryBudget) {
        self.keys = keys
        self.order = order
        self.within = within
        let fields = keys.map { schema.fields[$0] }
        types = fields.map(\.type) + [.timestamp]
        definition =
            "latest by \(fields.map { "\($0.name) \($0.type)" }.joined(separator: ", ")), "
            + "event time \(schema.fields[order].name)"
        table = GroupTable(types: fields.map(\.type))
        reservation = Reservation(memory)
    }

    /// The rows of a batch that are as new as any before them, in order.
    func accept(_ batch: Batch, hashes: [UInt64]) throws -> [UInt32] {
        let columns = keys.map { batch.columns[$0] }
        let groups = try groups(of: columns, batch, hashes: hashes)
        let times = batch.columns[order]
        guard case .int64(let values) = times.values else { return [] }
        var accepted: [UInt32] = []
        for (row, group) in zip(batch.rows, groups) {
            // A row without a time is older than any.
            let time = times.isNull(Int(row)) ? Int64.min : values[Int(row)]
            guard time >= newest[Int(group)] else { continue }
            newest[Int(group)] = time
            accepted.append(row)
            if !isTouched[Int(group)] {
                isTouched[Int(group)] = true
                touched.append(group)
            }
        }
        return accepted
    }

    private func groups(
        of columns: [Column], _ batch: Batch, hashes: [UInt64]
    ) throws -> [UInt32] {
        let bound = table.byteCountBound(adding: batch.count, stringBytes: batch.byteCount)
        guard reservation.resize(to: bound + (table.count + batch.count) * 9) else {
            throw RunError(
                .memoryExceeded, "the keys of `latest` do not fit the memory bound",
                notes: ["raise --memory, or shorten `within`"])
        }
        let groups = try table.findOrInsert(columns, hashes: hashes, rows: batch.selection).groups
        while newest.count < table.count {
            newest.append(.min)
            isTouched.append(false)
        }
        return groups
    }

    func advance(to time: EpochTime) throws {
        guard let bound = time.bound(behind: within) else { return }
        expired = max(expired, bound)
        let live = newest.indices.filter { newest[$0] >= expired }
        // Building the table anew costs as much as what is left: worth it when that is the less.
        guard live.count * 2 < newest.count else { return }
        let batch = rows(live.map { UInt32(truncatingIfNeeded: $0) })
        table = GroupTable(types: Array(types.dropLast()))
        newest = []
        isTouched = []
        touched = []
        reservation.clear()
        try restore([batch])
    }

    /// Keys and times of groups.
    private func rows(_ groups: [UInt32]) -> Batch {
        let keys = table.keyColumns(0..<table.count).map { $0.gather(groups) }
        let times = Column(.timestamp, .int64(groups.map { newest[Int($0)] }))
        return Batch(columns: keys + [times], count: groups.count)
    }

    func restore(_ batches: [Batch]) throws {
        for batch in batches {
            let columns = Array(batch.columns.dropLast())
            guard case .int64(let times)? = batch.columns.last?.values else {
                throw BatchCodec.Malformed()
            }
            let hashes = hashRows(columns, count: batch.physicalCount)
            let groups = try groups(of: columns, batch, hashes: hashes)
            for (row, group) in zip(batch.rows, groups) {
                newest[Int(group)] = max(newest[Int(group)], times[Int(row)])
            }
        }
    }

    func takeAdded() -> [Batch] {
        guard !touched.isEmpty else { return [] }
        defer {
            for group in touched { isTouched[Int(group)] = false }
            touched = []
        }
        return [rows(touched)]
    }

    func latest(_ batch: Batch) -> Int64 {
        guard case .int64(let times)? = batch.columns.last?.values else { return .max }
        return batch.rows.map { times[Int($0)] }.max() ?? .min
    }

    func live(_ batch: Batch) -> Batch {
        guard case .int64(let times)? = batch.columns.last?.values else { return batch }
        return batch.selecting(batch.rows.filter { times[Int($0)] >= expired })
    }
}

/// `latest: { within: … }` in a streaming run: says the newest row of each key that changed, at the
/// end of the epoch.
final class StreamingLatestOperator: SerialOperator, @unchecked Sendable {
    private let state: LatestState
    private let late: LateRows
    private let winners: WinnerSpool

    init(
        _ state: LatestState, schema: Schema, memory: MemoryBudget, directory: String,
        span: SourceSpan?
    ) {
        self.state = state
        late = LateRows(schema: schema, column: state.order, bound: state.expired, span: span)
        winners = WinnerSpool(
            keys: state.keys, types: schema.fields.map(\.type), memory: memory,
            directory: directory)
    }

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let batch, _) = payload else { return payload }
        return .rows(batch, hashes: winners.hashes(batch))
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let all, let hashes?) = payload else { return }
        let batch = try late.rejected(
            from: all, context, why: "further back than `within` reaches")
        guard batch.count > 0 else { return }
        let accepted = try state.accept(batch, hashes: hashes)
        context.metrics.combined.add(batch.count - accepted.count)
        guard !accepted.isEmpty else { return }
        // Of those that were the newest when they came, the last is the newest of all.
        context.metrics.combined.add(
            try winners.add(batch.selecting(accepted), hashes: hashes))
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        try winners.next().map { .rows($0, hashes: nil) }
    }
}

import PipelineDSL
import Planner

/// Which keys a streaming dedupe has probably seen: Bloom filters, one series for each slice of event
/// time, so that what is out of date is forgotten by the slice.
///
/// A slice is a quarter of `within`, and a key counts as seen where a slice within reach has it: rows up
/// to a quarter further apart than `within` may be taken for duplicates. Where the event time is part of
/// the key, one slice is looked at and that does not matter.
final class BloomState: OperatorState, @unchecked Sendable {
    let definition: String
    /// Slice and hash of the key.
    let types: [DataType] = [.bigint, .bigint]
    private(set) var expired = Int64.min
    private let within: Int64
    private let width: Int64
    private let hasTimeInKey: Bool
    private let sliceRate: Double
    private var slices: [Int64: ScalingBloomFilter] = [:]
    private var addedSlices: [Int64] = []
    private var addedHashes: [Int64] = []
    private var rowsSinceSnapshot = 0
    private let reservation: Reservation

    /// Of time without a value.
    private static let noSlice = Int64.min

    init(
        _ dedupe: Dedupe, rate: Double, schema: Schema, within: Int64, eventTime: Int,
        memory: MemoryBudget
    ) {
        let keys = dedupe.on.map { schema.fields[$0] }
        self.within = within
        width = max(1, within / 4)
        hasTimeInKey = dedupe.on.contains(eventTime)
        // A row is looked up in this many slices, and each may err.
        sliceRate = rate / (dedupe.on.contains(eventTime) ? 1 : 9)
        definition =
            "dedupe on \(keys.map { "\($0.name) \($0.type)" }.joined(separator: ", ")), "
            + "event time \(schema.fields[eventTime].name), bloom \(rate) "
            + "within \(QuantityText.duration(within))"
        reservation = Reservation(memory)
    }

    var byteCount: Int { slices.values.reduce(0) { $0 + $1.byteCount } }

    /// The rows that were not seen before; they are from now on.
    func keep(_ batch: Batch, hashes: [UInt64], times: Column) throws -> [UInt32] {
        guard case .int64(let values) = times.values else { return [] }
        var fresh: [UInt32] = []
        for row in batch.rows {
            let slice = times.isNull(Int(row)) ? Self.noSlice : self.slice(of: values[Int(row)])
            let hash = hashes[Int(row)]
            if isKnown(hash, near: slice) { continue }
            fresh.append(row)
            insert(hash, slice)
            addedSlices.append(slice)
            addedHashes.append(Int64(bitPattern: hash))
        }
        try checkMemory()
        return fresh
    }

    private func slice(of time: Int64) -> Int64 {
        let rest = time % width
        return (time - rest) / width - (rest < 0 ? 1 : 0)
    }

    private func isKnown(_ hash: UInt64, near slice: Int64) -> Bool {
        if slices[slice]?.contains(hash) == true { return true }
        guard !hasTimeInKey, slice != Self.noSlice else { return false }
        for distance: Int64 in 1...4 {
            if slices[slice &- distance]?.contains(hash) == true { return true }
            if slices[slice &+ distance]?.contains(hash) == true { return true }
        }
        return false
    }

    private func insert(_ hash: UInt64, _ slice: Int64) {
        slices[slice, default: ScalingBloomFilter(rate: sliceRate)].insert(hash)
        rowsSinceSnapshot += 1
    }

    private func checkMemory() throws {
        guard reservation.resize(to: byteCount + addedHashes.count * 16) else {
            throw RunError(
                .memoryExceeded, "the filters of a dedupe do not fit the memory bound",
                notes: ["raise --memory, shorten `within`, or allow a higher rate"])
        }
    }

    func advance(to time: EpochTime) throws {
        guard let bound = time.bound(behind: within) else { return }
        expired = max(expired, bound)
        let first = slice(of: expired)
        for slice in slices.keys where slice != Self.noSlice && slice < first &- 4 {
            slices[slice] = nil
        }
        try checkMemory()
    }

    // MARK: - On disk

    func takeAdded() -> [Batch] {
        guard !addedHashes.isEmpty else { return [] }
        defer {
            addedSlices = []
            addedHashes = []
        }
        let columns = [addedSlices, addedHashes].map { Column(.bigint, .int64($0)) }
        return [Batch(columns: columns, count: addedHashes.count)]
    }

    func restore(_ batches: [Batch]) throws {
        for batch in batches {
            guard case .int64(let slices) = batch.columns[0].values,
                case .int64(let hashes) = batch.columns[1].values
            else { throw BatchCodec.Malformed() }
            for row in batch.rows {
                insert(UInt64(bitPattern: hashes[Int(row)]), slices[Int(row)])
            }
        }
        try checkMemory()
    }

    /// The last time at which a slice is looked at.
    private func lastUse(_ slice: Int64) -> Int64 {
        guard slice != Self.noSlice else { return .max }
        let (time, overflow) = (slice &+ 5).multipliedReportingOverflow(by: width)
        return overflow ? .max : time
    }

    func latest(_ batch: Batch) -> Int64 {
        guard case .int64(let slices) = batch.columns[0].values else { return .max }
        return batch.rows.map { lastUse(slices[Int($0)]) }.max() ?? .min
    }

    func live(_ batch: Batch) -> Batch {
        guard case .int64(let slices) = batch.columns[0].values else { return batch }
        return batch.selecting(batch.rows.filter { lastUse(slices[Int($0)]) >= expired })
    }

    func takeSnapshot() -> StateSnapshot? {
        // A key added takes 16 bytes until then.
        guard rowsSinceSnapshot > 1 << 16, rowsSinceSnapshot * 16 > byteCount else { return nil }
        var bytes: [UInt8] = []
        let ordered = slices.sorted { $0.key < $1.key }
        ValueCodec.append(UInt64(ordered.count), to: &bytes)
        for (slice, filter) in ordered {
            ValueCodec.append(slice, to: &bytes)
            filter.encode(into: &bytes)
        }
        addedSlices = []
        addedHashes = []
        rowsSinceSnapshot = 0
        return StateSnapshot(
            bytes: bytes, rows: ordered.reduce(0) { $0 + $1.value.count },
            latest: ordered.map { lastUse($0.key) }.max() ?? .min)
    }

    func restore(snapshot: [UInt8]) throws {
        try snapshot.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let count = reader.read(UInt64.self)
            for _ in 0..<count {
                let slice = reader.read(Int64.self)
                guard !reader.isTruncated else { throw BatchCodec.Malformed() }
                slices[slice] = try ScalingBloomFilter(rate: sliceRate, from: &reader)
            }
        }
        try checkMemory()
    }
}

/// `dedupe: { method: bloom }` in a streaming run.
final class BloomDedupeOperator: SerialOperator, @unchecked Sendable {
    private let keys: [Int]
    private let eventTime: Int
    private let state: BloomState
    private let late: LateRows

    init(
        _ dedupe: Dedupe, eventTime: Int, schema: Schema, state: BloomState, span: SourceSpan?
    ) {
        keys = dedupe.on
        self.eventTime = eventTime
        self.state = state
        late = LateRows(schema: schema, column: eventTime, bound: state.expired, span: span)
    }

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let batch, _) = payload else { return payload }
        return .rows(
            batch, hashes: hashRows(keys.map { batch.columns[$0] }, count: batch.physicalCount))
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let all, let hashes?) = payload else { return }
        let batch = try late.rejected(
            from: all, context, why: "further back than `within` reaches")
        guard batch.count > 0 else { return }
        let fresh = try state.keep(batch, hashes: hashes, times: batch.columns[eventTime])
        context.metrics.deduplicated.add(batch.count - fresh.count)
        if !fresh.isEmpty { try emit(.rows(batch.selecting(fresh), hashes: nil)) }
    }
}

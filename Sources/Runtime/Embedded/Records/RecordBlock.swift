import PipelineDSL

/// Collects records, each one JSON object, into a unit that any thread decodes.
final class RecordBlock {
    private let plan: JSONPlan
    private let block: ByteBlock
    private let places: RecordPlaces
    private let limit: Int
    private var count = 0

    /// - Parameters:
    ///   - keepsMetadata: whether keys and arrival times are asked for.
    ///   - recordLimitBytes: no record is larger.
    init(_ plan: JSONPlan, keepsMetadata: Bool, recordLimitBytes: Int) {
        self.plan = plan
        limit = max(1, plan.options.blockBytes)
        block = ByteBlock(capacity: limit + recordLimitBytes + 1)
        places = RecordPlaces(keepsMetadata: keepsMetadata)
    }

    var isFull: Bool { count >= limit }
    var isEmpty: Bool { count == 0 }

    /// - Parameters:
    ///   - sequence: what dead letters call the record.
    ///   - arrival: microseconds since 1970.
    func add(
        _ data: UnsafeRawBufferPointer, sequence: Int64, arrival: Int64,
        key: UnsafeRawBufferPointer
    ) {
        places.add(data, at: count, sequence: sequence, arrival: arrival, key: key)
        RecordBlock.copy(data, to: block.base + count)
        count += data.count + 1
    }

    /// The record as one line. A line feed in it can only be white space between JSON tokens, or
    /// wrong; a carriage return is the same.
    private static func copy(_ data: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
        let lineFeed = UInt8(ascii: "\n")
        if let base = data.baseAddress { target.copyMemory(from: base, byteCount: data.count) }
        let bytes = UnsafePointer(target.assumingMemoryBound(to: UInt8.self))
        var position = 0
        while let found = CSVSyntax.find(lineFeed, bytes, position, data.count) {
            target.storeBytes(of: UInt8(ascii: "\r"), toByteOffset: found, as: UInt8.self)
            position = found + 1
        }
        target.storeBytes(of: lineFeed, toByteOffset: data.count, as: UInt8.self)
    }

    /// What was added; nothing can be added after it.
    func unit(endPosition: Int64) -> RecordUnit {
        block.setCount(count)
        let json = JSONUnit(
            plan: plan, framing: .lines, block: block, range: 0..<count, blockOffset: 0,
            firstLine: 1, endPosition: endPosition)
        return RecordUnit(json: json, places: places)
    }
}

/// Where the records of a unit stand, in its block and in what they were read from. Filled before it
/// is shared.
final class RecordPlaces: @unchecked Sendable {
    private let keepsMetadata: Bool
    /// Of each record, its first byte in the block.
    private var starts: [UInt32] = []
    private var sequences: [Int64] = []
    private var arrivals: [Int64] = []
    private var keys: [String] = []
    /// Records without anything in them, which the decoder passes over.
    private(set) var blanks: [Int] = []

    init(keepsMetadata: Bool) { self.keepsMetadata = keepsMetadata }

    fileprivate func add(
        _ data: UnsafeRawBufferPointer, at start: Int, sequence: Int64, arrival: Int64,
        key: UnsafeRawBufferPointer
    ) {
        if data.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
            blanks.append(starts.count)
        }
        starts.append(UInt32(truncatingIfNeeded: start))
        sequences.append(sequence)
        guard keepsMetadata else { return }
        arrivals.append(arrival)
        keys.append(String(decoding: key, as: UTF8.self))
    }

    /// The record that holds the byte.
    func index(at position: Int64) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if Int64(starts[middle]) <= position { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    func sequence(_ index: Int) -> Int64 {
        sequences.indices.contains(index) ? sequences[index] : 0
    }
    func arrival(_ index: Int) -> Int64? {
        arrivals.indices.contains(index) ? arrivals[index] : nil
    }
    func key(_ index: Int) -> String? { keys.indices.contains(index) ? keys[index] : nil }
}

/// Some records of one shard or queue.
struct RecordUnit: SourceUnit {
    let json: JSONUnit
    let places: RecordPlaces

    var byteCount: Int { json.byteCount }
    var endPosition: Int64 { json.endPosition }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        try json.decode(batchRows: batchRows) { decoded in
            var decoded = decoded
            if let origin = decoded.batch.origin {
                decoded.batch.origin = Batch.Origin(
                    RecordOrigin(text: origin.source, places: places), rows: origin.rows)
            }
            for i in decoded.rejected.indices { place(&decoded.rejected[i]) }
            try emit(decoded)
        }
        guard !places.blanks.isEmpty else { return }
        let columns = json.plan.fields.map { Column.nulls($0.type, count: 0) }
        try emit(
            SourceBatch(
                batch: Batch(columns: columns, count: 0), rejected: places.blanks.map(blank)))
    }

    private func place(_ row: inout RejectedRow) {
        row.line = nil
        row.offset = row.offset.map { places.sequence(places.index(at: $0)) }
    }

    private func blank(_ index: Int) -> RejectedRow {
        RejectedRow(
            object: json.plan.object, offset: places.sequence(index), rule: "invalid_json",
            code: .invalidJSON, message: "the record is empty", raw: [])
    }
}

/// Where rows stood in a shard or queue.
final class RecordOrigin: RowOrigin {
    private let text: any RowOrigin
    private let places: RecordPlaces

    init(text: any RowOrigin, places: RecordPlaces) {
        self.text = text
        self.places = places
    }

    var source: String { text.source }
    var object: String { text.object }
    func line(_ row: Int) -> Int64? { nil }
    func offset(_ row: Int) -> Int64 { places.sequence(index(row)) }
    func raw(_ row: Int) -> [UInt8]? { text.raw(row) }

    func partitionKey(_ row: Int) -> String? { places.key(index(row)) }
    /// Microseconds since 1970.
    func arrival(_ row: Int) -> Int64? { places.arrival(index(row)) }

    private func index(_ row: Int) -> Int { places.index(at: text.offset(row)) }
}

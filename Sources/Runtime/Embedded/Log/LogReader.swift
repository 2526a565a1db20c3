import PipelineDSL

/// A part of a stream: of each shard, the records between two places.
struct LogRange: Sendable {
    let shard: LogShard
    let start: LogCursor.Location
    /// The sequence number after the last one.
    let end: Int64
}

/// Decodes the records of some ranges, shard after shard, each record's data one JSON object.
///
/// Dead letters name the shard as the object and the sequence number as the offset.
package final class LogReader: SourceReader {
    package struct Options: Sendable {
        var source: String
        var json: JSONOptions
        var fields: [Field]
        var rename: [String: String] = [:]
        var refusesUnknown = false
        /// Of the columns that say where rows came from, which a slice adds.
        var metadata: [MetadataColumn.Kind] = []

        package init(source: String, json: JSONOptions, fields: [Field]) {
            self.source = source
            self.json = json
            self.fields = fields
        }
    }

    private let options: Options
    private var ranges: [LogRange]
    private var current: (cursor: LogCursor, plan: JSONPlan, end: Int64)?

    init(_ ranges: [LogRange], _ options: Options) {
        self.options = options
        self.ranges = ranges.reversed()
    }

    package func next() throws -> (any SourceUnit)? {
        while true {
            if let (cursor, plan, end) = current {
                if cursor.location.sequence < end { return try unit(cursor, plan, end) }
                current = nil
            }
            guard let range = ranges.popLast() else { return nil }
            let plan = JSONPlan(
                options: options.json, fields: options.fields, rename: options.rename,
                object: range.shard.name, source: options.source,
                refusesUnknown: options.refusesUnknown)
            try plan.checkTypes()
            current = (LogCursor(range.shard, at: range.start), plan, range.end)
        }
    }

    private func unit(
        _ cursor: LogCursor, _ plan: JSONPlan, _ end: Int64
    ) throws -> LogUnit {
        let limit = max(1, plan.options.blockBytes)
        let block = ByteBlock(capacity: limit + PartitionedLog.recordLimitBytes + 1)
        let places = LogPlaces(
            firstSequence: cursor.location.sequence, keepsMetadata: !options.metadata.isEmpty)
        var count = 0
        while count < limit, cursor.location.sequence < end {
            guard let frame = try cursor.peek() else {
                // The range was there when it was made.
                let (sequence, next) = (end - 1, cursor.location.sequence)
                throw LogReader.isMissing(plan.object, sequence, next)
            }
            places.add(frame, at: count)
            LogReader.copy(frame.data, to: block.base + count)
            count += frame.data.count + 1
            cursor.advance()
        }
        block.setCount(count)
        let json = JSONUnit(
            plan: plan, framing: .lines, block: block, range: 0..<count, blockOffset: 0,
            firstLine: 1, endPosition: cursor.location.sequence)
        return LogUnit(json: json, places: places)
    }

    private static func isMissing(_ shard: String, _ sequence: Int64, _ next: Int64) -> RunError {
        RunError(
            .logPosition, "\(shard) no longer has the record \(sequence): its next is \(next)",
            notes: ["the stream's files were removed while they were read"])
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
}

/// Where the records of a unit stand, in its block and in their shard. Filled before it is shared.
final class LogPlaces: @unchecked Sendable {
    private let firstSequence: Int64
    private let keepsMetadata: Bool
    /// Of each record, its first byte in the block.
    private var starts: [UInt32] = []
    private var arrivals: [Int64] = []
    private var keys: [String] = []
    /// Records without anything in them, which the decoder passes over.
    private(set) var blanks: [Int] = []

    init(firstSequence: Int64, keepsMetadata: Bool) {
        self.firstSequence = firstSequence
        self.keepsMetadata = keepsMetadata
    }

    func add(_ frame: LogFrame, at start: Int) {
        if frame.data.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
            blanks.append(starts.count)
        }
        starts.append(UInt32(truncatingIfNeeded: start))
        guard keepsMetadata else { return }
        arrivals.append(frame.arrival)
        keys.append(String(decoding: frame.key, as: UTF8.self))
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

    func sequence(_ index: Int) -> Int64 { firstSequence + Int64(index) }
    func arrival(_ index: Int) -> Int64? {
        arrivals.indices.contains(index) ? arrivals[index] : nil
    }
    func key(_ index: Int) -> String? { keys.indices.contains(index) ? keys[index] : nil }
}

/// Some records of one shard.
private struct LogUnit: SourceUnit {
    let json: JSONUnit
    let places: LogPlaces

    var byteCount: Int { json.byteCount }
    var endPosition: Int64 { json.endPosition }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        try json.decode(batchRows: batchRows) { decoded in
            var decoded = decoded
            if let origin = decoded.batch.origin {
                decoded.batch.origin = Batch.Origin(
                    LogOrigin(text: origin.source, places: places), rows: origin.rows)
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

/// Where rows stood in a shard.
final class LogOrigin: RowOrigin {
    private let text: any RowOrigin
    private let places: LogPlaces

    init(text: any RowOrigin, places: LogPlaces) {
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

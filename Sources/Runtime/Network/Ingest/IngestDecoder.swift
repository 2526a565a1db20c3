import PipelineDSL
import Planner
import Synchronization

/// Finds the records of a request's body and checks each against the source's columns and rules, as a
/// run will when it reads them.
final class IngestDecoder: Sendable {
    /// Of one request; more are refused with 413.
    static let mostRecords = 10_000

    /// Why a record cannot be taken.
    struct Fault: Sendable {
        /// From 0.
        var record: Int
        var code: DiagnosticCode
        var rule: String
        var column: String?
        var message: String
    }

    struct Body: Sendable {
        let block: ByteBlock
        /// In the block, in the order they came.
        let records: [Range<Int>]
        /// Ascending by record, one for each that is wrong.
        let faults: [Fault]
        /// Of each record; `nil` where the source names no column for it, or the record is wrong.
        let keys: [[UInt8]?]

        func bytes(_ record: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: block.bytes[records[record]])
        }
    }

    enum Failure: Error {
        /// The body is no JSON; the record and the byte of the body where that is seen.
        case notJSON(record: Int, byte: Int, reason: String)
        case empty
        case tooManyRecords
    }

    private let plan: JSONPlan
    private let schema: Schema
    private let validate: Validate?
    private let keyColumn: Int?
    /// Rules compiled for one second: `now()` in them stands still for as long.
    private let compiled = Mutex<(second: Int64, rules: ValidateOperator)?>(nil)
    private let memory = MemoryBudget(limit: 1 << 30)

    /// - Throws: ``RunError`` where the source's columns cannot be read as JSON.
    init(_ node: PlanNode, _ scan: ScanPlan, partitionKey: String?) throws {
        let options = try RecordOptions.json(scan.format, scan.binding)
        plan = JSONPlan(
            options: options, fields: scan.fields.fields, rename: scan.rename, object: "body",
            source: node.name, refusesUnknown: scan.unknownColumns == "reject")
        try plan.checkTypes()
        schema = scan.fields
        // Here a rule cannot end the run, and who only warns lets pass.
        let rules = scan.rules.filter { $0.severity != .warn }.map { rule in
            var rule = rule
            rule.severity = .reject
            return rule
        }
        validate =
            rules.isEmpty ? nil : Validate(contract: scan.contract ?? node.name, rules: rules)
        keyColumn = partitionKey.flatMap { scan.fields.index(of: $0) }
    }

    func decode(_ body: [UInt8], now: Int64) throws -> Body {
        let block = ByteBlock(body)
        let (records, framing, range) = try split(block)
        var faults: [Fault] = []
        var keys = [[UInt8]?](repeating: nil, count: records.count)
        let unit = JSONUnit(
            plan: plan, framing: framing, block: block, range: range, blockOffset: 0, firstLine: 1,
            endPosition: Int64(range.upperBound))
        try unit.decode(batchRows: 4096) { decoded in
            faults += decoded.rejected.map { fault($0, records) }
            var batch = decoded.batch
            if let validate { batch = try check(batch, validate, now, records, &faults) }
            if let keyColumn { addKeys(batch, keyColumn, records, &keys) }
        }
        for (index, record) in records.enumerated() where tooLarge(record, keys[index]) {
            let (bytes, limit) = (record.count, PartitionedLog.recordLimitBytes)
            faults.append(
                Fault(
                    record: index, code: .embeddedLimit, rule: "record_size",
                    message: "the record has \(bytes) bytes; \(limit) with its key are the limit"))
        }
        var first: [Int: Fault] = [:]
        for fault in faults where first[fault.record] == nil { first[fault.record] = fault }
        return Body(
            block: block, records: records,
            faults: first.values.sorted { $0.record < $1.record }, keys: keys)
    }

    private func tooLarge(_ record: Range<Int>, _ key: [UInt8]?) -> Bool {
        record.count + (key?.count ?? IngestService.longestOwnKey) > PartitionedLog.recordLimitBytes
    }

    // MARK: - Records

    /// The records, how they are framed, and what is between the outermost brackets.
    private func split(
        _ block: ByteBlock
    ) throws -> ([Range<Int>], JSONFraming, Range<Int>) {
        let base = UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self))
        var cursor = JSONCursor(base, from: IngestDecoder.mark(block), end: block.count)
        var records: [Range<Int>] = []
        do throws(JSONError) {
            guard cursor.peek() == UInt8(ascii: "[") else {
                let start = cursor.i
                while cursor.peek() != 0 || cursor.i < block.count {
                    if try take(&cursor, &records) { throw cursor.error("") }
                }
                if records.isEmpty { throw cursor.error("") }
                return (records, .sequence, start..<block.count)
            }
            cursor.i += 1
            let start = cursor.i
            if cursor.peek() == UInt8(ascii: "]") { throw cursor.error("") }
            while true {
                if try take(&cursor, &records) { throw cursor.error("") }
                if cursor.take(UInt8(ascii: ",")) { continue }
                let end = cursor.i
                guard cursor.take(UInt8(ascii: "]")) else { throw cursor.expected("`,` or `]`") }
                try cursor.finish()
                return (records, .elements, start..<end)
            }
        } catch {
            if records.isEmpty, error.reason.isEmpty { throw Failure.empty }
            if error.reason.isEmpty { throw Failure.tooManyRecords }
            throw Failure.notJSON(
                record: records.count, byte: error.offset, reason: error.reason)
        }
    }

    /// Whether there are too many.
    private func take(
        _ cursor: inout JSONCursor, _ records: inout [Range<Int>]
    ) throws(JSONError) -> Bool {
        cursor.skipSpace()
        let start = cursor.i
        try cursor.skipValue()
        records.append(start..<cursor.i)
        return records.count > IngestDecoder.mostRecords
    }

    /// The length of a byte order mark.
    private static func mark(_ block: ByteBlock) -> Int {
        block.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The record that starts at a byte.
    private func index(_ offset: Int64, _ records: [Range<Int>]) -> Int {
        var (low, high) = (0, records.count)
        while low < high {
            let middle = (low + high) / 2
            if Int64(records[middle].lowerBound) <= offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return max(0, low - 1)
    }

    // MARK: - Checks

    private func check(
        _ batch: Batch, _ validate: Validate, _ now: Int64, _ records: [Range<Int>],
        _ faults: inout [Fault]
    ) throws -> Batch {
        let rules = try rules(validate, now)
        let context = OperatorContext(
            metrics: OperatorMetrics(), node: plan.source, operatorID: plan.source,
            deadLetters: NoDeadLetters(), batchRows: 4096, memory: memory)
        var output = RowOutput()
        try rules.process(batch, context, into: &output)
        faults += output.rejected.map { fault($0, records) }
        return output.batches.first ?? batch.selecting([])
    }

    private func rules(_ validate: Validate, _ now: Int64) throws -> ValidateOperator {
        let second = now / 1_000_000
        if let known = compiled.withLock({ $0 }), known.second == second { return known.rules }
        let rules = try ValidateOperator(
            validate, input: schema, run: RunConstants(now: second &* 1_000_000))
        compiled.withLock { $0 = (second, rules) }
        return rules
    }

    private func fault(_ row: RejectedRow, _ records: [Range<Int>]) -> Fault {
        Fault(
            record: index(row.offset ?? 0, records), code: row.code, rule: row.rule,
            column: row.column, message: row.message)
    }

    private func addKeys(
        _ batch: Batch, _ column: Int, _ records: [Range<Int>], _ keys: inout [[UInt8]?]
    ) {
        guard let origin = batch.origin else { return }
        for row in batch.rows where !batch.columns[column].isNull(Int(row)) {
            let record = index(origin.source.offset(origin.row(Int(row))), records)
            let key = Array(batch.columns[column].text(Int(row)).utf8)
            if !key.isEmpty { keys[record] = IngestDecoder.fitting(key) }
        }
    }

    /// A longer key than the log takes is cut: equal values stay equal.
    private static func fitting(_ key: [UInt8]) -> [UInt8] {
        guard key.count > PartitionedLog.keyLimitCharacters else { return key }
        return key.withUnsafeBytes { bytes in
            var text: [UInt8] = []
            ByteText.appendHex(MD5.digest(bytes), to: &text)
            return text
        }
    }
}

private struct NoDeadLetters: DeadLetterSink {
    func write(_ rows: [RejectedRow], node: String, operatorID: String) throws {}
}

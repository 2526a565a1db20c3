import PipelineDSL

/// Some whole rows of JSON, decoded by any thread.
struct JSONUnit: SourceUnit {
    let plan: JSONPlan
    let framing: JSONFraming
    let block: ByteBlock
    /// The rows' bytes in `block`.
    let range: Range<Int>
    /// Offset in the object of `block`'s first byte.
    let blockOffset: Int64
    /// Line of the range's first byte.
    let firstLine: Int64
    let endPosition: Int64

    var byteCount: Int { range.count }

    /// Values in one matrix at most: bounds its memory for rows of many columns.
    private static let maxValues = 1 << 20

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        let base = UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self))
        let most = min(
            batchRows, range.count / 2 + 1, JSONUnit.maxValues / max(1, plan.fields.count))
        var scan = JSONFieldScan(plan, capacity: max(1, most))
        defer { scan.deallocate() }
        let lines = LineIndex(block, range, firstLine: firstLine)
        var position = range.lowerBound
        while position < range.upperBound {
            do throws(JSONError) {
                position = try scan.scan(base, position, range.upperBound, framing)
            } catch {
                throw JSONUnit.broken(
                    plan.object, line: lines.line(at: error.offset),
                    byte: blockOffset + Int64(error.offset), error.reason)
            }
            let batch = decode(scan, lines)
            if batch.rowsRead > 0 { try emit(batch) }
        }
    }

    private func decode(_ scan: JSONFieldScan, _ lines: LineIndex) -> SourceBatch {
        var decoder = JSONColumnDecoder(plan, block, scan)
        let columns = plan.fields.indices.map { decoder.column($0) }
        let origin = TextOrigin(
            source: plan.source, object: plan.object, block, blockOffset: blockOffset, lines: lines,
            starts: scan.starts, ends: scan.ends, redaction: plan.redaction)
        var batch = Batch(columns: columns, count: scan.rowCount, origin: Batch.Origin(origin))
        if scan.bad.isEmpty, decoder.faults.isEmpty { return SourceBatch(batch: batch) }
        let reasons = JSONRejections(plan: plan, origin: origin)
        var rejected = scan.bad.map { reasons.rejection($0) }
        if !decoder.faults.isEmpty {
            var keeps = Bitmap(repeating: true, count: scan.rowCount)
            for (row, column, fault) in decoder.faults.sorted(by: {
                ($0.row, $0.column) < ($1.row, $1.column)
            }) where keeps[row] {
                keeps[row] = false
                rejected.append(reasons.rejection(row, column, fault))
            }
            batch = batch.selecting(keeps.ones)
        }
        return SourceBatch(batch: batch, rejected: rejected)
    }

    /// What ends the reading of a document.
    static func broken(_ object: String, line: Int64, byte: Int64, _ reason: String) -> RunError {
        RunError(
            .invalidJSON, "line \(line) of `\(object)`, byte \(byte): \(reason)",
            notes: ["with one row a line, `format: jsonl` rejects only the lines that are wrong"])
    }
}

/// Words for what is wrong with the rows of one batch.
struct JSONRejections {
    let plan: JSONPlan
    let origin: TextOrigin

    func rejection(_ bad: JSONBadRecord) -> RejectedRow {
        var rawBytes = TextOrigin.maxRawBytes
        let (rule, code, message): (String, DiagnosticCode, String)
        switch bad.fault {
        case .syntax(let error):
            (rule, code) = ("invalid_json", .invalidJSON)
            message = "byte \(error.offset - bad.start + 1) of the line: \(error.reason)"
        case .notAnObject:
            (rule, code) = ("not_an_object", .wrongJSONShape)
            message = "the row is not an object"
        case .unknownKey(let key):
            (rule, code) = ("unknown_columns", .unknownInputColumn)
            message = "the contract knows no column `\(origin.excerpt(key))`"
        case .tooLong:
            rawBytes = plan.options.maxRecordBytes
            (rule, code, message) = LongRecordUnit.reason(maxRecordBytes: rawBytes)
        }
        return RejectedRow(
            object: plan.object, line: origin.line(at: bad.start),
            offset: origin.offset(at: bad.start), rule: rule, code: code, message: message,
            raw: origin.raw(bad.start..<bad.end, atMost: rawBytes))
    }

    func rejection(_ row: Int, _ column: Int, _ fault: JSONValueFault) -> RejectedRow {
        let field = plan.fields[column]
        let path = "$.\(field.name)\(fault.path)"
        let (rule, code, message): (String, DiagnosticCode, String)
        switch fault.kind {
        case .null:
            (rule, code) = ("not_null", .nullInRequiredColumn)
            message = "`\(path)` is null but required"
        case .wrongKind, .wrongValue:
            rule = "wrong_type"
            code = fault.kind == .wrongKind ? .wrongJSONShape : .wrongValueType
            let value =
                fault.span.flatMap { field.pii == nil ? $0 : nil }
                .map { "`\(origin.excerpt($0.from..<$0.end))`, " } ?? ""
            message = "`\(path)` is \(value)not a valid \(fault.expected)"
        }
        return RejectedRow(
            object: plan.object, line: origin.line(row), offset: origin.offset(row), rule: rule,
            code: code, message: message, column: field.name, raw: origin.raw(row))
    }
}

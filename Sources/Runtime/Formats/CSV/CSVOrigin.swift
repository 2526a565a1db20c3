import PipelineDSL

/// Where the rows of one batch stood in the file; holds their block for as long as it lives.
final class CSVOrigin: RowOrigin {
    /// Of a rejected record, so many bytes are kept at most.
    static let maxRawBytes = 64 * 1024

    private let unit: CSVUnit
    private let lines: LineIndex
    private let starts: [UInt32]
    private let ends: [UInt32]

    init(_ unit: CSVUnit, _ scan: CSVFieldScan, _ lines: LineIndex) {
        self.unit = unit
        self.lines = lines
        let (rows, width) = (scan.rowCount, scan.width)
        starts = Array(UnsafeBufferPointer(start: scan.starts, count: rows))
        ends = [UInt32](unsafeUninitializedCapacity: rows) { target, initialized in
            for row in 0..<rows {
                let last = scan.ends[(row &+ 1) &* width &- 1]
                target.initializeElement(at: row, to: last & CSVFieldScan.positionMask)
            }
            initialized = rows
        }
    }

    var source: String { unit.plan.source }
    var object: String { unit.plan.object }
    func line(_ row: Int) -> Int64? { lines.line(at: Int(starts[row])) }
    func offset(_ row: Int) -> Int64 { unit.blockOffset + Int64(starts[row]) }
    func raw(_ row: Int) -> [UInt8]? { raw(bounds(row)) }

    /// The row's bytes in the block, without the line end.
    func bounds(_ row: Int) -> Range<Int> { Int(starts[row])..<Int(ends[row]) }

    private func raw(_ bounds: Range<Int>) -> [UInt8] {
        Array(
            UnsafeRawBufferPointer(rebasing: unit.block.bytes[bounds]).prefix(CSVOrigin.maxRawBytes)
        )
    }
}

extension CSVOrigin {
    /// A record that could not be split into the right fields.
    func rejection(_ bad: CSVBadRecord) -> RejectedRow {
        let plan = unit.plan
        let line = lines.line(at: bad.start)
        let (rule, code, message): (String, DiagnosticCode, String) =
            switch bad.fault {
            case .fieldCount(let count):
                (
                    "field_count", .wrongFieldCount,
                    "\(count) field\(count == 1 ? "" : "s") instead of \(plan.width)"
                )
            case .openQuote:
                ("open_quote", .openQuote, "a quote opens on line \(line) and is never closed")
            case .tooLong: CSVOrigin.tooLong(plan)
            default: ("text_after_quote", .textAfterQuote, "text follows a closing quote")
            }
        return RejectedRow(
            object: object, line: line, offset: unit.blockOffset + Int64(bad.start), rule: rule,
            code: code, message: message,
            raw: Array(raw(bad.start..<bad.end).prefix(CSVOrigin.keptBytes(plan))))
    }

    /// Of a record that is too long, whichever way that was found.
    static func keptBytes(_ plan: CSVPlan) -> Int {
        min(maxRawBytes, plan.options.syntax.maxRecordBytes)
    }

    static func tooLong(_ plan: CSVPlan) -> (String, DiagnosticCode, String) {
        (
            "record_too_long", .recordTooLong,
            "the record is longer than \(plan.options.syntax.maxRecordBytes) bytes"
        )
    }

    /// A row with a field that does not fit its column.
    func rejection(_ fault: CSVValueFault, _ scan: CSVFieldScan) -> RejectedRow {
        let row = Int(fault.row)
        let column = fault.column < 0 ? nil : unit.plan.columns[Int(fault.column)]
        let (rule, code, message): (String, DiagnosticCode, String) =
            switch (fault.fault, column) {
            case (.null, let column?):
                ("not_null", .nullInRequiredColumn, "`\(column.field.name)` is null but required")
            case (_, let column?):
                ("wrong_type", .wrongValueType, wrongType(column, row, scan))
            default:
                ("invalid_text", .badBytes, badBytes(bounds(row)))
            }
        return RejectedRow(
            object: object, line: line(row), offset: offset(row), rule: rule, code: code,
            message: message, column: column?.field.name, raw: raw(row))
    }

    /// The value is shown unless its column holds personal data.
    private func wrongType(
        _ column: CSVPlan.BoundColumn, _ row: Int, _ scan: CSVFieldScan
    ) -> String {
        let (field, options) = (column.field, unit.plan.options)
        var expected = "\(field.type)"
        if field.type == .timestamp, let format = options.timestampFormat {
            expected += " in the format `\(format.text)`"
        } else if field.type == .date, let format = options.dateFormat {
            expected += " in the format `\(format.text)`"
        }
        guard field.pii == nil, let index = column.index else {
            return "the value of `\(field.name)` is not a valid \(expected)"
        }
        let last = row * scan.width + index
        let from =
            index == 0
            ? Int(starts[row]) : Int(scan.ends[last - 1] & CSVFieldScan.positionMask) + 1
        let end = Int(scan.ends[last] & CSVFieldScan.positionMask)
        let bytes = UnsafeBufferPointer(
            rebasing: unit.block.bytes[from..<end].bindMemory(to: UInt8.self)[...])
        let hint =
            end - from == 2 && scan.ends[last] & CSVFieldScan.quotedBit != 0
            ? "; `quoted_nulls: true` would read it as null" : ""
        return "`\(UTF8Text.excerpt(bytes))` is not a valid \(expected)\(hint)"
    }

    private func badBytes(_ bounds: Range<Int>) -> String {
        let base = UnsafePointer(unit.block.base.assumingMemoryBound(to: UInt8.self))
        if let at = UTF8Text.firstInvalid(base + bounds.lowerBound, bounds.count) {
            let byte = String(base[bounds.lowerBound + at], radix: 16, uppercase: true)
            return "byte \(at + 1) of the record, 0x\(byte), is not UTF-8"
        }
        return "the record holds a NUL byte"
    }
}

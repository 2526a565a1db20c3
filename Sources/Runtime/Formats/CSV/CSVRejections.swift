import PipelineDSL

/// Words for what is wrong with the records and fields of one batch.
struct CSVRejections {
    let plan: CSVPlan
    let origin: TextOrigin
    let scan: CSVFieldScan

    /// A record that could not be split into the right fields.
    func rejection(_ bad: CSVBadRecord) -> RejectedRow {
        let line = origin.line(at: bad.start)
        var rawBytes = TextOrigin.maxRawBytes
        let (rule, code, message): (String, DiagnosticCode, String)
        switch bad.fault {
        case .fieldCount(let count):
            (rule, code) = ("field_count", .wrongFieldCount)
            message = "\(count) field\(count == 1 ? "" : "s") instead of \(plan.width)"
        case .openQuote:
            (rule, code) = ("open_quote", .openQuote)
            message = "a quote opens on line \(line) and is never closed"
        case .tooLong:
            rawBytes = plan.options.syntax.maxRecordBytes
            (rule, code, message) = LongRecordUnit.reason(maxRecordBytes: rawBytes)
        default:
            (rule, code) = ("text_after_quote", .textAfterQuote)
            message = "text follows a closing quote"
        }
        return RejectedRow(
            object: plan.object, line: line, offset: origin.offset(at: bad.start), rule: rule,
            code: code, message: message, raw: origin.raw(bad.start..<bad.end, atMost: rawBytes))
    }

    /// A row with a field that does not fit its column.
    func rejection(_ fault: CSVValueFault) -> RejectedRow {
        let row = Int(fault.row)
        let column = fault.column < 0 ? nil : plan.columns[Int(fault.column)]
        let (rule, code, message): (String, DiagnosticCode, String) =
            switch (fault.fault, column) {
            case (.null, let column?):
                ("not_null", .nullInRequiredColumn, "`\(column.field.name)` is null but required")
            case (_, let column?): ("wrong_type", .wrongValueType, wrongType(column, row))
            default: ("invalid_text", .badBytes, badBytes(row))
            }
        return RejectedRow(
            object: plan.object, line: origin.line(row), offset: origin.offset(row), rule: rule,
            code: code, message: message, column: column?.field.name, raw: origin.raw(row))
    }

    /// The value is shown unless its column holds personal data.
    private func wrongType(_ column: CSVPlan.BoundColumn, _ row: Int) -> String {
        let (field, options) = (column.field, plan.options)
        var expected = "\(field.type)"
        let format = field.type == .timestamp ? options.timestampFormat : options.dateFormat
        if let format, field.type == .timestamp || field.type == .date {
            expected += " in the format `\(format.text)`"
        }
        guard field.pii == nil, let index = column.index else {
            return "the value of `\(field.name)` is not a valid \(expected)"
        }
        let bounds = scan.bounds(row, index)
        let hint =
            bounds.count == 2 && scan.isQuoted(row, index)
            ? "; `quoted_nulls: true` would read it as null" : ""
        return "`\(origin.excerpt(bounds))` is not a valid \(expected)\(hint)"
    }

    private func badBytes(_ row: Int) -> String {
        let bytes = origin.raw(row) ?? []
        let invalid = bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.flatMap { UTF8Text.firstInvalid($0, buffer.count) }
        }
        guard let invalid else { return "the record holds a NUL byte" }
        let byte = String(bytes[invalid], radix: 16, uppercase: true)
        return "byte \(invalid + 1) of the record, 0x\(byte), is not UTF-8"
    }
}

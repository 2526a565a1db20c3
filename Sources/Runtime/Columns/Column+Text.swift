import PipelineDSL

extension Column {
    /// A value as `CAST(… AS string)` spells it; `NULL` for null. For people, file names and the
    /// edges of the program, never for a row loop.
    package func text(_ row: Int) -> String {
        if isNull(row) { return "NULL" }
        switch values {
        case .boolean(let v): return v[row] ? "true" : "false"
        case .int32(let v): return type == .date ? CivilTime.date(Int64(v[row])) : String(v[row])
        case .int64(let v):
            switch type {
            case .timestamp: return CivilTime.timestamp(v[row])
            case .time: return CivilTime.time(v[row])
            default: return String(v[row])
            }
        case .float32(let v): return v[row].description
        case .float64(let v): return v[row].description
        case .int128(let v):
            if case .decimal(_, let scale) = type { return decimalText(v[row], scale: scale) }
            return uuidText(UInt128(bitPattern: v[row]))
        case .strings(let v):
            if type == .bytes {
                return v.views[row].withBytes(v.blocks) { "\\x" + hexText($0) }
            }
            return v.string(row)
        case .intervals(let v): return intervalText(v[row])
        case .list(let offsets, let child):
            let range = Int(offsets[row])..<Int(offsets[row + 1])
            if case .map = type, case .structure(let parts, _) = child.column.values {
                return "{"
                    + range.map { "\(parts[0].text($0)): \(parts[1].text($0))" }
                    .joined(separator: ", ") + "}"
            }
            return "[" + range.map { child.column.text($0) }.joined(separator: ", ") + "]"
        case .structure(let columns, _):
            guard case .structure(let fields) = type else { return "" }
            return "{"
                + zip(fields, columns).map { "\($0.name): \($1.text(row))" }
                .joined(separator: ", ") + "}"
        case .nulls: return "NULL"
        }
    }
}

package func decimalText(_ unscaled: Int128, scale: Int) -> String {
    let digits = String(unscaled.magnitude)
    let sign = unscaled < 0 ? "-" : ""
    guard scale > 0 else { return sign + digits }
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
}

package func uuidText(_ value: UInt128) -> String {
    let digits = String(value, radix: 16)
    let padded = Array(String(repeating: "0", count: 32 - digits.count) + digits)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(padded[$0]) }
        .joined(separator: "-")
}

func hexText(_ bytes: UnsafeRawBufferPointer) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
}

/// As PostgreSQL prints it: `1 year 2 mons 3 days 04:05:06`.
package func intervalText(_ interval: Interval) -> String {
    var parts: [String] = []
    let (years, months) = (interval.months / 12, interval.months % 12)
    if years != 0 { parts.append("\(years) year\(abs(years) == 1 ? "" : "s")") }
    if months != 0 { parts.append("\(months) mon\(abs(months) == 1 ? "" : "s")") }
    if interval.days != 0 { parts.append("\(interval.days) day\(abs(interval.days) == 1 ? "" : "s")") }
    if interval.microseconds != 0 || parts.isEmpty {
        let sign = interval.microseconds < 0 ? "-" : ""
        parts.append(sign + CivilTime.clock(interval.microseconds.magnitude))
    }
    return parts.joined(separator: " ")
}

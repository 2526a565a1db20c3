import PipelineDSL

extension Value {
    /// As a literal of the language: `'it''s'`, `DATE '2026-01-31'`, `1.50`, `NULL`.
    public func sql(_ type: DataType) -> String {
        switch (self, type) {
        case (.null, _): "NULL"
        case (.boolean(let value), _): value ? "TRUE" : "FALSE"
        case (.integer(let days), .date): "DATE '\(CivilDate.text(days: days))'"
        case (.integer(let micros), .time): "TIME '\(CivilDate.text(timeOfDay: micros))'"
        case (.integer(let micros), .timestamp): "TIMESTAMP '\(CivilDate.text(timestamp: micros))'"
        case (.integer(let value), _): String(value)
        case (.double(let value), _): Self.text(value, type)
        case (.wide(let bits), .uuid): "UUID '\(Self.uuidText(bits))'"
        case (.wide(let unscaled), .decimal(_, let scale)):
            DecimalText(unscaled: unscaled, scale: scale).text
        case (.wide(let value), _): String(value)
        case (.string(let text), .json): "JSON \(Self.quoted(text))"
        case (.string(let text), _): Self.quoted(text)
        case (.bytes(let bytes), _): "X'\(bytes.map { Self.hexadecimal($0) }.joined())'"
        case (.interval(let interval), _): "INTERVAL '\(interval)'"
        case (.list(let values), .array(let element)):
            "[\(values.map { $0.sql(element) }.joined(separator: ", "))]"
        case (.structure(let values), .structure(let fields)):
            "row(\(zip(values, fields).map { $0.sql($1.type) }.joined(separator: ", ")))"
        default: "\(self)"
        }
    }

    private static func text(_ value: Double, _ type: DataType) -> String {
        if value.isFinite {
            return type == .real ? Float(value).description : value.description
        }
        let word = value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
        return "CAST('\(word)' AS \(type))"
    }

    private static func quoted(_ text: String) -> String {
        let literal = Expression(.literal(.string(text)), span: .file(""))
        return SQLPrinter.text(literal)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }

    private static func uuidText(_ bits: Int128) -> String {
        let digits = String(UInt128(truncatingIfNeeded: bits), radix: 16)
        let padded = String(repeating: "0", count: max(0, 32 - digits.utf8.count)) + digits
        var result = ""
        for (index, digit) in padded.enumerated() {
            if [8, 12, 16, 20].contains(index) { result += "-" }
            result.append(digit)
        }
        return result
    }
}

extension SQLPrinter {
    mutating func write(_ literal: LiteralToken) {
        switch literal {
        case .null: write("NULL")
        case .boolean(let value): write(value ? "TRUE" : "FALSE")
        case .integer(let digits), .decimal(let digits), .double(let digits): write(digits)
        case .string(let text): write(Self.text(literal: text))
        case .bytes(let bytes): write("X'\(bytes.map(hexadecimal).joined())'")
        case .interval(let interval): write("INTERVAL '\(interval.description)'")
        }
    }

    /// `'…'`, or `E'…'` where it has control characters, so that canonical text is one line.
    static func text(literal: String) -> String {
        let isPlain = literal.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        return isPlain ? quotedText(literal) : escapedText(literal)
    }

    private static func escapedText(_ text: String) -> String {
        var result = "E'"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\\": result += "\\\\"
            case "'": result += "''"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += "\\x" + hexadecimal(UInt8(truncatingIfNeeded: scalar.value))
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "'"
    }

    mutating func write(_ reference: ParameterReference) {
        switch reference {
        case .parameter(let name): write("${\(name)}")
        case .environment(let name, nil): write("${env:\(name)}")
        case .environment(let name, let fallback?): write("${env:\(name):-\(fallback)}")
        case .secret(let name): write("${secret:\(name)}")
        }
    }
}

private func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
}

extension Interval: CustomStringConvertible {
    /// In the largest units that divide it: `1 year 2 months 3 days 90 seconds`.
    public var description: String {
        var parts: [String] = []
        func add(_ count: Int64, _ units: [(size: Int64, name: String)]) {
            let unit = units.first { count % $0.size == 0 }
            guard count != 0, let unit else { return }
            let number = count / unit.size
            parts.append("\(number) \(unit.name)\(number == 1 ? "" : "s")")
        }
        let months = Int64(months)
        add(months - months % 12, [(12, "year")])
        add(months % 12, [(1, "month")])
        add(Int64(days), [(1, "day")])
        add(
            microseconds,
            [
                (3_600_000_000, "hour"), (60_000_000, "minute"), (1_000_000, "second"),
                (1_000, "millisecond"), (1, "microsecond"),
            ])
        return parts.isEmpty ? "0 seconds" : parts.joined(separator: " ")
    }
}

extension RunReport {
    /// For the terminal: one line a node, the columns that say something, and whether it closes.
    package func text(width: Int = 100) -> String {
        var columns: [(title: String, value: (Node) -> Int)] = [("read", { $0.read })]
        let optional: [(String, (Node) -> Int)] = [
            ("produced", { $0.produced }), ("rejected", { $0.rejected }),
            ("filtered", { $0.filtered }), ("duplicate", { $0.deduplicated }),
            ("late", { $0.late }), ("combined", { $0.combined }), ("warned", { $0.warned }),
        ]
        columns += optional.filter { column in nodes.contains { column.1($0) != 0 } }
        columns.append(("written", { $0.written }))

        let nameWidth = max(4, nodes.map(\.name.count).max() ?? 4)
        var rows: [[String]] = [["node"] + columns.map(\.title)]
        for node in nodes { rows.append([node.name] + columns.map { grouped($0.value(node)) }) }
        let widths = columns.indices.map { c in rows.map { $0[c + 1].count }.max() ?? 0 }

        var lines: [String] = []
        for row in rows {
            var line = row[0].padded(to: nameWidth)
            for (c, cell) in row.dropFirst().enumerated() {
                line += "  " + cell.leftPadded(to: widths[c])
            }
            lines.append("  " + line)
        }
        let verdict =
            switch status {
            case .succeeded: "committed"
            case .failed: "failed, nothing committed"
            case .interrupted: "interrupted, nothing committed"
            case .stopped: "stopped, everything read is committed"
            }
        let rejected = nodes.reduce(0) { $0 + $1.rejected }
        let read = nodes.filter { $0.kind == "source" }.reduce(0) { $0 + $1.read }
        lines.append("")
        lines.append(
            "\(pipeline) \(verdict) in \(seconds.readableSeconds): \(grouped(read)) rows read, "
                + "\(grouped(rejected)) rejected; "
                + (closes ? "every row is accounted for" : "ROWS ARE UNACCOUNTED FOR"))
        if deadLetters > 0 {
            lines.append("rejected rows: \(deadLetterPath)  (pipec dlq list)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// `1234567` → `1,234,567`
package func grouped(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var parts: [String] = []
    while digits.count > 3 {
        parts.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    parts.insert(digits, at: 0)
    return (value < 0 ? "-" : "") + parts.joined(separator: ",")
}

extension Double {
    /// Seconds for people: `38 ms`, `2.41 s`, `3 min 12 s`.
    package var readableSeconds: String {
        if self < 1 { return "\(Int((self * 1000).rounded())) ms" }
        if self < 60 {
            let hundredths = Int((self * 100).rounded())
            let rest = hundredths % 100
            return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) s"
        }
        guard self < 1e9 else { return "\(self) s" }
        return "\(Int(self) / 60) min \(Int(self) % 60) s"
    }
}

extension Int {
    /// Bytes for people: `812 B`, `1.4 MB`.
    package var readableBytes: String {
        var value = Double(self)
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 1000 {
                if unit == "B" { return "\(self) B" }
                let tenths = Int((value * 10).rounded())
                return "\(tenths / 10).\(tenths % 10) \(unit)"
            }
            value /= 1000
        }
        return "\(Int(value)) TB"
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
    func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - count)) + self
    }
}

/// Columns of text, the first row a header.
enum TextTable {
    static func render(_ rows: [[String]], rightAligned: Set<Int> = []) -> String {
        guard let header = rows.first else { return "" }
        let widths = header.indices.map { c in rows.map { $0[c].count }.max() ?? 0 }
        var text = ""
        for row in rows {
            let cells = row.indices.map { c -> String in
                let blanks = String(repeating: " ", count: widths[c] - row[c].count)
                return rightAligned.contains(c) ? blanks + row[c] : row[c] + blanks
            }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            text += line + "\n"
        }
        return text
    }
}

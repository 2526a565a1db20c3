import PipelineDSL

extension PlanDiff {
    /// For a comment on a pull request: what breaks first, everything else folded away.
    public var markdown: String {
        var lines = ["### Plan for `\(pipeline)`", "", "**\(summaryLine)**"]
        guard !isEmpty else { return lines.joined(separator: "\n") + "\n" }
        let breaking = nodes.filter { $0.category == .breaking }
        if !breaking.isEmpty {
            lines += ["", "#### Breaking", ""]
            for node in breaking { lines += node.breakingLines }
        }
        lines += ["", "| | node | what | why |", "|---|---|---|---|"]
        for change in pipelineChanges {
            lines.append("| \(change.symbol) | pipeline | \(Self.cell(change.text)) | |")
        }
        for node in nodes { lines += node.rows }
        if !unchanged.isEmpty {
            lines += [
                "", "<details><summary>\(unchanged.count) unchanged</summary>", "",
                unchanged.map { "`\($0)`" }.joined(separator: ", "), "", "</details>",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Text that stays within a cell and is taken literally.
    static func cell(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "|", "\\", "`", "*", "_", "<", ">", "[", "]": result += "\\\(character)"
            case "\n", "\r\n": result += " "
            default: result.append(character)
            }
        }
        return result
    }
}

extension PlanDiff.NodeChange {
    fileprivate var breakingLines: [String] {
        let breaking = changes.filter { $0.category == .breaking }
        guard !breaking.isEmpty else { return ["- `\(name)` is removed: it was read outside"] }
        return breaking.map { change in
            var line = "- `\(name)`: \(PlanDiff.cell(change.breakage)); "
            line += PlanDiff.cell(change.readersText)
            if let advice = change.advice { line += " — \(PlanDiff.cell(advice))" }
            return line
        }
    }

    fileprivate var rows: [String] {
        let symbol = kind.symbol
        guard !changes.isEmpty, kind == .changed || kind == .moved else {
            let reason = because?.text ?? ""
            return ["| \(symbol) | `\(name)` | \(PlanDiff.cell(what)) | \(PlanDiff.cell(reason)) |"]
        }
        var rows: [String] = []
        if let movedFrom {
            rows.append("| ~ | `\(name)` | moved from `\(movedFrom)` | |")
        }
        for change in changes {
            let what = "\(change.symbol) \(change.text)"
            rows.append(
                "| \(rows.isEmpty ? symbol : "") | \(rows.isEmpty ? "`\(name)`" : "") "
                    + "| \(PlanDiff.cell(what)) | \(PlanDiff.cell(change.because?.text ?? "")) |")
        }
        return rows
    }

    private var what: String {
        switch kind {
        case .added: "added (\(binding ?? nodeKind.rawValue))"
        case .removed: "removed (\(binding ?? nodeKind.rawValue))"
        case .moved: "moved from \(movedFrom ?? "")"
        case .changed: category.rawValue
        }
    }
}

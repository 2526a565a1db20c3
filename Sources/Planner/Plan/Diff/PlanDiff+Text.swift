import PipelineDSL

extension PlanDiff {
    /// For a terminal: the summary, then a tree with the reason of each difference.
    public func text(color: Bool = false) -> String {
        var lines = [summaryLine]
        guard !isEmpty else { return summaryLine + "\n" }
        let style = TextStyle(isColored: color)
        lines[0] = style.apply(.bold, lines[0])
        lines.append("")
        for change in pipelineChanges {
            let mark = style.apply(style.role(change.kind), change.symbol)
            lines.append("  \(mark) \(change.text)")
        }
        for node in nodes { lines += node.lines(style) }
        if !unchanged.isEmpty {
            lines.append(style.apply(.faint, "  = \(unchanged.count) unchanged"))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension PlanDiff.NodeChange {
    /// Where the right column starts, in the line of a node and in those below it.
    private static let nodeColumn = 43
    private static let detailColumn = 45

    fileprivate func lines(_ style: TextStyle) -> [String] {
        var lines = [headline(style)]
        var told: PlanDiff.Reason?
        if let first = firstBreaking {
            let line = TextLine(
                "      \(first.readersText)", first.advice ?? "", column: Self.detailColumn)
            lines.append(line.text())
        }
        let isBreakageTold = firstBreaking != nil
        let rest = isBreakageTold ? changes.filter { $0 != firstBreaking } : changes
        for change in rest {
            lines.append(detail(change, isRepeated: told == change.because, style))
            told = change.because
        }
        if rest.isEmpty, let because = firstBreaking?.because ?? (kind == .moved ? because : nil) {
            lines.append("      \(because.text)")
        }
        return lines
    }

    private func headline(_ style: TextStyle) -> String {
        let plain = "  \(kind.symbol) \(heading)"
        let mark = style.apply(style.role(kind), kind.symbol)
        let verdict = category == .breaking ? style.apply(.breaking, verdict) : verdict
        return TextLine("  \(mark) \(heading)", verdict, column: Self.nodeColumn)
            .text(plain.count)
    }

    private func detail(
        _ change: PlanDiff.Change, isRepeated: Bool, _ style: TextStyle
    ) -> String {
        var notes: [String] = []
        if change.category == .breaking {
            notes = ["breaking: \(change.readersText)"] + [change.advice].compactMap(\.self)
        } else {
            if !isRepeated, let because = change.because { notes.append(because.text) }
            if let advice = change.advice { notes.append(advice) }
            if change.isDestructive, change.subject != "column" { notes.append("destructive") }
        }
        let mark = style.apply(style.role(change.kind), change.symbol)
        let lines = change.lines
        let right = notes.joined(separator: "; ")
        guard lines.count == 2 else {
            return TextLine("      \(mark) \(lines[0])", right, column: Self.detailColumn)
                .text(8 + lines[0].count)
        }
        let second = TextLine("        \(lines[1])", right, column: Self.detailColumn).text()
        return "      \(mark) \(lines[0])\n\(second)"
    }
}

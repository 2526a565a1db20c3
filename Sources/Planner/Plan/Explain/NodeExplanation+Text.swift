import PipelineDSL

extension NodeExplanation {
    public var json: String { PlanJSON.text(of: self) }

    public func text(color: Bool = false) -> String {
        let style = TextStyle(isColored: color)
        var lines = [style.apply(.bold, kind == .relation ? name : kind.title(name)) + place(style)]
        if let description { lines.append(description) }
        lines.append("")
        if !inputs.isEmpty { lines.append("Reads    \(inputs.joined(separator: ", "))") }
        if !readers.isEmpty { lines.append("Read by  \(readers.joined(separator: ", "))") }
        if lines.last != "" { lines.append("") }
        lines += columnLines(style)
        if !rules.isEmpty {
            lines += ["", style.apply(.bold, "Rules")]
            let width = (rules.map { $0.name.count }.max() ?? 0) + 4
            lines += rules.map { TextLine("  \($0.name)", $0.value, column: width).text() }
        }
        if !rows.isEmpty {
            lines += ["", style.apply(.bold, "Rows depend on")]
            let width = (rows.map { $0.column.text.count }.max() ?? 0) + 4
            lines += rows.map {
                TextLine("  \($0.column.text)", $0.text, column: width).text()
            }
        }
        if !operators.isEmpty { lines += [""] + operatorLines(style) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func place(_ style: TextStyle) -> String {
        let parts = [place.isEmpty ? nil : place, at].compactMap(\.self)
        return parts.isEmpty ? "" : "  " + style.apply(.faint, parts.joined(separator: "  "))
    }

    /// Name, type and origin of each column, under each other.
    private func columnLines(_ style: TextStyle) -> [String] {
        let types = columns.map { column in
            column.type.description + (column.isNullable ? "" : " not null")
                + (column.pii.map { ", pii: \($0)" } ?? "")
        }
        let nameWidth = min(40, (columns.map { $0.name.count }.max() ?? 0) + 2)
        let typeWidth = min(40, (types.map(\.count).max() ?? 0) + 2)
        var lines = [style.apply(.bold, "Columns")]
        for (column, type) in zip(columns, types) {
            let left = TextLine("  \(column.name)", type, column: nameWidth + 2).text()
            lines.append(TextLine(left, column.origin, column: nameWidth + typeWidth + 2).text())
        }
        return lines
    }

    // MARK: Operators

    /// A tree with the last operator at its root, as query plans are printed.
    private func operatorLines(_ style: TextStyle) -> [String] {
        let bound =
            memoryBound > 0 ? "  state at most \(QuantityText.size(memoryBound))" : ""
        var lines = [style.apply(.bold, "Operators") + style.apply(.faint, bound)]
        let known = Dictionary(operators.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        guard let root = operators.last else { return lines }
        var waiting = [(step: root, trunk: "", isLast: true, level: 0)]
        while let (step, trunk, isLast, level) = waiting.popLast() {
            let branch = level == 0 ? "" : trunk + (isLast ? "└─ " : "├─ ")
            let below = level == 0 ? "" : trunk + (isLast ? "   " : "│  ")
            let inputs = step.inputs.compactMap { known[$0] }
            lines.append("  \(branch)\(step.heading)")
            for setting in step.settings {
                let bar = inputs.isEmpty ? "    " : "│   "
                lines.append("  \(below)\(bar)\(setting.name): \(setting.value)")
            }
            for (index, input) in inputs.enumerated().reversed() {
                waiting.append((input, below, index == inputs.count - 1, level + 1))
            }
        }
        return lines
    }
}

extension NodeExplanation.Step {
    /// `dedupe (state at most 128 MiB)`
    fileprivate var heading: String {
        let name = id.split(separator: "/").last.map(String.init) ?? operation
        return name + (memoryBound.map { "  (state at most \(QuantityText.size($0)))" } ?? "")
    }
}

extension NodeExplanation.Influences {
    fileprivate var text: String {
        influences.map { $0.rawValue.split(separator: "_").joined(separator: " ") }
            .joined(separator: ", ")
    }
}

extension ColumnReference {
    /// `silver.telemetry.latitude`
    public var text: String { "\(node).\(column)" }
}

extension NodeExplanation.Column {
    /// `← telemetry_files.latitude`
    fileprivate var origin: String {
        guard !sources.isEmpty || !decidedBy.isEmpty else { return "" }
        var parts: [String] = []
        if !sources.isEmpty {
            let names = sources.prefix(4).map { origin in
                origin.derivation == .aggregation
                    ? "aggregate of \(origin.column.text)" : origin.column.text
            }
            let rest = sources.count > 4 ? " and \(sources.count - 4) more" : ""
            parts.append(names.joined(separator: ", ") + rest)
        }
        if !decidedBy.isEmpty {
            let names = decidedBy.prefix(3).map { $0.column.text }
            let rest = decidedBy.count > 3 ? " and \(decidedBy.count - 3) more" : ""
            parts.append("decided by \(names.joined(separator: ", "))\(rest)")
        }
        return "← " + parts.joined(separator: "; ")
    }
}

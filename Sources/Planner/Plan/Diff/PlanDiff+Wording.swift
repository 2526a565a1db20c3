import PipelineDSL

/// What the parts of a comparison are called, in every format alike.
extension PlanDiff.Change {
    var symbol: String { kind.symbol }

    /// `column distance_km double`, `dedupe.within: 1 hour → 2 hours`
    var text: String {
        switch subject {
        case "column": return "column " + [name, transition].compactMap(\.self).joined(separator: " ")
        case "pii":
            let what = "pii of \(name ?? ""): "
            return what + (kind == .added ? after ?? "" : transition ?? "")
        case "step":
            let settings = after ?? before ?? ""
            return "step \(name ?? "")" + (settings.isEmpty ? "" : ": \(settings)")
        default: return "\(subject): \(transition ?? "")"
        }
    }

    private var transition: String? {
        switch (before, after) {
        case (let before?, let after?): "\(before) → \(after)"
        case (let only?, nil), (nil, let only?): only
        case (nil, nil): nil
        }
    }

    /// The text, in two lines where it is long: the old value above the new one.
    var lines: [String] {
        guard text.count > 80, let before, let after,
            text.hasSuffix("\(before) → \(after)")
        else { return [text] }
        let head = String(text.dropLast(before.count + after.count + 3))
        return [head + before, String(repeating: " ", count: max(0, head.count - 2)) + "→ " + after]
    }

    /// For the line of a node that it breaks: ``column `km` double → decimal(12,2)``.
    var breakage: String {
        guard subject == "column", let name else { return text }
        if kind == .removed { return "column `\(name)` is gone" }
        return "column `\(name)` \(transition ?? "")"
    }

    /// `read by sink redshift_daily, gold.daily_activity (mean_km)`
    var readersText: String {
        guard !readers.isEmpty else { return "read outside the pipeline" }
        let names = readers.prefix(4).map { reader in
            let others = reader.columns.filter { $0 != name }
            return others.isEmpty
                ? reader.title : "\(reader.title) (\(others.joined(separator: ", ")))"
        }
        let rest = readers.count > 4 ? " and \(readers.count - 4) more" : ""
        return "read by \(names.joined(separator: ", "))\(rest)"
    }
}

extension PlanDiff.Kind {
    var symbol: String {
        switch self {
        case .added: "+"
        case .removed: "-"
        case .changed, .moved: "~"
        }
    }
}

extension PlanDiff.Reason {
    /// `because pipec.yaml:44`, `because silver.telemetry changed`
    var text: String {
        switch self {
        case .place(let span): "because \(span.file):\(span.start.line)"
        case .node(let name): "because \(name) changed"
        }
    }
}

extension PlanDiff.NodeChange {
    /// `sink idle_vehicles (sqs)`
    var heading: String {
        switch kind {
        case .added, .removed: title + (binding.map { " (\($0))" } ?? "")
        case .changed, .moved: title
        }
    }

    /// The first change that breaks a reader, which the node's own line tells.
    var firstBreaking: PlanDiff.Change? { changes.first { $0.category == .breaking } }

    /// `breaking: column ...`, `non-breaking`
    var verdict: String {
        var parts: [String] = []
        if let movedFrom { parts.append("moved from \(movedFrom)") }
        switch kind {
        case .added: return advice ?? ""
        case .removed:
            if category == .breaking { parts.append("breaking: read outside the pipeline") }
        case .changed, .moved:
            if let firstBreaking {
                let others = changes.count { $0.category == .breaking } - 1
                let more = others > 0 ? " (and \(others) more)" : ""
                parts.append("breaking: \(firstBreaking.breakage)\(more)")
            } else if !changes.isEmpty {
                parts.append(category.rawValue)
            }
        }
        if isDestructive { parts.append("destructive") }
        return parts.joined(separator: ", ")
    }
}

extension PlanDiff {
    /// `Plan: 1 add, 2 change (1 breaking), 0 remove`
    public var summaryLine: String {
        let summary = summary
        guard !isEmpty else {
            return "No changes: \(QuantityText.count(summary.unchanged, "node")) as before"
        }
        let moved = nodes.filter { $0.kind == .moved && !$0.changes.isEmpty }.count
        var line = "Plan: \(summary.add) add, \(summary.change + moved) change"
        if summary.breaking > 0 { line += " (\(summary.breaking) breaking)" }
        line += ", \(summary.remove) remove"
        if summary.breakingRemovals > 0 { line += " (\(summary.breakingRemovals) breaking)" }
        if summary.move > 0 { line += ", \(summary.move) move" }
        if summary.destructive > 0 { line += " · \(summary.destructive) destructive" }
        return line
    }
}

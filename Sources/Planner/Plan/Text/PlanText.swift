import PipelineDSL

/// A plan for people: a tree of the way of the rows, a line a node, with what it is bound to.
public enum PlanText {
    public static func text(_ plan: Plan, color: Bool = false) -> String {
        let style = TextStyle(isColored: color)
        var lines = [style.apply(.bold, summary(plan)), ""]
        let rows = PlanTree.rows(plan)
        let width = min(60, (rows.map { $0.left.count }.max() ?? 0) + 2)
        for row in rows {
            var line = TextLine("  \(row.left)", row.node.placeText, column: width + 2).text()
            if !row.others.isEmpty {
                line += style.apply(.faint, "  (with \(row.others.joined(separator: ", ")))")
            }
            lines.append(line)
        }
        lines += StageText.lines(plan)
        if let state = state(plan) { lines += ["", "State         \(state)"] }
        let kept = plan.deadLetters.expireAfter.map { ", kept for \(QuantityText.duration($0))" }
        lines += ["", "Dead letters  folder \(plan.deadLetters.path)\(kept ?? "")"]
        if !plan.parameters.isEmpty {
            let values = plan.parameters.sorted { $0.key < $1.key }.map {
                "\($0.key) = \($0.value)"
            }
            lines.append("Parameters    \(values.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What a stream remembers, where the sources say how much comes.
    private static func state(_ plan: Plan) -> String? {
        guard plan.mode == .streaming else { return nil }
        let remembering = plan.nodes.flatMap(\.operators).filter(\.operation.remembersRows)
        guard !remembering.isEmpty else { return "none" }
        let bounds = remembering.compactMap(\.memoryBound)
        guard bounds.count == remembering.count else {
            let open = remembering.filter { $0.memoryBound == nil }.map(\.id)
            return
                "not known of \(open.joined(separator: ", ")); `rate:` of a source says how much comes"
        }
        let sum = bounds.reduce(Int64(0)) { $0.addingReportingOverflow($1).partialValue }
        let megabytes = sum / 1_000_000 + (sum % 1_000_000 > 0 ? 1 : 0)
        return
            "at most \(QuantityText.size(megabytes * 1_000_000)) in memory, at the rates that are declared"
    }

    /// `fleet-telemetry: 2 sources, 3 tables, 3 sinks · batch · profile local`
    private static func summary(_ plan: Plan) -> String {
        let counts = PlanNode.Kind.allCases.compactMap { kind -> String? in
            let count = plan.nodes.count { $0.kind == kind }
            return count == 0 ? nil : QuantityText.count(count, kind.rawValue)
        }
        return "\(plan.pipeline): \(counts.joined(separator: ", ")) · \(plan.mode.rawValue)"
            + " · profile \(plan.profile)"
    }
}

/// The nodes of a plan as a tree: each below the first node it reads.
enum PlanTree {
    struct Row {
        /// The lines of the tree, then the name.
        var left: String
        var node: PlanNode
        /// What else it reads.
        var others: [String]
    }

    /// Deeper levels are not indented further.
    private static let maximumIndentation = 12

    static func rows(_ plan: Plan) -> [Row] {
        var children: [String: [PlanNode]] = [:]
        for node in plan.nodes {
            if let first = node.inputs.first { children[first, default: []].append(node) }
        }
        var rows: [Row] = []
        // An explicit stack: a chain may be as long as the pipeline.
        var waiting = plan.nodes.filter { $0.inputs.isEmpty }.reversed().map {
            (node: $0, trunk: "", isLast: true, level: 0)
        }
        while let (node, trunk, isLast, level) = waiting.popLast() {
            let branch = level == 0 ? "" : trunk + (isLast ? "└─ " : "├─ ")
            rows.append(
                Row(left: branch + node.title, node: node, others: Array(node.inputs.dropFirst())))
            let isDeep = level > maximumIndentation
            let below = level == 0 || isDeep ? trunk : trunk + (isLast ? "   " : "│  ")
            let next = children[node.name] ?? []
            for (index, child) in next.enumerated().reversed() {
                waiting.append((child, below, index == next.count - 1, level + 1))
            }
        }
        return rows
    }
}

extension PlanNode {
    /// What it is bound to: `csv, files data/*.csv`; `parquet, folder …, merge on id`.
    var placeText: String {
        switch kind {
        case .source, .sink:
            return [scan?.format?.name ?? sink?.format?.name, binding?.summary]
                .compactMap(\.self).joined(separator: ", ")
        case .relation: return "not stored"
        case .table:
            guard let table else { return "" }
            var text = "\(table.format.name), \(table.summary), \(table.mode.rawValue)"
            if !table.on.isEmpty {
                text += " on \(table.on.map { schema.name(at: $0) }.joined(separator: ", "))"
            }
            return text
        }
    }
}

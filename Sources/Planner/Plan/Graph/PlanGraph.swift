import PipelineDSL

/// A plan as a picture: in Mermaid's and Graphviz's languages, or drawn.
public enum PlanGraph {
    public enum Format: String, Sendable, CaseIterable { case mermaid, dot, svg }

    public static func text(_ plan: Plan, _ format: Format) -> String {
        switch format {
        case .mermaid: mermaid(plan)
        case .dot: dot(plan)
        case .svg: GraphDrawing(plan).svg
        }
    }

    // MARK: Mermaid

    private static func mermaid(_ plan: Plan) -> String {
        let ids = identifiers(plan)
        var lines = ["flowchart LR"]
        for node in plan.nodes {
            let label = "\(escaped(node.name))<br/><small>\(escaped(node.subtitle))</small>"
            let (open, close) = node.kind.mermaidShape
            lines.append("  \(ids[node.name] ?? "")\(open)\"\(label)\"\(close)")
        }
        for (from, to) in edges(plan) {
            lines.append("  \(ids[from] ?? "") --> \(ids[to] ?? "")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Entities, which Mermaid reads and which end no label.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "#quot;"
            case "<": result += "#lt;"
            case ">": result += "#gt;"
            case "#": result += "#35;"
            case "&": result += "#amp;"
            case "\n", "\r", "\t": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    // MARK: Graphviz

    private static func dot(_ plan: Plan) -> String {
        var lines = [
            "digraph \(quoted(plan.pipeline)) {",
            "  rankdir=LR",
            "  node [shape=box style=rounded fontname=\"Helvetica\" fontsize=11]",
        ]
        for node in plan.nodes {
            let label = quoted("\(node.name)\n\(node.subtitle)")
            lines.append("  \(quoted(node.name)) [label=\(label) shape=\(node.kind.dotShape)]")
        }
        for (from, to) in edges(plan) { lines.append("  \(quoted(from)) -> \(quoted(to))") }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\r", "\t": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return "\"\(result)\""
    }

    // MARK: Both

    static func edges(_ plan: Plan) -> [(String, String)] {
        plan.nodes.flatMap { node in node.inputs.map { ($0, node.name) } }
    }

    /// `n1`, `n2`, …: node names may hold dots and words the language means something by.
    private static func identifiers(_ plan: Plan) -> [String: String] {
        Dictionary(
            plan.nodes.enumerated().map { ($0.element.name, "n\($0.offset + 1)") },
            uniquingKeysWith: { first, _ in first })
    }
}

extension PlanNode {
    /// What it is, in a few words: `csv · files`, `parquet · silver`.
    var subtitle: String {
        switch kind {
        case .source, .sink:
            [scan?.format?.name ?? sink?.format?.name, binding?.connector].compactMap(\.self)
                .joined(separator: " · ")
        case .table: table.map { "\($0.format.name) · \($0.mode.rawValue)" } ?? ""
        case .relation: "not stored"
        }
    }
}

extension PlanNode.Kind {
    fileprivate var mermaidShape: (String, String) {
        switch self {
        case .source: ("([", "])")
        case .table: ("[(", ")]")
        case .relation: ("[", "]")
        case .sink: ("[/", "/]")
        }
    }

    fileprivate var dotShape: String {
        switch self {
        case .source: "ellipse"
        case .table: "cylinder"
        case .relation: "box"
        case .sink: "cds"
        }
    }
}

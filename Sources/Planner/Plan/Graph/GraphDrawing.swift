import PipelineDSL

/// Draws a plan as SVG that is readable on light and dark ground, by itself and inside a page.
struct GraphDrawing {
    private static let nodeHeight = 44.0
    private static let rowGap = 20.0
    private static let columnGap = 56.0
    private static let margin = 16.0
    /// Advance of a character at the sizes below; text is in a monospaced face, so it is exact.
    private static let titleAdvance = 7.8
    private static let subtitleAdvance = 6.6

    private let plan: Plan
    private let layout: GraphLayout
    private let edges: [(Int, Int)]
    /// Width and left end of each column.
    private var widths: [Double] = []
    private var lefts: [Double] = []
    /// Places in each column.
    private let counts: [Int]
    private let height: Double

    init(_ plan: Plan) {
        self.plan = plan
        let positions = Dictionary(
            plan.nodes.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        edges = PlanGraph.edges(plan).compactMap { from, to in
            guard let a = positions[from], let b = positions[to], a < b else { return nil }
            return (a, b)
        }
        layout = GraphLayout(nodeCount: plan.nodes.count, edges: edges)
        counts = Self.counts(layout)
        height =
            2 * Self.margin + Double(max(layout.rows, 1)) * (Self.nodeHeight + Self.rowGap)
            - Self.rowGap
        measure()
    }

    private mutating func measure() {
        widths = [Double](repeating: 40, count: layout.columns)
        for (node, place) in zip(plan.nodes, layout.places) {
            widths[place.column] = max(widths[place.column], Self.width(node))
        }
        var left = Self.margin
        for width in widths {
            lefts.append(left)
            left += width + Self.columnGap
        }
    }

    private static func width(_ node: PlanNode) -> Double {
        let title = Double(node.name.count) * titleAdvance
        let subtitle = Double(node.subtitle.count) * subtitleAdvance
        return max(96, max(title, subtitle) + 28)
    }

    private var width: Double {
        2 * Self.margin + widths.reduce(0, +) + Double(max(layout.columns - 1, 0)) * Self.columnGap
    }

    // MARK: Writing

    var svg: String {
        let size = "\(Self.number(width)) \(Self.number(height))"
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size)\" "
                + "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" role=\"img\" "
                + "aria-label=\"Pipeline \(Self.escaped(plan.pipeline))\">",
            Self.style,
            "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
                + "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
                + "<path class=\"head\" d=\"M0 0 L8 4 L0 8 z\"/></marker></defs>",
        ]
        for index in edges.indices { lines.append(edge(index)) }
        for (node, place) in zip(plan.nodes, layout.places) { lines.append(box(node, place)) }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    /// Colours have enough contrast (4.5 : 1 for text, WCAG 2.2) on either ground.
    private static let style = """
        <style>
        svg { --ink: #1f2328; --soft: #59636e; --line: #818b98; --source: #ddf4ff; --table: #fff8c5; \
        --relation: #f6f8fa; --sink: #dafbe1; }
        @media (prefers-color-scheme: dark) { svg { --ink: #f0f6fc; --soft: #9198a1; --line: #656c76; \
        --source: #12263f; --table: #36290d; --relation: #1c2128; --sink: #12301c; } }
        text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; \
        text-anchor: middle; }
        .title { font-size: 13px; fill: var(--ink); }
        .subtitle { font-size: 11px; fill: var(--soft); }
        rect { stroke: var(--line); stroke-width: 1; }
        .edge { fill: none; stroke: var(--line); stroke-width: 1.4; }
        .head { fill: var(--line); }
        .source { fill: var(--source); } .table { fill: var(--table); }
        .relation { fill: var(--relation); } .sink { fill: var(--sink); }
        </style>
        """

    private func box(_ node: PlanNode, _ place: GraphLayout.Place) -> String {
        let (x, y) = (lefts[place.column], top(place))
        let width = widths[place.column]
        let radius = node.kind == .source || node.kind == .sink ? 22 : 6
        let middle = Self.number(x + width / 2)
        let dash = node.kind == .relation ? " stroke-dasharray=\"4 3\"" : ""
        return "<g><title>\(Self.escaped("\(node.title): \(node.placeText)"))</title>"
            + "<rect class=\"\(node.kind.rawValue)\" x=\"\(Self.number(x))\" "
            + "y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" "
            + "height=\"\(Self.number(Self.nodeHeight))\" rx=\"\(radius)\"\(dash)/>"
            + "<text class=\"title\" x=\"\(middle)\" y=\"\(Self.number(y + 19))\">"
            + "\(Self.escaped(node.name))</text>"
            + "<text class=\"subtitle\" x=\"\(middle)\" y=\"\(Self.number(y + 35))\">"
            + "\(Self.escaped(node.subtitle))</text></g>"
    }

    private func top(_ place: GraphLayout.Place) -> Double {
        // Columns with fewer nodes stand in the middle.
        let count = Double(counts[place.column])
        let used = count * (Self.nodeHeight + Self.rowGap) - Self.rowGap
        let start = (height - used) / 2
        return start + Double(place.row) * (Self.nodeHeight + Self.rowGap)
    }

    private static func counts(_ layout: GraphLayout) -> [Int] {
        var counts = [Int](repeating: 0, count: layout.columns)
        for place in layout.places + layout.passes.flatMap(\.self) {
            counts[place.column] = max(counts[place.column], place.row + 1)
        }
        return counts
    }

    /// A smooth line through the places it passes.
    private func edge(_ index: Int) -> String {
        let (from, to) = edges[index]
        let start = layout.places[from]
        var x = lefts[start.column] + widths[start.column]
        var y = top(start) + Self.nodeHeight / 2
        var path = "M\(Self.number(x)) \(Self.number(y))"
        func curve(_ toX: Double, _ toY: Double) {
            let bend = (toX - x) / 2
            path += " C\(Self.number(x + bend)) \(Self.number(y)) "
            path += "\(Self.number(toX - bend)) \(Self.number(toY)) "
            path += "\(Self.number(toX)) \(Self.number(toY))"
            (x, y) = (toX, toY)
        }
        for pass in layout.passes[index] {
            let middle = top(pass) + Self.nodeHeight / 2
            curve(lefts[pass.column], middle)
            x = lefts[pass.column] + widths[pass.column]
            path += " L\(Self.number(x)) \(Self.number(middle))"
        }
        let end = layout.places[to]
        curve(lefts[end.column] - 1, top(end) + Self.nodeHeight / 2)
        return "<path class=\"edge\" marker-end=\"url(#arrow)\" d=\"\(path)\"/>"
    }

    /// One decimal at most, always with a point.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }

    /// XML 1.0: markup escaped, characters it does not allow left out.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\r", "\t": result += " "
            case _ where scalar.value < 0x20 || (0xFFFE...0xFFFF).contains(scalar.value): break
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

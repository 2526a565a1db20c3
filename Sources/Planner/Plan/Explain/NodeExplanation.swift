import PipelineDSL

/// Everything a plan knows of one node.
public struct NodeExplanation: Sendable, Codable {
    public struct Column: Hashable, Sendable, Codable {
        public var name: String
        public var type: DataType
        public var isNullable: Bool
        public var pii: String?
        /// Columns of its inputs its values come from.
        public var from: [Origin]
        /// Source columns they come from in the end.
        public var sources: [Origin]
        /// Columns that decide which value is taken, without being part of it.
        public var decidedBy: [Influences]

        private enum CodingKeys: String, CodingKey {
            case name, type, isNullable = "nullable", pii, from, sources, decidedBy = "decided_by"
        }
    }

    public struct Origin: Hashable, Sendable, Codable {
        public var column: ColumnReference
        public var derivation: Derivation
    }

    public struct Influences: Hashable, Sendable, Codable {
        public var column: ColumnReference
        public var influences: [Influence]
    }

    /// An operator of the body.
    public struct Step: Hashable, Sendable, Codable {
        public var id: String
        public var operation: String
        public var inputs: [String]
        /// Its settings, expressions as SQL.
        public var settings: [DefinitionStep.Setting]
        public var columns: [String]
        /// Bytes of state at most.
        public var memoryBound: Int64?
        public var at: String?

        private enum CodingKeys: String, CodingKey {
            case id, operation, inputs, settings, columns, memoryBound = "memory_bound", at
        }
    }

    public var name: String
    public var kind: PlanNode.Kind
    public var description: String?
    public var place: String
    public var at: String?
    public var inputs: [String]
    /// Nodes that read it.
    public var readers: [String]
    public var columns: [Column]
    /// What decides which rows there are.
    public var rows: [Influences]
    public var rules: [DefinitionStep.Setting]
    public var operators: [Step]
    /// Bytes of state of all operators at most.
    public var memoryBound: Int64

    private enum CodingKeys: String, CodingKey {
        case name, kind, description, place, at, inputs, readers, columns, rows, rules, operators
        case memoryBound = "memory_bound"
    }
}

public enum Explain {
    /// `nil`, with a diagnostic, where there is no such node.
    public static func node(_ name: String, of plan: Plan) -> (NodeExplanation?, [Diagnostic]) {
        guard let node = plan[name] else { return (nil, [unknown(name, plan)]) }
        return (explanation(node, plan), [])
    }

    private static func unknown(_ name: String, _ plan: Plan) -> Diagnostic {
        let names = plan.nodes.map(\.name)
        let ending = names.filter { $0.hasSuffix("." + name) }
        let near = ending.count == 1 ? ending[0] : nearName(name, among: names)
        return Diagnostic(
            .unknownNode, "there is no node `\(name)`", at: nil,
            notes: [
                near.map { "did you mean `\($0)`?" },
                "nodes: \(quotedNames(names.prefix(24)))",
            ].compactMap(\.self))
    }

    private static func explanation(_ node: PlanNode, _ plan: Plan) -> NodeExplanation {
        let lineage = PlanLineage(plan)
        let own = lineage.nodes[node.name]
        let columns = node.schema.fields.enumerated().map { index, field in
            column(field, own?.columns[safe: index] ?? .init(), node, lineage)
        }
        let labels = node.schema.fields.map { SQLPrinter.identifier($0.name) }
        let text = DefinitionText(labels: labels)
        return NodeExplanation(
            name: node.name, kind: node.kind, description: node.description,
            place: node.placeText, at: node.span.map(PlaceText.line), inputs: node.inputs,
            readers: plan.nodes.filter { $0.inputs.contains(node.name) }.map(\.name),
            columns: columns, rows: influences(own?.rows ?? [:]),
            rules: (node.scan?.rules ?? []).map { rule in
                let severity = rule.severity == .reject ? "" : " (\(rule.severity.rawValue))"
                return .init(rule.name, text.sql(rule.check) + severity, span: rule.check.span)
            },
            operators: OperatorExplanation.steps(node, plan),
            memoryBound: node.operators.reduce(0) { sum, step in
                let (total, overflow) = sum.addingReportingOverflow(step.memoryBound ?? 0)
                return overflow ? .max : total
            })
    }

    private static func column(
        _ field: Field, _ lineage: NodeLineage.Column, _ node: PlanNode, _ plan: PlanLineage
    ) -> NodeExplanation.Column {
        let reference = ColumnReference(node: node.name, column: field.name)
        let sources = node.kind == .source ? [:] : plan.origins(of: reference)
        return NodeExplanation.Column(
            name: field.name, type: field.type, isNullable: field.nullable, pii: field.pii,
            from: origins(lineage.direct), sources: origins(sources),
            decidedBy: influences(lineage.indirect))
    }

    private static func origins(
        _ origins: [ColumnReference: Derivation]
    ) -> [NodeExplanation.Origin] {
        origins.sorted { $0.key < $1.key }.map { .init(column: $0.key, derivation: $0.value) }
    }

    private static func influences(
        _ influences: [ColumnReference: Set<Influence>]
    ) -> [NodeExplanation.Influences] {
        influences.sorted { $0.key < $1.key }.map {
            .init(column: $0.key, influences: $0.value.sorted())
        }
    }
}

/// The operators of a node with their settings as text.
enum OperatorExplanation {
    static func steps(_ node: PlanNode, _ plan: Plan) -> [NodeExplanation.Step] {
        var labels: [String: [String]] = [:]
        return node.operators.map { step in
            let inputs = step.inputs.map { labels[$0] ?? [] }
            labels[step.id] = step.schema.fields.map { SQLPrinter.identifier($0.name) }
            return NodeExplanation.Step(
                id: step.id, operation: step.operation.name.rawValue, inputs: step.inputs,
                settings: settings(step, inputs, plan), columns: step.schema.names,
                memoryBound: step.memoryBound, at: step.span.map(PlaceText.line))
        }
    }

    private static func settings(
        _ step: PhysicalOperator, _ inputs: [[String]], _ plan: Plan
    ) -> [DefinitionStep.Setting] {
        let text = DefinitionText(
            labels: inputs.first ?? [], other: inputs.count > 1 ? inputs[1] : [])
        switch step.operation {
        case .input(let input):
            let width = plan[input.node]?.schema.fields.count ?? 0
            let read = input.columns.map { "\($0.count) of \(width)" } ?? "all \(width)"
            return [.init("node", input.node), .init("columns", read)]
        case .late(let late): return [.init("node", late.node)]
        case .project(let project):
            // What is only passed on says nothing.
            return project.columns.filter { column in
                column.expression.columnIndex.map {
                    text.labels.indices.contains($0)
                        && text.labels[$0] != SQLPrinter.identifier(column.name)
                } ?? true
            }.map { .init($0.name, text.sql($0.expression), span: $0.expression.span) }
        case .aggregate(let aggregate):
            return text.settings(of: step) + aggregate.calls.map { .init($0.name, text.call($0)) }
        case .window(let window): return window.calls.map { .init($0.name, text.call($0)) }
        case .sort(let sort):
            return text.settings(of: step) + (sort.limit.map { [.init("limit", "\($0)")] } ?? [])
        case .join(let join):
            return text.settings(of: step) + [.init("held in memory", join.buildSide.rawValue)]
        default: return text.settings(of: step)
        }
    }
}

extension DefinitionText {
    func settings(of step: PhysicalOperator) -> [Setting] {
        settings(of: LogicalNode(step.operation, schema: step.schema))
    }
}

enum PlaceText {
    /// `pipec.yaml:44`
    static func line(_ span: SourceSpan) -> String { "\(span.file):\(span.start.line)" }
}

extension Array {
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

import PipelineDSL
import Planner

/// The part of a plan that a test runs.
enum TestPlan {
    /// - Parameters:
    ///   - replaced: nodes whose relation the test gives.
    ///   - wanted: nodes that something is expected of; where there are none, all tables and sinks.
    /// - Returns: the wanted nodes with all they read. A relation that is wanted gets a sink of its
    ///   own (``capture(_:)``), so that somebody asks for its rows.
    static func make(_ plan: Plan, replacing replaced: Set<String>, wanted: Set<String>) -> Plan {
        var result = plan
        for index in result.nodes.indices where replaced.contains(result.nodes[index].name) {
            result.nodes[index] = source(result.nodes[index], in: plan)
        }
        let ends =
            wanted.isEmpty
            ? Set(plan.nodes.filter { $0.kind == .table || $0.kind == .sink }.map(\.name)) : wanted
        let needed = closure(of: ends, in: result)
        result.nodes.removeAll { !needed.contains($0.name) }
        for node in result.nodes where wanted.contains(node.name) {
            if node.kind == .source || node.kind == .relation {
                result.nodes.append(sink(over: node))
            }
        }
        return result
    }

    /// The sink that collects the rows of a relation.
    static func capture(_ node: String) -> String { "\(node)/expected" }

    private static func closure(of names: Set<String>, in plan: Plan) -> Set<String> {
        var found: Set<String> = []
        var pending = Array(names)
        while let name = pending.popLast() {
            guard found.insert(name).inserted, let node = plan[name] else { continue }
            pending += node.inputs
        }
        return found
    }

    private static func sink(over node: PlanNode) -> PlanNode {
        PlanNode(
            name: capture(node.name), kind: .sink, inputs: [node.name], schema: node.schema,
            sink: SinkPlan(binding: given), span: node.span)
    }

    private static let given = BindingPlan(
        connector: "given", isEmbedded: true, settings: [:], summary: "rows of a test")

    /// A transform as a source of the rows it would yield.
    private static func source(_ node: PlanNode, in plan: Plan) -> PlanNode {
        guard node.kind != .source else { return node }
        var source = node
        source.kind = .source
        source.inputs = []
        source.operators = []
        source.table = nil
        source.scan = ScanPlan(
            binding: given, format: nil, fields: node.schema,
            projection: Array(node.schema.fields.indices), eventTime: eventTime(of: node, in: plan))
        return source
    }

    /// That of the source its rows come from, as far as the column is still there.
    private static func eventTime(of node: PlanNode, in plan: Plan) -> ScanPlan.EventTime? {
        for name in plan.nodes.map(\.name) where closure(of: [node.name], in: plan).contains(name) {
            guard let source = plan[name], var time = source.scan?.eventTime,
                source.schema.fields.indices.contains(time.column),
                case let field = source.schema.fields[time.column],
                let index = node.schema.index(of: field.name),
                node.schema.fields[index].type == field.type
            else { continue }
            time.column = index
            return time
        }
        return nil
    }
}

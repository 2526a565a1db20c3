import PipelineDSL

/// A logical tree as the flat list of operators that a plan holds: inputs before what reads them,
/// each under an id that edits elsewhere do not change.
package enum Lowering {
    package static func operators(_ tree: LogicalNode, of node: String) -> [PhysicalOperator] {
        var ids = OperatorIDs(node: node)
        var operators: [PhysicalOperator] = []
        _ = lower(tree, &ids, &operators)
        return operators
    }

    /// The id of the operator that yields the tree's rows.
    private static func lower(
        _ tree: LogicalNode, _ ids: inout OperatorIDs, _ operators: inout [PhysicalOperator]
    ) -> String {
        var inputs: [String] = []
        for input in tree.inputs { inputs.append(lower(input, &ids, &operators)) }
        if let node = tree.operation.nodeRead { inputs = [node] }
        let id = ids.next(tree.step ?? tree.operation.name.rawValue)
        operators.append(
            PhysicalOperator(
                id: id, operation: tree.operation, inputs: inputs, schema: tree.schema,
                memoryBound: MemoryBounds.of(tree), late: tree.late, span: tree.span))
        return id
    }
}

/// `silver.telemetry/dedupe`, then `silver.telemetry/dedupe-2`: named as the step was written, and
/// counted by that name in the order of the rows' way.
struct OperatorIDs {
    private let node: String
    private var counts: [String: Int] = [:]

    init(node: String) { self.node = node }

    mutating func next(_ name: String) -> String {
        counts[name, default: 0] += 1
        let count = counts[name] ?? 1
        return "\(node)/\(name)" + (count > 1 ? "-\(count)" : "")
    }
}

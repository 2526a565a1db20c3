import PipelineDSL

/// Reads no further than needed.
///
/// A limit does not move below anything that can reject a row: rejected rows do not count.
struct PushLimits: Rule {
    let name = "push_limits"
    let documentation = "Moves limits towards the sources and joins those that follow each other."

    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode {
        root.rewritten { node in
            guard case .limit(let limit) = node.operation, let child = node.inputs.first else {
                return nil
            }
            switch child.operation {
            case .limit(let inner): return merged(limit, inner, node, child)
            case .project where !child.operation.isFallible: return swapped(node, child)
            case .union: return pushed(limit, node, child)
            default: return nil
            }
        }
    }

    /// The outer one counts in what the inner one leaves.
    private func merged(
        _ outer: Limit, _ inner: Limit, _ node: LogicalNode, _ child: LogicalNode
    ) -> LogicalNode? {
        let (offset, overflow) = inner.offset.addingReportingOverflow(outer.offset)
        guard !overflow else { return nil }
        let left = inner.count.map { max(0, $0 - min(outer.offset, $0)) }
        let count = [left, outer.count].compactMap(\.self).min()
        var copy = node
        copy.operation = .limit(Limit(count: count, offset: offset))
        copy.inputs = child.inputs
        return copy
    }

    private func swapped(_ node: LogicalNode, _ child: LogicalNode) -> LogicalNode? {
        guard let input = child.inputs.first else { return nil }
        var limit = node
        limit.inputs = [input]
        limit.schema = input.schema
        return child.over(limit)
    }

    /// No branch needs to yield more than all of them together.
    private func pushed(_ limit: Limit, _ node: LogicalNode, _ child: LogicalNode) -> LogicalNode? {
        guard let count = limit.count else { return nil }
        let (enough, overflow) = count.addingReportingOverflow(limit.offset)
        guard !overflow else { return nil }
        var isChanged = false
        var union = child
        union.inputs = child.inputs.map { input in
            if case .limit(let own) = input.operation, let have = own.count, have <= enough {
                return input
            }
            isChanged = true
            return LogicalNode(
                .limit(Limit(count: enough)), inputs: [input], schema: input.schema,
                span: node.span)
        }
        return isChanged ? node.over(union) : nil
    }
}

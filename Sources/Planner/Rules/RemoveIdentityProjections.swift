import PipelineDSL

/// A projection that passes every column on under its own name does nothing.
struct RemoveIdentityProjections: Rule {
    let name = "remove_identity_projections"
    let documentation = "Removes projections that change nothing."

    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode {
        root.rewritten { node in
            guard case .project(let project) = node.operation, let child = node.inputs.first,
                node.schema == child.schema, project.isIdentity
            else { return nil }
            return child
        }
    }
}

extension Project {
    /// Whether column i is column i of the input. (Whether all are there, the schemas say.)
    var isIdentity: Bool {
        columns.enumerated().allSatisfy { $0.element.expression.columnIndex == $0.offset }
    }
}

import PipelineDSL

extension LogicalNode {
    /// A transform may have at most so many operations one after the other, which bounds every
    /// recursion over a tree.
    public static let maximumDepth = 400

    /// The tree rewritten from its leaves to its root; `nil` leaves a node as it is.
    func rewritten(_ change: (LogicalNode) -> LogicalNode?) -> LogicalNode {
        var copy = self
        if !inputs.isEmpty { copy.inputs = inputs.map { $0.rewritten(change) } }
        return change(copy) ?? copy
    }

    /// The same node over another input.
    func over(_ input: LogicalNode) -> LogicalNode {
        var copy = self
        copy.inputs = [input]
        return copy
    }

    /// Levels of the tree, itself included.
    var depth: Int { 1 + (inputs.map(\.depth).max() ?? 0) }

    /// Names of the nodes whose relations it reads, in the order of first mention.
    public var nodesRead: [String] {
        var found: [String] = []
        collectNodes(&found)
        return found
    }

    private func collectNodes(_ found: inout [String]) {
        if let node = operation.nodeRead, !found.contains(node) { found.append(node) }
        for input in inputs { input.collectNodes(&found) }
    }

    /// Why the tree does not hold together; `nil` where it does.
    package func misfit(relation: (String) -> Schema?) -> Operation.Misfit? {
        for input in inputs {
            if let misfit = input.misfit(relation: relation) { return misfit }
        }
        do {
            let yielded = try operation.schema(
                of: inputs.map(\.schema), declared: schema, relation: relation)
            return yielded.canStand(for: schema)
                ? nil : .init([operation.name.rawValue], "yields other columns than it says")
        } catch {
            return error
        }
    }
}

import PipelineDSL

/// The rows that came too late for the one operator of another node that marks them
/// (``LogicalNode/late``), with the columns they had there. In batch no row is late.
public struct Late: Hashable, Sendable, Codable {
    public var node: String

    public init(node: String) { self.node = node }
}

extension Operation {
    /// Whether it forgets what came before some event time, so that a row can be too late for it,
    /// and all such rows have the columns of its one input.
    var findsLateRows: Bool {
        switch self {
        case .aggregate(let aggregate): !aggregate.groups.isEmpty || aggregate.eventWindow != nil
        case .dedupe(let dedupe): dedupe.within != nil && dedupe.eventTime != nil
        case .latest(let latest): latest.within != nil
        default: false
        }
    }
}

extension LogicalNode {
    /// The operations of the tree that find rows late.
    var findingLateRows: Int {
        inputs.reduce(operation.findsLateRows ? 1 : 0) { $0 + $1.findingLateRows }
    }

    /// The tree with its operations that find rows late marked.
    func marked(late name: String) -> LogicalNode {
        rewritten { node in
            guard node.operation.findsLateRows else { return nil }
            var copy = node
            copy.late = name
            return copy
        }
    }

    /// The columns of the rows that are late for the marked operation.
    var lateSchema: Schema? {
        if late != nil { return inputs.first?.schema }
        for input in inputs {
            if let schema = input.lateSchema { return schema }
        }
        return nil
    }
}

extension Operation {
    /// The node of the pipeline whose rows it reads.
    package var nodeRead: String? {
        switch self {
        case .input(let input): input.node
        case .late(let late): late.node
        default: nil
        }
    }
}

extension Operation {
    /// Whether it keeps something of its rows from epoch to epoch of a stream.
    var remembersRows: Bool {
        switch self {
        case .dedupe, .latest, .aggregate, .join: true
        default: false
        }
    }
}

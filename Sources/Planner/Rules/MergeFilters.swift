import PipelineDSL

/// One pass over the rows instead of two.
///
/// The outer predicate must not be able to fail: it would otherwise be evaluated on rows that the
/// inner one has dropped.
struct MergeFilters: Rule {
    let name = "merge_filters"
    let documentation = "Joins filters that follow each other into one."

    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode {
        root.rewritten { node in
            guard case .filter(let outer) = node.operation, !outer.predicate.isFallible,
                let child = node.inputs.first, case .filter(let inner) = child.operation,
                let both = TypedExpression.conjunction(
                    inner.predicate.conjuncts + outer.predicate.conjuncts)
            else { return nil }
            var copy = child
            copy.operation = .filter(Filter(predicate: both))
            return copy
        }
    }
}

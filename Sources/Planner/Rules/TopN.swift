import PipelineDSL

/// Sorting keeps only the rows that a limit behind it lets through, so its state is as small.
struct TopN: Rule {
    let name = "top_n"
    let documentation = "Turns a limit over a sort into a sort that keeps the first rows."

    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode {
        root.rewritten { node in
            guard case .limit(let limit) = node.operation, let count = limit.count,
                let child = node.inputs.first, case .sort(var sort) = child.operation
            else { return nil }
            let (enough, overflow) = count.addingReportingOverflow(limit.offset)
            guard !overflow, sort.limit.map({ $0 > enough }) ?? true else {
                // The sort keeps no more than the limit lets through anyway.
                return limit.offset == 0 && sort.limit.map { $0 <= count } ?? false ? child : nil
            }
            sort.limit = enough
            var sorted = child
            sorted.operation = .sort(sort)
            return limit.offset == 0 ? sorted : node.over(sorted)
        }
    }
}

import PipelineDSL

/// Holds the smaller input of a join in memory, as far as the plan can tell which it is.
struct ChooseBuildSide: Rule {
    let name = "choose_build_side"
    let documentation = "Picks the input of an inner join that is held in memory."

    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode {
        root.rewritten { node in
            // The other kinds say themselves which side has to be complete first.
            guard case .join(var join) = node.operation, join.kind == .inner,
                node.inputs.count == 2
            else { return nil }
            let left = RowEstimate.rows(node.inputs[0])
            let right = RowEstimate.rows(node.inputs[1])
            // A clear difference only: without statistics, what was written is as good a guess.
            join.buildSide = left < right / 2 ? .left : .right
            var copy = node
            copy.operation = .join(join)
            return copy
        }
    }
}

/// A rough count of rows from the shape of a tree alone; only good to compare two of them.
enum RowEstimate {
    static func rows(_ node: LogicalNode) -> Double {
        let inputs = node.inputs.map(rows)
        let first = inputs.first ?? 1
        switch node.operation {
        case .input: return 1_000_000
        case .late: return 1_000
        case .values(let values): return Double(values.rows.count)
        case .filter: return first * 0.25
        case .aggregate(let aggregate): return aggregate.groups.isEmpty ? 1 : first * 0.1
        case .latest, .distinctOn: return first * 0.1
        case .dedupe: return first * 0.9
        case .unnest: return first * 4
        case .limit(let limit): return min(first, limit.count.map(Double.init) ?? first)
        case .sort(let sort): return min(first, sort.limit.map(Double.init) ?? first)
        case .join: return inputs.max() ?? first
        case .union: return inputs.reduce(0, +)
        case .project, .validate, .lookup, .window, .setOperation: return first
        }
    }
}

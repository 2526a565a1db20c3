import PipelineDSL

/// Computes columns in one step where they were written in several.
///
/// An inner column that can be a row error must stay evaluated for every row, exactly once; one
/// that costs anything must not be computed twice.
struct MergeProjections: Rule {
    let name = "merge_projections"
    let documentation = "Joins projections that follow each other into one."

    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode {
        root.rewritten { node in
            guard case .project(let outer) = node.operation, let child = node.inputs.first,
                case .project(let inner) = child.operation, canMerge(outer, inner)
            else { return nil }
            let columns = outer.columns.map { column in
                column.mapped { expression in
                    expression.replacingColumns { inner.columns[$0].expression }
                }
            }
            guard columns.allSatisfy({ $0.expression.depth <= TypedExpression.maximumDepth }) else {
                return nil
            }
            var copy = node
            copy.operation = .project(Project(columns: columns))
            copy.inputs = child.inputs
            return copy
        }
    }

    private func canMerge(_ outer: Project, _ inner: Project) -> Bool {
        var uses = [Int](repeating: 0, count: inner.columns.count)
        var passes = [Bool](repeating: false, count: inner.columns.count)
        for column in outer.columns {
            if let index = column.expression.columnIndex, uses.indices.contains(index) {
                passes[index] = true
            }
            column.expression.countColumns(&uses)
        }
        return inner.columns.indices.allSatisfy { index in
            let expression = inner.columns[index].expression
            if expression.isTrivial { return true }
            if expression.isFallible { return uses[index] == 1 && passes[index] }
            return uses[index] <= 1
        }
    }
}

extension TypedExpression {
    /// Adds how often each column is read.
    func countColumns(_ uses: inout [Int]) {
        if let index = columnIndex, uses.indices.contains(index) { uses[index] += 1 }
        for child in children { child.countColumns(&uses) }
    }
}

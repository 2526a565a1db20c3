import PipelineDSL

/// Makes joins of `FROM a, b, c WHERE a.x = b.x AND …`: tables that an equality of the condition
/// connects are joined by it, the others crossed.
struct FactorJoin {
    let factors: [TableRelation]
    /// First position of each factor in the row of all of them.
    private let offsets: [Int]

    init(_ factors: [TableRelation]) {
        self.factors = factors
        var offsets: [Int] = []
        var next = 0
        for factor in factors {
            offsets.append(next)
            next += factor.width
        }
        self.offsets = offsets
    }

    /// The rows of all, columns in the order of the factors, and the conditions that are left over.
    /// `conditions` are over the row of all.
    func joined(
        by conditions: [TypedExpression], span: SourceSpan
    ) -> (node: LogicalNode, rest: [TypedExpression]) {
        var rest = conditions
        var order = [0]
        var node = factors[0].node
        while order.count < factors.count {
            let next = nextFactor(joined: order, rest)
            let (keys, unused) = equalities(rest, joined: order, next)
            rest = unused
            let join = Join(
                kind: keys.isEmpty ? .cross : .inner,
                leftKeys: keys.map { place($0.0, order) },
                rightKeys: keys.map { pair in pair.1.mapColumns { $0 - offsets[next] } })
            node = node.joined(join, with: factors[next].node, span: span)
            order.append(next)
        }
        if order != Array(factors.indices) { node = restoringOrder(node, order, span) }
        return (node, rest)
    }

    /// The first table that an equality connects with those already joined, else the first.
    private func nextFactor(joined: [Int], _ conditions: [TypedExpression]) -> Int {
        let candidates = factors.indices.filter { !joined.contains($0) }
        return candidates.first { !equalities(conditions, joined: joined, $0).keys.isEmpty }
            ?? candidates[0]
    }

    private func equalities(
        _ conditions: [TypedExpression], joined: [Int], _ next: Int
    ) -> (keys: [(TypedExpression, TypedExpression)], rest: [TypedExpression]) {
        var keys: [(TypedExpression, TypedExpression)] = []
        var rest: [TypedExpression] = []
        for condition in conditions {
            // One that can fail stays where only rows that passed the others meet it.
            guard case .call("eq", let operands) = condition.kind, operands.count == 2,
                !condition.isFallible
            else {
                rest.append(condition)
                continue
            }
            if isOver(operands[0], joined), isOver(operands[1], [next]) {
                keys.append((operands[0], operands[1]))
            } else if isOver(operands[1], joined), isOver(operands[0], [next]) {
                keys.append((operands[1], operands[0]))
            } else {
                rest.append(condition)
            }
        }
        return (keys, rest)
    }

    private func isOver(_ expression: TypedExpression, _ allowed: [Int]) -> Bool {
        let columns = expression.columns
        return !columns.isEmpty
            && columns.allSatisfy { column in
                factor(of: column).map { allowed.contains($0) } ?? false
            }
    }

    private func factor(of column: Int) -> Int? {
        factors.indices.first {
            (offsets[$0]..<(offsets[$0] + factors[$0].width)).contains(column)
        }
    }

    /// Over the row of the factors joined so far, in the order they were.
    private func place(_ expression: TypedExpression, _ order: [Int]) -> TypedExpression {
        expression.mapColumns { position($0, order) }
    }

    private func position(_ column: Int, _ order: [Int]) -> Int {
        guard let factor = factor(of: column) else { return column }
        let before = order.prefix { $0 != factor }.reduce(0) { $0 + factors[$1].width }
        return before + column - offsets[factor]
    }

    private func restoringOrder(
        _ node: LogicalNode, _ order: [Int], _ span: SourceSpan
    ) -> LogicalNode {
        let width = factors.reduce(0) { $0 + $1.width }
        return node.picking((0..<width).map { position($0, order) }, span: span)
    }
}

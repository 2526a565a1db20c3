import PipelineDSL

/// Laws of three-valued logic that hold whatever the rows are.
///
/// An operand that can be a row error is never dropped.
struct SimplifyBooleans: Rule {
    let name = "simplify_booleans"
    let documentation = "Flattens AND and OR, drops operands that decide nothing, NOT NOT x is x."

    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode {
        root.rewritten { node in
            var copy = node
            copy.operation = node.operation.mapExpressions { expression, _ in
                expression.rewritten(simplify)
            }
            return dropAlwaysTrue(copy) ?? copy
        }
    }

    private func dropAlwaysTrue(_ node: LogicalNode) -> LogicalNode? {
        guard case .filter(let filter) = node.operation,
            filter.predicate.literal == .boolean(true)
        else { return nil }
        return node.inputs.first
    }

    private func simplify(_ expression: TypedExpression) -> TypedExpression {
        switch expression.kind {
        case .and(let operands):
            return combine(expression, operands, neutral: true, flattened(operands, isAnd: true))
        case .or(let operands):
            return combine(expression, operands, neutral: false, flattened(operands, isAnd: false))
        case .not(let operand):
            if case .not(let inner) = operand.kind, inner.type == .boolean { return inner }
            return expression
        default: return expression
        }
    }

    private func flattened(_ operands: [TypedExpression], isAnd: Bool) -> [TypedExpression] {
        operands.flatMap { operand -> [TypedExpression] in
            switch operand.kind {
            case .and(let inner) where isAnd: inner
            case .or(let inner) where !isAnd: inner
            default: [operand]
            }
        }
    }

    /// `neutral` is true for AND, false for OR; its opposite decides the whole.
    private func combine(
        _ expression: TypedExpression, _ written: [TypedExpression], neutral: Bool,
        _ operands: [TypedExpression]
    ) -> TypedExpression {
        let decides = operands.contains { $0.literal == .boolean(!neutral) }
        if decides, !operands.contains(where: { $0.isFallible }) {
            return .literal(.boolean(!neutral), .boolean, span: expression.span)
        }
        var kept: [TypedExpression] = []
        for operand in operands
        where operand.literal != .boolean(neutral) && !kept.contains(operand) {
            kept.append(operand)
        }
        guard let first = kept.first else {
            return .literal(.boolean(neutral), .boolean, span: expression.span)
        }
        if kept == written { return expression }
        if kept.count == 1 { return first.type == .boolean ? first : expression }
        var copy = expression
        copy.kind = neutral ? .and(kept) : .or(kept)
        copy.isNullable = kept.contains { $0.isNullable }
        copy.isFallible = kept.contains { $0.isFallible }
        return copy
    }
}

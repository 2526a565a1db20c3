import PipelineDSL

/// Replaces what is known before any row is read.
///
/// Errors are left to the run: `1 / 0` stays, since the row it fails for must be named.
struct FoldConstants: Rule {
    let name = "fold_constants"
    let documentation = "Evaluates expressions over constants once, when the plan is made."

    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode {
        root.rewritten { node in
            var copy = node
            copy.operation = node.operation.mapExpressions { expression, _ in
                expression.rewritten { fold($0, context) }
            }
            return copy
        }
    }

    private func fold(_ expression: TypedExpression, _ context: RuleContext) -> TypedExpression {
        if let value = known(expression) {
            return .literal(value, expression.type, span: expression.span)
        }
        if case .caseWhen(let branches, let otherwise) = expression.kind {
            return foldedCase(expression, branches, otherwise)
        }
        if case .coalesce(let operands) = expression.kind {
            return foldedCoalesce(expression, operands)
        }
        guard !expression.isTrivial, expression.children.allSatisfy({ $0.literal != nil }),
            let evaluator = context.evaluator, let value = evaluator.value(of: expression),
            value.fits(expression.type)
        else { return expression }
        return .literal(value, expression.type, span: expression.span)
    }

    /// What needs no kernel to be known.
    private func known(_ expression: TypedExpression) -> Value? {
        switch expression.kind {
        case .isNull(let operand):
            if let value = operand.literal { return .boolean(value == .null) }
            return !operand.isNullable && !operand.isFallible ? .boolean(false) : nil
        case .not(let operand):
            guard let value = operand.literal else { return nil }
            if case .boolean(let flag) = value { return .boolean(!flag) }
            return .null
        case .cast(let operand, _):
            guard let value = operand.literal else { return nil }
            return value == .null ? .null : widened(value, operand.type, expression.type)
        default: return nil
        }
    }

    /// Conversions that always fit.
    private func widened(_ value: Value, _ from: DataType, _ to: DataType) -> Value? {
        if from == to { return value }
        guard case .integer(let number) = value, from.isInteger else { return nil }
        switch to {
        case .bigint: return value
        case .double: return Double(exactly: number).map { .double($0) }
        case .decimal(_, let scale):
            var unscaled = Int128(number)
            for _ in 0..<scale {
                let (product, overflow) = unscaled.multipliedReportingOverflow(by: 10)
                guard !overflow else { return nil }
                unscaled = product
            }
            let wide = Value.wide(unscaled)
            return wide.fits(to) ? wide : nil
        default: return nil
        }
    }

    /// Branches that are never taken go; one that is always taken ends the list.
    private func foldedCase(
        _ expression: TypedExpression, _ branches: [TypedExpression.Branch],
        _ otherwise: TypedExpression
    ) -> TypedExpression {
        var kept: [TypedExpression.Branch] = []
        for branch in branches {
            switch branch.when.literal {
            case .boolean(true): return rebuilt(expression, kept, branch.then)
            case .some: continue
            case nil: kept.append(branch)
            }
        }
        return kept.count == branches.count ? expression : rebuilt(expression, kept, otherwise)
    }

    private func rebuilt(
        _ expression: TypedExpression, _ branches: [TypedExpression.Branch],
        _ otherwise: TypedExpression
    ) -> TypedExpression {
        guard !branches.isEmpty else { return otherwise }
        var copy = expression
        copy.kind = .caseWhen(branches, otherwise: otherwise)
        return copy
    }

    private func foldedCoalesce(
        _ expression: TypedExpression, _ operands: [TypedExpression]
    ) -> TypedExpression {
        var kept: [TypedExpression] = []
        for operand in operands where operand.literal != .null {
            kept.append(operand)
            if !operand.isNullable { break }
        }
        guard let first = kept.first else { return .literal(.null, expression.type) }
        if kept.count == operands.count { return expression }
        // What follows an operand that is never null is never evaluated.
        if kept.count == 1 { return first }
        var copy = expression
        copy.kind = .coalesce(kept)
        return copy
    }
}

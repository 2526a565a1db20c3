import PipelineDSL

/// An equality between a subquery and the query around it.
struct CorrelationKey {
    /// In the subquery's row.
    var position: Int
    /// Over the row of the query around.
    var outer: TypedExpression
}

extension SelectBlock {
    /// The conditions `inner = outer`, and all others that use a column of the query around.
    func splitCorrelation() -> (
        pairs: [(inner: TypedExpression, outer: TypedExpression)], residual: [TypedExpression]
    ) {
        var pairs: [(inner: TypedExpression, outer: TypedExpression)] = []
        var residual: [TypedExpression] = []
        for conjunct in correlated {
            guard case .call("eq", let operands) = conjunct.kind, operands.count == 2 else {
                residual.append(conjunct)
                continue
            }
            let isOuter = operands.map(\.isOnlyOuter)
            let isInner = operands.map(\.isOnlyInner)
            if isInner[0], isOuter[1] {
                pairs.append((operands[0], operands[1].unvirtualised))
            } else if isInner[1], isOuter[0] {
                pairs.append((operands[1], operands[0].unvirtualised))
            } else {
                residual.append(conjunct)
            }
        }
        return (pairs, residual)
    }

    /// Where only equalities will do: one that is not is a mistake.
    func correlationKeys() -> [(inner: TypedExpression, outer: TypedExpression)]? {
        let (pairs, residual) = splitCorrelation()
        guard let stray = residual.first else { return pairs }
        reportCorrelation(
            stray, grouping == nil && context.windows.isEmpty ? "before an aggregate" : "here")
        return nil
    }

    func reportCorrelation(_ conjunct: TypedExpression, _ place: String) {
        report(
            .unsupportedCorrelation,
            "only `inner = outer` can connect this subquery with the query around it \(place)",
            at: conjunct.span ?? select.span,
            notes: ["join the tables, and group or filter the result"])
    }
}

extension TypedExpression {
    fileprivate var isOnlyOuter: Bool {
        let read = columns
        return !read.isEmpty && read.allSatisfy { VirtualColumn.outerIndex($0) != nil }
    }

    fileprivate var isOnlyInner: Bool {
        let read = columns
        return !read.isEmpty && read.allSatisfy { VirtualColumn.isReal($0) }
    }

    /// Outer columns as columns of the row of the query around.
    fileprivate var unvirtualised: TypedExpression {
        mapColumns { VirtualColumn.outerIndex($0) ?? $0 }
    }
}

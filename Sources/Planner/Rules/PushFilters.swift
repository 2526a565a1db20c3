import PipelineDSL

/// Drops rows before work is spent on them.
///
/// A filter never moves below `validate`, `dedupe`, `latest`, a limit, or a lookup that rejects:
/// these count rows. It never moves below anything that can be a row error, and a predicate that
/// can be one moves only where it sees exactly the same rows.
struct PushFilters: Rule {
    let name = "push_filters"
    let documentation = "Moves filters towards the sources."

    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode {
        let pushed = root.rewritten { node in
            guard case .filter(let filter) = node.operation, let child = node.inputs.first else {
                return nil
            }
            return push(filter.predicate, node, below: child)
        }
        // What the filters prove holds above their new places, too.
        return pushed == root ? root : pushed.tightened()
    }

    private func push(
        _ predicate: TypedExpression, _ node: LogicalNode, below child: LogicalNode
    ) -> LogicalNode? {
        // A row that would be filtered may be late as well.
        if child.late != nil { return nil }
        switch child.operation {
        case .project(let project) where !child.operation.isFallible:
            return split(predicate, node, child) { substituted($0, project.columns) }
        case .union: return pushIntoUnion(predicate, node, child)
        case .sort(let sort) where sort.limit == nil && !child.operation.isFallible:
            return split(predicate, node, child) { $0 }
        case .lookup(let lookup) where lookup.missing == .null:
            return splitOnFirst(predicate, node, child)
        case .unnest where !child.operation.isFallible:
            return predicate.isFallible ? nil : splitOnFirst(predicate, node, child)
        case .window(let window) where !child.operation.isFallible:
            return predicate.isFallible ? nil : pushBelow(window, predicate, node, child)
        case .aggregate(let aggregate) where !child.operation.isFallible:
            return predicate.isFallible ? nil : pushBelow(aggregate, predicate, node, child)
        case .join(let join) where !child.operation.isFallible:
            return predicate.isFallible ? nil : pushBelow(join, predicate, node, child)
        default: return nil
        }
    }

    /// Moves the conjuncts for which `moved` has a form below the child, the others stay.
    private func split(
        _ predicate: TypedExpression, _ node: LogicalNode, _ child: LogicalNode,
        _ moved: (TypedExpression) -> TypedExpression?
    ) -> LogicalNode? {
        guard let input = child.inputs.first else { return nil }
        var below: [TypedExpression] = []
        var above: [TypedExpression] = []
        for conjunct in predicate.conjuncts {
            if let form = moved(conjunct) { below.append(form) } else { above.append(conjunct) }
        }
        // Apart, a conjunct that can fail would see other rows than together.
        guard !below.isEmpty, above.isEmpty || !predicate.isFallible else { return nil }
        var copy = child
        copy.inputs[0] = filtered(input, below, node.span)
        return stacked(copy, above, node.span)
    }

    /// For a child whose first columns are those of its first input.
    private func splitOnFirst(
        _ predicate: TypedExpression, _ node: LogicalNode, _ child: LogicalNode
    ) -> LogicalNode? {
        let width = child.inputs.first?.schema.fields.count ?? 0
        return split(predicate, node, child) { conjunct in
            conjunct.columns.allSatisfy { $0 < width } ? conjunct : nil
        }
    }

    private func filtered(
        _ input: LogicalNode, _ conjuncts: [TypedExpression], _ span: SourceSpan?
    ) -> LogicalNode {
        guard let predicate = TypedExpression.conjunction(conjuncts) else { return input }
        let filter = Filter(predicate: predicate)
        let node = LogicalNode(
            .filter(filter), inputs: [input], schema: filter.schema(input.schema), span: span)
        // As far as it goes, in one go.
        return push(predicate, node, below: input) ?? node
    }

    /// The conjunct over the columns below, where it reads only columns that are passed through.
    private func substituted(
        _ conjunct: TypedExpression, _ columns: [NamedExpression]
    ) -> TypedExpression? {
        let isPassed = conjunct.columns.allSatisfy {
            columns.indices.contains($0) && columns[$0].expression.columnIndex != nil
        }
        guard isPassed else { return nil }
        return conjunct.mapColumns { columns[$0].expression.columnIndex ?? $0 }
    }

    private func pushIntoUnion(
        _ predicate: TypedExpression, _ node: LogicalNode, _ child: LogicalNode
    ) -> LogicalNode {
        var copy = child
        copy.inputs = child.inputs.map { filtered($0, [predicate.reading($0.schema)], node.span) }
        return copy
    }

    /// A whole partition is kept or dropped by what its key says.
    private func pushBelow(
        _ window: Window, _ predicate: TypedExpression, _ node: LogicalNode, _ child: LogicalNode
    ) -> LogicalNode? {
        let keys = window.calls.map { Set($0.partitionBy.compactMap(\.columnIndex)) }
        guard let first = keys.first else { return nil }
        let common = keys.dropFirst().reduce(first) { $0.intersection($1) }
        return split(predicate, node, child) { common.isSuperset(of: $0.columns) ? $0 : nil }
    }

    private func pushBelow(
        _ aggregate: Aggregate, _ predicate: TypedExpression, _ node: LogicalNode,
        _ child: LogicalNode
    ) -> LogicalNode? {
        // Without groups there is a row even for no input; in grouping sets a key may be left out.
        guard !aggregate.groups.isEmpty, aggregate.groupingSets == nil,
            aggregate.eventWindow == nil
        else { return nil }
        return split(predicate, node, child) { conjunct in
            let columns = conjunct.columns
            guard !columns.isEmpty, columns.allSatisfy({ $0 < aggregate.groups.count }) else {
                return nil
            }
            let form = conjunct.replacingColumns { aggregate.groups[$0].expression }
            return form.depth <= TypedExpression.maximumDepth ? form : nil
        }
    }

    private func pushBelow(
        _ join: Join, _ predicate: TypedExpression, _ node: LogicalNode, _ child: LogicalNode
    ) -> LogicalNode? {
        guard child.inputs.count == 2 else { return nil }
        let width = child.inputs[0].schema.fields.count
        let takesLeft: [JoinKind] = [.inner, .cross, .left, .semi, .anti]
        let takesRight: [JoinKind] = [.inner, .cross, .right]
        var left: [TypedExpression] = []
        var right: [TypedExpression] = []
        var above: [TypedExpression] = []
        for conjunct in predicate.conjuncts {
            let columns = conjunct.columns
            if takesLeft.contains(join.kind), columns.allSatisfy({ $0 < width }) {
                left.append(conjunct.reading(child.inputs[0].schema))
            } else if takesRight.contains(join.kind), columns.allSatisfy({ $0 >= width }) {
                right.append(conjunct.mapColumns { $0 - width }.reading(child.inputs[1].schema))
            } else {
                above.append(conjunct)
            }
        }
        guard !left.isEmpty || !right.isEmpty else { return nil }
        var copy = child
        copy.inputs[0] = filtered(child.inputs[0], left, node.span)
        copy.inputs[1] = filtered(child.inputs[1], right, node.span)
        return stacked(copy, above, node.span)
    }

    /// What could not move stays on top.
    private func stacked(
        _ input: LogicalNode, _ conjuncts: [TypedExpression], _ span: SourceSpan?
    ) -> LogicalNode {
        guard let predicate = TypedExpression.conjunction(conjuncts) else { return input }
        let filter = Filter(predicate: predicate)
        return LogicalNode(
            .filter(filter), inputs: [input], schema: filter.schema(input.schema), span: span)
    }
}

extension TypedExpression {
    /// The same over columns that may be null in other places.
    func reading(_ schema: Schema) -> TypedExpression {
        rewritten { expression in
            guard let index = expression.columnIndex, schema.fields.indices.contains(index),
                schema.fields[index].nullable, !expression.isNullable
            else { return expression }
            var copy = expression
            copy.isNullable = true
            return copy
        }
    }
}

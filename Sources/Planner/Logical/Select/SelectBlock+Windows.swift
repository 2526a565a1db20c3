import PipelineDSL

extension SelectBlock {
    /// Computes the window functions, behind all columns so far.
    func window() -> Bool {
        guard !context.windows.isEmpty else { return true }
        guard let outer = outerPartition() else { return false }
        var calls: [Window.Call] = []
        var isComplete = true
        for call in context.windows {
            if var call = resolved(call) {
                call.partitionBy = outer + call.partitionBy
                calls.append(call)
            } else {
                isComplete = false
            }
        }
        guard isComplete else { return false }
        windowOffset = node.schema.fields.count
        let fields = calls.map { Field($0.name, $0.type, nullable: $0.isNullable) }
        node = LogicalNode(
            .window(Window(calls: calls)), inputs: [node],
            schema: Schema(node.schema.fields + fields), span: select.span)
        return true
    }

    /// Each outer row has partitions of its own.
    func outerPartition() -> [TypedExpression]? {
        if let grouping {
            return grouping.outer.indices.map { node.column(grouping.outerPosition($0)) }
        }
        return correlationKeys()?.map(\.inner)
    }

    private func resolved(_ call: Window.Call) -> Window.Call? {
        var copy = call
        guard let arguments = resolved(call.arguments), let partition = resolved(call.partitionBy),
            let order = resolved(call.orderBy)
        else { return nil }
        copy.arguments = arguments
        copy.partitionBy = partition
        copy.orderBy = order
        if let filter = call.filter {
            guard let filter = resolved(filter) else { return nil }
            copy.filter = filter
        }
        let all = arguments + partition + order.map(\.expression) + (copy.filter.map { [$0] } ?? [])
        return all.contains { rejectOuter($0) } ? nil : copy
    }

    func resolved(_ expressions: [TypedExpression]) -> [TypedExpression]? {
        let resolved = expressions.map { self.resolved($0) }
        return resolved.allSatisfy { $0 != nil } ? resolved.compactMap(\.self) : nil
    }

    func resolved(_ keys: [SortKey]) -> [SortKey]? {
        guard let expressions = resolved(keys.map(\.expression)) else { return nil }
        return zip(keys, expressions).map {
            SortKey($1, descending: $0.descending, nullsFirst: $0.nullsFirst)
        }
    }
}

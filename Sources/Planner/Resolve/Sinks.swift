import PipelineDSL

extension Checker {
    mutating func checkSink(_ sink: SinkDeclaration) -> CheckedNode? {
        let resolved = resolve(sink.name, sink.binding, sink.format, .sink)
        guard let input = relation(sink.from) else { return nil }
        guard let body = written(sink, input), let resolved else { return nil }
        let problems = resolved.connector.check(
            resolved.settings, schema: body.schema, role: .sink)
        bag.add(contentsOf: problems)
        guard !problems.contains(where: { $0.severity == .error }) else { return nil }
        return CheckedNode(
            name: sink.name.value, kind: .sink, description: sink.description, schema: body.schema,
            body: body, sink: sinkPlan(sink, resolved), span: sink.span,
            places: places(of: sink, resolved))
    }

    private func places(
        of sink: SinkDeclaration, _ resolved: ResolvedBinding
    ) -> [String: SourceSpan] {
        var places = resolved.places
        places["from"] = sink.from.span
        places.merge(sink.batch?.places.prefixed("batch") ?? [:]) { $1 }
        places.merge(sink.onError?.places.prefixed("on_error") ?? [:]) { $1 }
        return places
    }

    private func sinkPlan(_ sink: SinkDeclaration, _ resolved: ResolvedBinding) -> SinkPlan {
        var plan = SinkPlan(
            binding: resolved.plan, format: resolved.format, batchRows: sink.batch?.integer("rows"),
            batchBytes: sink.batch?.size("bytes"), batchEvery: sink.batch?.duration("every"))
        if let retries = sink.onError?.integer("retries") { plan.retries = retries }
        if let backoff = sink.onError?.duration("backoff") { plan.backoff = backoff }
        plan.deadLetter = sink.onError?.string("dead_letter")
        return plan
    }

    /// What is written: some of the rows, some of the columns.
    private mutating func written(_ sink: SinkDeclaration, _ input: LogicalNode) -> LogicalNode? {
        var node = input
        var isRight = true
        if let filter = sink.filter {
            let scope = Scope(node.schema, name: sink.from.value)
            if let predicate = condition(filter, scope) {
                node = LogicalNode(
                    .filter(Filter(predicate: predicate)), inputs: [node], schema: node.schema,
                    span: filter.span, step: "where")
            } else {
                isRight = false
            }
        }
        guard let select = sink.select else { return isRight ? node : nil }
        guard let columns = selected(select, node, sink), isRight else { return nil }
        let project = Project(columns: columns)
        return LogicalNode(
            .project(project), inputs: [node], schema: project.schema,
            span: select.first.map { $0.name.span.through(select.last?.name.span ?? $0.name.span) },
            step: "select")
    }

    private mutating func selected(
        _ entries: [SelectEntry], _ node: LogicalNode, _ sink: SinkDeclaration
    ) -> [NamedExpression]? {
        let scope = Scope(node.schema, name: sink.from.value)
        var columns: [NamedExpression] = []
        var isRight = true
        for entry in entries {
            guard let expression = expression(entry.expression, scope) else {
                isRight = false
                continue
            }
            if columns.contains(where: { $0.name == entry.name.value }) {
                bag.add(
                    Diagnostic(
                        .columnTaken, "there is already a column `\(entry.name.value)`",
                        at: entry.name.span))
                isRight = false
            }
            columns.append(
                NamedExpression(
                    entry.name.value, expression, pii: expression.pii(over: node.schema)))
        }
        guard isRight, !columns.isEmpty else {
            if isRight {
                bag.add(
                    Diagnostic(
                        .noColumns, "sink `\(sink.name.value)` selects no columns",
                        at: sink.name.span))
            }
            return nil
        }
        return columns
    }
}

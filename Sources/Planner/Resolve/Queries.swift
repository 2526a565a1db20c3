import PipelineDSL

extension Checker {
    /// The rows of a query; `input` is what the name `input` means in it.
    mutating func plan(_ query: Query, input: LogicalNode?) -> LogicalNode? {
        var lookup = self
        lookup.bag = DiagnosticBag()
        let names = directory.relations.filter { !NodeDirectory.isQuery($0) }
        let planner = SelectPlanner(
            checker: expressions, relationNames: (input == nil ? [] : ["input"]) + names
        ) { path in
            lookup.queried(path, input)
        }
        let node = planner.plan(query, diagnostics: &bag)
        bag.add(contentsOf: lookup.bag.all)
        guard let node, isBounded(node, query.span) else { return nil }
        return node.tightened()
    }

    private mutating func queried(
        _ path: [Identifier], _ input: LogicalNode?
    ) -> SelectPlanner.Relation {
        guard let first = path.first, let last = path.last else { return .unknown }
        let written = path.map(\.text).joined(separator: ".")
        if path.count == 1, let input, written.lowercased() == "input" { return .found(input) }
        guard let name = directory.queried(written) else { return .unknown }
        let span = first.span.through(last.span)
        return relation(Spanned(name, span)).map { .found($0) } ?? .failed
    }

    /// What a sink has written, as a source of the query.
    func checkWritten(_ name: String, _ sink: SinkDeclaration) -> CheckedNode? {
        guard let node = nodes[sink.name.value], let binding = node.sink?.binding else {
            return nil
        }
        return CheckedNode(
            name: name, kind: .source, description: "What \(sink.name.value) has written",
            schema: node.schema,
            scan: ScanPlan(binding: binding, format: nil, fields: node.schema, projection: []),
            span: sink.span)
    }

    /// Every walk over a tree relies on its depth, and on that of its expressions.
    private mutating func isBounded(_ node: LogicalNode, _ span: SourceSpan) -> Bool {
        guard node.depth <= LogicalNode.maximumDepth else {
            bag.add(.tooDeep(at: span))
            return false
        }
        guard let deep = node.tooDeepExpression else { return true }
        bag.add(.tooDeep(at: deep.span ?? span))
        return false
    }
}

extension LogicalNode {
    fileprivate var tooDeepExpression: TypedExpression? {
        let own = operation.expressions.lazy.map(\.expression).first {
            $0.depth > TypedExpression.maximumDepth
        }
        return own ?? inputs.lazy.compactMap(\.tooDeepExpression).first
    }
}

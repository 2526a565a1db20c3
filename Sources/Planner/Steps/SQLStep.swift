import PipelineDSL

struct SQLStep: StepSignature {
    let name = "sql"
    let documentation = """
        Anything else: a `SELECT` in which `input` is the relation so far. Other nodes may be read as
        well.

        ```yaml
        - sql: |
            SELECT vehicle_id, max(speed_kmh) AS top_speed
            FROM input
            GROUP BY vehicle_id
        ```
        """
    let body = SettingKind.query

    func references(_ step: StepDeclaration) -> [Spanned<String>] {
        guard let source = step.body.scalar?.source else { return [] }
        return QueryTables.names(in: source).filter { $0.value != "input" }
    }

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let setting = context.value(step, body), case .expression(let source) = setting.kind
        else { return nil }
        let (query, problems) = SQLParser.query(source)
        context.diagnostics.add(contentsOf: problems)
        guard let query, !problems.contains(where: { $0.severity == .error }) else { return nil }
        return context.query(query, input, &context.diagnostics)
    }
}

import PipelineDSL

extension Checker {
    /// The node, or the rows of several under each other, column by column by name.
    mutating func union(_ from: [Spanned<String>], of transform: Spanned<String>) -> LogicalNode? {
        var inputs: [(name: Spanned<String>, node: LogicalNode)] = []
        var isComplete = true
        for name in from {
            if let node = relation(name) {
                inputs.append((name, node))
            } else {
                isComplete = false
            }
        }
        guard isComplete, let first = inputs.first else { return nil }
        guard inputs.count > 1 else { return first.node }
        guard let schema = commonSchema(inputs) else { return nil }
        return LogicalNode(
            .union(Union()), inputs: inputs.map { aligned($0.node, to: schema) }, schema: schema,
            span: first.name.span.through(from.last?.span ?? first.name.span))
    }

    /// The columns of all in the order in which they first appear.
    private mutating func commonSchema(
        _ inputs: [(name: Spanned<String>, node: LogicalNode)]
    ) -> Schema? {
        var names: [String] = []
        for input in inputs {
            for name in input.node.schema.names where !names.contains(name) { names.append(name) }
        }
        var fields: [Field] = []
        for name in names {
            guard let field = commonField(name, inputs) else { continue }
            fields.append(field)
        }
        return fields.count == names.count ? Schema(fields) : nil
    }

    private mutating func commonField(
        _ name: String, _ inputs: [(name: Spanned<String>, node: LogicalNode)]
    ) -> Field? {
        var result: Field?
        for input in inputs {
            guard let field = input.node.schema.fields.first(where: { $0.name == name }) else {
                continue
            }
            guard let known = result else {
                result = field
                continue
            }
            guard let type = TypeRules.common(known.type, field.type) else {
                bag.add(
                    Diagnostic(
                        .unionTypes,
                        "column `\(name)` is \(known.type) in `\(inputs[0].name.value)` and "
                            + "\(field.type) in `\(input.name.value)`",
                        at: input.name.span,
                        notes: [
                            "cast one of them in a transform of its own: "
                                + "`- cast: { \(name): \"\(known.type)\" }`"
                        ]))
                return nil
            }
            result = Field(
                name, type, nullable: known.nullable || field.nullable,
                pii: mergedPII(known.pii, field.pii))
        }
        let isEverywhere = inputs.allSatisfy { input in
            input.node.schema.fields.contains { $0.name == name }
        }
        if !isEverywhere { result?.nullable = true }
        return result
    }

    private func aligned(_ node: LogicalNode, to schema: Schema) -> LogicalNode {
        let columns = schema.fields.map { field -> NamedExpression in
            guard let index = node.schema.fields.firstIndex(where: { $0.name == field.name }) else {
                return NamedExpression(field.name, .literal(.null, field.type), pii: field.pii)
            }
            return NamedExpression(
                field.name, .column(index, of: node.schema).converted(to: field.type),
                pii: node.schema.fields[index].pii)
        }
        let project = Project(columns: columns)
        if project.isIdentity, columns.count == node.schema.fields.count { return node }
        return LogicalNode(
            .project(project), inputs: [node], schema: project.schema, span: node.span)
    }
}

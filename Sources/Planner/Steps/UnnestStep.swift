import PipelineDSL

struct UnnestStep: StepSignature {
    let name = "unnest"
    let documentation = """
        One row for each element of an array; the element takes the place of the array.

        ```yaml
        - unnest: { column: tags, as: tag }
        ```

        A row whose array is null or empty yields none, or, with `keep_empty: true`, one with a null.
        `position: n` adds the element's position, counted from 1.
        """

    private static let settings = [
        SettingSignature("column", .name, required: true, "A column that is an array."),
        SettingSignature("as", .name, "What the element is called; the column's name by default."),
        SettingSignature(
            "keep_empty", .boolean, default: "false", "Whether a row without elements is kept."),
        SettingSignature("position", .name, "A column for the element's position."),
    ]

    let body = SettingKind.object(Self.settings)

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let settings = context.settings(step, Self.settings),
            let column = settings.spannedName("column"),
            let index = context.position(column, in: input)
        else { return nil }
        let field = input.schema.fields[index]
        guard case .array(let element) = field.type else {
            context.diagnostics.add(
                Diagnostic(
                    .columnKind, "`\(column.value)` is \(field.type), not an array",
                    at: column.span))
            return nil
        }
        let name = settings.spannedName("as") ?? column
        var others = input.schema
        others.fields.remove(at: index)
        guard context.isFree(name, in: others) else { return nil }
        let position = settings.spannedName("position")
        if let position {
            let taken = Schema(others.fields + [Field(name.value, element)])
            guard context.isFree(position, in: taken) else { return nil }
        }
        let keepsEmpty = settings.boolean("keep_empty") ?? false
        // Until the array is gone, both have to be told apart.
        let unnest = Unnest(
            list: .column(index, of: input.schema, span: column.span), name: name.value,
            ordinality: position?.value, keepEmpty: keepsEmpty)
        var schema = input.schema
        schema.fields.append(Field(name.value, element, pii: field.pii))
        if let position {
            schema.fields.append(Field(position.value, .bigint, nullable: keepsEmpty))
        }
        let unnested = LogicalNode(
            .unnest(unnest), inputs: [input], schema: schema, span: step.name.span,
            places: settings.places)
        return inPlace(unnested, index, step)
    }

    /// The element where the array was, the position right behind it.
    private func inPlace(
        _ node: LogicalNode, _ index: Int, _ step: StepDeclaration
    ) -> LogicalNode {
        let width = node.inputs[0].schema.fields.count
        var order = Array(0..<width)
        order.replaceSubrange(index...index, with: Array(width..<node.schema.fields.count))
        return node.projected(order.map { node.passed($0) }, step: step)
    }
}

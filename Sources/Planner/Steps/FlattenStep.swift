import PipelineDSL

struct FlattenStep: StepSignature {
    let name = "flatten"
    let documentation = """
        The fields of a struct as columns, in its place.

        ```yaml
        - flatten: { column: device, prefix: device_ }
        ```

        Where the struct is null, so are its fields.
        """

    private static let settings = [
        SettingSignature("column", .name, required: true, "A column that is a struct."),
        SettingSignature("prefix", .string, "What the names of the columns start with."),
    ]

    let body = SettingKind.either([.name, .object(Self.settings)])

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let setting = context.value(step, body) else { return nil }
        let column: Spanned<String>
        var prefix = ""
        switch setting.kind {
        case .symbol(let text): column = Spanned(text, setting.span)
        case .object(let settings):
            guard let name = settings.spannedName("column") else { return nil }
            column = name
            if let source = settings.expression("prefix") { prefix = context.text(source) ?? "" }
        default: return nil
        }
        guard let index = context.position(column, in: input) else { return nil }
        let field = input.schema.fields[index]
        guard case .structure(let parts) = field.type else {
            context.diagnostics.add(
                Diagnostic(
                    .columnKind, "`\(column.value)` is \(field.type), not a struct",
                    at: column.span))
            return nil
        }
        var columns = input.passedColumns
        columns.remove(at: index)
        var taken = Schema(columns.map(\.field))
        var fields: [NamedExpression] = []
        for (position, part) in parts.enumerated() {
            let name = Spanned(prefix + part.name, column.span)
            guard context.isFree(name, in: taken, notes: ["give the fields a `prefix`"]) else {
                return nil
            }
            taken.fields.append(Field(name.value, part.type))
            fields.append(
                NamedExpression(
                    name.value, access(index, position, part, input, column.span),
                    pii: mergedPII(field.pii, part.pii)))
        }
        columns.insert(contentsOf: fields, at: index)
        guard !columns.isEmpty else {
            context.diagnostics.add(
                Diagnostic(.noColumns, "the struct has no fields", at: column.span))
            return nil
        }
        return input.projected(columns, step: step)
    }

    private func access(
        _ index: Int, _ position: Int, _ part: Field, _ input: LogicalNode, _ span: SourceSpan
    ) -> TypedExpression {
        let structure = TypedExpression.column(index, of: input.schema, span: span)
        return TypedExpression(
            .call("field", [structure, .literal(.integer(Int64(position)), .integer)]),
            type: part.type, nullable: structure.isNullable || part.nullable, fallible: false,
            span: span)
    }
}

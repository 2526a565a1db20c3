import PipelineDSL

struct MaskStep: StepSignature {
    let name = "mask"
    let documentation = """
        Hides personal data. It is the only way, besides aggregation, in which a column loses its
        `pii` class.

        ```yaml
        - mask: { email: hash, phone: partial(4), driver_name: redact }
        ```

        | mask | what is left |
        |---|---|
        | `redact` | `***`; null for what is no text |
        | `hash` | SHA-256 of the text form, in hexadecimal: equal values stay equal |
        | `partial(n)` | `***` and the last n characters; only `***` where there are no more |
        | `tokenize`, `encrypt` | need a key store, which is not there yet |

        Null stays null. A hash of what has few possible values, such as a phone number, can be
        guessed by hashing them all.
        """
    let body = SettingKind.mapping(.string)

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let entries = context.value(step, body)?.mapping else { return nil }
        var columns = input.passedColumns
        var isRight = true
        for entry in entries {
            guard let index = context.position(entry.key, in: input),
                case .string(let source) = entry.value.kind,
                let masked = mask(index, source, input, &context)
            else {
                isRight = false
                continue
            }
            columns[index] = NamedExpression(columns[index].name, masked)
        }
        return isRight ? input.projected(columns, step: step) : nil
    }

    private func mask(
        _ index: Int, _ source: SourceText, _ input: LogicalNode, _ context: inout StepContext
    ) -> TypedExpression? {
        guard let text = context.text(source) else { return nil }
        let field = input.schema.fields[index]
        let name = SQLPrinter.identifier(field.name)
        let isText = field.type == .string
        if let count = Self.partialCount(text) {
            guard isText else {
                context.diagnostics.add(
                    Diagnostic(
                        .columnKind, "`\(field.name)` is \(field.type); only a text has a part to keep",
                        at: source.span, notes: ["use `redact` or `hash`"]))
                return nil
            }
            let kept = "CASE WHEN length(\(name)) > \(count) THEN '***' || right(\(name), \(count))"
            return Self.expression(
                kept + " WHEN \(name) IS NOT NULL THEN '***' END", source, input, &context)
        }
        switch text {
        case "redact":
            guard isText else { return .literal(.null, field.type, span: source.span) }
            return Self.expression(
                "CASE WHEN \(name) IS NOT NULL THEN '***' END", source, input, &context)
        case "hash":
            let value = isText ? name : "CAST(\(name) AS string)"
            return Self.expression("sha256(\(value))", source, input, &context)
        case "tokenize", "encrypt":
            context.diagnostics.add(
                Diagnostic(
                    .cannotMask, "`\(text)` needs a key store, which is not there yet",
                    at: source.span, notes: ["`hash` keeps equal values equal and needs no key"]))
            return nil
        default:
            let near = nearName(text, among: ["redact", "hash", "partial(4)", "tokenize", "encrypt"])
            context.diagnostics.add(
                Diagnostic(
                    .badChoice, "`\(text)` is no mask", at: source.span,
                    label: near.map { "did you mean `\($0)`?" } ?? "",
                    notes: ["masks: `redact`, `hash`, `partial(n)`, `tokenize`, `encrypt`"]))
            return nil
        }
    }

    /// n of `partial(n)`, 1…1000.
    private static func partialCount(_ text: String) -> Int? {
        guard text.hasPrefix("partial("), text.hasSuffix(")"),
            let count = Int(text.dropFirst(8).dropLast()), (1...1000).contains(count)
        else { return nil }
        return count
    }

    /// SQL that stands for what is written in the spec: errors of rows point there.
    private static func expression(
        _ sql: String, _ source: SourceText, _ input: LogicalNode, _ context: inout StepContext
    ) -> TypedExpression? {
        let text = SourceText(text: sql, file: source.span.file)
        return context.expression(text, over: input)?.rewritten { expression in
            var expression = expression
            expression.span = source.span
            return expression
        }
    }
}

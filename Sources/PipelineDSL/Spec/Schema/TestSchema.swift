/// What may stand under `tests:`, as JSON Schema. Which columns rows have is known only to who knows
/// the pipeline.
struct TestSchema {
    private let writer: SchemaWriter

    init(_ writer: SchemaWriter) { self.writer = writer }

    var test: JSONText {
        .object(
            writer.object(
                TestGrammar.signatures,
                overriding: ["given": given, "then": list(step), "expect": expect]))
    }

    private func list(_ items: JSONText) -> JSONText {
        .object([.init("type", .string("array")), .init("items", items)])
    }

    private func anyOf(_ choices: JSONText...) -> JSONText {
        .object([.init("anyOf", .array(choices))])
    }

    private var rows: JSONText { list(.object([.init("type", .string("object"))])) }

    private var given: JSONText {
        let form = JSONText.object(
            writer.object(TestGrammar.given, overriding: ["rows": rows]))
        return writer.named(anyOf(rows, form, .object([.init("type", .string("null"))])))
    }

    private var step: JSONText {
        let mapping = JSONText.object(
            writer.object(TestGrammar.step, overriding: ["rows": given])
                + [.init("minProperties", .integer(1)), .init("maxProperties", .integer(1))])
        return anyOf(
            .object([.init("enum", .array([.string("restart"), .string("end")]))]), mapping)
    }

    private var expect: JSONText {
        let form = JSONText.object(
            writer.object(TestGrammar.rows, overriding: ["rows": rows, "contains": rows]))
        let node = anyOf(rows, form)
        let outcomes = TestGrammar.outcomes.map { signature in
            JSONText.Member(
                signature.name,
                .object(
                    [.init("description", .string(signature.documentation))].appending(
                        writer.schema(signature.kind))))
        }
        return .object([
            .init("type", .string("object")), .init("properties", .object(outcomes)),
            .init("additionalProperties", node),
        ])
    }
}

extension [JSONText.Member] {
    fileprivate func appending(_ schema: JSONText) -> [JSONText.Member] {
        if case .object(let members) = schema { self + members } else { self }
    }
}

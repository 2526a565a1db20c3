enum TestGrammar {
    static let signatures = [
        SettingSignature("given", .node, "Rows by source."),
        SettingSignature("then", .node, "What happens: `advance`, `crash`, `restart`, in order."),
        SettingSignature(
            "expect", .node, required: true, "Rows by table; `dead_letters` for rejected ones."),
        SpecGrammar.description,
    ]
}

extension SpecBuilder {
    mutating func readTests(_ section: YAMLNode.Entry) {
        let example = "it_works: { given: {…}, expect: {…} }"
        for entry in declarations(section, example: example) {
            guard declare(entry.name, "test") else { continue }
            let settings = reader.settings(
                entry.value, TestGrammar.signatures, subject: "test `\(entry.name.value)`",
                place: entry.name.span)
            let given = shaped(settings.node("given"), "given", .mapping(.node))
            let then = shaped(settings.node("then"), "then", .list(.node))
            let expect = shaped(settings.node("expect"), "expect", .mapping(.node))
            spec.tests.append(
                TestDeclaration(
                    name: entry.name, given: given, then: then, expect: expect,
                    span: entry.name.span.through(entry.value.span)))
        }
    }

    private mutating func shaped(
        _ node: YAMLNode?, _ name: String, _ kind: SettingKind
    ) -> YAMLNode? {
        guard let node, !node.isNull else { return nil }
        return reader.value(node, kind, name: name) == nil ? nil : node
    }
}

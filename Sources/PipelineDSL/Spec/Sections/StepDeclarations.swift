extension SpecBuilder {
    /// A list of mappings with one key each.
    mutating func steps(_ node: YAMLNode?) -> [StepDeclaration] {
        guard let node, !node.isNull else { return [] }
        guard let items = node.items else {
            reader.wrongType(
                node, "`steps` must be a list, not \(node.described)",
                notes: ["each step starts with `- `: `- where: speed_kmh > 0`"])
            return []
        }
        return items.compactMap { step($0) }
    }

    private mutating func step(_ node: YAMLNode) -> StepDeclaration? {
        guard let entries = node.entries, let first = entries.first else {
            reader.diagnostics.add(
                Diagnostic(
                    .badStep, "a step is a mapping with one key, not \(node.described)",
                    at: node.span, notes: ["for example `- where: speed_kmh > 0`"]))
            return nil
        }
        if entries.count > 1 { tooManyKeys(entries, first) }
        return StepDeclaration(name: first.name, body: first.value)
    }

    private mutating func tooManyKeys(_ entries: [YAMLNode.Entry], _ first: YAMLNode.Entry) {
        let second = entries[1]
        let isOutdented = first.value.isNull
        reader.diagnostics.add(
            Diagnostic(
                .badStep, "a step has one key, and this one has \(entries.count)",
                at: second.key.span,
                label: isOutdented
                    ? "indent this under `\(first.name.value)`" : "a step of its own?",
                secondary: [.init(first.key.span, "the step")],
                notes: [
                    isOutdented
                        ? "settings of a step stand deeper than its name"
                        : "each step starts with `- `"
                ]))
    }
}

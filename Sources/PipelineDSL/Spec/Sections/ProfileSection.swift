extension SpecBuilder {
    /// Read last: a key is a node's name, or else a setting of the profile itself.
    mutating func readProfiles(_ section: YAMLNode.Entry) {
        let example = "local: { orders: { files: { path: data/*.csv } } }"
        for entry in declarations(section, example: example) {
            guard declare(entry.name, "profile", .profile) else { continue }
            profile(entry)
        }
    }

    private mutating func profile(_ entry: YAMLNode.Entry) {
        var profile = ProfileDeclaration(name: entry.name)
        defer { spec.profiles.append(profile) }
        guard !entry.value.isNull else { return }
        guard let overrides = entry.value.entries else {
            return reader.wrongType(
                entry.value,
                "profile `\(entry.name.value)` must be a mapping, not \(entry.value.described)",
                notes: ["write `\(entry.name.value): { node: { connector: {…} } }`"])
        }
        let nodes = names.all(in: "node")
        for override in overrides {
            if nodes.contains(override.name.value) {
                if let binding = nodeBinding(override) { profile.bindings.append(binding) }
            } else if override.value.entries != nil {
                unknownNode(override.name, nodes, entry.name)
            } else {
                profile.settings.append(override)
            }
        }
    }

    private mutating func nodeBinding(
        _ override: YAMLNode.Entry
    ) -> ProfileDeclaration.NodeBinding? {
        let connectors = (override.value.entries ?? []).filter { $0.name.value != "format" }
        guard let first = connectors.first, connectors.count == 1 else {
            reader.diagnostics.add(
                Diagnostic(
                    .oneKeyExpected,
                    "`\(override.name.value)` needs exactly one connector in a profile",
                    at: connectors.dropFirst().first?.key.span ?? override.name.span,
                    notes: ["for example `\(override.name.value): { files: { path: data/ } }`"]))
            return nil
        }
        return ProfileDeclaration.NodeBinding(
            node: override.name, binding: Binding(connector: first.name, settings: first.value),
            format: format(override.value["format"]))
    }

    private mutating func unknownNode(
        _ name: Spanned<String>, _ nodes: [String], _ profile: Spanned<String>
    ) {
        let near = nearName(name.value, among: nodes)
        reader.diagnostics.add(
            Diagnostic(
                .unknownProfileNode,
                "profile `\(profile.value)` binds `\(name.value)`, which is no node", at: name.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: ["nodes: \(quotedList(nodes))"],
                fix: near.map { .init("use `\($0)`", span: name.span, replacement: $0) }))
    }
}

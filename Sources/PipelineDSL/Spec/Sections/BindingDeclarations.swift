/// Connector keys and formats, which the catalogue knows and the reader does not.
extension SpecBuilder {
    /// Finds the connector among the keys of a source or sink.
    ///
    /// Any key that is not of the language is taken as the connector if it is the only one. Where
    /// there are more, a key that looks like one of the language's, or whose value is no mapping,
    /// is taken as a mistake rather than as a connector.
    ///
    /// - Returns: the binding, and the node without it.
    mutating func binding(
        _ entry: YAMLNode.Entry, _ what: String, _ signatures: [SettingSignature]
    ) -> (Binding?, YAMLNode) {
        let known = Set(signatures.map(\.name))
        let entries = entry.value.entries ?? []
        let candidates = connectorCandidates(
            entries.filter { !known.contains($0.name.value) }, known)
        guard let first = candidates.first else {
            if entry.value.entries != nil || entry.value.isNull {
                noConnector(entry.name, what, found: entries)
            }
            return (nil, entry.value)
        }
        if candidates.count > 1 { severalConnectors(candidates, what, entry.name) }
        let names = Set(candidates.map(\.name.value))
        let rest = entry.value.filtered { !names.contains($0) }
        guard candidates.count == 1 else { return (nil, rest) }
        return (Binding(connector: first.name, settings: first.value), rest)
    }

    private func connectorCandidates(
        _ unknown: [YAMLNode.Entry], _ known: Set<String>
    ) -> [YAMLNode.Entry] {
        let sure = unknown.filter { connectors.contains($0.name.value) }
        if !sure.isEmpty { return sure }
        var candidates = unknown.filter { entry in
            nearName(entry.name.value, among: known) == nil
        }
        if candidates.count > 1 {
            let mappings = candidates.filter { $0.value.entries != nil }
            if !mappings.isEmpty { candidates = mappings }
        }
        return candidates
    }

    private mutating func noConnector(
        _ name: Spanned<String>, _ what: String, found: [YAMLNode.Entry]
    ) {
        let verb = what == "sink" ? "goes to" : "comes from"
        let list = connectors.isEmpty ? "" : ": \(quotedList(connectors.sorted()))"
        reader.diagnostics.add(
            Diagnostic(
                .noConnector, "\(what) `\(name.value)` does not say where it \(verb)",
                at: name.span, label: "no connector",
                notes: [
                    "add one connector key" + list,
                    what == "sink"
                        ? "for example `files: { path: out/ }`"
                        : "for example `files: { path: data/*.csv }`",
                ]))
    }

    private mutating func severalConnectors(
        _ candidates: [YAMLNode.Entry], _ what: String, _ name: Spanned<String>
    ) {
        let keys = quotedList(candidates.map(\.name.value))
        reader.diagnostics.add(
            Diagnostic(
                .severalConnectors,
                "\(what) `\(name.value)` has more than one connector: \(keys)",
                at: candidates.dropFirst().first?.key.span ?? name.span, label: "a second one",
                secondary: candidates.first.map { [.init($0.key.span, "the first")] } ?? [],
                notes: ["declare a \(what) for each"]))
    }

    /// `csv`, or `{ csv: {…} }`.
    mutating func format(_ node: YAMLNode?) -> FormatDeclaration? {
        guard let node else { return nil }
        if let entries = node.entries {
            guard let first = entries.first, entries.count == 1 else {
                reader.diagnostics.add(
                    Diagnostic(
                        .oneKeyExpected, "`format` needs exactly one key, not \(entries.count)",
                        at: node.span,
                        notes: ["write `format: { csv: { delimiter: \";\" } }`"]))
                return nil
            }
            return FormatDeclaration(name: first.name, settings: first.value)
        }
        guard let value = reader.value(node, .name, name: "format"),
            case .symbol(let name) = value.kind
        else { return nil }
        return FormatDeclaration(name: Spanned(name, node.span))
    }

    static let formatSignature = SettingSignature(
        "format", .node, "How bytes become rows: `csv`, or `{ csv: { delimiter: \";\" } }`.")
}

extension SettingsReader {
    mutating func object(
        _ node: YAMLNode, _ signatures: [SettingSignature], name: String, place: SourceSpan?
    ) -> SettingValue? {
        guard node.entries != nil || node.isNull else {
            wrongType(node, .object(signatures), name)
            return nil
        }
        let settings = settings(node, signatures, subject: "`\(name)`", place: place)
        return SettingValue(.object(settings), span: node.span)
    }

    mutating func variant(
        _ node: YAMLNode, _ variants: [String: [SettingSignature]], name: String, place: SourceSpan?
    ) -> SettingValue? {
        guard let entries = node.entries else {
            wrongType(node, .variant(variants), name)
            return nil
        }
        let known = variants.keys.sorted()
        guard let first = entries.first, entries.count == 1 else {
            diagnostics.add(
                Diagnostic(
                    .oneKeyExpected, "`\(name)` needs exactly one key, not \(entries.count)",
                    at: place ?? node.span,
                    secondary: entries.dropFirst().map { .init($0.key.span, "one too many") },
                    notes: ["one of: \(quotedList(known))"]))
            return nil
        }
        let key = first.name
        guard let signatures = variants[key.value] else {
            unknownKey(key, among: known, written: [], "`\(name)`")
            return nil
        }
        let settings = settings(
            first.value, signatures, subject: "`\(key.value)`", place: key.span)
        return SettingValue(.variant(key, settings), span: node.span)
    }

    mutating func list(
        _ node: YAMLNode, _ element: SettingKind, name: String
    ) -> SettingValue? {
        guard let items = node.items else {
            wrongType(node, .list(element), name)
            return nil
        }
        let values = items.compactMap { value($0, element, name: name) }
        return SettingValue(.list(values), span: node.span)
    }

    mutating func mapping(
        _ node: YAMLNode, _ element: SettingKind, name: String
    ) -> SettingValue? {
        guard let entries = node.entries else {
            wrongType(node, .mapping(element), name)
            return nil
        }
        let values = entries.compactMap { entry -> SettingValue.MappingEntry? in
            let key = entry.name
            return value(entry.value, element, name: key.value, place: key.span).map {
                .init(key: key, value: $0)
            }
        }
        return SettingValue(.mapping(values), span: node.span)
    }

    mutating func names(_ node: YAMLNode, name: String) -> SettingValue? {
        guard node.entries == nil else {
            wrongType(node, .names, name)
            return nil
        }
        var names: [Spanned<String>] = []
        for item in node.items ?? [node] {
            guard case .symbol(let text)? = scalar(item, .name, name: name)?.kind else { continue }
            if let first = names.first(where: { $0.value == text }) {
                diagnostics.add(
                    Diagnostic(
                        .listedTwice, "`\(text)` is listed twice in `\(name)`", at: item.span,
                        secondary: [.init(first.span, "first listed here")]))
            } else {
                names.append(Spanned(text, item.span))
            }
        }
        return SettingValue(.names(names), span: node.span)
    }

    /// The first kind that fits; else the mistakes of the first kind with the shape of what is
    /// written, which is the one that was probably meant.
    mutating func either(
        _ node: YAMLNode, _ kinds: [SettingKind], name: String, place: SourceSpan?
    ) -> SettingValue? {
        let fitting = kinds.filter { $0.hasShape(of: node) }
        guard let first = fitting.first else {
            wrongType(node, .either(kinds), name)
            return nil
        }
        for kind in fitting {
            var attempt = SettingsReader(values: values)
            let value = attempt.value(node, kind, name: name, place: place)
            if let value, attempt.diagnostics.all.isEmpty { return value }
        }
        if fitting.count > 1, node.scalar != nil {
            wrongType(node, .either(fitting), name)
            return nil
        }
        return value(node, first, name: name, place: place)
    }
}

extension SettingKind {
    /// Whether a scalar, list or mapping can be meant for this kind at all.
    func hasShape(of node: YAMLNode) -> Bool {
        switch self {
        case .node: true
        case .either(let kinds): kinds.contains { $0.hasShape(of: node) }
        case .list: node.items != nil
        case .oneOrMany(let kind): node.items != nil || kind.hasShape(of: node)
        case .names: node.entries == nil
        case .mapping, .variant: node.entries != nil
        case .object: node.entries != nil || node.isNull
        default: node.scalar != nil
        }
    }
}

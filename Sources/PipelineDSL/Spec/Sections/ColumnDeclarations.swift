enum ColumnGrammar {
    /// `type [not null]`, or a mapping that says more.
    static let declaration = SettingKind.either([.type, .object(signatures)])

    static let signatures = [
        SettingSignature("type", .type, required: true, "The column's type."),
        SettingSignature(
            "required", .boolean, default: "false", "Whether every row must have a value."),
        SettingSignature(
            "pii", .name,
            "The class of personal data: `email`, `name`, `phone`, `address`, `payment`, "
                + "`location`, `id`, or your own. The compiler follows it through every expression."
        ),
        SpecGrammar.description,
    ]
}

extension SpecBuilder {
    /// Columns in the order written; `nil` if it is no mapping at all.
    mutating func columns(_ node: YAMLNode) -> [ColumnDeclaration]? {
        guard let entries = node.entries else {
            reader.wrongType(
                node, "`columns` must be a mapping of names to types, not \(node.described)",
                notes: ["write `columns: { vehicle_id: string not null, speed_kmh: double }`"])
            return nil
        }
        return joiningSplitTypes(entries).compactMap { column($0) }
    }

    private mutating func column(_ entry: YAMLNode.Entry) -> ColumnDeclaration? {
        check(entry.name, .snake)
        let value = reader.value(
            entry.value, ColumnGrammar.declaration, name: entry.name.value, place: entry.name.span)
        switch value?.kind {
        case .type(let type, let notNull):
            return ColumnDeclaration(
                name: entry.name, type: Spanned(type, entry.value.span), isNullable: !notNull)
        case .object(let settings):
            guard case .type(let type, let notNull)? = settings["type"]?.kind,
                let span = settings.span("type")
            else { return nil }
            let isRequired = settings.boolean("required") ?? notNull
            if notNull, settings.boolean("required") == false { contradiction(settings) }
            return ColumnDeclaration(
                name: entry.name, type: Spanned(type, span), isNullable: !isRequired,
                pii: settings.spannedName("pii"), description: settings.text("description"))
        default: return nil
        }
    }

    private mutating func contradiction(_ settings: Settings) {
        guard let required = settings.span("required"), let type = settings.span("type") else {
            return
        }
        reader.diagnostics.add(
            Diagnostic(
                .conflictingSettings, "`required: false` contradicts `not null`", at: required,
                secondary: [.init(type, "`not null` here")], notes: ["remove one of them"]))
    }

    /// In `{ price: decimal(12,2) }` the comma belongs to YAML: it reads a column `price` of type
    /// `decimal(12` and a key `2)` without a value.
    private mutating func joiningSplitTypes(_ entries: [YAMLNode.Entry]) -> [YAMLNode.Entry] {
        var result: [YAMLNode.Entry] = []
        var rest = entries[...]
        while let entry = rest.popFirst() {
            guard let value = entry.value.scalar, value.style == .plain, isOpen(value.text) else {
                result.append(entry)
                continue
            }
            var text = value.text
            var end = entry.value.span
            while isOpen(text), let next = rest.first, next.value.isNull {
                let isTight = next.name.span.start.offset == end.end.offset + 1
                text += (isTight ? "," : ", ") + next.name.value
                end = next.name.span
                rest.removeFirst()
            }
            guard end != entry.value.span, !isOpen(text) else {
                result.append(entry)
                continue
            }
            let span = entry.value.span.through(end)
            reader.diagnostics.add(
                Diagnostic(
                    .splitType, "the comma in `\(text)` ends the entry", at: span,
                    label: "needs quotes inside `{…}`",
                    fix: .init("quote the type", span: span, replacement: "\"\(text)\"")))
        }
        return result
    }

    private func isOpen(_ text: String) -> Bool {
        var depth = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "(") || byte == UInt8(ascii: "<") { depth += 1 }
            if byte == UInt8(ascii: ")") || byte == UInt8(ascii: ">") { depth -= 1 }
        }
        return depth > 0
    }
}

enum SinkGrammar {
    static let signatures = [
        SettingSignature("from", .name, required: true, "The node it writes."),
        SettingSignature("where", .expression, "Which rows."),
        SettingSignature(
            "select", .list(.either([.expression, .mapping(.expression)])),
            "Which columns: names, or `{name: expression}`."),
        SpecBuilder.formatSignature,
        SettingSignature("batch", .object(batch), "How many rows are sent together."),
        SettingSignature(
            "on_error", .object(SourceGrammar.onError), "What to do where writing fails."),
        SpecGrammar.description,
    ]

    static let batch = [
        SettingSignature("rows", .integer(1...1_000_000), "At most so many rows."),
        SettingSignature("bytes", .size, "At most so many bytes."),
        SettingSignature("every", .duration, "At the latest after this time."),
    ]
}

extension SpecBuilder {
    mutating func readSinks(_ section: YAMLNode.Entry) {
        let example = "report: { from: silver.orders, files: { path: out/ } }"
        for entry in declarations(section, example: example) {
            guard declare(entry.name, "sink", in: "node") else { continue }
            sink(entry)
        }
    }

    private mutating func sink(_ entry: YAMLNode.Entry) {
        let name = entry.name
        let (binding, rest) = binding(entry, "sink", SinkGrammar.signatures)
        if let from = rest["from"], from.items != nil { severalInputs(from, name) }
        let isList = rest["from"]?.items != nil
        let settings = reader.settings(
            isList ? rest.filtered { $0 != "from" } : rest,
            SinkGrammar.signatures.filter { !isList || $0.name != "from" },
            subject: "sink `\(name.value)`", place: name.span)
        spec.sinks.append(
            SinkDeclaration(
                name: name, from: settings.spannedName("from") ?? Spanned("", name.span),
                filter: settings.expression("where"), select: select(settings), binding: binding,
                format: format(settings.node("format")), batch: settings.object("batch"),
                onError: settings.object("on_error"), description: settings.text("description"),
                span: name.span.through(entry.value.span)))
    }

    private mutating func severalInputs(_ from: YAMLNode, _ name: Spanned<String>) {
        reader.wrongType(
            from, "sink `\(name.value)` reads one node, not a list",
            notes: ["join them in a transform first: its `from` may be a list"])
    }

    private mutating func select(_ settings: Settings) -> [SelectEntry]? {
        settings.list("select")?.flatMap { value -> [SelectEntry] in
            switch value.kind {
            case .expression(let source): return column(source).map { [$0] } ?? []
            case .mapping(let entries):
                return entries.compactMap { entry in
                    guard case .expression(let source) = entry.value.kind else { return nil }
                    check(entry.key, .snake)
                    return SelectEntry(name: entry.key, expression: source)
                }
            default: return []
            }
        }
    }

    private mutating func column(_ source: SourceText) -> SelectEntry? {
        let isName = source.text.unicodeScalars.allSatisfy {
            $0 == "_" || $0 == "." || $0.properties.isAlphabetic || ("0"..."9").contains($0)
        }
        guard isName else {
            reader.diagnostics.add(
                Diagnostic(
                    .expressionWithoutName, "an expression in `select` needs a name",
                    at: source.span, notes: ["write `- { name: \(source.text) }`"]))
            return nil
        }
        let name = source.text.split(separator: ".").last.map(String.init) ?? source.text
        return SelectEntry(name: Spanned(name, source.span), expression: source)
    }
}

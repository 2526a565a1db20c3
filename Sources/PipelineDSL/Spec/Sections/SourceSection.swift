enum SourceGrammar {
    static let signatures = [
        SpecBuilder.formatSignature,
        SettingSignature("contract", .name, "The contract that rows must meet."),
        SettingSignature(
            "columns", .mapping(ColumnGrammar.declaration),
            "Columns by name, where there is no contract. Without either they are inferred."),
        SettingSignature(
            "event_time", .either([.name, .object(eventTime)]),
            "The column that says when something happened, and how late it may come."),
        SettingSignature(
            "rate", .object(rate), "The load to expect; the planner sizes by it."),
        SettingSignature("on_error", .object(onError), "What to do where reading fails."),
        SettingSignature(
            "rename", .mapping(.name),
            "Their names to ours, before the contract sees them: `{ MMSI: vessel_id }`."),
        SettingSignature(
            "metadata", .object(metadata), "Columns that say where a row came from."),
        SpecGrammar.description,
    ]

    static let eventTime = [
        SettingSignature("column", .name, required: true, "A timestamp column."),
        SettingSignature("watermark", .duration, "How much later than its time a row may come."),
        SettingSignature(
            "idle_after", .duration,
            "After which silence a partition no longer holds the watermark back."),
        SettingSignature(
            "allowed_lateness", .duration,
            "How long after its end a window still takes late rows, and is written anew."),
    ]

    static let rate = [
        SettingSignature("records", .rate, required: true, "Rows in a time."),
        SettingSignature("record_size", .size, "Mean size of one."),
    ]

    static let onError = [
        SettingSignature("retries", .integer(0...1000), "How often to try again."),
        SettingSignature("backoff", .duration, "How long to wait first; it doubles each time."),
        SettingSignature(
            "dead_letter", .either([.boolean, .name]),
            """
            Whether what still fails goes to the dead letters instead of ending the run, or the
            folder of the dead letters it goes to.
            """),
    ]

    static let metadata = MetadataColumn.Kind.allCases.map { kind in
        SettingSignature(kind.rawValue, .name, "The column for it.")
    }
}

extension SpecBuilder {
    mutating func readSources(_ section: YAMLNode.Entry) {
        let example = "orders: { files: { path: data/*.csv }, format: csv }"
        for entry in declarations(section, example: example) {
            guard declare(entry.name, "source", in: "node") else { continue }
            source(entry)
        }
    }

    private mutating func source(_ entry: YAMLNode.Entry) {
        let name = entry.name
        let (binding, rest) = binding(entry, "source", SourceGrammar.signatures)
        let columns = rest["columns"].flatMap { self.columns($0) }
        let settings = reader.settings(
            rest.filtered { $0 != "columns" }, SourceGrammar.signatures,
            subject: "source `\(name.value)`", place: name.span)
        if let contract = settings.keySpan("contract"),
            let key = rest.entries?.first(where: { $0.name.value == "columns" })?.key.span
        {
            conflict("contract", contract, "columns", key, "the contract has the columns")
        }
        spec.sources.append(
            SourceDeclaration(
                name: name, binding: binding, format: format(settings.node("format")),
                contract: settings.spannedName("contract"), columns: columns,
                eventTime: eventTime(settings), rate: settings.object("rate"),
                onError: settings.object("on_error"), rename: renames(settings),
                metadata: metadata(settings), description: settings.text("description"),
                span: name.span.through(entry.value.span)))
    }

    mutating func conflict(
        _ first: String, _ firstSpan: SourceSpan, _ second: String, _ secondSpan: SourceSpan,
        _ reason: String
    ) {
        reader.diagnostics.add(
            Diagnostic(
                .conflictingSettings, "`\(second)` beside `\(first)`", at: secondSpan,
                label: reason, secondary: [.init(firstSpan, "`\(first)` here")],
                notes: ["remove one of them"]))
    }

    private func eventTime(_ settings: Settings) -> EventTimeDeclaration? {
        switch settings["event_time"]?.kind {
        case .symbol:
            return settings.spannedName("event_time").map { EventTimeDeclaration(column: $0) }
        case .object(let object):
            return object.spannedName("column").map {
                EventTimeDeclaration(
                    column: $0, watermark: object.spannedDuration("watermark"),
                    idleAfter: object.spannedDuration("idle_after"),
                    lateness: object.spannedDuration("allowed_lateness"))
            }
        default: return nil
        }
    }

    private mutating func renames(_ settings: Settings) -> [Spec.Move] {
        (settings.mapping("rename") ?? []).compactMap { entry in
            guard case .symbol(let name) = entry.value.kind else { return nil }
            let ours = Spanned(name, entry.value.span)
            check(ours, .snake)
            return Spec.Move(from: entry.key, to: ours)
        }
    }

    private mutating func metadata(_ settings: Settings) -> [MetadataColumn] {
        (settings.object("metadata")?.entries ?? []).compactMap { entry in
            guard let kind = MetadataColumn.Kind(rawValue: entry.key.value),
                case .symbol(let name) = entry.value.kind
            else { return nil }
            let column = Spanned(name, entry.value.span)
            check(column, .snake)
            return MetadataColumn(kind: kind, column: column)
        }
    }
}

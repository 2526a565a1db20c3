enum TransformGrammar {
    static let signatures = [
        SettingSignature("from", .names, "The node it reads; several are a union by name."),
        SettingSignature("steps", .node, "What happens to the rows, in order."),
        SettingSignature("sql", .query, "A `SELECT` instead of `from` and `steps`."),
        SettingSignature("contract", .name, "What the result must satisfy."),
        SettingSignature(
            "write", .either([.choice(modes), .object(write)]),
            "How rows reach the table: `append`, `overwrite`, `merge` or `scd2`."),
        SettingSignature(
            "partition_by", .oneOrMany(.expression), "Overrides the zone's partitioning."),
        SettingSignature("mode", .choice(["batch", "streaming"]), "How it runs."),
        SettingSignature("every", .duration, "How often it runs."),
        SettingSignature("cron", .string, "When it runs, in UTC: `30 0 * * *`."),
        SettingSignature("runs_on", .name, "The stage it is deployed to."),
        SettingSignature(
            "late", .name,
            "A name for the rows that come too late for its window, which would be dead letters."),
        SpecGrammar.description,
    ]

    static let modes = WriteDeclaration.Mode.allCases.map(\.rawValue)

    static let write = [
        SettingSignature("mode", .choice(modes), required: true, "How rows reach the table."),
        SettingSignature("on", .names, "The key columns of `merge` and `scd2`."),
    ]
}

extension SpecBuilder {
    mutating func readTransforms(_ section: YAMLNode.Entry) {
        for entry in declarations(section, example: "silver.orders: { from: orders }") {
            guard declare(entry.name, "transform", .table, in: "node") else { continue }
            transform(entry)
        }
    }

    private mutating func transform(_ entry: YAMLNode.Entry) {
        let name = entry.name
        let settings = reader.settings(
            entry.value, TransformGrammar.signatures, subject: "transform `\(name.value)`",
            place: name.span)
        if let every = settings.keySpan("every"), let cron = settings.keySpan("cron") {
            conflict("every", every, "cron", cron, "only one can say when it runs")
        }
        checkCron(settings)
        let late = settings.spannedName("late").flatMap { late in
            declare(late, "late output", in: "node") ? late : nil
        }
        spec.transforms.append(
            TransformDeclaration(
                name: name, body: body(entry, settings), contract: settings.spannedName("contract"),
                write: write(settings), partitionBy: settings.expressions("partition_by"),
                mode: settings.spannedName("mode"), every: settings.spannedDuration("every"),
                cron: settings.spannedName("cron"), runsOn: settings.spannedName("runs_on"),
                late: late, description: settings.text("description"),
                span: name.span.through(entry.value.span)))
    }

    private mutating func body(
        _ entry: YAMLNode.Entry, _ settings: Settings
    ) -> TransformDeclaration.Body {
        let written = entry.value.entries ?? []
        func key(_ name: String) -> SourceSpan? {
            written.first { $0.name.value == name }?.key.span
        }
        if let sql = key("sql") {
            for other in ["from", "steps"] {
                guard let span = key(other) else { continue }
                conflict("sql", sql, other, span, "the `SELECT` says what is read and done")
            }
            return settings.expression("sql").map { .sql($0) } ?? .missing
        }
        let steps = steps(settings.node("steps"))
        guard key("from") != nil else {
            guard entry.value.entries != nil || entry.value.isNull else { return .missing }
            reader.diagnostics.add(
                Diagnostic(
                    .transformBody, "transform `\(entry.name.value)` does not say what it reads",
                    at: entry.name.span, label: "`from` or `sql` is missing",
                    notes: ["write `from:` a node, with `steps:`, or `sql:` a `SELECT`"]))
            return .missing
        }
        guard let from = settings.names("from"), !from.isEmpty else { return .missing }
        return .steps(from: from, steps)
    }

    private mutating func write(_ settings: Settings) -> WriteDeclaration? {
        let mode: Spanned<String>?
        var on: [Spanned<String>] = []
        switch settings["write"]?.kind {
        case .symbol: mode = settings.spannedName("write")
        case .object(let object):
            mode = object.spannedName("mode")
            on = object.names("on") ?? []
        default: return nil
        }
        guard let mode, let value = WriteDeclaration.Mode(rawValue: mode.value) else { return nil }
        let needsKey = value == .merge || value == .scd2
        if needsKey, on.isEmpty {
            reader.diagnostics.add(
                Diagnostic(
                    .missingSetting, "`\(mode.value)` needs `on`", at: mode.span,
                    label: "which rows are the same?",
                    notes: ["write `write: { mode: \(mode.value), on: [id] }` with the key columns"]
                ))
        }
        return WriteDeclaration(mode: Spanned(value, mode.span), on: on)
    }
}

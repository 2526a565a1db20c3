enum ContractGrammar {
    static let signatures = [
        SettingSignature(
            "columns", .mapping(ColumnGrammar.declaration), required: true,
            "Columns by name: `type [not null]`, or a mapping."),
        SettingSignature("key", .names, "The columns that together identify a row."),
        SettingSignature(
            "rules", .mapping(.either([.expression, .object(ruleSignatures)])),
            "Conditions that every row must meet, by name. Null counts as met, as in SQL `CHECK`."),
        SettingSignature("freshness", .duration, "How old the newest row may be."),
        SettingSignature(
            "unknown_columns", .choice(ContractDeclaration.UnknownColumns.allCases.map(\.rawValue)),
            default: "drop", "What happens to columns the contract does not name."),
        SettingSignature(
            "compatibility", .choice(ContractDeclaration.Compatibility.allCases.map(\.rawValue)),
            "Which changes of the contract its consumers accept."),
        SpecGrammar.description,
    ]

    static let ruleSignatures = [
        SettingSignature("check", .expression, required: true, "The condition."),
        SettingSignature(
            "severity", .choice(RuleDeclaration.Severity.allCases.map(\.rawValue)),
            default: "reject",
            "`reject` sends the row to the dead letters, `warn` counts it, `fail` stops the run."),
        SpecGrammar.description,
    ]
}

extension SpecBuilder {
    mutating func readContracts(_ section: YAMLNode.Entry) {
        let example = "telemetry: { columns: { vehicle_id: string not null } }"
        for entry in declarations(section, example: example) {
            guard declare(entry.name, "contract") else { continue }
            contract(entry)
        }
    }

    private mutating func contract(_ entry: YAMLNode.Entry) {
        let name = entry.name
        if let odcs = entry.value.entries?.first(where: { $0.name.value == "odcs" }) {
            return notSupportedYet("odcs", at: odcs.key.span)
        }
        // Columns are read apart, to see types that a comma has cut in two.
        let columnEntry = entry.value.entries?.first { $0.name.value == "columns" }
        let columns = columnEntry.flatMap { self.columns($0.value) } ?? []
        let rest = entry.value.filtered { $0 != "columns" }
        var signatures = ContractGrammar.signatures
        if columnEntry != nil { signatures.removeAll { $0.name == "columns" } }
        let settings = reader.settings(
            rest, signatures, subject: "contract `\(name.value)`", place: name.span)
        spec.contracts.append(
            ContractDeclaration(
                name: name, columns: columns, key: settings.names("key") ?? [],
                rules: rules(settings), freshness: settings.spannedDuration("freshness"),
                unknownColumns: settings.string("unknown_columns").flatMap { .init(rawValue: $0) }
                    ?? .drop,
                compatibility: settings.spannedName("compatibility").flatMap { written in
                    ContractDeclaration.Compatibility(rawValue: written.value)
                        .map { Spanned($0, written.span) }
                },
                description: settings.text("description"),
                span: name.span.through(entry.value.span)))
    }

    private mutating func rules(_ settings: Settings) -> [RuleDeclaration] {
        (settings.mapping("rules") ?? []).compactMap { entry in
            check(entry.key, .snake)
            switch entry.value.kind {
            case .expression(let check): return RuleDeclaration(name: entry.key, check: check)
            case .object(let rule):
                guard let check = rule.expression("check") else { return nil }
                return RuleDeclaration(
                    name: entry.key, check: check,
                    severity: rule.string("severity").flatMap { .init(rawValue: $0) } ?? .reject,
                    description: rule.text("description"))
            default: return nil
            }
        }
    }
}

extension YAMLNode {
    /// A mapping with only the keys that are wanted.
    func filtered(_ isWanted: (String) -> Bool) -> YAMLNode {
        guard let entries else { return self }
        return YAMLNode(.mapping(entries.filter { isWanted($0.name.value) }), span: span, tag: tag)
    }
}

enum AlertGrammar {
    static let signatures = [
        SettingSignature(
            "when", .expression, required: true,
            "A condition over metrics: `errors(stage) > 5`, `dead_letters(source) > 100`."),
        SettingSignature("within", .duration, "The time over which the metric is taken."),
        SettingSignature(
            "notify", .oneOrMany(.node), required: true, "Whom to tell: connectors with settings."),
        SpecGrammar.description,
    ]
}

extension SpecBuilder {
    mutating func readAlerts(_ section: YAMLNode.Entry) {
        let example = "late: { when: iterator_age(events) > 60 s, notify: […] }"
        for entry in declarations(section, example: example) {
            guard declare(entry.name, "alert") else { continue }
            let settings = reader.settings(
                entry.value, AlertGrammar.signatures, subject: "alert `\(entry.name.value)`",
                place: entry.name.span)
            guard let when = settings.expression("when") else { continue }
            spec.alerts.append(
                AlertDeclaration(
                    name: entry.name, when: when, within: settings.duration("within"),
                    notify: receivers(settings), description: settings.text("description"),
                    span: entry.name.span.through(entry.value.span)))
        }
    }

    private mutating func receivers(_ settings: Settings) -> [YAMLNode] {
        (settings.list("notify") ?? []).compactMap { value in
            guard case .node(let node) = value.kind else { return nil }
            guard node.entries?.count == 1 else {
                reader.diagnostics.add(
                    Diagnostic(
                        .oneKeyExpected, "a receiver is a mapping with one connector key",
                        at: node.span,
                        notes: ["for example `{ slack: { webhook: \"${secret:SLACK_WEBHOOK}\" } }`"]
                    ))
                return nil
            }
            return node
        }
    }
}

import PipelineDSL

extension Checker {
    /// Conditions name what is there and compare like with like; receivers are known.
    mutating func checkAlerts() -> [AlertPlan] {
        let names = AlertParser.Names(
            sources: spec.sources.map(\.name.value), nodes: directory.names,
            stages: spec.stages.map(\.name.value), parameters: values.parameters)
        return spec.alerts.compactMap { alert in
            let (condition, problems) = AlertParser.parse(alert.when, names)
            bag.add(contentsOf: problems)
            checkWithin(alert)
            let receivers = alert.notify.compactMap { receiver($0, of: alert) }
            guard condition != nil else { return nil }
            return AlertPlan(
                name: alert.name.value, when: filled(alert.when), within: alert.within,
                notify: receivers, description: alert.description, span: alert.name.span)
        }
    }

    private mutating func checkWithin(_ alert: AlertDeclaration) {
        guard let within = alert.within, !(1_000_000...31 * 86_400_000_000).contains(within) else {
            return
        }
        bag.add(
            Diagnostic(
                .alertCondition,
                "alert `\(alert.name.value)` looks back \(QuantityText.duration(within))",
                at: alert.name.span, notes: ["`within` is from 1 second to 31 days"]))
    }

    /// With the parameters in it, so that a plan needs none.
    private func filled(_ source: SourceText) -> String {
        var text = ""
        var end = 0
        let bytes = Array(source.text.utf8)
        for token in AlertLexer.tokens(source.text) {
            guard case .parameter(let name) = token.kind, let value = values.parameters[name] else {
                continue
            }
            text += String(decoding: bytes[end..<token.range.lowerBound], as: UTF8.self) + value
            end = token.range.upperBound
        }
        text += String(decoding: bytes[end...], as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private mutating func receiver(_ node: YAMLNode, of alert: AlertDeclaration) -> BindingPlan? {
        guard let entry = node.entries?.first, let name = entry.key.scalar?.text else { return nil }
        let fitting = catalogue.connectors.filter { $0.roles.contains(.receiver) }
        guard let connector = fitting.first(where: { $0.name == name }) else {
            let near = nearName(name, among: fitting.map(\.name))
            bag.add(
                Diagnostic(
                    .alertReceiver, "`\(name)` cannot be told of an alert", at: entry.key.span,
                    label: near.map { "did you mean `\($0)`?" } ?? "",
                    notes: ["receivers: \(quotedNames(fitting.map(\.name).sorted()))"],
                    fix: near.map { .init("use `\($0)`", span: entry.key.span, replacement: $0) }))
            return nil
        }
        let (settings, problems) = SettingsReader.read(
            entry.value, connector.settings,
            subject: "`\(name)` of alert `\(alert.name.value)`", place: entry.key.span,
            values: values)
        var reader = PlanValues(values)
        let planned = reader.settings(settings, connector.settings)
        let own = connector.check(settings, schema: Schema([]), role: .receiver)
        bag.add(contentsOf: problems + reader.diagnostics + own)
        let embedded = isEmbedded ? connector.embedded(settings) : nil
        return BindingPlan(
            connector: name, isEmbedded: embedded != nil, settings: planned,
            summary: embedded?.summary ?? name, span: entry.key.span)
    }
}

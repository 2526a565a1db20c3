import PipelineDSL

/// Everything a spec says about a node that is neither a column nor a step, as text by the name the
/// setting has in the spec.
struct NodeFacts {
    struct Fact: Hashable {
        var name: String
        var value: String
        var span: SourceSpan?
        var isMetadata = false

        init(_ name: String, _ value: String, _ span: SourceSpan? = nil, isMetadata: Bool = false) {
            self.name = name
            self.value = value
            self.span = span
            self.isMetadata = isMetadata
        }
    }

    private let catalogue: Catalogue?

    /// - Parameter catalogue: says which settings are durations and sizes; without one they are
    ///   numbers of microseconds and bytes.
    init(catalogue: Catalogue?) { self.catalogue = catalogue }

    func facts(of node: PlanNode) -> [Fact] {
        var facts: [Fact] = []
        if let description = node.description {
            facts.append(Fact("description", description, node.span, isMetadata: true))
        }
        if let scan = node.scan { facts += self.facts(scan, node) }
        if let table = node.table { facts += self.facts(table, node) }
        if let sink = node.sink { facts += self.facts(sink, node) }
        if let contract = node.contract, node.scan == nil {
            facts.append(Fact("contract", contract, node.span))
        }
        if let mode = node.mode { facts.append(Fact("mode", mode.rawValue, node.span)) }
        if let every = node.every {
            facts.append(Fact("every", QuantityText.duration(every), node.span))
        }
        if let cron = node.cron { facts.append(Fact("cron", cron, node.span)) }
        if let stage = node.runsOn { facts.append(Fact("runs_on", stage, node.span)) }
        return facts.map { fact in
            var fact = fact
            fact.span = node.places[fact.name] ?? fact.span
            return fact
        }
    }

    private func facts(_ scan: ScanPlan, _ node: PlanNode) -> [Fact] {
        let span = node.span
        var facts = self.facts(scan.binding) + self.facts(scan.format, span)
        for (ours, theirs) in scan.rename.sorted(by: { $0.key < $1.key }) {
            facts.append(Fact("rename.\(theirs)", ours, span))
        }
        for column in scan.metadata {
            facts.append(Fact("metadata.\(column.kind.rawValue)", column.column, span))
        }
        facts.append(Fact("unknown_columns", scan.unknownColumns, span))
        if let contract = scan.contract { facts.append(Fact("contract", contract, span)) }
        let text = DefinitionText(labels: node.schema.fields.map { SQLPrinter.identifier($0.name) })
        for rule in scan.rules {
            facts.append(Fact("rules.\(rule.name)", text.sql(rule.check), rule.check.span))
            facts.append(
                Fact("rules.\(rule.name).severity", rule.severity.rawValue, rule.check.span))
        }
        if let time = scan.eventTime {
            facts.append(Fact("event_time.column", node.schema.name(at: time.column), span))
            facts.append(
                Fact("event_time.watermark", QuantityText.duration(time.watermark), span))
            if let idle = time.idleAfter {
                facts.append(Fact("event_time.idle_after", QuantityText.duration(idle), span))
            }
            if let lateness = time.lateness {
                facts.append(
                    Fact("event_time.allowed_lateness", QuantityText.duration(lateness), span))
            }
        }
        if let onError = scan.onError {
            facts.append(Fact("on_error.retries", "\(onError.retries)", span))
            facts.append(Fact("on_error.backoff", QuantityText.duration(onError.backoff), span))
            facts.append(
                Fact(
                    "on_error.dead_letter",
                    onError.deadLetterFolder ?? "\(onError.keepsDeadLetters)", span))
        }
        return facts
    }

    private func facts(_ table: TablePlan, _ node: PlanNode) -> [Fact] {
        let labels = node.schema.fields.map { SQLPrinter.identifier($0.name) }
        let text = DefinitionText(labels: labels)
        var facts = [Fact("location", table.location, node.span)]
        if table.path != table.location { facts.append(Fact("path", table.path, node.span)) }
        facts += self.facts(table.format, node.span)
        facts.append(Fact("write.mode", table.mode.rawValue, table.span))
        if !table.on.isEmpty {
            let names = table.on.map { node.schema.name(at: $0) }
            facts.append(Fact("write.on", names.joined(separator: ", "), table.span))
        }
        if !table.partitionBy.isEmpty {
            facts.append(
                Fact(
                    "partition_by",
                    table.partitionBy.map { text.sql($0.expression) }.joined(separator: ", "),
                    table.partitionBy.first?.expression.span))
        }
        for (name, value) in [
            ("retain.archive_after", table.archiveAfter),
            ("retain.expire_after", table.expireAfter),
        ] {
            if let value { facts.append(Fact(name, QuantityText.duration(value), node.span)) }
        }
        if let encryption = table.encryption {
            facts.append(Fact("encryption", encryption, node.span))
        }
        return facts
    }

    private func facts(_ sink: SinkPlan, _ node: PlanNode) -> [Fact] {
        let span = node.span
        var facts = [Fact("from", node.inputs.joined(separator: ", "), span)]
        facts += self.facts(sink.binding) + self.facts(sink.format, span)
        if let rows = sink.batchRows { facts.append(Fact("batch.rows", "\(rows)", span)) }
        if let bytes = sink.batchBytes {
            facts.append(Fact("batch.bytes", QuantityText.size(bytes), span))
        }
        if let every = sink.batchEvery {
            facts.append(Fact("batch.every", QuantityText.duration(every), span))
        }
        facts.append(Fact("on_error.retries", "\(sink.retries)", span))
        facts.append(Fact("on_error.backoff", QuantityText.duration(sink.backoff), span))
        if let folder = sink.deadLetter { facts.append(Fact("on_error.dead_letter", folder, span)) }
        return facts
    }

    private func facts(_ binding: BindingPlan) -> [Fact] {
        let signatures = catalogue?.connector(binding.connector)?.settings ?? []
        var facts = [Fact("connector", binding.connector, binding.span)]
        if binding.isEmbedded { facts.append(Fact("bound to", "its embedded form", binding.span)) }
        facts += settings(binding.settings, binding.connector, signatures, binding.span)
        return facts
    }

    private func facts(_ format: FormatPlan?, _ span: SourceSpan?) -> [Fact] {
        guard let format else { return [] }
        let signatures = catalogue?.format(format.name)?.settings ?? []
        return [Fact("format", format.name, span)]
            + settings(format.settings, "format.\(format.name)", signatures, span)
    }

    private func settings(
        _ values: [String: PlanValue], _ prefix: String, _ signatures: [SettingSignature],
        _ span: SourceSpan?
    ) -> [Fact] {
        values.sorted { $0.key < $1.key }.map { name, value in
            let kind = signatures.first { $0.name == name }?.kind
            return Fact("\(prefix).\(name)", SettingText.text(value, kind), span)
        }
    }
}

/// A stored setting as the spec language would write it.
enum SettingText {
    static func text(_ value: PlanValue, _ kind: SettingKind?) -> String {
        switch (value, kind) {
        case (.integer(let microseconds), .duration): QuantityText.duration(microseconds)
        case (.integer(let bytes), .size): QuantityText.size(bytes)
        case (.number(let rate), .rate): "\(PlanValue.number(rate).text) / second"
        case (.object(let values), .object(let signatures)):
            "{ "
                + values.sorted { $0.key < $1.key }.map { name, value in
                    let kind = signatures.first { $0.name == name }?.kind
                    return "\(name): \(text(value, kind))"
                }.joined(separator: ", ") + " }"
        default: value.text
        }
    }
}

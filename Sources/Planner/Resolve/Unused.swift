import PipelineDSL

extension Checker {
    /// Warns of what is declared and never used. Only where nothing else is wrong: what a broken
    /// node would use is not known.
    mutating func warnOfUnused() {
        guard !bag.hasErrors else { return }
        let read = Set(nodes.values.flatMap { $0.body?.nodesRead ?? [] })
        for source in spec.sources where !read.contains(source.name.value) {
            unused("source", source.name, "no transform and no sink reads it")
        }
        for transform in spec.transforms
        where !transform.name.value.contains(".") && !read.contains(transform.name.value) {
            unused("relation", transform.name, "it is not stored, and nothing reads it")
        }
        for late in spec.transforms.compactMap(\.late) where !read.contains(late.value) {
            unused("late output", late, "nothing reads it; the rows go to the dead letters")
        }
        let zones = Set(spec.transforms.compactMap { $0.name.value.split(separator: ".").first })
        for zone in spec.zones where !zones.contains(Substring(zone.name.value)) {
            unused("zone", zone.name, "no transform is stored in it")
        }
        let stages = Set(spec.transforms.compactMap { $0.runsOn?.value })
        for stage in spec.stages where !stages.contains(stage.name.value) {
            unused("stage", stage.name, "no transform has `runs_on: \(stage.name.value)`")
        }
        warnOfZones()
        warnOfContracts()
        warnOfParameters()
    }

    /// What a zone says that no run here does.
    private mutating func warnOfZones() {
        for zone in spec.zones where zone.compact != nil {
            bag.add(
                Diagnostic(
                    .withoutEffect, "`compact` of zone `\(zone.name.value)` has no effect yet",
                    at: zone.name.span, label: "the zone's files are left as they are written",
                    severity: .warning))
        }
    }

    private mutating func warnOfContracts() {
        var named = Set(spec.sources.compactMap { $0.contract?.value })
        named.formUnion(spec.transforms.compactMap { $0.contract?.value })
        for transform in spec.transforms {
            guard case .steps(_, let steps) = transform.body else { continue }
            for step in steps where step.name.value == "validate" {
                if let name = step.body.scalar?.text { named.insert(name) }
            }
        }
        for contract in spec.contracts where !named.contains(contract.name.value) {
            unused("contract", contract.name, "no source, transform or `validate` names it")
        }
    }

    /// Only where the reader has looked for `${name}` everywhere.
    private mutating func warnOfParameters() {
        guard let referenced = spec.parameterReferences else { return }
        for parameter in spec.parameters where !referenced.contains(parameter.name.value) {
            unused("parameter", parameter.name, "`${\(parameter.name.value)}` stands nowhere")
        }
    }

    private mutating func unused(_ what: String, _ name: Spanned<String>, _ reason: String) {
        bag.add(
            Diagnostic(
                .unused, "\(what) `\(name.value)` is never used", at: name.span, label: reason,
                severity: .warning))
    }
}

import PipelineDSL

/// Compares one node of two plans.
struct NodeComparison {
    let old: PlanNode
    let new: PlanNode
    let context: DiffContext

    /// `nil` where they mean the same.
    func change() -> PlanDiff.NodeChange? {
        var columns = SchemaComparison(old: old, new: new, context: context).changes()
        let steps = stepChanges(&columns)
        let changes = settingChanges() + steps + columns
        let isMoved = old.name != new.name
        guard isMoved || !changes.isEmpty else { return nil }
        let category = changes.map(\.category).max() ?? .metadata
        return PlanDiff.NodeChange(
            name: new.name, nodeKind: new.kind, kind: isMoved ? .moved : .changed,
            movedFrom: isMoved ? old.name : nil, category: category, changes: changes,
            because: changes.first { $0.category == category }?.because
                ?? new.span.map { .place($0) },
            destructive: changes.contains { $0.isDestructive })
    }

    // MARK: Settings

    private func settingChanges() -> [PlanDiff.Change] {
        let before = facts(old)
        let after = facts(new)
        // Settings of another connector or format say nothing about each other.
        let replaced = ["connector", "format"].filter { name in
            let a = before.first { $0.name == name }?.value
            let b = after.first { $0.name == name }?.value
            return a != nil && b != nil && a != b
        }
        var hidden = Set(before.filter { fact in
            replaced.contains("connector") && hasPrefix(fact, of: before, "connector")
                || replaced.contains("format") && fact.name.hasPrefix("format.")
        }.map(\.name))
        // Where it lies under the profile follows from where it lies.
        if old.table?.location != new.table?.location { hidden.insert("path") }
        var changes: [PlanDiff.Change] = []
        for fact in after where !hidden.contains(fact.name) {
            let earlier = before.first { $0.name == fact.name }
            guard earlier?.value != fact.value else { continue }
            changes.append(changed(fact, from: earlier))
        }
        for fact in before
        where !hidden.contains(fact.name) && !after.contains(where: { $0.name == fact.name }) {
            changes.append(removed(fact))
        }
        return changes
    }

    /// Names in `from` are those of the new plan.
    private func facts(_ node: PlanNode) -> [NodeFacts.Fact] {
        var node = node
        node.inputs = node.inputs.map { context.newName($0) }
        return context.facts.facts(of: node)
    }

    private func hasPrefix(
        _ fact: NodeFacts.Fact, of facts: [NodeFacts.Fact], _ name: String
    ) -> Bool {
        facts.first { $0.name == name }.map { fact.name.hasPrefix($0.value + ".") } ?? false
    }

    private func changed(_ fact: NodeFacts.Fact, from earlier: NodeFacts.Fact?) -> PlanDiff.Change {
        PlanDiff.Change(
            earlier == nil ? .added : .changed, fact.name, before: earlier?.value,
            after: fact.value, category: fact.isMetadata ? .metadata : .nonBreaking,
            because: fact.span.map { .place($0) },
            destructive: isDestructive(fact.name, earlier?.value, fact.value),
            advice: advice(fact.name))
    }

    private func removed(_ fact: NodeFacts.Fact) -> PlanDiff.Change {
        PlanDiff.Change(
            .removed, fact.name, before: fact.value,
            category: fact.isMetadata ? .metadata : .nonBreaking,
            because: new.span.map { .place($0) })
    }

    /// Whether rows that are stored may be lost, or left where nothing looks for them.
    private func isDestructive(_ name: String, _ before: String?, _ after: String) -> Bool {
        guard new.kind == .table else { return false }
        switch name {
        case "location", "path", "format": return before != nil
        case "write.mode": return after == WriteDeclaration.Mode.overwrite.rawValue
        case "retain.expire_after":
            guard let earlier = old.table?.expireAfter, let later = new.table?.expireAfter else {
                return true
            }
            return later < earlier
        default: return false
        }
    }

    private func advice(_ name: String) -> String? {
        guard new.kind == .table else { return nil }
        switch name {
        case "location", "path": return "what is stored stays at the old place"
        case "format": return "files of the old format are left behind"
        default: return nil
        }
    }

    // MARK: Steps

    /// A changed expression of a column whose type changed as well is said once, with the column.
    private func stepChanges(_ columns: inout [PlanDiff.Change]) -> [PlanDiff.Change] {
        let columnNames = Set(columns.filter { $0.subject == "column" }.compactMap(\.name))
        var changes: [PlanDiff.Change] = []
        for pair in StepAlignment.pairs(renamed(old.definition), new.definition) {
            switch (pair.old, pair.new) {
            case (let before?, let after?): changes += compare(before, after, columnNames)
            case (nil, let added?): changes += whole(added, .added, columnNames)
            case (let removed?, nil): changes += whole(removed, .removed, columnNames)
            case (nil, nil): break
            }
        }
        return changes
    }

    /// Steps with the new names of the nodes they name.
    private func renamed(_ steps: [DefinitionStep]) -> [DefinitionStep] {
        guard !context.moves.isEmpty else { return steps }
        return steps.map { step in
            var step = step
            for index in step.settings.indices where step.settings[index].name == "in" {
                step.settings[index].value = context.newName(step.settings[index].value)
            }
            return step
        }
    }

    private func compare(
        _ before: DefinitionStep, _ after: DefinitionStep, _ columns: Set<String>
    ) -> [PlanDiff.Change] {
        var changes: [PlanDiff.Change] = []
        for setting in after.settings where before[setting.name] != setting.value {
            if isColumn(after), columns.contains(setting.name) { continue }
            let span = setting.span ?? after.span
            changes.append(
                PlanDiff.Change(
                    before[setting.name] == nil ? .added : .changed,
                    subject(after, setting.name), before: before[setting.name],
                    after: setting.value, because: span.map { .place($0) }))
        }
        for setting in before.settings where after[setting.name] == nil {
            if isColumn(before), columns.contains(setting.name) { continue }
            changes.append(
                PlanDiff.Change(
                    .removed, subject(before, setting.name), before: setting.value,
                    because: after.span.map { .place($0) }))
        }
        return changes
    }

    private func whole(
        _ step: DefinitionStep, _ kind: PlanDiff.Kind, _ columns: Set<String>
    ) -> [PlanDiff.Change] {
        let span = kind == .added ? step.span : new.span
        let because = span.map { PlanDiff.Reason.place($0) }
        guard isColumn(step) else {
            let text = step.settings.map { setting in
                setting.name == "condition" ? setting.value : "\(setting.name) \(setting.value)"
            }.joined(separator: ", ")
            return [
                PlanDiff.Change(
                    kind, "step", name: step.title, before: kind == .removed ? text : nil,
                    after: kind == .added ? text : nil, because: because)
            ]
        }
        // The columns it computes are said by themselves.
        return step.settings.filter { !columns.contains($0.name) }.map { setting in
            PlanDiff.Change(
                kind, subject(step, setting.name),
                before: kind == .removed ? setting.value : nil,
                after: kind == .added ? setting.value : nil,
                because: kind == .added
                    ? (setting.span ?? step.span).map { .place($0) } : because)
        }
    }

    private func isColumn(_ step: DefinitionStep) -> Bool {
        step.operation == Operation.Name.project.rawValue
    }

    /// `where`, `dedupe.within`, `derive.distance_km`, `gold_km` of a `SELECT`.
    private func subject(_ step: DefinitionStep, _ setting: String) -> String {
        switch setting {
        case "condition": step.title
        default: step.step == "columns" ? "select.\(setting)" : "\(step.title).\(setting)"
        }
    }
}

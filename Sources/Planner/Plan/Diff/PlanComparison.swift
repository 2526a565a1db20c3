import PipelineDSL

extension PlanDiff {
    /// - Parameter catalogue: lets settings be written in their units.
    public init(from old: Plan, to new: Plan, catalogue: Catalogue? = nil) {
        let context = DiffContext(old, new, catalogue: catalogue)
        var changes: [NodeChange] = []
        var unchanged: [String] = []
        for node in new.nodes {
            guard let before = old[context.oldName(node.name)] else {
                changes.append(.added(node))
                continue
            }
            let comparison = NodeComparison(old: before, new: node, context: context)
            if let change = comparison.change() {
                changes.append(change)
            } else {
                unchanged.append(node.name)
            }
        }
        for node in old.nodes where new[context.newName(node.name)] == nil {
            changes.append(.removed(node, from: old))
        }
        Self.adviseOfMoves(&changes, old, new)
        self.init(
            pipeline: new.pipeline, nodes: changes, unchanged: unchanged,
            pipelineChanges: Self.pipelineChanges(old, new))
    }

    /// A node that went and one that came with the same columns and steps are probably one.
    private static func adviseOfMoves(_ changes: inout [NodeChange], _ old: Plan, _ new: Plan) {
        for index in changes.indices where changes[index].kind == .added {
            guard let added = new[changes[index].name] else { continue }
            let twin = changes.first { change in
                guard change.kind == .removed, change.nodeKind == added.kind,
                    let removed = old[change.name]
                else { return false }
                return removed.schema == added.schema
                    && removed.definition.map(\.settings) == added.definition.map(\.settings)
            }
            if let twin {
                changes[index].advice =
                    "renamed? say so: `moved: { \(twin.name): \(added.name) }`"
            }
        }
    }

    private static func pipelineChanges(_ old: Plan, _ new: Plan) -> [Change] {
        var changes: [Change] = []
        func compare(_ name: String, _ a: String?, _ b: String?, _ category: Category) {
            guard a != b else { return }
            let kind: Kind = a == nil ? .added : b == nil ? .removed : .changed
            changes.append(Change(kind, name, before: a, after: b, category: category))
        }
        compare("pipeline", old.pipeline, new.pipeline, .metadata)
        compare("description", old.description, new.description, .metadata)
        compare("owner", old.owner, new.owner, .metadata)
        compare("mode", old.mode.rawValue, new.mode.rawValue, .nonBreaking)
        compare("profile", old.profile, new.profile, .metadata)
        compare("dead_letters.path", old.deadLetters.path, new.deadLetters.path, .nonBreaking)
        compare(
            "dead_letters.expire_after", old.deadLetters.expireAfter.map(QuantityText.duration),
            new.deadLetters.expireAfter.map(QuantityText.duration), .nonBreaking)
        let stages = Set((old.stages + new.stages).map(\.name)).sorted()
        for stage in stages {
            func text(_ plan: Plan) -> String? {
                plan.stages.first { $0.name == stage }.map {
                    "\($0.platform) \(PlanValue.object($0.settings).text)"
                }
            }
            compare("stages.\(stage)", text(old), text(new), .nonBreaking)
        }
        return changes
    }
}

extension PlanDiff.NodeChange {
    fileprivate static func added(_ node: PlanNode) -> Self {
        Self(
            name: node.name, nodeKind: node.kind, kind: .added, category: .nonBreaking,
            changes: node.schema.fields.compactMap { field in
                // Only where rows are kept or leave does a class reach a new place.
                guard let pii = field.pii, node.kind == .sink || node.kind == .table else {
                    return nil
                }
                return PlanDiff.Change(
                    .added, "pii", name: field.name, after: pii, category: .metadata, pii: pii)
            },
            binding: node.bindingSummary, because: node.span.map { .place($0) })
    }

    /// What leaves the pipeline there is missed by whoever read it.
    fileprivate static func removed(_ node: PlanNode, from plan: Plan) -> Self {
        let isTable = node.kind == .table
        let isRead = plan.nodes.contains { $0.inputs.contains(node.name) }
        let isInterface = node.kind == .sink || (isTable && !isRead)
        return Self(
            name: node.name, nodeKind: node.kind, kind: .removed,
            category: isInterface ? .breaking : .nonBreaking, binding: node.bindingSummary,
            destructive: isTable)
    }
}

extension PlanNode {
    /// `sqs`, `files`, `parquet in silver`, `relation`.
    var bindingSummary: String {
        switch kind {
        case .source, .sink: binding?.connector ?? kind.rawValue
        case .table: table.map { "\($0.format.name) in \($0.zone)" } ?? "table"
        case .relation: "not stored"
        }
    }
}

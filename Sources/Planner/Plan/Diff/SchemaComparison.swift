import PipelineDSL

/// Compares the columns of one node in two plans.
///
/// A column that is gone, has a narrower type, or may be null where it could not be, breaks whoever
/// reads it. Readers inside the pipeline are known from lineage. What leaves the pipeline (a sink,
/// or a table that nothing inside reads) has readers nobody can list, so there such a change is
/// breaking by itself.
struct SchemaComparison {
    let old: PlanNode
    let new: PlanNode
    let context: DiffContext

    func changes() -> [PlanDiff.Change] {
        var changes: [PlanDiff.Change] = []
        for field in new.schema.fields {
            if let before = old.schema.fields.first(where: { $0.name == field.name }) {
                changes += compare(before, field)
            } else {
                changes.append(added(field))
            }
        }
        for field in old.schema.fields
        where !new.schema.fields.contains(where: { $0.name == field.name }) {
            changes.append(removed(field))
        }
        return changes
    }

    private func added(_ field: Field) -> PlanDiff.Change {
        PlanDiff.Change(
            .added, "column", name: field.name, after: field.typeText, because: reason(field.name),
            pii: field.pii)
    }

    private func removed(_ field: Field) -> PlanDiff.Change {
        let readers = context.brokenReaders(old, field.name)
        let breaks = !readers.isEmpty || context.isInterface(old, new)
        return PlanDiff.Change(
            .removed, "column", name: field.name, before: field.typeText,
            category: breaks ? .breaking : .nonBreaking, because: reason(field.name),
            readers: readers, destructive: new.kind == .table,
            advice: breaks ? "keep it until its readers have moved on" : nil)
    }

    private func compare(_ before: Field, _ after: Field) -> [PlanDiff.Change] {
        var changes: [PlanDiff.Change] = []
        let isRetyped = before.type != after.type
        let becomesNullable = !before.nullable && after.nullable
        if isRetyped || before.nullable != after.nullable {
            let narrows = isRetyped && !before.type.widens(to: after.type)
            let readers = narrows || becomesNullable ? context.readers(new, after.name) : []
            let breaks =
                (narrows || becomesNullable)
                && (!readers.isEmpty || context.isInterface(old, new))
            changes.append(
                PlanDiff.Change(
                    .changed, "column", name: after.name,
                    before: isRetyped && before.nullable == after.nullable
                        ? before.type.description : before.typeText,
                    after: isRetyped && before.nullable == after.nullable
                        ? after.type.description : after.typeText,
                    category: breaks ? .breaking : .nonBreaking, because: reason(after.name),
                    readers: readers,
                    advice: !breaks
                        ? nil
                        : narrows
                            ? "add a new column or a new version of the contract"
                            : "fill it, or drop the rows without it"))
        }
        if before.pii != after.pii {
            changes.append(
                PlanDiff.Change(
                    .changed, "pii", name: after.name, before: before.pii ?? "none",
                    after: after.pii ?? "none", category: .metadata, because: reason(after.name),
                    pii: after.pii))
        }
        return changes
    }

    /// Where the column is computed, or else which changed node it comes from.
    private func reason(_ column: String) -> PlanDiff.Reason? {
        let written = { (node: PlanNode) in
            node.definition.lazy.compactMap { step in
                step.settings.first { $0.name == column }?.span
            }.first
        }
        if let span = written(new) ?? new.places["columns.\(column)"] ?? written(old) {
            return .place(span)
        }
        if let input = context.changedInput(of: old, new, column) { return .node(input) }
        return new.span.map { .place($0) }
    }
}

extension Field {
    /// `double`, `string not null`
    var typeText: String { type.description + (nullable ? "" : " not null") }
}

extension DataType {
    /// Whether every value of this type is, unchanged, one of `other`.
    func widens(to other: DataType) -> Bool {
        if self == other { return true }
        switch (self, other) {
        case (.null, _), (.integer, .bigint), (.integer, .double), (.real, .double): return true
        case (.integer, .decimal(let precision, let scale)): return precision - scale >= 10
        case (.bigint, .decimal(let precision, let scale)): return precision - scale >= 19
        case (.decimal(let p, let s), .decimal(let precision, let scale)):
            return scale >= s && precision - scale >= p - s
        case (.array(let a), .array(let b)): return a.widens(to: b)
        case (.map(let k, let v), .map(let key, let value)):
            return k.widens(to: key) && v.widens(to: value)
        case (.structure(let a), .structure(let b)):
            // Fields are found by name, and more of them break nobody.
            return a.allSatisfy { field in
                b.contains {
                    $0.name == field.name && field.type.widens(to: $0.type)
                        && ($0.nullable == field.nullable || !$0.nullable)
                }
            }
        default: return false
        }
    }
}

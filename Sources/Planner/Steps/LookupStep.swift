import PipelineDSL

struct LookupStep: StepSignature {
    let name = "lookup"
    let documentation = """
        Adds columns of a small relation, found by key: at most one match a row, the last row of the
        key in that relation.

        ```yaml
        - lookup: { in: vehicles, on: vehicle_id, take: [depot, model], refresh: 1 hour }
        ```

        `on` names columns that both have, or maps ours to theirs: `{ truck: vehicle_id }`. `take`
        lists their columns, `{ home: depot }` under another name; without it all but the key are
        taken. Where nothing is found the columns are null, or, with `missing: reject`, the row goes
        to the dead letters. `refresh` says how long a streaming pipeline may use what it has read.

        Where the relation has several versions of a key, `as_of` names our time and the column that
        says from when on each holds: the latest that is not after our time is found.

        ```yaml
        - lookup: { in: assignments, on: vehicle_id, as_of: { recorded_at: since }, take: [driver] }
        ```
        """

    private static let settings = [
        SettingSignature("in", .name, required: true, "The node that is looked up in."),
        SettingSignature(
            "on", .either([.names, .mapping(.name)]), required: true,
            "The key: columns of both, or ours to theirs."),
        SettingSignature(
            "take", .list(.either([.name, .mapping(.name)])),
            "Their columns to add; `{new: theirs}` gives one another name."),
        SettingSignature(
            "as_of", .either([.names, .mapping(.name)]),
            "Our time, and theirs from which on a version holds."),
        SettingSignature(
            "missing", .choice(Lookup.Missing.allCases.map(\.rawValue)), default: "null",
            "What happens to a row without a match."),
        SettingSignature(
            "refresh", .duration, "After how long a streaming pipeline reads it anew."),
    ]

    let body = SettingKind.object(Self.settings)

    func references(_ step: StepDeclaration) -> [Spanned<String>] {
        step.body["in"].flatMap { node in
            node.scalar.map { [Spanned($0.text, node.span)] }
        } ?? []
    }

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let settings = context.settings(step, Self.settings),
            let name = settings.spannedName("in"),
            let table = context.relation(name, &context.diagnostics)
        else { return nil }
        let keys = KeyPairs.read("on", settings, input, table, name, &context)
        let versions = versions(settings, input, table, name, &context)
        let take = taken(settings, table, name, keys, &context)
        guard let keys, let take, case .some(let versions) = versions else { return nil }
        let missing = settings.string("missing").flatMap { Lookup.Missing(rawValue: $0) } ?? .null
        var schema = input.schema
        for column in take {
            guard
                context.isFree(
                    column.name, in: schema,
                    notes: ["take it under another name: `{ other_name: \(column.name.value) }`"])
            else { return nil }
            var field = table.schema.fields[column.index]
            field.name = column.name.value
            field.nullable = field.nullable || missing == .null
            schema.fields.append(field)
        }
        let lookup = Lookup(
            table: name.value, keys: keys.map(\.ours), tableKeys: keys.map(\.theirs),
            take: take.map(\.index), missing: missing, refresh: settings.duration("refresh"),
            versions: versions)
        return LogicalNode(
            .lookup(lookup), inputs: [input, table], schema: schema, span: step.name.span,
            places: settings.places)
    }

    /// The outer `nil` says that they are wrong, the inner one that there are none.
    private func versions(
        _ settings: Settings, _ input: LogicalNode, _ table: LogicalNode, _ name: Spanned<String>,
        _ context: inout StepContext
    ) -> Lookup.Versions?? {
        guard let span = settings.span("as_of") else { return .some(nil) }
        guard let pairs = KeyPairs.read("as_of", settings, input, table, name, &context) else {
            return nil
        }
        let type = input.schema.fields[pairs[0].ours].type
        guard pairs.count == 1, Lookup.Versions.isOrdered(type) else {
            context.diagnostics.add(
                Diagnostic(
                    .stepKeys,
                    pairs.count > 1
                        ? "versions are told apart by one column"
                        : "\(type) does not order versions",
                    at: span,
                    notes: ["`as_of` takes a timestamp, a date, an integer or a bigint"]))
            return nil
        }
        return Lookup.Versions(time: pairs[0].ours, from: pairs[0].theirs)
    }

    private typealias Taken = (name: Spanned<String>, index: Int)

    private func taken(
        _ settings: Settings, _ table: LogicalNode, _ name: Spanned<String>,
        _ keys: [KeyPairs.Pair]?, _ context: inout StepContext
    ) -> [Taken]? {
        let subject = "`\(name.value)`"
        guard let items = settings.list("take") else {
            guard let keys else { return nil }
            let theirs = Set(keys.map(\.theirs))
            return table.schema.fields.indices.filter { !theirs.contains($0) }.map {
                (Spanned(table.schema.fields[$0].name, name.span), $0)
            }
        }
        var result: [Taken] = []
        var isRight = true
        func add(_ new: Spanned<String>, _ column: Spanned<String>) {
            if let index = context.position(column, in: table, of: subject) {
                result.append((new, index))
            } else {
                isRight = false
            }
        }
        for item in items {
            switch item.kind {
            case .symbol(let text): add(Spanned(text, item.span), Spanned(text, item.span))
            case .mapping(let entries):
                for entry in entries {
                    guard case .symbol(let column) = entry.value.kind else { continue }
                    add(entry.key, Spanned(column, entry.value.span))
                }
            default: break
            }
        }
        return isRight ? result : nil
    }
}

/// `on:` and the like of a step with two inputs: columns that both have, or ours to theirs.
enum KeyPairs {
    typealias Pair = (ours: Int, theirs: Int)

    static func read(
        _ key: String, _ settings: Settings, _ input: LogicalNode, _ table: LogicalNode,
        _ name: Spanned<String>,
        _ context: inout StepContext
    ) -> [Pair]? {
        var written: [(ours: Spanned<String>, theirs: Spanned<String>)] = []
        switch settings[key]?.kind {
        case .names(let names): written = names.map { ($0, $0) }
        case .mapping(let entries):
            written = entries.compactMap { entry in
                guard case .symbol(let theirs) = entry.value.kind else { return nil }
                return (entry.key, Spanned(theirs, entry.value.span))
            }
        default: return nil
        }
        var pairs: [Pair] = []
        for (ours, theirs) in written {
            let left = context.position(ours, in: input)
            let right = context.position(theirs, in: table, of: "`\(name.value)`")
            guard let left, let right else { continue }
            let types = (input.schema.fields[left].type, table.schema.fields[right].type)
            guard types.0 == types.1 else {
                context.diagnostics.add(
                    Diagnostic(
                        .stepKeys,
                        "`\(ours.value)` is \(types.0), and `\(theirs.value)` of "
                            + "`\(name.value)` is \(types.1)",
                        at: ours.span,
                        notes: [
                            "cast one of them before: `- cast: { \(ours.value): \"\(types.1)\" }`"
                        ]))
                continue
            }
            pairs.append((left, right))
        }
        return pairs.count == written.count && !pairs.isEmpty ? pairs : nil
    }
}

import PipelineDSL
import Planner

/// Items of a DynamoDB table; embedded: a key-value table.
struct DynamoDBConnector: ConnectorSignature {
    let name = "dynamodb"
    let documentation = """
        Items of an Amazon DynamoDB table: one row is one item, found by its key; writing a key again
        replaces the item, so a repeated run changes nothing. Without an account it is an embedded
        key-value table, `.pipec/dynamodb/<table>.sqlite`, with the same keys, conditions, expiry,
        secondary indexes and size limits (400 KB an item; a larger one goes to the dead letters).

        ```yaml
        sinks:
          batch_metadata:
            from: silver.batches
            dynamodb:
              table: batches
              partition_key: batch_id
              ttl: 90 days
              condition: not_exists
              indexes: { by_shard: { partition_key: shard_id, sort_key: processed_at } }
        ```

        As a source it is read whole, in key order, without what has expired: to look rows up in, or to
        query.

        ```yaml
        sources:
          vehicles:
            dynamodb: { table: vehicles, partition_key: vehicle_id }
            columns: { vehicle_id: string not null, depot: string }
        ```
        """
    let roles: Set<ConnectorRole> = [.source, .sink]
    let needsFormat = false
    let settings = [
        SettingSignature("table", .string, required: true, "The table's name."),
        SettingSignature("partition_key", .name, required: true, "The column items are found by."),
        SettingSignature("sort_key", .name, "The column that orders the items of a partition."),
        SettingSignature(
            "ttl", .duration, "How long after it is written an item expires. Without it, never."),
        SettingSignature(
            "expires_at", .name,
            """
            The column that says when an item expires, instead of `ttl`: a timestamp, or whole seconds
            since 1970. Where it is null, never.
            """),
        SettingSignature(
            "condition",
            .either([
                .choice(["not_exists"]),
                .object([
                    SettingSignature(
                        "newer", .name, required: true,
                        "A column that must be greater than in the item there is.")
                ]),
            ]),
            """
            When a row is written: `not_exists`, only where no item has its key; `{ newer: COLUMN }`,
            only where the item with its key has a smaller value. Other rows go to the dead letters.
            """),
        SettingSignature(
            "indexes",
            .mapping(
                .object([
                    SettingSignature(
                        "partition_key", .name, required: true, "The column items are found by."),
                    SettingSignature("sort_key", .name, "The column that orders them."),
                ])),
            """
            Secondary indexes by name, each with keys of its own: `pipec peek NODE --index NAME --key
            VALUE`. An item in which one of them is null is not in the index.
            """),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(idempotent: true, transactional: false)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(summary: "embedded key-value table \(settings.string("table") ?? "")")
    }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        ResourceName.check("table", settings, extra: "_.-", limit: 255)
            + ["partition_key", "sort_key", "expires_at"].flatMap {
                KeyColumns.check($0, settings, schema)
            }
            + expiryCheck(settings, schema) + conditionCheck(settings, schema)
            + (settings.mapping("indexes") ?? []).flatMap { indexCheck($0, schema) }
    }

    private func expiryCheck(_ settings: Settings, _ schema: Schema) -> [Diagnostic] {
        guard let name = settings.string("expires_at"), let span = settings["expires_at"]?.span
        else { return [] }
        if settings["ttl"] != nil {
            return [
                Diagnostic(
                    .keyValueSettings, "an item has a `ttl` or an `expires_at`, not both", at: span,
                    notes: ["`ttl` counts from the write, `expires_at` is a column"])
            ]
        }
        guard let type = schema[name]?.type, ![.timestamp, .bigint, .integer].contains(type) else {
            return []
        }
        return [
            Diagnostic(
                .keyValueSettings, "`expires_at` names `\(name)`, whose type \(type) is no time",
                at: span, notes: ["it is a `timestamp`, or a `bigint` of seconds since 1970"])
        ]
    }

    private func conditionCheck(_ settings: Settings, _ schema: Schema) -> [Diagnostic] {
        settings.object("condition").map { KeyColumns.check("newer", $0, schema) } ?? []
    }

    private func indexCheck(
        _ entry: SettingValue.MappingEntry, _ schema: Schema
    ) -> [Diagnostic] {
        guard case .object(let keys) = entry.value.kind else { return [] }
        var found = ["partition_key", "sort_key"].flatMap { KeyColumns.check($0, keys, schema) }
        for key in ["partition_key", "sort_key"] {
            guard let name = keys.string(key), !KeyValueIndex.canIndex(name) else { continue }
            found.append(
                Diagnostic(
                    .keyValueSettings, "a column whose name has a quote cannot be indexed",
                    at: keys[key]?.span))
        }
        return found
    }
}

/// Columns that a connector uses as a key.
enum KeyColumns {
    static func check(_ setting: String, _ settings: Settings, _ schema: Schema) -> [Diagnostic] {
        guard let name = settings.string(setting), let span = settings[setting]?.span else {
            return []
        }
        return check(Spanned(name, span), schema, of: setting)
    }

    static func check(
        _ column: Spanned<String>, _ schema: Schema, of setting: String
    ) -> [Diagnostic] {
        let (name, span) = (column.value, column.span)
        guard let field = schema[name] else {
            let near = nearName(name, among: schema.names)
            return [
                Diagnostic(
                    .connectorKeyColumn, "`\(setting)` names `\(name)`, which is no column here",
                    at: span, label: near.map { "did you mean `\($0)`?" } ?? "",
                    notes: ["columns here: \(schema.names.joined(separator: ", "))"],
                    fix: near.map { Diagnostic.Fix("use `\($0)`", span: span, replacement: $0) })
            ]
        }
        if field.type.isNested || field.type == .interval {
            return [
                Diagnostic(
                    .connectorKeyColumn,
                    "`\(setting)` names `\(name)`, whose type \(field.type) cannot be a key",
                    at: span,
                    notes: ["a key is one value: text, a number, bytes or a time"])
            ]
        }
        return []
    }
}

import PipelineDSL
import Planner

/// Items of a DynamoDB table; embedded: a key-value table.
struct DynamoDBConnector: ConnectorSignature {
    let name = "dynamodb"
    let documentation = """
        Items of an Amazon DynamoDB table: one row is one item, found by its key; writing a key again
        replaces the item, so a repeated run changes nothing. Without an account it is an embedded
        key-value table, `.pipec/dynamodb/<table>.sqlite`, with the same key, expiry and size limit
        (400 KB an item; a larger one goes to the dead letters).

        ```yaml
        sinks:
          telemetry_store:
            from: silver.telemetry
            dynamodb: { table: telemetry, partition_key: vehicle_id, sort_key: recorded_at, ttl: 90 days }
        ```
        """
    let roles: Set<ConnectorRole> = [.sink]
    let needsFormat = false
    let settings = [
        SettingSignature("table", .string, required: true, "The table's name."),
        SettingSignature("partition_key", .name, required: true, "The column items are found by."),
        SettingSignature("sort_key", .name, "The column that orders the items of a partition."),
        SettingSignature(
            "ttl", .duration, "How long after it is written an item expires. Without it, never."),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(idempotent: true, transactional: false)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(summary: "embedded key-value table \(settings.string("table") ?? "")")
    }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        ResourceName.check("table", settings, extra: "_.-", limit: 255)
            + ["partition_key", "sort_key"].flatMap { KeyColumns.check($0, settings, schema) }
    }
}

/// Columns that a connector uses as a key.
enum KeyColumns {
    static func check(_ setting: String, _ settings: Settings, _ schema: Schema) -> [Diagnostic] {
        guard let name = settings.string(setting), let span = settings[setting]?.span else {
            return []
        }
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

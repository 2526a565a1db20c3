import PipelineDSL
import Planner

/// A few connectors and formats with the traits that planning depends on: with and without a
/// format, with and without an embedded counterpart, with demands on the rows they write.
enum PlanTestCatalogue {
    static let catalogue = Catalogue(
        connectors: [FilesConnector(), S3Connector(), QueueConnector(), KeyValueConnector()],
        formats: [
            TestFormat(name: "csv", roles: [.source, .sink]),
            TestFormat(name: "json", roles: [.source]),
            TestFormat(name: "jsonl", roles: [.source, .sink, .zone]),
            TestFormat(name: "parquet", roles: [.source, .sink, .zone]),
        ])

    private struct TestFormat: FormatSignature {
        var name: String
        var roles: Set<ConnectorRole>
        var documentation: String { "" }
        var settings: [SettingSignature] {
            name == "csv"
                ? [
                    SettingSignature("delimiter", .string, default: ",", ""),
                    SettingSignature("header", .boolean, default: "true", ""),
                ] : []
        }
    }

    private struct FilesConnector: ConnectorSignature {
        let name = "files"
        let documentation = ""
        let roles: Set<ConnectorRole> = [.source, .sink, .zone]
        let settings = [SettingSignature("path", .string, required: true, "")]
        let needsFormat = true

        func capabilities(_ settings: Settings) -> ConnectorCapabilities {
            ConnectorCapabilities(replayable: true, ordered: true, transactional: true)
        }
        func embedded(_ settings: Settings) -> EmbeddedBinding? { nil }
    }

    private struct S3Connector: ConnectorSignature {
        let name = "s3"
        let documentation = ""
        let roles: Set<ConnectorRole> = [.source, .sink, .zone]
        let settings = [
            SettingSignature("bucket", .string, required: true, ""),
            SettingSignature("path", .string, required: true, ""),
        ]
        let needsFormat = true

        func capabilities(_ settings: Settings) -> ConnectorCapabilities {
            ConnectorCapabilities(replayable: true, transactional: true)
        }
        func embedded(_ settings: Settings) -> EmbeddedBinding? {
            EmbeddedBinding(summary: "folder .pipec/s3/\(settings.string("bucket") ?? "")")
        }
    }

    private struct QueueConnector: ConnectorSignature {
        let name = "sqs"
        let documentation = ""
        let roles: Set<ConnectorRole> = [.source, .sink]
        let settings = [
            SettingSignature("queue", .string, required: true, ""),
            SettingSignature("group_by", .name, ""),
            SettingSignature("max_receives", .integer(1...1000), ""),
            SettingSignature("endpoint", .string, ""),
        ]
        let needsFormat = false

        func capabilities(_ settings: Settings) -> ConnectorCapabilities { .init() }
        func embedded(_ settings: Settings) -> EmbeddedBinding? {
            EmbeddedBinding(summary: "embedded queue \(settings.string("queue") ?? "")")
        }
    }

    private struct KeyValueConnector: ConnectorSignature {
        let name = "dynamodb"
        let documentation = ""
        let roles: Set<ConnectorRole> = [.sink]
        let settings = [
            SettingSignature("table", .string, required: true, ""),
            SettingSignature("partition_key", .name, required: true, ""),
            SettingSignature("sort_key", .name, ""),
            SettingSignature("ttl", .duration, ""),
        ]
        let needsFormat = false

        func capabilities(_ settings: Settings) -> ConnectorCapabilities {
            ConnectorCapabilities(idempotent: true)
        }
        func embedded(_ settings: Settings) -> EmbeddedBinding? {
            EmbeddedBinding(
                summary: "embedded key-value table \(settings.string("table") ?? "")")
        }
        func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
            ["partition_key", "sort_key"].compactMap { key in
                guard let name = settings.spannedName(key), schema[name.value] == nil else {
                    return nil
                }
                return Diagnostic(
                    .unknownColumn, "`\(name.value)` is not a column of what is written",
                    at: name.span)
            }
        }
    }
}

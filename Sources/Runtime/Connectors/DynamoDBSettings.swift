import PipelineDSL
import Planner

/// What a binding to `dynamodb` says.
struct DynamoDBSettings {
    let table: String
    private let settings: Settings

    init(_ binding: BindingPlan, node: String) {
        settings = Settings(binding.settings, signatures: DynamoDBConnector().settings)
        table = settings.string("table") ?? node
    }

    func open(_ project: ProjectDirectory) throws -> KeyValueTable {
        try KeyValueTable(
            path: project.resolve(EmbeddedPaths.keyValueTable(table)),
            indexes: DynamoDBSettings.indexes(settings))
    }

    /// `nil` where nothing is said about them.
    static func indexes(_ settings: Settings) -> [KeyValueIndex]? {
        settings.mapping("indexes")?.compactMap { entry in
            guard case .object(let keys) = entry.value.kind,
                let partition = keys.string("partition_key")
            else { return nil }
            return KeyValueIndex(
                name: entry.key.value, partitionKey: partition, sortKey: keys.string("sort_key"))
        }
    }

    /// - Returns: `nil` where the partition key is no column, which the check has said.
    func layout(_ schema: Schema) -> KeyValueSink.Layout? {
        func column(_ name: String?) -> Int? { name.flatMap { schema.index(of: $0) } }
        guard let key = column(settings.string("partition_key")) else { return nil }
        var layout = KeyValueSink.Layout(partitionKey: key)
        layout.sortKey = column(settings.string("sort_key"))
        layout.timeToLive = settings.duration("ttl")
        layout.expiresAt = column(settings.string("expires_at"))
        if let newer = column(settings.object("condition")?.string("newer")) {
            layout.condition = .newer(newer)
        } else if settings.string("condition") != nil {
            layout.condition = .notExists
        }
        return layout
    }
}

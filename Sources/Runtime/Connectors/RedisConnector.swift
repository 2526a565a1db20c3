import PipelineDSL
import Planner

/// Entries of a Redis database; embedded: a cache with times to live.
struct RedisConnector: ConnectorSignature {
    let name = "redis"
    let documentation = """
        Entries of a Redis database: one row is one entry, its key the text of a column, its value a
        JSON object, gone when its time to live is over. Writing a key again replaces the entry and its
        time starts anew. Without a server it is an embedded cache, `.pipec/redis/cache.sqlite`.

        ```yaml
        sinks:
          last_positions:
            from: silver.positions
            redis: { prefix: "position:", key: vehicle_id, ttl: 10 minutes }
        ```

        As a source it is every entry whose key begins with the prefix, without what has expired: to look
        rows up in.

        ```yaml
        sources:
          positions:
            redis: { prefix: "position:", key: vehicle_id }
            columns: { vehicle_id: string not null, lat: double, lon: double }
        ```
        """
    let roles: Set<ConnectorRole> = [.source, .sink]
    let needsFormat = false
    let settings = [
        SettingSignature("key", .name, required: true, "The column whose value is the key."),
        SettingSignature("prefix", .string, "What stands before it in the database."),
        SettingSignature(
            "ttl", .duration, "How long after it is written an entry is gone. Without it, never."),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(idempotent: true, transactional: false)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(summary: "embedded cache \(settings.string("prefix") ?? "")")
    }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        KeyColumns.check("key", settings, schema)
    }
}

/// What a binding to `redis` says.
struct RedisSettings {
    let prefix: String
    private let key: String?
    private let timeToLive: Int64?

    init(_ binding: BindingPlan) {
        let settings = Settings(binding.settings, signatures: RedisConnector().settings)
        prefix = settings.string("prefix") ?? ""
        key = settings.string("key")
        timeToLive = settings.duration("ttl")
    }

    static func open(_ project: ProjectDirectory) throws -> KeyValueTable {
        try KeyValueTable(path: project.resolve(EmbeddedPaths.cache))
    }

    /// - Returns: `nil` where the key is no column, which the check has said.
    func layout(_ schema: Schema) -> KeyValueSink.Layout? {
        guard let key = key.flatMap({ schema.index(of: $0) }) else { return nil }
        var layout = KeyValueSink.Layout(partitionKey: key)
        layout.keyPrefix = prefix
        layout.timeToLive = timeToLive
        return layout
    }
}

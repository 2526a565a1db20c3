import PipelineDSL
import Planner

/// Makes the writer of a sink.
struct SinkOpener {
    let project: ProjectDirectory
    let settings: RunSettings
    let token: String

    func open(_ node: PlanNode, _ sink: SinkPlan) throws -> any SinkWriter {
        let binding = sink.binding
        if binding.connector == "webhook" {
            return try WebhookSink(
                node, sink, project: project, token: token,
                secrets: SecretValues(settings.environment))
        }
        guard binding.isEmbedded,
            let signature = Registry.connectors.first(where: { $0.name == binding.connector })
        else { throw unavailable(binding) }
        let values = Settings(binding.settings, signatures: signature.settings)
        func column(_ name: String) -> Int? {
            values.string(name).flatMap { node.schema.index(of: $0) }
        }
        switch binding.connector {
        case "dynamodb":
            let table = DynamoDBSettings(binding, node: node.name)
            guard let layout = table.layout(node.schema) else { throw unavailable(binding) }
            return try KeyValueSink(
                table: table.open(project), token: token, now: settings.now, schema: node.schema,
                layout)
        case "redis":
            guard let layout = RedisSettings(binding).layout(node.schema) else {
                throw unavailable(binding)
            }
            return try KeyValueSink(
                table: RedisSettings.open(project), token: token, now: settings.now,
                schema: node.schema, layout)
        case "sqs":
            let queue = SQSSettings(binding, node: node.name)
            return try QueueSink(
                queue: queue.open(project), token: token, now: settings.now, delay: queue.delay,
                schema: node.schema, groupBy: column("group_by"),
                deduplicateBy: column("deduplicate_by"))
        case "kinesis":
            return try LogSink(
                log: KinesisSettings(binding, node: node.name).open(project), token: token,
                node: node.name, now: settings.now, schema: node.schema,
                keyColumn: column("partition_key"),
                json: RecordOptions.json(sink.format, binding))
        default: throw unavailable(binding)
        }
    }

    /// Whether it writes files, which the engine stages as it does those of tables.
    static func writesFiles(_ binding: BindingPlan) -> Bool {
        binding.connector == "files"
            || (binding.isEmbedded && ["s3", "redshift"].contains(binding.connector))
    }

    /// The name of the table, queue or stream a sink writes to.
    static func resource(_ binding: BindingPlan, node: String) -> String {
        for name in ["table", "queue", "stream", "prefix", "path"] {
            if case .string(let text) = binding.settings[name] { return text }
        }
        return node
    }

    private func unavailable(_ binding: BindingPlan) -> RunError {
        RunError(
            .cannotRun, "the connector `\(binding.connector)` cannot be written here",
            at: binding.span, notes: ["use a profile in which it is embedded, such as `local`"])
    }
}

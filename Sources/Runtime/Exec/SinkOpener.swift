import PipelineDSL
import Planner

/// Makes the writer of a sink.
struct SinkOpener {
    let project: ProjectDirectory
    let settings: RunSettings
    let token: String

    func open(_ node: PlanNode, _ sink: SinkPlan) throws -> any SinkWriter {
        let binding = sink.binding
        guard binding.isEmbedded,
            let signature = Registry.connectors.first(where: { $0.name == binding.connector })
        else { throw unavailable(binding) }
        let values = Settings(binding.settings, signatures: signature.settings)
        func column(_ name: String) -> Int? {
            values.string(name).flatMap { node.schema.index(of: $0) }
        }
        switch binding.connector {
        case "dynamodb":
            guard let key = column("partition_key") else { throw unavailable(binding) }
            let path = EmbeddedPaths.keyValueTable(values.string("table") ?? node.name)
            return try KeyValueSink(
                table: try KeyValueTable(path: project.resolve(path)), token: token,
                now: settings.now, schema: node.schema, partitionKey: key,
                sortKey: column("sort_key"), timeToLive: values.duration("ttl"))
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
        binding.connector == "files" || (binding.connector == "s3" && binding.isEmbedded)
    }

    /// The name of the table, queue or stream a sink writes to.
    static func resource(_ binding: BindingPlan, node: String) -> String {
        for name in ["table", "queue", "stream", "path"] {
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

import PipelineDSL
import Planner

/// Records of a Kinesis stream; embedded: a partitioned log.
struct KinesisConnector: ConnectorSignature {
    let name = "kinesis"
    let documentation = """
        Records of an Amazon Kinesis data stream: one row is one record, its data a JSON object, so the
        format is `json` or `jsonl`. A record that is none goes to the dead letters with its shard and
        sequence number. Without an account it is an embedded log, `.pipec/kinesis/<stream>/`, with
        shards, sequence numbers, retention and the size limit (1 MiB a record with its partition key);
        `pipec feed` appends to it, one record a line.

        ```yaml
        sources:
          events:
            kinesis: { stream: user-events, shards: 2, retention: 24 hours, partition_key: user_id }
            format: json
            columns: { user_id: string not null, action: string, at: timestamp }
            metadata: { sequence: sequence_number, received_at: received_at }
        ```

        A batch run reads everything there is; a streaming run goes on where it ended, and begins at
        `start`. As a sink, all records of an epoch are appended when it commits, once, also where the
        run dies in the middle of it.

        ```yaml
        sinks:
          alerts:
            from: suspicious
            kinesis: { stream: alerts, partition_key: user_id }
            format: json
        ```
        """
    let roles: Set<ConnectorRole> = [.source, .sink]
    let needsFormat = true
    let settings = [
        SettingSignature("stream", .string, required: true, "The stream's name."),
        SettingSignature(
            "shards", .integer(1...Int64(PartitionedLog.mostShards)),
            "How many shards the stream has. It is made with 2 where nobody says, and keeps them."),
        SettingSignature(
            "retention", .duration,
            "How long a record is kept; 24 hours where nobody says. From one hour to 365 days."),
        SettingSignature(
            "partition_key", .name,
            """
            The column whose value is the partition key; records of one key stay in order. As a source,
            it is the key `pipec feed` gives to what it appends. Without it, records are spread.
            """),
        SettingSignature(
            "start", .string,
            """
            As a source: where the first run begins: `earliest` (when it is left out; also
            `trim_horizon`), `latest`, a time such as `2026-01-31T12:00:00Z`, or a sequence number of each
            shard, `0:4711, 1:42`.
            """),
        SettingSignature(
            "shard_limits", .boolean, default: "false",
            """
            Whether `pipec feed` is slowed down to what a shard takes: 1,000 records and 1 MiB a
            second.
            """),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(replayable: true, ordered: true, transactional: true)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(summary: "embedded stream \(settings.string("stream") ?? "")")
    }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        var found = ResourceName.check("stream", settings, extra: "._-", limit: 128)
        found += KeyColumns.check("partition_key", settings, schema)
        found += startCheck(settings, role) + retentionCheck(settings)
        return found
    }

    private func startCheck(_ settings: Settings, _ role: ConnectorRole) -> [Diagnostic] {
        guard let text = settings.string("start"), let span = settings["start"]?.span else {
            return []
        }
        if role == .sink {
            return [
                Diagnostic(
                    .embeddedSettings, "only a source has a `start`", at: span,
                    notes: ["a sink appends; remove `start`"])
            ]
        }
        guard KinesisSettings.start(text) == nil, !text.contains("${") else { return [] }
        let near = nearName(text, among: ["earliest", "latest", "trim_horizon"])
        return [
            Diagnostic(
                .embeddedSettings, "`start` cannot be `\(text)`", at: span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: [
                    "it is `earliest`, `latest`, a time such as `2026-01-31T12:00:00Z` or a sequence "
                        + "number of each shard, `0:4711, 1:42`"
                ],
                fix: near.map { Diagnostic.Fix("use `\($0)`", span: span, replacement: $0) })
        ]
    }

    private func retentionCheck(_ settings: Settings) -> [Diagnostic] {
        let hour: Int64 = 3_600_000_000
        guard let retention = settings.duration("retention"),
            !(hour...365 * 24 * hour).contains(retention)
        else { return [] }
        return [
            Diagnostic(
                .embeddedSettings, "a stream cannot keep its records so long or so short",
                at: settings["retention"]?.span,
                notes: ["`retention` is from 1 hour to 365 days (Kinesis: 24 hours to 365 days)"])
        ]
    }
}

import PipelineDSL
import Planner

/// Messages of an SQS queue; embedded: a durable queue.
struct SQSConnector: ConnectorSignature {
    let name = "sqs"
    let documentation = """
        Messages of an Amazon SQS queue: one row is one message, its body a JSON object. A queue whose
        name ends in `.fifo` keeps the order within a message group (`group_by`). Without an account it
        is an embedded queue, `.pipec/sqs/<queue>.sqlite`, with visibility timeouts, receive counts and
        the size limit (256 KB; a larger message goes to the dead letters).

        ```yaml
        sinks:
          moving_vehicles:
            from: silver.telemetry
            where: engine_status = 'moving'
            sqs: { queue: telemetry-moving.fifo, group_by: vehicle_id, max_receives: 3 }
        ```
        """
    let roles: Set<ConnectorRole> = [.sink]
    let needsFormat = false
    let settings = [
        SettingSignature(
            "queue", .string, required: true, "The queue's name; `.fifo` keeps order."),
        SettingSignature(
            "group_by", .name, "The column whose value is the message group. A FIFO queue needs it."
        ),
        SettingSignature(
            "deduplicate_by", .name,
            "A column whose value, sent in the last five minutes, makes a message a duplicate (FIFO)."
        ),
        SettingSignature(
            "max_receives", .integer(1...1000),
            "After how many receipts without a delete a message moves to `<queue>-dlq`."),
        SettingSignature(
            "delay", .duration, "How long a message stays invisible after it is sent."),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        let isFIFO = settings.string("queue")?.hasSuffix(".fifo") ?? false
        return ConnectorCapabilities(
            ordered: isFIFO, idempotent: isFIFO && settings["deduplicate_by"] != nil)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(summary: "embedded queue \(settings.string("queue") ?? "")")
    }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        var found = ["group_by", "deduplicate_by"].flatMap {
            KeyColumns.check($0, settings, schema)
        }
        found += ResourceName.check("queue", settings, extra: "-_.", limit: 80)
        let isFIFO = settings.string("queue")?.hasSuffix(".fifo") ?? false
        if isFIFO, settings["group_by"] == nil {
            found.append(
                Diagnostic(
                    .fifoGroup, "a FIFO queue needs `group_by`", at: settings["queue"]?.span,
                    label: "`.fifo` keeps the order within a message group",
                    notes: ["name the column whose rows must stay in order, such as an id"]))
        }
        if !isFIFO, let setting = settings["deduplicate_by"] {
            found.append(
                Diagnostic(
                    .fifoGroup, "only a FIFO queue deduplicates", at: setting.span,
                    notes: [
                        "end the queue's name in `.fifo`, or add a `dedupe` step before the sink"
                    ]))
        }
        return found
    }
}

import PipelineDSL
import Planner

/// Messages of an SQS queue; embedded: a durable queue.
struct SQSConnector: ConnectorSignature {
    let name = "sqs"
    let documentation = """
        Messages of an Amazon SQS queue: one row is one message, its body a JSON object. A queue whose
        name ends in `.fifo` keeps the order within a message group (`group_by`). Without an account it
        is an embedded queue, `.pipec/sqs/<queue>.sqlite`, with visibility timeouts, receive counts, a
        dead-letter queue and the size limit (256 KB; a larger message goes to the dead letters).

        ```yaml
        sinks:
          moving_vehicles:
            from: silver.telemetry
            where: engine_status = 'moving'
            sqs: { queue: telemetry-moving.fifo, group_by: vehicle_id, max_receives: 3 }
        ```

        As a source, messages are received as rows and deleted with the commit of the run or epoch that
        read them; those of a run that fails are received again, with a higher receive count. A body
        that is no object goes to the dead letters of the run with the queue and the message's number.

        ```yaml
        sources:
          orders:
            sqs: { queue: orders, visibility: 2 minutes, max_receives: 3 }
            columns: { order_id: string not null, amount: decimal(10,2) }
        ```
        """
    let roles: Set<ConnectorRole> = [.source, .sink]
    let needsFormat = false
    let settings = [
        SettingSignature(
            "queue", .string, required: true, "The queue's name; `.fifo` keeps order."),
        SettingSignature(
            "group_by", .name,
            """
            The column whose value is the message group. A sink to a FIFO queue needs it; a source's is
            for `pipec feed`.
            """),
        SettingSignature(
            "deduplicate_by", .name,
            "A column whose value, sent in the last five minutes, makes a message a duplicate (FIFO)."
        ),
        SettingSignature(
            "delay", .duration,
            "How long a message stays invisible after it is sent, at most 15 minutes."),
        SettingSignature(
            "visibility", .duration,
            """
            How long a received message is invisible to others before it comes again: 30 seconds where
            nobody says, at most 12 hours. Longer than an epoch takes.
            """),
        SettingSignature(
            "retention", .duration,
            "How long a message is kept, from 1 minute to 14 days; 4 days where nobody says."),
        SettingSignature(
            "max_receives", .integer(1...1000),
            "After how many receipts without a delete a message moves to the dead-letter queue."),
        SettingSignature(
            "dead_letter_queue", .string,
            "Its name; where it is left out `<queue>-dlq`, of a FIFO queue `<queue>-dlq.fifo`."),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        let isFIFO = settings.string("queue").map(SQSSettings.isFIFO) ?? false
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
        found += ["queue", "dead_letter_queue"].flatMap {
            ResourceName.check($0, settings, extra: "-_.", limit: 80)
        }
        return found + fifoChecks(settings, role) + deadLetterChecks(settings)
            + SQSConnector.limits.flatMap { durationCheck($0.key, $0.value, settings) }
    }

    private func fifoChecks(_ settings: Settings, _ role: ConnectorRole) -> [Diagnostic] {
        let isFIFO = settings.string("queue").map(SQSSettings.isFIFO) ?? false
        if isFIFO, role == .sink, settings["group_by"] == nil {
            return [
                Diagnostic(
                    .fifoGroup, "a FIFO queue needs `group_by`", at: settings["queue"]?.span,
                    label: "`.fifo` keeps the order within a message group",
                    notes: ["name the column whose rows must stay in order, such as an id"])
            ]
        }
        if !isFIFO, let setting = settings["deduplicate_by"] {
            return [
                Diagnostic(
                    .fifoGroup, "only a FIFO queue deduplicates", at: setting.span,
                    notes: [
                        "end the queue's name in `.fifo`, or add a `dedupe` step before the sink"
                    ])
            ]
        }
        return []
    }

    private func deadLetterChecks(_ settings: Settings) -> [Diagnostic] {
        guard let queue = settings.string("queue"),
            let dead = settings.string("dead_letter_queue"),
            let span = settings["dead_letter_queue"]?.span
        else { return [] }
        if dead == queue {
            return [
                Diagnostic(
                    .embeddedSettings, "a queue cannot be its own dead-letter queue", at: span,
                    notes: ["leave it out: it is then `\(SQSSettings.deadLetterQueue(of: queue))`"])
            ]
        }
        if SQSSettings.isFIFO(dead) != SQSSettings.isFIFO(queue) {
            return [
                Diagnostic(
                    .embeddedSettings,
                    "a queue and its dead-letter queue are both FIFO or neither is",
                    at: span,
                    notes: ["leave it out: it is then `\(SQSSettings.deadLetterQueue(of: queue))`"])
            ]
        }
        if settings["max_receives"] == nil {
            return [
                Diagnostic(
                    .embeddedSettings, "nothing would move to `\(dead)`", at: span,
                    notes: ["say after how many receipts: `max_receives: 3`"])
            ]
        }
        return []
    }

    /// Microseconds, and what a message says.
    private static let limits: KeyValuePairs<String, (range: ClosedRange<Int64>, text: String)> = [
        "delay": (0...MessageQueue.longestDelay, "from 0 to 15 minutes"),
        "visibility": (1_000_000...MessageQueue.longestVisibility, "from 1 second to 12 hours"),
        "retention": (60_000_000...14 * 86_400_000_000, "from 1 minute to 14 days"),
    ]

    private func durationCheck(
        _ name: String, _ limit: (range: ClosedRange<Int64>, text: String), _ settings: Settings
    ) -> [Diagnostic] {
        guard let value = settings.duration(name), !limit.range.contains(value) else { return [] }
        return [
            Diagnostic(
                .embeddedSettings, "`\(name)` of a queue is \(limit.text)", at: settings[name]?.span
            )
        ]
    }
}

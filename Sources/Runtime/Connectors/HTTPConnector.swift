import PipelineDSL
import Planner

/// Rows that others send with `POST`; embedded: a listener in front of a durable log.
struct HTTPConnector: ConnectorSignature {
    let name = "http"
    let documentation = """
        Rows that others `POST`, as to an Amazon API Gateway in front of a Kinesis stream: one JSON
        object, an array of them, or JSON lines. A streaming run listens while it lasts, on the loopback
        address unless `host` says otherwise. What breaks the contract is answered with 400 and what is
        wrong with which row. What is accepted is on disk before it is acknowledged with 202, in the
        log `.pipec/http/<source>/`, from which the run reads on wherever it ended; `pipec feed` appends
        to it, too, and a batch run reads what is there.

        ```yaml
        sources:
          service_records:
            http:
              port: 8080
              path: /service-records
              keys: ["${secret:DEALER_KEY}"]
              usage_plans:
                partners:
                  rate: 100 / second
                  burst: 200
                  quota: { requests: 10000, per: day }
                  keys: ["${secret:PARTNER_KEY}"]
            format: json
            columns: { service_record_id: string not null, dealer: string, total: decimal(10,2) }
            metadata: { sequence: sequence_number, received_at: received_at }
        ```
        """
    let roles: Set<ConnectorRole> = [.source]
    let needsFormat = true
    let settings = [
        SettingSignature(
            "port", .integer(0...65535), default: "8080", "The port; 0 is any that is free."),
        SettingSignature(
            "host", .string, default: "127.0.0.1",
            "The address that is listened on; `0.0.0.0` is every one of the machine."),
        SettingSignature("path", .string, "The path; `/<source>` where nobody says."),
        SettingSignature(
            "keys", .list(.string),
            """
            Keys of which a request must show one in `x-api-key`, each a `${secret:NAME}`. Without keys
            and usage plans, anybody may send.
            """),
        SettingSignature(
            "usage_plans", .mapping(.object(HTTPConnector.usagePlan)),
            "Keys with limits; each key has the limits for itself."),
        SettingSignature(
            "max_body", .size, default: "10 MB", "A longer body is refused with 413."),
        SettingSignature(
            "partial", .boolean, default: "false",
            """
            Whether the right rows of a request are taken where others are wrong, as by Kinesis
            PutRecords. Otherwise all are taken or none.
            """),
        SettingSignature(
            "partition_key", .name,
            """
            The column whose value decides the shard; rows of one key stay in order. Without it, those
            of a request do.
            """),
        SettingSignature(
            "shards", .integer(1...Int64(PartitionedLog.mostShards)), default: "1",
            "How many shards the log is made with; it keeps them."),
        SettingSignature(
            "retention", .duration, default: "24 hours",
            "How long a row is kept in the log, read or not. From one hour to 365 days."),
    ]

    static let usagePlan = [
        SettingSignature("rate", .rate, "Requests a second, in the long run."),
        SettingSignature(
            "burst", .integer(1...1_000_000), "Requests at once; as many as `rate` without it."),
        SettingSignature(
            "quota", .object(quota), "Requests in a calendar day, week (from Monday) or month, UTC."
        ),
        SettingSignature(
            "keys", .list(.string), required: true, "Keys of this plan, each a `${secret:NAME}`."),
    ]

    static let quota = [
        SettingSignature("requests", .integer(1...Int64.max), required: true, "How many."),
        SettingSignature(
            "per", .choice(["day", "week", "month"]), required: true, "In what time."),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(replayable: true, ordered: true)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        let host = settings.string("host") ?? ListenAddress.loopback
        let port = Int(clamping: settings.integer("port") ?? 8080)
        return EmbeddedBinding(
            summary: "embedded listener on \(ListenAddress(host: host, port: port))"
                + (settings.string("path") ?? ""))
    }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        KeyColumns.check("partition_key", settings, schema) + HTTPSettingChecks.all(settings)
    }
}

import Foundation

/// The pipelines of ``StreamingKillTests``.
extension KillVariant {
    /// How many kills there are, over all variants; `make kill` asks for more.
    static let allKills =
        ProcessInfo.processInfo.environment["PIPEC_KILLS"].flatMap(Int.init) ?? 50

    static let all = [files, log, queue, generator]
    static let kills = (allKills + all.count - 1) / all.count

    private static let zones = """
        zones:
          bronze: { path: lake/bronze, format: parquet }
          silver: { path: lake/silver, format: parquet }
          gold: { path: lake/gold, format: parquet }
        """

    private static let contract = """
        version: 1
        pipeline: kills
        contracts:
          event:
            columns: { id: bigint not null, at: timestamp not null, kind: string, amount: double }
            rules: { amount_is_positive: amount > 0 }
        """

    /// Windows, sessions, groups, a merged table and rows that were seen before.
    private static let transforms = """
        transforms:
          bronze.events: { from: events }
          silver.events:
            from: bronze.events
            steps:
              - dedupe: { on: id, within: 1 day }
              - lookup: { in: kinds, on: kind, take: [name] }
            write: { mode: merge, on: [id] }
          gold.windows:
            sql: |
              SELECT window_start, kind, count(*) AS n, sum(amount) AS total FROM bronze.events
              GROUP BY tumble(at, INTERVAL '7 minutes'), kind
          gold.sessions:
            sql: |
              SELECT window_start, window_end, kind, count(*) AS n FROM bronze.events
              GROUP BY session(at, INTERVAL '2 minutes'), kind
          gold.hours:
            sql: |
              SELECT date_trunc('hour', at) AS hour, count(*) AS n, max(id) AS last FROM bronze.events
              GROUP BY date_trunc('hour', at)
        """

    static let distinctRows =
        "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM silver.events"

    private static let queries = [
        "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM bronze.events", distinctRows,
        "SELECT * FROM bronze.events ORDER BY id, at",
        "SELECT * FROM silver.events ORDER BY id",
        "SELECT * FROM gold.windows ORDER BY window_start, kind",
        "SELECT * FROM gold.sessions ORDER BY window_start, kind",
        "SELECT * FROM gold.hours ORDER BY hour",
    ]

    static let files = KillVariant(
        name: "files", feeding: .files,
        spec: """
            \(contract)
            sources:
              events:
                files: { path: "in/*.csv" }
                format: csv
                contract: event
                event_time: { column: at, watermark: 1 hour }
              kinds:
                files: { path: kinds.jsonl }
                format: jsonl
                columns: { kind: string not null, name: string }
            \(zones)
            \(transforms)
            sinks:
              store: { from: silver.events, dynamodb: { table: events, partition_key: id } }
              queue: { from: silver.events, sqs: { queue: events.fifo, group_by: kind } }
            """,
        queries: queries, sinks: ["store", "queue"])

    /// A stream or queue as the source; a key-value table that is fed, too, and looked up in; a queue in
    /// the middle, which the pipeline writes and reads.
    private static func embedded(_ events: String, kinds: String, cache: String) -> String {
        """
        \(contract)
        sources:
          events:
            \(events)
            contract: event
            event_time: { column: at, watermark: 1 hour }
          kinds:
            \(kinds)
            columns: { kind: string not null, name: string }
          jobs:
            sqs: { queue: jobs }
            columns: { id: bigint not null, name: string }
        \(zones)
        \(transforms)
          bronze.jobs: { from: jobs }
        sinks:
          hop: { from: silver.events, sqs: { queue: jobs } }
          store: { from: silver.events, dynamodb: { table: events, partition_key: kind, sort_key: id } }
          cache: { from: gold.hours, \(cache) }
          out: { from: silver.events, kinesis: { stream: out, shards: 2, partition_key: kind }, format: json }
          export: { from: bronze.jobs, kinesis: { stream: jobs, shards: 1 }, format: json }
        """
    }

    private static let embeddedQueries =
        queries + ["SELECT id, name FROM bronze.jobs ORDER BY id"]
    private static let embeddedSinks = ["store", "cache", "out", "export", "hop"]

    static let log = KillVariant(
        name: "log", feeding: .command,
        spec: embedded(
            "kinesis: { stream: events, shards: 2, partition_key: id }\n    format: json",
            kinds: "dynamodb: { table: kinds, partition_key: kind }",
            cache: "dynamodb: { table: hours, partition_key: hour }"),
        queries: embeddedQueries, sinks: embeddedSinks,
        copied: ".pipec/kinesis/events")

    static let queue = KillVariant(
        name: "queue", feeding: .command,
        spec: embedded(
            "sqs: { queue: events.fifo, group_by: kind, deduplicate_by: mid }",
            kinds: "redis: { prefix: \"kinds:\", key: kind }",
            cache: "redis: { prefix: \"hours:\", key: hour }"
        )
        .replacingOccurrences(
            of: "columns: { id: bigint not null, at",
            with: "columns: { mid: string, id: bigint not null, at"),
        queries: embeddedQueries, sinks: embeddedSinks)

    static let pace = "rate: 500 / second"

    /// It ends by itself, and then everything in it is complete.
    static let generator = KillVariant(
        name: "generator", feeding: .none,
        spec: """
            \(contract)
            sources:
              events:
                generate:
                  \(pace)
                  rows: \((allKills + 3) / 4 * 100)
                  interval: 10 seconds
                  columns: { id: sequence, kind: { choice: { a: 1, b: 2 } } }
                  dirt: 0.02
                contract: event
                event_time: { column: at, watermark: 12 hours }
              kinds:
                files: { path: kinds.jsonl }
                format: jsonl
                columns: { kind: string not null, name: string }
            \(zones)
            \(transforms)
            sinks:
              store: { from: silver.events, redis: { key: id } }
              queue: { from: silver.events, sqs: { queue: events } }
            """,
        queries: queries, sinks: ["store", "queue"])
}

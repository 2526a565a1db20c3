import PipelineDSL
import Planner

/// Rows made up from a seed.
struct GenerateConnector: ConnectorSignature {
    let name = "generate"
    let documentation = """
        Rows that are made up: for demos, tests and load. The source declares its columns as any other
        (`columns:` or `contract:`), `columns` below says how they are made; what is left out is made
        by its type. Row 17 is the same in every run with the same seed, however many workers make it.

        ```yaml
        sources:
          telemetry:
            generate:
              rows: 100000
              seed: 7
              start: 2026-01-01T00:00:00Z
              interval: 1 s
              columns:
                vehicle_id: { zipf: { keys: 500, skew: 1.1, pattern: "VH-{000000}" } }
                recorded_at: { timestamp: { jitter: 5 s } }
                latitude: { walk: { by: vehicle_id, from: 52.5, step: 0.01, every: 500 } }
                speed_kmh: { normal: { mean: 45, deviation: 20, min: 0, max: 180 }, nulls: 2% }
                speed_mph: { expression: speed_kmh * 0.621371 }
                engine_status: { choice: { moving: 6, idle: 3, "off": 1 } }
              dirt: { duplicates: 2%, nulls: 0.5%, out_of_range: 1%, late: 1% }
            columns:
              vehicle_id: string not null
              recorded_at: timestamp not null
              latitude: double not null
              speed_kmh: double
              speed_mph: double
              engine_status: string not null
        ```

        A column has one generator, and beside it `nulls` and `only`. With a `rate` rows become due in
        time where the pipeline streams; `duration` or `rows` ends them, which a batch run needs.

        Rows of different kinds come from a `mix`. A kind with `columns` of its own makes these in its
        own way; rows of other kinds have nothing there, unless `columns` of all rows says how. An
        `object` is a JSON text of members that are made like columns.

        ```yaml
        sources:
          events:
            generate:
              rate: 10 / second
              duration: 60 s
              seed: 7
              batch: 10
              mix:
                user_action:
                  weight: 6
                  columns:
                    action: { choice: [click, view, login, logout] }
                    session_seconds: { exponential: { mean: 300 } }
                    payload: { object: { page: { pattern: "/p/{00}" }, device: { choice: [phone, desk] } } }
                transaction:
                  weight: 2
                  columns:
                    amount: { lognormal: { median: 40, sigma: 1.5 } }
                    payload: { object: { fee: { uniform: { min: 0.1, max: 2 }, decimals: 2 } } }
                metric: { weight: 1, columns: { value: { normal: { mean: 50, deviation: 25 } } } }
                system_event: 1
              columns:
                user_id: { zipf: { keys: 1000, pattern: "user_{0000}" } }
              dirt: 1%
            columns:
              event_id: uuid not null
              event_type: string not null
              event_time: timestamp not null
              user_id: string not null
              action: string
              session_seconds: integer
              amount: decimal(10, 2)
              value: double
              payload: json
        ```

        In a pattern `{0}` is the number, `{0000}` the number with at least so many digits, `{aa}`,
        `{AA}` and `{xx}` are random letters, capitals and hexadecimal digits, `{{` is a brace.
        """
    let roles: Set<ConnectorRole> = [.source]
    let needsFormat = false
    let settings = GenerateSettings.all

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(replayable: true, ordered: true)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? { nil }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        var builder = GenerateBuilder(settings, schema: schema, now: 0)
        _ = builder.table(source: "")
        return builder.diagnostics
    }
}

import PipelineDSL
import Planner

/// Rows, or notices of alerts, posted to a URL. The same everywhere: nothing is embedded.
struct WebhookConnector: ConnectorSignature {
    let name = "webhook"
    let documentation = """
        Posts rows to a URL: a JSON array of them (`batch:` says how many, 100 where nobody does). They
        are sent when the epoch commits, in order. No answer, 408, 425, 429 and 5xx are tried again,
        with a wait that doubles or is what `Retry-After` says. A receiver that does not take them ends
        the run; what is not delivered is kept and sent by the next start, so every row is delivered at
        least once. `Idempotency-Key` is the same whenever a batch is sent and different for any other:
        a receiver that remembers it gets every row once.

        ```yaml
        sinks:
          orders_out:
            from: silver.orders
            webhook:
              url: https://example.com/orders
              headers: { Authorization: "Bearer ${secret:ORDERS_TOKEN}" }
            batch: { rows: 500 }
            on_error: { retries: 8, backoff: 500 ms }
        ```

        Told of an alert, it gets one JSON object: `alert`, `state` (`firing` or `resolved`), `pipeline`,
        `run`, `time`, `condition` and the `values` of its metrics.
        """
    let roles: Set<ConnectorRole> = [.sink, .receiver]
    let needsFormat = false
    let settings = [
        SettingSignature("url", .string, required: true, "Where to; `https` or `http`."),
        SettingSignature(
            "headers", .mapping(.string), "Further headers; a value may be a `${secret:NAME}`."),
        SettingSignature(
            "timeout", .duration, default: "10 s", "How long an answer is waited for."),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(ordered: true)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? { nil }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        guard let url = settings.string("url"), let span = settings["url"]?.span,
            !url.contains("${"), !HTTPClient.isAddress(url)
        else { return [] }
        return [
            Diagnostic(
                .webhookAddress, "`\(url)` is no address to post to", at: span,
                notes: ["it is like `https://example.com/hook`"])
        ]
    }
}

extension DiagnosticCode {
    public static let cannotListen = DiagnosticCode(
        710, "an address cannot be listened on",
        """
        An `http` source and `--listen` open a port on this machine, on the loopback address unless
        another one is given. It is refused where another process has the port, where it is below 1024
        and the user may not have such ports, or where the address is none of this machine.
        """)

    public static let secretMissing = DiagnosticCode(
        711, "a secret is not set",
        """
        `${secret:NAME}` is looked up when it is needed: in the environment variable `NAME` of the
        process that runs the pipeline. Plans, logs and checkpoints only know its name.
        """)

    public static let ingestSettings = DiagnosticCode(
        712, "the settings of an http source",
        """
        `path` is an absolute path without a query, `max_body` is from 1 KiB to 64 MiB, `retention` from
        an hour to a year. A usage plan has a `rate`, a `quota` or both, and a `burst` only with a rate.
        """)

    public static let ingestKey = DiagnosticCode(
        713, "an API key",
        """
        A key is a secret, so a spec only holds a reference to it: `"${secret:NAME}"`. A key has one
        usage plan or none, so it is there once.

        ```yaml
        http:
          keys: ["${secret:OWN_KEY}"]
          usage_plans:
            partners: { rate: 100 / second, keys: ["${secret:PARTNER_KEY}"] }
        ```
        """)

    public static let alertCondition = DiagnosticCode(
        714, "an alert's condition",
        """
        A condition compares metrics of the run with numbers, durations or sizes, like with like:

        ```yaml
        alerts:
          processor_errors: { when: errors(processor) > 5, within: 2 minutes, notify: [ … ] }
          stream_lags: { when: iterator_age(events) > 60 s, notify: [ … ] }
          too_many_bad: { when: dead_letters(files) / rows_read(files) > 1%, within: 1 hour, notify: [ … ] }
        ```

        Comparisons are joined by `AND` and `OR`; `+`, `-`, `*`, `/` and brackets calculate. What is
        counted (`errors`, `dead_letters`, `rows_read`, …) is counted over `within`; the rest
        (`iterator_age`, `backlog`, `memory`, …) is the largest in that time.
        """)

    public static let alertReceiver = DiagnosticCode(
        715, "an alert's receiver",
        "The reference of connectors says which of them can be told of an alert.")

    public static let webhookAddress = DiagnosticCode(
        716, "an address that cannot be posted to",
        "A webhook's `url` is an `http` or `https` URL with a host; secrets may stand in it.")

    public static let webhookUndelivered = DiagnosticCode(
        717, "a webhook that does not take its rows",
        """
        The receiver gave no answer or an error, so often as `on_error: { retries: … }` says, or an
        answer that no repetition changes, such as 400 or 404. What the epoch wrote elsewhere is
        committed; the rows for the webhook are kept in `.pipec/webhook/<sink>/`, and the next start
        sends them before anything else, with the same `Idempotency-Key`.
        """)

    public static let networkCodes: [DiagnosticCode] = [
        cannotListen, secretMissing, ingestSettings, ingestKey, alertCondition, alertReceiver,
        webhookAddress, webhookUndelivered,
    ]
}

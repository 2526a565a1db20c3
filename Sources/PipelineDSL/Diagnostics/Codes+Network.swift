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

    public static let networkCodes: [DiagnosticCode] = [
        cannotListen, secretMissing, ingestSettings, ingestKey,
    ]
}

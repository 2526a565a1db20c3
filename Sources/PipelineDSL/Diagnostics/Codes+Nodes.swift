extension DiagnosticCode {
    public static let unknownNode = DiagnosticCode(
        250, "an unknown node",
        """
        A node is a source, a transform or a sink; transforms in a zone are named with it,
        `silver.telemetry`. `from`, `lookup`, `join` and the tables of a `SELECT` read sources and
        transforms.
        """)

    public static let unknownContract = DiagnosticCode(
        251, "an unknown contract", "Contracts are declared under `contracts:`.")

    public static let unknownZone = DiagnosticCode(
        252, "an unknown zone",
        """
        The first half of a transform's name is the zone its table lies in. Zones are declared under
        `zones:`; a transform that is not stored has a name without a dot.
        """)

    public static let unknownProfile = DiagnosticCode(
        253, "an unknown profile",
        """
        `--profile` names one of `profiles:`, or `local`, which is always there and binds everything
        to embedded counterparts.
        """)

    public static let unknownStage = DiagnosticCode(
        254, "an unknown stage", "Stages are declared under `stages:`.")

    public static let unknownConnector = DiagnosticCode(
        255, "an unknown connector",
        "The reference of connectors lists every one there is, with its settings.")

    public static let unknownFormat = DiagnosticCode(
        256, "an unknown format",
        "The reference of formats lists every one there is, with its settings.")

    public static let unknownStep = DiagnosticCode(
        257, "an unknown step",
        """
        Steps are `where derive select drop rename cast validate dedupe lookup join aggregate unnest
        flatten latest mask` and, for anything else, `sql`.
        """)

    public static let unknownGivenParameter = DiagnosticCode(
        258, "`--param` names no parameter", "Parameters are declared under `parameters:`.")

    public static let nodeCycle = DiagnosticCode(
        259, "nodes that read each other",
        """
        Rows flow in one direction: a node cannot read what is computed from itself. To use the last
        result of a table, read it as a source of its own.
        """)

    public static let notARelation = DiagnosticCode(
        260, "something that cannot be read",
        """
        Sinks are ends: what is written there leaves the pipeline. A zone is a place that holds
        tables; read one of them, `zone.table`.
        """)

    public static let movedNode = DiagnosticCode(
        261, "`moved` names a node that is not there, or still is",
        """
        `moved: { old: new }` says that the node `old` is now called `new`: `new` must be a node, and
        `old` must no longer be one.
        """)

    static let nodeCodes: [DiagnosticCode] = [
        unknownNode, unknownContract, unknownZone, unknownProfile, unknownStage, unknownConnector,
        unknownFormat, unknownStep, unknownGivenParameter, nodeCycle, notARelation, movedNode,
    ]
}

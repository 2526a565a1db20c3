extension DiagnosticCode {
    public static let noSpec = DiagnosticCode(
        700, "no spec",
        """
        The command needs a spec. It looks for `pipec.yaml` in the working directory and then in
        each folder above it; a path on the command line goes first.
        """)

    public static let unknownSelection = DiagnosticCode(
        701, "a selector names no node",
        """
        `--select` takes names of nodes, with `+` before a name for all it depends on and `+` after
        it for all that depends on it.
        """)

    public static let unknownTopic = DiagnosticCode(
        702, "nothing to explain",
        """
        `pipec explain` takes the name of a node of the pipeline or a diagnostic code such as
        `PIPE0203`.
        """)

    public static let noSuchRevision = DiagnosticCode(
        703, "nothing to compare with",
        """
        `pipec plan --against` takes a plan file or a git revision in which the spec is there.
        """)

    static let commandCodes: [DiagnosticCode] = [
        noSpec, unknownSelection, unknownTopic, noSuchRevision,
    ]
}

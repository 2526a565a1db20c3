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

    public static let noRepository = DiagnosticCode(
        704, "git cannot be asked",
        """
        `pipec plan --against REVISION` reads the spec as it was at that revision from the git
        repository around it. Where there is no repository, keep the plan of then in a file with
        `pipec plan --out before.json` and compare with `--against before.json`.
        """)

    public static let projectExists = DiagnosticCode(
        705, "a project is there already",
        """
        `pipec init` never changes a file that is there. Choose another folder, or go on with the
        project as it is.
        """)

    public static let notWritten = DiagnosticCode(
        706, "a file could not be written",
        """
        The command was to write a file and the system refused: the folder is not there, may not be
        written to, or the disk is full. What the file held before is unchanged.
        """)

    public static let notRedrivable = DiagnosticCode(
        707, "dead letters cannot go back",
        """
        `pipec dlq redrive` reads rejected rows again at their place, adds them to the tables next to
        their source and computes all that depends on those. It refuses where the result would not be
        what a run with the mended rules gives: the file was changed or is gone, a step needs all rows
        at once, a table or a queue would hold rows twice. `pipec run` reads everything again.
        """)

    public static let noLetters = DiagnosticCode(
        708, "no such dead letters",
        """
        `--node`, `--run` and `--rule` choose among the dead letters that are kept; none is left.
        `pipec dlq list --all` lists all of them, also those that went back through the pipeline.
        """)

    static let commandCodes: [DiagnosticCode] = [
        noSpec, unknownSelection, unknownTopic, noSuchRevision, noRepository, projectExists,
        notWritten, notRedrivable, noLetters,
    ]
}

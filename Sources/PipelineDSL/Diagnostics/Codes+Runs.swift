extension DiagnosticCode {
    public static let spillFailed = DiagnosticCode(
        500, "spilling failed",
        """
        An operator reached its share of `--memory` and moved rows to a temporary file, which could
        not be written or read. Free disk space in the folder named, or raise `--memory`.
        """)

    public static let memoryExceeded = DiagnosticCode(
        501, "memory bound reached",
        """
        An operator needs more memory than `--memory` allows and cannot spill: the table of a
        `lookup`, or one group or row that is larger than the bound. Raise `--memory`, or make the
        table smaller (`select` only what is needed before the lookup).
        """)

    public static let rowsDoNotAddUp = DiagnosticCode(
        502, "the run's arithmetic does not close",
        """
        Every row an operator reads must be written, rejected, filtered, deduplicated, late or
        combined into another. If the counts do not add up, rows were lost or doubled: nothing is
        committed. This is a defect of pipec; please report it with the plan.
        """)

    public static let outputFailed = DiagnosticCode(
        503, "an output could not be written",
        """
        A file or folder of the result could not be written, renamed or synchronised to disk. The
        previous result is untouched.
        """)

    public static let ruleFailed = DiagnosticCode(
        504, "a rule of severity `fail` was broken",
        """
        A contract rule with `severity: fail` stops the run at the first row that breaks it. Nothing
        is committed. Mend the data, or make the rule `reject` to send such rows to the dead letters.
        """)

    public static let cannotRun = DiagnosticCode(
        505, "the plan cannot run here",
        """
        The plan is right, but this build of pipec cannot execute a part of it: a connector without
        an embedded counterpart, or an operator that is not there yet.
        """)

    public static let rowRejected = DiagnosticCode(
        506, "a row broke a rule",
        """
        The row went to the dead letters (`pipec dlq list`), under the name of the rule.
        """)

    public static let lookupMissing = DiagnosticCode(
        507, "a lookup found no match",
        """
        The lookup has `missing: reject` and the looked-up relation has no row of this key.
        """)

    static let runCodes: [DiagnosticCode] = [
        spillFailed, memoryExceeded, rowsDoNotAddUp, outputFailed, ruleFailed, cannotRun,
        rowRejected, lookupMissing,
    ]
}

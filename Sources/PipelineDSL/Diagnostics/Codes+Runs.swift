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

    public static let numberOutOfRange = DiagnosticCode(
        550, "a number is out of range",
        """
        The result of an expression does not fit its type: a sum beyond 64 bits, a decimal with more
        digits than its precision, a double beyond its greatest value. The row is rejected rather
        than wrapped around. Cast an operand to a wider type first (`amount::decimal(38,2)`), or
        allow a null with `TRY_CAST`.
        """)

    public static let divisionByZero = DiagnosticCode(
        551, "division by zero",
        """
        A divisor is zero in this row. `x / NULLIF(y, 0)` gives null instead; a `CASE` in front of
        the division keeps it from being reached.
        """)

    public static let badCast = DiagnosticCode(
        552, "a value does not fit the type it is cast to",
        """
        Text that is no number, a date that is not in the calendar, a number outside the target's
        range. `TRY_CAST(x AS type)` gives null instead of rejecting the row.
        """)

    public static let outsideDomain = DiagnosticCode(
        553, "a function is not defined for this value",
        """
        Such as the square root of a negative number or the logarithm of zero. Guard it with a
        `CASE`, or filter such rows out before.
        """)

    public static let badPattern = DiagnosticCode(
        554, "a pattern cannot be used",
        """
        A regular expression, `LIKE` pattern or format is malformed or uses what is not supported.

        Regular expressions here run in time linear in the text, whatever the pattern, so
        back-references and look-around are not available. Supported: classes (`[a-z]`,
        `[[:alpha:]]`, `\\d \\w \\s`), groups, `(?:…)`, alternation, `* + ? {m,n}` and their lazy
        forms, `^ $ \\b \\B`, `(?i)`.
        """)

    public static let badArgument = DiagnosticCode(
        555, "an argument is out of its range",
        """
        The function has no meaning for this argument: a negative length, an unknown field of a
        date, an unknown encoding, a latitude beyond 90 degrees.
        """)

    public static let timeOutOfRange = DiagnosticCode(
        556, "a date or time is out of range",
        """
        Dates reach from -5877641-06-23 to 5881580-07-11 and timestamps from -290308 to 294247.
        The result would lie outside, or a year, month, day or hour given does not exist.
        """)

    public static let noKernel = DiagnosticCode(
        557, "an expression cannot be evaluated",
        """
        The plan holds a function, a cast or a literal that this build cannot evaluate. A plan made
        by this build never does: the plan file was made by another version or edited by hand. Make
        it again with `pipec plan --out`.
        """)

    public static let tooManyGroups = DiagnosticCode(
        558, "too many distinct keys",
        """
        One table of keys holds at most 4,294,967,294 of them. Group by fewer columns, or bound the
        input (`within` of a `dedupe`, a window of an `aggregate`).
        """)

    public static let resultTooLarge = DiagnosticCode(
        559, "a result is too large",
        """
        One string or list of this row would be larger than a value may be (64 MiB made by one
        function call; 2 GiB in all for a column of one batch).
        """)

    public static let unknownTimeZone = DiagnosticCode(
        560, "a time zone is not known",
        """
        Time zones are named as in the IANA database (`Asia/Jakarta`), or as an offset (`+07:00`).
        """)

    public static let moreThanOneRow = DiagnosticCode(
        561, "a subquery for a value has more than one row",
        """
        `(SELECT …)` that stands for a value may yield one row at most. Make it one: aggregate it
        (`SELECT max(x) …`), or end it with `ORDER BY … LIMIT 1`.
        """)

    public static let missingEventTime = DiagnosticCode(
        571, "a row has no event time",
        """
        An event-time window groups rows by when something happened, and in this row that is null: it
        belongs to no window. Keep such rows out with `where`, or give them a time with `coalesce`.
        """)

    public static let streamingUnsupported = DiagnosticCode(
        580, "a node cannot be streamed",
        """
        A streaming run works in epochs, each on what is new, and never sees the end of its input. A
        node that needs all rows at once (a sort, a join without bounds) cannot be computed so; and
        rows that take the place of earlier ones (the groups of an aggregate that is no event-time
        window, `latest`) can only go where they find them: into a table merged by their key, or a
        key-value table. Bound it in event time, or run it in batch mode.
        """)
    public static let checkpointUnreadable = DiagnosticCode(
        581, "a checkpoint cannot be read",
        """
        A streaming run keeps how far it has read and what its operators remember under
        `.pipec/state/`. What is there is damaged, or was written by another version of pipec. Restore
        the folder, or remove it: everything is then read anew, and sinks that are not keyed receive
        rows a second time.
        """)
    public static let checkpointMismatch = DiagnosticCode(
        582, "the state is of another plan",
        """
        What an operator remembers was kept for another definition of it: other key columns, another
        event time. It is never read as something it is not. Go back to the spec that made it, or
        forget the state: `pipec state reset`, with the operator's name.
        """)
    public static let sourceChanged = DiagnosticCode(
        583, "a file that was read has changed",
        """
        A streaming run reads each file once, whole. A file that grows after it was read would lose
        the rows that were added, or double those that were there. Write files elsewhere and move them
        in when they are complete.
        """)
    public static let lateRow = DiagnosticCode(
        584, "a row came too late",
        """
        Its event time is before what the operator still remembers: the watermark of its source has
        passed it by more than `within`. It is kept with the dead letters and counted as late. A longer
        `watermark` or `within` waits longer, and remembers more.
        """)

    public static let noState = DiagnosticCode(
        585, "there is no such state",
        """
        `pipec state reset` forgets what an operator of a streaming run remembers, by the name that
        `pipec state show` gives it. Nothing is remembered under the name that was given.
        """)

    static let runCodes: [DiagnosticCode] = [
        spillFailed, memoryExceeded, rowsDoNotAddUp, outputFailed, ruleFailed, cannotRun,
        rowRejected, lookupMissing,
        numberOutOfRange, divisionByZero, badCast, outsideDomain, badPattern, badArgument,
        timeOutOfRange, noKernel, tooManyGroups, resultTooLarge, unknownTimeZone, moreThanOneRow,
        missingEventTime,
        streamingUnsupported, checkpointUnreadable, checkpointMismatch, sourceChanged, lateRow,
        noState,
    ]
}

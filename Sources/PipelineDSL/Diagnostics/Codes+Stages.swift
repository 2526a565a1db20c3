extension DiagnosticCode {
    static let stageCodes: [DiagnosticCode] = [
        .stageSchedules, .stageLimit, .stageTimeout, .stageMemory, .scheduleUnreadable,
        .scheduledInput,
    ]

    public static let stageSchedules = DiagnosticCode(
        670, "two schedules for one transform",
        """
        A transform runs when its own `every` or `cron` says, or when that of its stage does. With both
        there is no telling. Where transforms of one stage run at different times, say so at each of
        them, and leave the stage without.
        """)

    public static let stageLimit = DiagnosticCode(
        671, "a stage asks for more than its platform gives",
        """
        A function on Lambda has 128 MB to 10,240 MB of memory and at most 15 minutes; it is given at
        most 10,000 records at once, and waits for at most 5 minutes until a batch is full. A task on
        Fargate has at most 120 GB. What runs longer or needs more is a `fargate`, `glue` or `flink`
        stage.
        """)

    public static let stageTimeout = DiagnosticCode(
        675, "a batch took longer than its stage gives it",
        """
        `timeout` of a stage is for one batch. A batch that takes longer has failed, whatever it has
        done: it is tried again (`retries`), halved (`bisect_on_error`), and what still takes too long
        goes to the dead letters. Without `retries` and `bisect_on_error` the run ends.
        """)

    public static let stageMemory = DiagnosticCode(
        676, "a batch needs more memory than its stage has",
        """
        `memory` of a stage is for one batch: the rows that come in and what is made of them. A batch
        that needs more fails each time, so it is not tried again but halved (`bisect_on_error`), until
        the row that is too large alone is found; that row goes to the dead letters. Without
        `bisect_on_error` the whole batch does, and without `retries` as well the run ends.
        """)

    public static let scheduleUnreadable = DiagnosticCode(
        677, "the state of the schedule cannot be read",
        """
        When scheduled transforms ran last is kept in `schedule.json` below `.pipec`, so that what was
        missed while nothing ran is made up for once. A file that cannot be read is not overwritten:
        remove it, and each schedule begins anew.
        """)

    public static let scheduledInput = DiagnosticCode(
        678, "a scheduled transform reads what is only streamed",
        """
        A transform with a schedule runs over all its input each time, so what it reads must be stored:
        a table, or a source of files. A stream that nobody stores is gone by then. Read a table that
        the stream is written to.
        """)
}

extension DiagnosticCode {
    // MARK: Plan files

    public static let notAPlan = DiagnosticCode(
        400, "the file is not a plan",
        """
        A plan is the JSON document that `pipec plan --out plan.json` writes. The file named is not
        JSON, or is JSON of another kind.
        """)

    public static let planVersion = DiagnosticCode(
        401, "the plan has another format version",
        """
        A plan says in `format_version` which form it has, and pipec reads exactly one: what an
        older or newer form means by a plan cannot be guessed. Make the plan anew from the spec with
        `pipec plan --out plan.json`, or use the version of pipec that made it.
        """)

    public static let brokenPlan = DiagnosticCode(
        402, "the plan contradicts itself",
        """
        Before a plan from a file is executed, everything in it is checked: every column position is
        in range, every input exists and comes first, every type agrees with what is computed from
        the inputs, no number is out of its range. The place named does not hold. A plan is made by
        `pipec plan --out plan.json`; change the spec rather than the plan.
        """)

    // MARK: Parameters and bindings

    public static let parameterValue = DiagnosticCode(
        403, "a parameter without a fitting value",
        """
        A parameter has a type, and its default or what `--param name=value` gives must be a value of
        it. A parameter without a default must be given.

        ```yaml
        parameters:
          max_speed_kmh: { type: double, default: 180 }
        ```
        """)

    public static let connectorRole = DiagnosticCode(
        404, "a connector that cannot stand here",
        """
        Some connectors only read, some only write: `generate` is a source, `redis` is a sink. The
        reference of connectors says which roles each has.
        """)

    public static let formatMissing = DiagnosticCode(
        405, "a format is needed",
        """
        Files and objects are bytes, and `format` says how bytes become rows and back: `csv`,
        `jsonl`, `json` or `parquet`.

        ```yaml
        sources:
          orders:
            files: { path: data/orders.csv }
            format: csv
        ```
        """)

    public static let formatUnused = DiagnosticCode(
        406, "a format that has no use",
        """
        Queues, key-value tables and databases store rows in a form of their own, so `format` has no
        meaning beside them. Remove it.
        """)

    public static let formatRole = DiagnosticCode(
        407, "a format that cannot stand here",
        """
        Not every format that can be read can be written, and a zone needs one in which a table can
        be replaced as a whole. `parquet`, `jsonl` and `files` can; `delta` and `iceberg` are part of
        the language, but this build cannot write them yet. Use `parquet` in the meantime: reading
        and writing tables is the same, only their history and concurrent writers are missing.
        """)

    public static let unknownScheme = DiagnosticCode(
        408, "a path that cannot be bound",
        """
        A path is a folder (relative to the spec file, or absolute) or an address `s3://bucket/key`,
        which a profile binds: under `local` to a folder below `.pipec/s3/`. Its key may not contain
        `..`.
        """)

    // MARK: Schemas

    public static let contractNotMet = DiagnosticCode(
        410, "the columns are not those of the contract",
        """
        A transform with a `contract` must yield at least the contract's columns, with the same
        types, and never null where the contract says `not null`. That is checked here, before any
        row is read; the contract's rules are checked on every row.

        Cast a column of another type (`- cast: { amount: \"decimal(12,2)\" }`), and decide what
        happens to nulls: drop such rows (`- where: amount IS NOT NULL`) or replace them
        (`- derive: { amount: coalesce(amount, 0) }`).
        """)

    public static let eventTimeType = DiagnosticCode(
        411, "an event time that is no timestamp",
        """
        The column named by `event_time` says when something happened; its type must be `timestamp`.
        If the data holds something else, declare the column with its own type and derive a timestamp
        in a transform.
        """)

    public static let columnTaken = DiagnosticCode(
        412, "a column name that is already taken",
        """
        Every column of a relation has a name of its own. Give one of the two another name: in
        `take`, `select` and `derive` a column is renamed with `{ new_name: old_name }`.
        """)

    public static let schemaUnknown = DiagnosticCode(
        413, "the columns of a source are not known",
        """
        A source without `contract` and `columns` takes its columns from a sample of the data, which
        is pinned in `pipec.lock`. There is no sample yet. Run once where the data is, or declare the
        columns:

        ```yaml
        sources:
          vehicles:
            files: { path: data/vehicles.json }
            format: json
            columns: { vehicle_id: string not null, depot: string }
        ```
        """)

    public static let unionTypes = DiagnosticCode(
        414, "inputs whose columns do not fit together",
        """
        `from: [a, b]` puts the rows of several nodes under each other, column by column *by name*.
        A column that one of them lacks is null in its rows; a column that several have must have
        types with a common one, as `integer` and `bigint` have. Cast one of them in a transform of
        its own.
        """)

    public static let noColumns = DiagnosticCode(
        415, "a relation without columns",
        "At least one column must be left.")

    public static let lateOutput = DiagnosticCode(
        416, "a late output that has no rows of one kind",
        """
        `late: name` gives the rows that come too late for a transform a relation of their own, with
        the columns they have where they are found late. So the transform has one operation that
        finds rows late (a window or another `aggregate`, `dedupe` or `latest` with `within`), not
        none and not several; what else it does goes into a transform before or after it. The late
        rows of a join are of two kinds, and go to the dead letters.
        """)

    public static let withoutEffect = DiagnosticCode(
        417, "a setting without effect yet",
        """
        It is part of the language, and checked, but nothing does yet what it says.
        """)

    // MARK: Tables

    public static let writeKey = DiagnosticCode(
        420, "a table written by key without a usable key",
        """
        `merge` and `scd2` find the row to replace by the columns of `on`. They must be columns of
        the table; where one is null, rows never match and pile up, so they should be `not null`.
        """)

    public static let partitionExpression = DiagnosticCode(
        421, "an expression that cannot partition a table",
        """
        Each value of a partition expression becomes a folder `name=value`. The name is that of the
        column, or of the function and the column (`date(recorded_at)` gives `date_recorded_at`). Its
        type must have a short text form that is exact: whole numbers, strings, booleans, dates and
        timestamps have one; floating-point numbers, bytes, JSON and nested types have not.
        """)

    public static let writeMode = DiagnosticCode(
        422, "a way of writing that this table does not have",
        """
        Only a transform in a zone (`zone.table`) is stored, so only it can say how it is written and
        partitioned. The format of the zone decides what is possible: files can be replaced, appended
        to and merged; `scd2` needs a table format with row versions, which this build cannot write
        yet.
        """)

    // MARK: Steps

    public static let stepKeys = DiagnosticCode(
        430, "key columns that do not fit together",
        """
        Columns that are compared must have the same type on both sides. Cast one of them in a step
        before, `- cast: { vehicle_id: string }`, or in a transform of its own.
        """)

    public static let unboundedState = DiagnosticCode(
        431, "state that would grow without bound",
        """
        A streaming pipeline has no end, so what it remembers must have one. `dedupe`, `join` and
        `latest` forget by event time: give them `within`, and declare `event_time` on the source. An
        aggregate forgets groups that time has passed: group by `tumble(…)`, `hop(…)`, `session(…)`, or
        by the day or hour of the event time.
        """)

    public static let eventTimeNeeded = DiagnosticCode(
        432, "no event time is known here",
        """
        `within` and event-time windows compare when things happened. Declare the column on the
        source, and keep it through the steps:

        ```yaml
        sources:
          events:
            event_time: { column: recorded_at, watermark: 10 minutes }
        ```
        """)

    public static let tooManySteps = DiagnosticCode(
        433, "too many steps",
        """
        A transform has at most 200 steps. Split it: a transform without a zone is an intermediate
        relation that is not stored.
        """)

    public static let columnKind = DiagnosticCode(
        434, "a step that does not fit the type of its column",
        """
        `unnest` takes an `array`, `flatten` a `struct`; `mask` knows how to hide text, and clears
        anything else.
        """)

    public static let cannotMask = DiagnosticCode(
        435, "a mask that cannot be applied",
        """
        `redact`, `hash` and `partial(n)` need nothing else. `tokenize` and `encrypt` need a key
        store, which this build does not have yet.
        """)

    // MARK: Analyses

    public static let unused = DiagnosticCode(
        440, "something that nothing uses",
        """
        It is read and checked, but no node of the pipeline depends on it. Remove it, or use it.
        """)

    public static let notAnalysed = DiagnosticCode(
        441, "a change that is not analysed yet",
        """
        `--fail-on` stops where a change has a consequence. `breaking`, `destructive` and `pii` are
        computed from the two plans. The other kinds need analyses that this build does not have, and
        passing them silently would be a promise it cannot keep.
        """)

    static let planCodes: [DiagnosticCode] = [
        notAPlan, planVersion, brokenPlan, parameterValue, connectorRole, formatMissing,
        formatUnused, formatRole, unknownScheme, contractNotMet, eventTimeType, columnTaken,
        schemaUnknown, unionTypes, noColumns, lateOutput, withoutEffect, writeKey,
        partitionExpression, writeMode,
        stepKeys,
        unboundedState, eventTimeNeeded, tooManySteps, columnKind, cannotMask, unused, notAnalysed,
    ]
}

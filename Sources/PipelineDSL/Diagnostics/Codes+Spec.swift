extension DiagnosticCode {
    public static let unknownKey = DiagnosticCode(
        100, "unknown key",
        """
        This key is not known in this place. Keys are checked so that a misspelt one does not
        silently do nothing; the nearest known one is suggested, and all are listed.

        ```yaml
        sources:
          rides: { files: { path: a.csv }, formt: csv }    # wrong
          rides: { files: { path: a.csv }, format: csv }   # right
        ```
        """)

    public static let missingSetting = DiagnosticCode(
        101, "missing setting",
        """
        Something that has no default is not given. The note says what it is.

        ```yaml
        zones:
          silver: { format: parquet }                      # wrong: where?
          silver: { path: data/silver, format: parquet }   # right
        ```
        """)

    public static let wrongType = DiagnosticCode(
        102, "wrong type",
        """
        The value is of another type than this setting has: a list where one value is expected, a
        text where a number is, and so on. The message says what was written and what is expected.

        ```yaml
        batch: { rows: "100" }    # wrong: a text
        batch: { rows: 100 }      # right
        sources: [rides]          # wrong: a list
        sources: { rides: {…} }   # right: a mapping of names
        ```
        """)

    public static let outOfRange = DiagnosticCode(
        103, "out of range",
        """
        The number is smaller or larger than the setting allows; the message gives the bounds.
        """)

    public static let badChoice = DiagnosticCode(
        104, "not one of the choices",
        """
        The setting takes one of a few words, and this is none of them. The note lists them.

        ```yaml
        write: { mode: upsert, on: [id] }   # wrong
        write: { mode: merge, on: [id] }    # right
        ```
        """)

    public static let badQuantity = DiagnosticCode(
        105, "bad duration, size, rate or fraction",
        """
        Quantities are a number and a unit.

        | kind | examples | units |
        |---|---|---|
        | duration | `10 minutes`, `1 hour 30 minutes` | us, ms, s, min, h, d, w and names |
        | size | `512 MB`, `100 MiB` | B, KB MB GB TB PB (1000s), KiB MiB GiB TiB PiB (1024s) |
        | rate | `2000 / second`, `90 per minute` | any duration unit |
        | fraction | `1%`, `0.01` | between 0 and 1 |

        A number alone is refused, because nobody can see whether `10` means seconds or minutes.
        Months and years are no durations: their length varies. Write `30 days`.
        """)

    public static let notABoolean = DiagnosticCode(
        106, "not a boolean",
        """
        A switch is `true` or `false`. In YAML 1.1 `yes`, `no`, `on` and `off` were booleans too,
        in 1.2 they are texts, and readers disagree; so they are refused where a boolean is meant.
        In quotes, `"true"` is a text as well.

        ```yaml
        required: yes      # wrong
        required: true     # right
        ```
        """)

    public static let oneKeyExpected = DiagnosticCode(
        107, "exactly one key expected",
        """
        The key names which of several things is meant, and its value holds that thing's settings;
        so there must be exactly one.

        ```yaml
        format: { csv: {}, gzip: {} }            # wrong
        format: { csv: { delimiter: ";" } }      # right
        stages:
          clean: { lambda: { memory: 512 MB } }  # right
        ```
        """)

    public static let emptySetting = DiagnosticCode(
        108, "key without a value",
        """
        A key stands here with nothing after it. If nothing is meant, leave the key out; if an
        empty text is meant, write `""`.

        ```yaml
        path:                  # wrong
        path: data/silver      # right
        ```

        It also happens when the value is not indented deeper than its key.
        """)

    public static let listedTwice = DiagnosticCode(
        109, "listed twice",
        """
        The same name stands twice in a list of names. Remove one.
        """)

    public static let splitType = DiagnosticCode(
        111, "type cut in two",
        """
        Inside `{…}` a comma ends an entry, so `{ price: decimal(12,2) }` is read as a column
        `price` of type `decimal(12` and a key `2)`. Put the type in quotes, or each column on a
        line of its own.

        ```yaml
        columns: { price: decimal(12,2) }      # wrong
        columns: { price: "decimal(12,2)" }    # right
        columns:
          price: decimal(12,2)                 # right
        ```
        """)

    public static let unknownParameter = DiagnosticCode(
        113, "unknown parameter",
        """
        `${name}` is a parameter of the pipeline, and none of this name is declared.

        ```yaml
        parameters:
          delay: { type: string, default: 10 minutes }
        sources:
          rides:
            event_time: { column: at, watermark: "${delay}" }
        ```

        An environment variable is `${env:NAME}`, a secret `${secret:NAME}`. A text `${` itself is
        written `$${`.
        """)

    public static let missingVariable = DiagnosticCode(
        114, "environment variable not set",
        """
        The spec reads an environment variable that is not set where `pipec` runs. Set it, or give
        a default: `${env:NAME:-default}`.
        """)

    public static let secretInText = DiagnosticCode(
        115, "secret where it would be shown",
        """
        A secret may stand only in settings that are handed to a connector, such as a password.
        This setting is part of plans, logs and messages, and no command prints a secret. Use a
        parameter or an environment variable if the value is not one.
        """)

    public static let emptySpec = DiagnosticCode(
        116, "empty spec",
        """
        The file has no mapping of keys to read. The smallest spec is

        ```yaml
        version: 1
        pipeline: hello
        sources:
          rides: { files: { path: data/*.csv }, format: csv }
        sinks:
          out: { from: rides, files: { path: out/ }, format: jsonl }
        ```

        `pipec init` makes a project that runs.
        """)

    public static let unsupportedVersion = DiagnosticCode(
        117, "unknown version of the language",
        """
        `version` is the version of the spec language, not of your pipeline. This `pipec` reads
        version 1. A higher number needs a newer `pipec`.
        """)

    public static let badName = DiagnosticCode(
        118, "not a name",
        """
        Names are restricted so that they can be used unquoted in SQL, on the command line and as
        folders: `snake_case` for nodes, columns, rules and parameters, `zone.table` for tables,
        kebab-case for the pipeline.

        ```yaml
        columns: { vehicleID: string }     # wrong
        columns: { vehicle_id: string }    # right
        ```

        Columns that are called otherwise in a file are renamed by the source: `rename: {
        vehicleID: vehicle_id }`.
        """)

    public static let duplicateName = DiagnosticCode(
        119, "name used twice",
        """
        Sources, zones, transforms and sinks share one set of names, over all included files,
        because `from:`, profiles and the command line refer to them by name alone. Contracts,
        stages, alerts, tests and profiles have a set each.
        """)

    public static let reservedName = DiagnosticCode(
        120, "reserved name",
        """
        `input` is the relation that a `sql` step reads, `dead_letters` that of rejected rows. A
        node cannot have one of these names.
        """)

    public static let noConnector = DiagnosticCode(
        121, "no connector",
        """
        A source says where rows come from and a sink where they go, by exactly one connector key,
        whose value holds the connector's settings.

        ```yaml
        sources:
          rides: { format: csv }                               # wrong
          rides: { files: { path: data/*.csv }, format: csv }  # right
        ```

        `pipec schema` lists the connectors.
        """)

    public static let severalConnectors = DiagnosticCode(
        122, "more than one connector",
        """
        A source or sink has exactly one connector. Every key that is not of the language is taken
        for one, so a second may also be a misspelt setting. To read from two places declare two
        sources and list both in a transform: `from: [rides_2024, rides_2025]`.
        """)

    public static let transformBody = DiagnosticCode(
        123, "transform without a body",
        """
        A transform says what it reads: `from:` one or more nodes, with `steps:`, or `sql:` a
        `SELECT`.

        ```yaml
        transforms:
          silver.rides:
            from: rides
            steps:
              - where: distance_km > 0
          gold.daily:
            sql: SELECT day, count(*) AS rides FROM silver.rides GROUP BY day
        ```
        """)

    public static let badStep = DiagnosticCode(
        124, "malformed step",
        """
        `steps` is a list, and each step is a mapping with one key, the step's name. Its settings
        stand deeper than the name.

        ```yaml
        steps:
          - dedupe:
            on: [id]          # wrong: a second key of the step
          - dedupe:
              on: [id]        # right
          - dedupe: { on: [id] }
        ```
        """)

    public static let conflictingSettings = DiagnosticCode(
        125, "settings that exclude each other",
        """
        Two settings say contradictory things, or the same thing in two ways: `contract` and
        `columns`, `sql` and `from`, `every` and `cron`. Both places are shown; keep one.
        """)

    public static let expressionWithoutName = DiagnosticCode(
        126, "expression without a name",
        """
        A column of the result needs a name. A plain column has its own; an expression is given
        one.

        ```yaml
        select: [id, speed * 2]             # wrong
        select: [id, { double: speed * 2 }] # right
        ```
        """)

    public static let badCron = DiagnosticCode(
        127, "not a cron expression",
        """
        Five fields, separated by blanks: minute, hour, day of month, month, day of week, in UTC.
        Each is `*`, a number, a range `1-5`, a list `1,15` or a step `*/15`; months and days may
        be named `jan`, `mon`.

        ```yaml
        cron: 30 0 * * *        # half past midnight, every day
        cron: 0 6 * * mon-fri   # six o'clock on weekdays
        ```
        """)

    public static let unknownProfileNode = DiagnosticCode(
        128, "profile for an unknown node",
        """
        In a profile, a key with a mapping binds the node of that name to another connector, and
        there is no such node. Settings of the profile itself, such as `region`, are plain values.
        """)

    public static let includeNotFound = DiagnosticCode(
        129, "nothing to include",
        """
        No file matches the pattern. Paths are relative to the folder of the file that includes,
        not to the working directory.
        """)

    public static let includeCycle = DiagnosticCode(
        130, "files that include each other",
        """
        A file includes itself, directly or through others, or there are more files than any spec
        has. Each file is read once; name it in one place.
        """)

    public static let notInIncludedFile = DiagnosticCode(
        131, "key of the main file",
        """
        `pipeline`, `description` and `owner` are said once, in the file that `pipec` is given.
        Included files hold sections.
        """)

    public static let notSupportedYet = DiagnosticCode(
        132, "not supported yet",
        """
        The key belongs to the language, but this version of `pipec` does not do what it says. It
        is refused rather than ignored, so that nobody relies on it.
        """)

    static let specCodes: [DiagnosticCode] = [
        unknownKey, missingSetting, wrongType, outOfRange, badChoice, badQuantity, notABoolean,
        oneKeyExpected, emptySetting, listedTwice, splitType, unknownParameter, missingVariable,
        secretInText, emptySpec, unsupportedVersion, badName, duplicateName, reservedName,
        noConnector, severalConnectors, transformBody, badStep, conflictingSettings,
        expressionWithoutName, badCron, unknownProfileNode, includeNotFound, includeCycle,
        notInIncludedFile, notSupportedYet,
    ]
}

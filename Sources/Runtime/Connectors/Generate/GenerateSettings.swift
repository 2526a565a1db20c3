import PipelineDSL

/// What may be written under `generate:`.
enum GenerateSettings {
    static let all: [SettingSignature] = [
        SettingSignature(
            "rows", .integer(0...Int64.max),
            "How many rows. With `duration` the smaller of the two."),
        SettingSignature(
            "rate", .rate,
            "How many rows become due in a time, where the pipeline streams. A batch run takes all at once."
        ),
        SettingSignature(
            "duration", .duration, "For how long rows come: `rate` × `duration` of them."),
        SettingSignature(
            "batch", .integer(1...1_000_000), default: "1", "How many rows become due together."),
        SettingSignature(
            "seed", .integer(Int64.min...Int64.max), default: "1",
            "The same seed makes the same rows, whatever the batch size and the number of workers."),
        SettingSignature(
            "start", .string, default: "2026-01-01T00:00:00Z",
            "Event time of the first row, or `now`: when the run begins."),
        SettingSignature(
            "interval", .duration,
            "Event time between two rows; without it as `rate` says, else one second."),
        SettingSignature(
            "mix", .mapping(.either([.number(notNegative), .object(kind)])),
            "Kinds of rows by weight: `{ user_action: 6, transaction: 2 }`; or with columns of their "
                + "own: `transaction: { weight: 2, columns: { amount: … } }`."),
        SettingSignature(
            "kind_column", .name, default: "event_type",
            "The text column that holds the row's kind."),
        SettingSignature(
            "columns", .mapping(.either([.choice(plain), .object(column)])),
            "How a column is made, by its name. Those left out are made by their type."),
        SettingSignature(
            "dirt", .either([.fraction, .object(dirt)]),
            "Fraction of rows that are wrong in some way, or a fraction for each way."),
    ]

    /// Generators that need no settings.
    static let plain = ["sequence", "uniform", "normal", "exponential", "uuid", "timestamp"]

    static let modifiers: Set<String> = ["nulls", "only", "decimals"]

    static let kind: [SettingSignature] = [
        SettingSignature("weight", .number(notNegative), default: "1", "How often it comes."),
        SettingSignature(
            "columns",
            .mapping(.either([.choice(plain), .object(column.filter { $0.name != "only" })])),
            "How columns are made in rows of this kind. Other kinds do not have them, unless they "
                + "say so, or the `columns` of all do."),
    ]

    private static let finite = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    private static let positive = Double.leastNormalMagnitude...Double.greatestFiniteMagnitude
    private static let notNegative = 0...Double.greatestFiniteMagnitude

    private static let pattern = SettingSignature(
        "pattern", .string, "How the number becomes text: `VH-{000000}`.")
    private static let least = SettingSignature(
        "min", .number(finite), "What is less becomes this.")
    private static let most = SettingSignature(
        "max", .number(finite), "What is more becomes this.")

    static let column: [SettingSignature] =
        scalars + [
            SettingSignature(
                "object",
                .mapping(
                    .either([
                        .choice(plain),
                        .object(scalars.filter { $0.name != "expression" } + [decimals, nulls]),
                    ])),
                "A JSON object, each of its members made like a column."),
            nulls,
            SettingSignature("only", .names, "Kinds of `mix` that have it; null in others."),
        ]

    private static let nulls = SettingSignature(
        "nulls", .fraction, "Fraction of rows in which it is null.")
    private static let decimals = SettingSignature(
        "decimals", .integer(0...9), "To how many digits after the point a member is rounded.")

    /// Generators of single values.
    private static let scalars: [SettingSignature] = [
        SettingSignature(
            "sequence",
            .object([
                SettingSignature(
                    "start", .integer(Int64.min...Int64.max), default: "0", "Of the first row."),
                SettingSignature(
                    "step", .integer(Int64.min...Int64.max), default: "1", "From row to row."),
                SettingSignature(
                    "cycle", .integer(1...Int64.max), "After how many rows it begins again."),
                pattern,
            ]), "Numbers that count the rows."),
        SettingSignature(
            "uniform",
            .object([
                SettingSignature(
                    "min", .either([.number(finite), .string]), "The least: a number, or a moment."),
                SettingSignature(
                    "max", .either([.number(finite), .string]),
                    "The most. A whole number reaches it, others come close."),
                pattern,
            ]), "Anything between two bounds, equally often."),
        SettingSignature(
            "normal",
            .object([
                SettingSignature("mean", .number(finite), default: "0", "The middle."),
                SettingSignature(
                    "deviation", .number(notNegative), default: "1", "Two thirds are closer."),
                least, most,
            ]), "The bell curve."),
        SettingSignature(
            "lognormal",
            .object([
                SettingSignature(
                    "median", .number(positive), required: true, "Half of the values are less."),
                SettingSignature(
                    "sigma", .number(0...100), default: "1", "Deviation of the logarithm."),
                least, most,
            ]), "Amounts and sizes: many small, few large."),
        SettingSignature(
            "exponential",
            .object([
                SettingSignature("mean", .number(positive), default: "1", "The mean."), least, most,
            ]), "Waiting times."),
        SettingSignature(
            "zipf",
            .object([
                SettingSignature(
                    "keys", .integer(1...1 << 40), required: true, "How many different ones."),
                SettingSignature(
                    "skew", .number(0.01...20), default: "1",
                    "How much more often the first keys come: key k as often as k^-skew."),
                pattern,
            ]), "Keys of which a few come often: 1, 2, 3, …."),
        SettingSignature(
            "choice", .either([.list(.string), .mapping(.number(notNegative))]),
            "One of these, equally often or by weight: `{ moving: 6, idle: 3 }`."),
        SettingSignature(
            "pattern", .string,
            "Text with random digits, letters, capitals and hexadecimal: `{000}-{aa}-{AA}-{xxxx}`."),
        SettingSignature("uuid", .object([]), "A random UUID (version 4)."),
        SettingSignature(
            "timestamp",
            .object([
                SettingSignature(
                    "jitter", .duration, "How far it may be from the row's event time, both ways.")
            ]), "The row's event time: `start` and an `interval` for each row."),
        SettingSignature(
            "walk",
            .object([
                SettingSignature("by", .name, "The column of which every value walks by itself."),
                SettingSignature("from", .number(finite), default: "0", "Where it wanders about."),
                SettingSignature(
                    "step", .number(notNegative), default: "1",
                    "By how much it changes in `every` rows, typically."),
                SettingSignature("every", .integer(1...1 << 40), default: "1", "Rows of a step."),
                SettingSignature("min", .number(finite), "Where it turns back."),
                SettingSignature("max", .number(finite), "Where it turns back."),
            ]), "A value that wanders: the level of a tank, a position."),
        SettingSignature("constant", .string, "The same in every row."),
        SettingSignature(
            "expression", .expression,
            "Computed from columns that are not, and from expressions above."),
    ]

    static let dirt: [SettingSignature] = [
        SettingSignature(
            "duplicates", .fraction, "Rows that repeat one of the thousand before them."),
        SettingSignature(
            "nulls", .fraction, "Rows with nothing in a column that is `not null`: rejected."),
        SettingSignature(
            "out_of_range", .fraction, "Rows in which a number is far from what it should be."),
        SettingSignature("late", .fraction, "Rows whose event time is long past."),
        SettingSignature(
            "late_by", .duration, default: "1 hour", "How late those are at least; twice at most."),
    ]
}

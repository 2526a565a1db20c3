import PipelineDSL

extension FunctionCatalogue {
    /// All timestamps are instants in UTC, and fields of them are fields of UTC.
    static let dateTime: [FunctionSignature] = fields + truncation + making + text + clocks

    /// What `extract` and `date_part` know of which type.
    enum DateField {
        static let ofDates = [
            "year", "month", "day", "quarter", "week", "dow", "isodow", "doy", "isoyear", "decade",
            "century", "epoch",
        ]
        static let ofTimes = ["hour", "minute", "second", "millisecond", "microsecond", "epoch"]
        static let ofTimestamps = ofDates + ofTimes.filter { $0 != "epoch" }
        static let ofIntervals = [
            "year", "month", "day", "hour", "minute", "second", "millisecond", "microsecond",
            "epoch",
        ]
        /// Have a fraction.
        static let fractional: Set = ["second", "millisecond", "epoch"]
        static let truncatable = [
            "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month",
            "quarter",
            "year", "decade", "century",
        ]
        static let wholeDays = ["day", "week", "month", "quarter", "year", "decade", "century"]

        /// Other spellings of a field, as PostgreSQL, DuckDB and Spark have them.
        static func canonical(_ word: String) -> String {
            let word = word.lowercased()
            return synonyms[word] ?? word
        }

        private static let synonyms: [String: String] = {
            var result = [
                "dayofweek": "dow", "weekday": "dow", "dayofyear": "doy", "weekofyear": "week",
                "dayofmonth": "day", "mon": "month", "min": "minute", "sec": "second", "hr": "hour",
                "ms": "millisecond", "us": "microsecond", "msec": "millisecond",
                "usec": "microsecond", "y": "year", "yr": "year", "qtr": "quarter",
                "dayofweekiso": "isodow", "centuries": "century",
            ]
            for word in ofTimestamps { result[word + "s"] = word }
            return result
        }()
    }

    // MARK: Fields

    private static let fields: [FunctionSignature] =
        [
            FunctionSignature(
                "date_part", aliases: ["datepart"],
                """
                A field of a date, time, timestamp or interval; `extract(field FROM x)` is the same. `dow`
                counts from Sunday as 0, `isodow` from Monday as 1; weeks are those of ISO 8601. `second`,
                `millisecond` and `epoch` (seconds since 1970) have a fraction and are doubles, the others
                integers.
                """,
                [
                    part("date", .date, DateField.ofDates),
                    part("timestamp", .timestamp, DateField.ofTimestamps),
                    part("time", .time, DateField.ofTimes),
                    part("interval", .interval, DateField.ofIntervals),
                ],
                examples: [
                    ("extract(year FROM DATE '2026-08-01')", "2026"),
                    ("date_part('second', TIMESTAMP '2026-01-01 00:00:01.5')", "1.5"),
                    ("extract(dow FROM DATE '2026-08-02')", "0"),
                ]),
            FunctionSignature(
                "second", "The whole second of the minute.",
                [
                    Overload([.timestamp("x")], to: .integer),
                    Overload([.time("x")], to: .integer),
                    Overload([.interval("x")], to: .integer),
                ], examples: [("second(TIMESTAMP '2026-01-01 00:00:01.5')", "1")]),
        ]
        + ["year", "month", "day", "quarter", "week", "dow", "isodow", "doy", "epoch"].map {
            field($0, aliases: fieldAliases[$0] ?? [], [.date, .timestamp])
        } + ["hour", "minute"].map { field($0, aliases: [], [.timestamp, .time]) }

    private static let fieldAliases = [
        "day": ["dayofmonth"], "week": ["weekofyear"], "dow": ["dayofweek"], "doy": ["dayofyear"],
    ]

    private static func part(_ name: String, _ type: DataType, _ words: [String]) -> Overload {
        Overload(
            [.keyword("field", words), Parameter(name, .type(type))],
            to: .computed("integer or double") { arguments in
                guard case .literal(.string(let word))? = arguments.first?.kind else {
                    return .integer
                }
                if word == "microsecond" { return .bigint }
                return DateField.fractional.contains(word) ? .double : .integer
            })
    }

    private static func field(
        _ name: String, aliases: [String], _ types: [DataType]
    ) -> FunctionSignature {
        FunctionSignature(
            name, aliases: aliases, "The field `\(name)`, as `extract(\(name) FROM x)`.",
            types.map {
                Overload(
                    [Parameter("x", .type($0))], to: .type(name == "epoch" ? .double : .integer))
            },
            implementation: .expansion { arguments, span in
                Expression(.extract(Identifier(name, span: span), arguments[0]), span: span)
            },
            examples: fieldExamples[name].map { [$0] } ?? [])
    }

    private static let fieldExamples = [
        "year": ("year(DATE '2026-08-01')", "2026"), "hour": ("hour(TIME '08:15:00')", "8"),
        "week": ("week(DATE '2026-01-01')", "1"), "doy": ("doy(DATE '2026-02-01')", "32"),
        "epoch": ("epoch(TIMESTAMP '1970-01-02')", "86400.0"),
    ]

    // MARK: Truncation and differences

    private static let truncation: [FunctionSignature] = [
        FunctionSignature(
            "date_trunc", aliases: ["datetrunc"],
            """
            The start of the unit it lies in; weeks start on Monday. A date stays a date, a timestamp a
            timestamp.
            """,
            [
                Overload([.keyword("unit", DateField.wholeDays), .date("x")], to: .date),
                Overload(
                    [.keyword("unit", DateField.truncatable), .timestamp("x")], to: .timestamp),
            ],
            examples: [
                (
                    "date_trunc('hour', TIMESTAMP '2026-08-01 08:15:30')", "2026-08-01T08:00:00Z"
                ), ("date_trunc('month', DATE '2026-08-17')", "2026-08-01"),
            ]),
        FunctionSignature(
            "date_bin", aliases: ["time_bucket"],
            """
            The start of the bucket of that width, counted from an origin, 2000-01-03 (a Monday) by
            default. The width has no months and is more than 0, else it is a row error.
            """,
            [
                Overload([.interval("width"), .timestamp("x")], to: .timestamp, fails: .always),
                Overload(
                    [.interval("width"), .timestamp("x"), .timestamp("origin")], to: .timestamp,
                    fails: .always),
            ],
            examples: [
                (
                    "date_bin(INTERVAL '15 minutes', TIMESTAMP '2026-08-01 08:17:00')",
                    "2026-08-01T08:15:00Z"
                )
            ]),
        FunctionSignature(
            "date_diff", aliases: ["datediff"],
            "How many boundaries of the unit lie between two moments.",
            [
                Overload(
                    [.keyword("unit", DateField.wholeDays), .date("start"), .date("end")],
                    to: .bigint),
                Overload(
                    [
                        .keyword("unit", DateField.truncatable), .timestamp("start"),
                        .timestamp("end"),
                    ], to: .bigint, fails: .always),
            ],
            examples: [
                ("date_diff('day', DATE '2026-01-31', DATE '2026-02-02')", "2"),
                ("date_diff('month', DATE '2026-01-31', DATE '2026-02-02')", "1"),
            ]),
        FunctionSignature(
            "last_day", "The last day of the month.", [Overload([.date("x")], to: .date)],
            examples: [("last_day(DATE '2026-02-03')", "2026-02-28")]),
        FunctionSignature(
            "date_add", "`x + amount`, an interval or days.",
            [
                Overload([.date("x"), .bigint("days")], to: .date, fails: .always),
                Overload([.timestamp("x"), .interval("amount")], to: .timestamp, fails: .always),
            ],
            implementation: .expansion { arguments, span in
                Expression(.binary(.add, arguments[0], arguments[1]), span: span)
            }, examples: [("date_add(DATE '2026-01-01', 7)", "2026-01-08")]),
        FunctionSignature(
            "date_sub", "`x - amount`, an interval or days.",
            [
                Overload([.date("x"), .bigint("days")], to: .date, fails: .always),
                Overload([.timestamp("x"), .interval("amount")], to: .timestamp, fails: .always),
            ],
            implementation: .expansion { arguments, span in
                Expression(.binary(.subtract, arguments[0], arguments[1]), span: span)
            }, examples: [("date_sub(DATE '2026-01-08', 7)", "2026-01-01")]),
    ]

    // MARK: Making

    private static let making: [FunctionSignature] = [
        FunctionSignature(
            "date", "The day it lies in, as `CAST(x AS date)`.",
            [
                Overload([.timestamp("x")], to: .date), Overload([.date("x")], to: .date),
                Overload([.string("text")], to: .date, fails: .always),
            ], implementation: .expansion { cast($0, to: .date, span: $1) },
            examples: [("date(TIMESTAMP '2026-08-01 23:59:59')", "2026-08-01")]),
        FunctionSignature(
            "timestamp", "As `CAST(x AS timestamp)`.",
            [
                Overload([.date("x")], to: .timestamp), Overload([.timestamp("x")], to: .timestamp),
                Overload([.string("text")], to: .timestamp, fails: .always),
            ], implementation: .expansion { cast($0, to: .timestamp, span: $1) },
            examples: [("timestamp(DATE '2026-08-01')", "2026-08-01T00:00:00Z")]),
        FunctionSignature(
            "make_date",
            "A date from its year, month and day. One that is not in the calendar is a row error.",
            [
                Overload(
                    [.bigint("year"), .bigint("month"), .bigint("day")], to: .date, fails: .always)
            ],
            examples: [("make_date(2026, 2, 28)", "2026-02-28")]),
        FunctionSignature(
            "make_timestamp", "A timestamp from its fields; seconds may have a fraction.",
            [
                Overload(
                    [
                        .bigint("year"), .bigint("month"), .bigint("day"), .bigint("hour"),
                        .bigint("minute"), .double("second"),
                    ], to: .timestamp, fails: .always)
            ], examples: [("make_timestamp(2026, 1, 2, 3, 4, 5.5)", "2026-01-02T03:04:05.5Z")]),
        FunctionSignature(
            "to_timestamp", "The instant so many seconds after 1970-01-01 00:00 UTC.",
            [
                Overload([.bigint("seconds")], to: .timestamp, fails: .always),
                Overload([.double("seconds")], to: .timestamp, fails: .always),
            ], examples: [("to_timestamp(1.5)", "1970-01-01T00:00:01.5Z")]),
        FunctionSignature(
            "epoch_ms",
            "The instant so many milliseconds after 1970-01-01 00:00 UTC, or the other way round.",
            [
                Overload([.bigint("milliseconds")], to: .timestamp, fails: .always),
                Overload([.timestamp("x")], to: .bigint),
            ], examples: [("epoch_ms(1500)", "1970-01-01T00:00:01.5Z")]),
        FunctionSignature(
            "timezone", aliases: [],
            """
            `x AT TIME ZONE zone`: the wall-clock time there, as a timestamp whose fields are those of the
            zone. Zones are names of the IANA database or offsets such as `+03:00`.
            """,
            [Overload([.string("zone"), .timestamp("x")], to: .timestamp, fails: .always)],
            examples: [
                ("TIMESTAMP '2026-08-01 21:00:00' AT TIME ZONE '+03:00'", "2026-08-02T00:00:00Z")
            ]
        ),
    ]

    private static func cast(
        _ arguments: [Expression], to type: DataType, span: SourceSpan
    ) -> Expression {
        Expression(.cast(arguments[0], TypeName(type, span: span), isTry: false), span: span)
    }

    // MARK: Text

    private static let text: [FunctionSignature] = [
        FunctionSignature(
            "strftime",
            "A date or timestamp as text: `%Y %m %d %H %M %S %f %j %a %A %b %B %y %p %I %%`, as in C; `%f` is six digits of fraction.",
            [
                Overload(
                    [.timestamp("x"), Parameter.string("format").constant], to: .string,
                    fails: .always)
            ], examples: [("strftime(TIMESTAMP '2026-08-01 08:15:00', '%d.%m.%Y')", "01.08.2026")]),
        FunctionSignature(
            "strptime",
            "The timestamp a text spells in a format of `strftime`. A text of another form is a row error.",
            [
                Overload(
                    [.string("text"), Parameter.string("format").constant], to: .timestamp,
                    fails: .always)
            ], examples: [("strptime('01.08.2026', '%d.%m.%Y')", "2026-08-01T00:00:00Z")]),
        FunctionSignature(
            "to_char",
            "A date or timestamp as text in PostgreSQL's patterns: `YYYY YY MM DD HH24 HH12 MI SS MS US AM Mon Month Dy Day DDD IYYY IW Q`; other text in it stands for itself, in double quotes where it must.",
            [
                Overload(
                    [.timestamp("x"), Parameter.string("pattern").constant], to: .string,
                    fails: .always)
            ],
            examples: [
                (
                    "to_char(TIMESTAMP '2026-08-01 08:15:00', 'YYYY-MM-DD HH24:MI')",
                    "2026-08-01 08:15"
                )
            ]
        ),
        FunctionSignature(
            "dayname", "The English name of the day of the week.",
            [Overload([.date("x")], to: .string), Overload([.timestamp("x")], to: .string)],
            examples: [("dayname(DATE '2026-08-02')", "Sunday")]),
        FunctionSignature(
            "monthname", "The English name of the month.",
            [Overload([.date("x")], to: .string), Overload([.timestamp("x")], to: .string)],
            examples: [("monthname(DATE '2026-08-02')", "August")]),
    ]

    // MARK: Clocks

    private static let clocks: [FunctionSignature] = [
        FunctionSignature(
            "now", aliases: ["current_timestamp", "localtimestamp", "transaction_timestamp"],
            "When the run (or, when streaming, the epoch) started: the same for every row of it.",
            [Overload([], to: .timestamp)], volatility: .stable),
        FunctionSignature(
            "current_date", aliases: ["today"], "The day of `now()`, in UTC.",
            [Overload([], to: .date)], volatility: .stable),
        FunctionSignature(
            "current_time", "The time of day of `now()`, in UTC.",
            [Overload([], to: .time)], volatility: .stable),
    ]
}

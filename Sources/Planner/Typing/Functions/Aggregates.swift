import PipelineDSL

extension FunctionCatalogue {
    /// All but `count(*)`, `array_agg`, `first` and `last` skip rows in which an argument is null. A
    /// constant argument (a fraction, a separator) is a literal in the plan. `WITHIN GROUP (ORDER BY x)`
    /// puts x before the arguments in the parentheses.
    static let aggregates: [FunctionSignature] =
        counts + sums + extremesOfGroups + spread + quantiles + collecting + structural

    private static func aggregate(
        _ name: String, aliases: [String] = [], _ words: String, _ overloads: [Overload]
    ) -> FunctionSignature {
        FunctionSignature(name, aliases: aliases, kind: .aggregate, words, overloads)
    }

    private static func overload(
        _ parameters: [Parameter], to result: ResultType, nulls: NullRule = .nullIfNoRow
    ) -> Overload {
        Overload(parameters, to: result, nulls: nulls)
    }

    private static let counts: [FunctionSignature] = [
        FunctionSignature(
            "count_star", spelling: "count", kind: .aggregate, operator: "count(*)",
            "How many rows there are.", [overload([], to: .bigint, nulls: .never)]),
        aggregate(
            "count",
            "How many rows have a value that is not null; with `DISTINCT` how many values.",
            [overload([.any("value")], to: .bigint, nulls: .never)]),
        aggregate(
            "count_if", aliases: ["countif"], "How many rows fulfil the condition.",
            [overload([.boolean("condition")], to: .bigint, nulls: .never)]),
        aggregate(
            "approx_count_distinct", aliases: ["approx_distinct"],
            "About how many distinct values there are: HyperLogLog with 2¹² registers, standard error 1.6 %.",
            [overload([.any("value")], to: .bigint, nulls: .never)]),
    ]

    private static let sums: [FunctionSignature] = [
        aggregate(
            "sum",
            """
            Sum. That of `integer` is `bigint`, that of `bigint` and of decimals has 38 digits. Overflow
            is an error.
            """,
            [
                overload([.integer("x")], to: .bigint),
                overload([.bigint("x")], to: .type(.decimal(precision: 38, scale: 0))),
                overload(
                    [.decimal("x")],
                    to: .computed("decimal(38,s)") {
                        .decimal(precision: 38, scale: DecimalTypes.parts($0[0].type)?.scale ?? 0)
                    }),
                overload([.double("x")], to: .double),
                overload([.interval("x")], to: .interval),
            ]),
        aggregate(
            "avg", aliases: ["mean"],
            """
            Arithmetic mean. That of integers is a double (PostgreSQL has `numeric`), that of decimals a
            decimal with at least six digits after the point.
            """,
            [
                overload([.bigint("x")], to: .double),
                overload(
                    [.decimal("x")],
                    to: .computed("decimal(38,max(s,6))") {
                        .decimal(
                            precision: 38, scale: max(DecimalTypes.parts($0[0].type)?.scale ?? 0, 6)
                        )
                    }),
                overload([.double("x")], to: .double),
                overload([.interval("x")], to: .interval),
            ]),
        aggregate(
            "bool_and", aliases: ["every"], "Whether it is true in all rows.",
            [overload([.boolean("x")], to: .boolean)]),
        aggregate(
            "bool_or", "Whether it is true in any row.",
            [overload([.boolean("x")], to: .boolean)]),
    ]

    private static let extremesOfGroups: [FunctionSignature] = [
        aggregate("min", "The least value.", [overload([.orderable("x")], to: .common)]),
        aggregate("max", "The greatest value.", [overload([.orderable("x")], to: .common)]),
        aggregate(
            "arg_min", aliases: ["min_by"], "The value of the first row in which the key is least.",
            [
                overload(
                    [.any("value"), .orderable("key")], to: .argument(0), nulls: .nullable)
            ]),
        aggregate(
            "arg_max", aliases: ["max_by"],
            "The value of the first row in which the key is greatest.",
            [
                overload(
                    [.any("value"), .orderable("key")], to: .argument(0), nulls: .nullable)
            ]),
        aggregate(
            "first", aliases: ["any_value"],
            "The value of the first row, in source order or that of `ORDER BY`.",
            [overload([.any("value")], to: .argument(0))]),
        aggregate(
            "last",
            "The value of the last row, in source order or that of `ORDER BY`.",
            [overload([.any("value")], to: .argument(0))]),
    ]

    private static let spread: [FunctionSignature] = [
        ofDouble(
            "stddev", aliases: ["stddev_samp"],
            "Standard deviation of a sample; null for fewer than two rows."),
        ofDouble("stddev_pop", aliases: [], "Standard deviation of a population."),
        ofDouble(
            "variance", aliases: ["var_samp"], "Variance of a sample; null for fewer than two rows."
        ),
        ofDouble("var_pop", aliases: [], "Variance of a population."),
        ofTwoDoubles("corr", "Pearson's coefficient of correlation."),
        ofTwoDoubles("covar_samp", "Covariance of a sample."),
        ofTwoDoubles("covar_pop", "Covariance of a population."),
    ]

    private static func ofDouble(
        _ name: String, aliases: [String], _ words: String
    ) -> FunctionSignature {
        aggregate(
            name, aliases: aliases, words, [overload([.double("x")], to: .double, nulls: .nullable)]
        )
    }

    private static func ofTwoDoubles(_ name: String, _ words: String) -> FunctionSignature {
        aggregate(
            name, words, [overload([.double("y"), .double("x")], to: .double, nulls: .nullable)])
    }

    private static let quantiles: [FunctionSignature] = [
        aggregate(
            "median", "The middle value, or the mean of the two.",
            [overload([.double("x")], to: .double)]),
        aggregate(
            "percentile_cont", aliases: ["quantile_cont"],
            "The value below which a fraction (0 to 1) of the rows lies, interpolated: `percentile_cont(0.9) WITHIN GROUP (ORDER BY x)`.",
            [overload([.double("x"), Parameter.double("fraction").constant], to: .double)]),
        aggregate(
            "percentile_disc", aliases: ["quantile_disc"],
            "The first value that is not below a fraction (0 to 1) of the rows.",
            [overload([.orderable("x"), Parameter.double("fraction").constant], to: .common)]),
        aggregate(
            "approx_percentile", aliases: ["approx_quantile", "percentile_approx"],
            "About the value below which a fraction (0 to 1) of the rows lies: a t-digest of bounded size.",
            [overload([.double("x"), Parameter.double("fraction").constant], to: .double)]),
        aggregate(
            "mode", "The most frequent value; of equally frequent ones the least.",
            [overload([.orderable("x")], to: .common)]),
    ]

    private static let collecting: [FunctionSignature] = [
        aggregate(
            "array_agg", aliases: ["list", "collect_list"],
            "An array of the values, nulls included, in source order or that of `ORDER BY`.",
            [
                overload(
                    [.any("value")],
                    to: .computed("array<T>") { $0.first.map { .array($0.type) } ?? .null })
            ]),
        aggregate(
            "string_agg", aliases: ["listagg", "group_concat"],
            "The texts joined, with a separator between them, `,` by default.",
            [
                overload([.string("text"), Parameter.string("separator").constant], to: .string),
                overload([.string("text")], to: .string),
            ]),
    ]

    /// What the planner needs; users do not call them as aggregates.
    private static let structural: [FunctionSignature] = [
        FunctionSignature(
            "single_value", kind: .aggregate, operator: "(SELECT …)",
            """
            The value of the only row: what a subquery that stands for a value yields. No row gives null,
            more than one is an error.
            """,
            [overload([.any("value")], to: .argument(0), nulls: .nullable)]),
        FunctionSignature(
            "grouping", kind: .aggregate, operator: "GROUPING",
            """
            For each argument, a group key, a bit that is set where the row's grouping set leaves the key
            out; the last argument is the lowest bit. `grouping(a, b)` in a query with `ROLLUP`, `CUBE` or
            `GROUPING SETS`.
            """,
            [
                Overload(
                    [.any("key")], variadic: .any("key"), to: .integer, nulls: .never)
            ]),
    ]
}

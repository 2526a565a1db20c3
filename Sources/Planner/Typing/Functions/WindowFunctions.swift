import PipelineDSL

extension FunctionCatalogue {
    /// They need `OVER`; every aggregate may have it, too.
    static let windowFunctions: [FunctionSignature] = [
        rank("row_number", "The number of the row in its partition, from 1."),
        rank("rank", "The number of the first of the rows that are equal in order: 1, 2, 2, 4."),
        rank("dense_rank", "How many different orders there are up to this row: 1, 2, 2, 3."),
        FunctionSignature(
            "percent_rank", kind: .window,
            "`(rank - 1) / (rows - 1)`, 0 in a partition of one row.",
            [Overload([], to: .double, nulls: .never)]),
        FunctionSignature(
            "cume_dist", kind: .window, "The fraction of rows that are not after this one.",
            [Overload([], to: .double, nulls: .never)]),
        FunctionSignature(
            "ntile", kind: .window,
            "The number, from 1, of the one of n groups of equal size the row is in.",
            [Overload([.bigint("n")], to: .bigint, fails: .always)]),
        shift(
            "lag",
            "The value so many rows before this one (1 by default), or the third argument where there is none."
        ),
        shift(
            "lead",
            "The value so many rows after this one (1 by default), or the third argument where there is none."
        ),
        FunctionSignature(
            "first_value", kind: .window, "The value of the first row of the frame.",
            [Overload([.any("value")], to: .argument(0), nulls: .nullable)]),
        FunctionSignature(
            "last_value", kind: .window, "The value of the last row of the frame.",
            [Overload([.any("value")], to: .argument(0), nulls: .nullable)]),
        FunctionSignature(
            "nth_value", kind: .window, "The value of the n-th row of the frame, from 1.",
            [
                Overload(
                    [.any("value"), .bigint("n")], to: .argument(0), nulls: .nullable,
                    fails: .always)
            ]),
    ]

    private static func rank(_ name: String, _ words: String) -> FunctionSignature {
        FunctionSignature(name, kind: .window, words, [Overload([], to: .bigint, nulls: .never)])
    }

    private static func shift(_ name: String, _ words: String) -> FunctionSignature {
        FunctionSignature(
            name, kind: .window, words,
            [
                Overload([.any("value")], to: .argument(0), nulls: .nullable),
                Overload([.any("value"), .bigint("offset")], to: .argument(0), nulls: .nullable),
                Overload(
                    [.common("value"), .bigint("offset"), .common("default")], to: .common,
                    nulls: .nullable),
            ])
    }
}

import PipelineDSL

extension FunctionCatalogue {
    static let conditional: [FunctionSignature] = [
        FunctionSignature(
            "coalesce", "The first value that is not null.",
            [
                Overload(
                    [.common("value")], variadic: .common("value"), to: .common,
                    nulls: .nullIfAllNull)
            ], implementation: .form, examples: [("coalesce(NULL, 2, 3)", "2")]),
        FunctionSignature(
            "ifnull", aliases: ["nvl"], "The first value, or the second where it is null.",
            [
                Overload(
                    [.common("value"), .common("otherwise")], to: .common, nulls: .nullIfAllNull)
            ],
            implementation: .expansion { .calling("coalesce", $0, span: $1) },
            examples: [("ifnull(NULL, 0)", "0")]),
        FunctionSignature(
            "nullif", "Null where both are equal, else the first.",
            [
                Overload(
                    [.comparable("value"), .comparable("other")], to: .argument(0), nulls: .nullable
                )
            ], implementation: .form, examples: [("nullif(5, 0)", "5"), ("nullif(0, 0)", "NULL")]),
        FunctionSignature(
            "if", aliases: ["iff"],
            "The second value where the condition is true, else the third; null where there is none.",
            [
                Overload(
                    [.boolean("condition"), .common("then"), .common("otherwise")], to: .common,
                    nulls: .nullable),
                Overload([.boolean("condition"), .common("then")], to: .common, nulls: .nullable),
            ],
            implementation: .expansion { arguments, span in
                Expression(
                    .caseWhen(
                        operand: nil,
                        branches: [Expression.Branch(when: arguments[0], then: arguments[1])],
                        otherwise: arguments.count > 2 ? arguments[2] : nil), span: span)
            }, examples: [("if(2 > 1, 'yes', 'no')", "yes")]),
        FunctionSignature(
            "typeof", "The name of the type, which the compiler knows.",
            [Overload([.any("value")], to: .string, nulls: .never)], implementation: .form,
            examples: [("typeof(1.50)", "decimal(3,2)")]),
    ]
}

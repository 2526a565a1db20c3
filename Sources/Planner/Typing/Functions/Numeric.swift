import PipelineDSL

extension FunctionCatalogue {
    static let numeric: [FunctionSignature] = rounding + roots + trigonometry + extremes

    // MARK: Rounding and sign

    private static let rounding: [FunctionSignature] = [
        FunctionSignature(
            "abs", "Without its sign.",
            [
                Overload([.integer("x")], to: .integer, fails: .always),
                Overload([.bigint("x")], to: .bigint, fails: .always),
                Overload([.decimal("x")], to: .argument(0)),
                Overload([.real("x")], to: .real),
                Overload([.double("x")], to: .double),
            ], examples: [("abs(-7)", "7")]),
        FunctionSignature(
            "sign", "-1, 0 or 1.",
            [
                Overload([.bigint("x")], to: .integer),
                Overload([.decimal("x")], to: .integer),
                Overload([.double("x")], to: .double),
            ], examples: [("sign(-7)", "-1")]),
        toInteger(
            "ceil", aliases: ["ceiling"], "The least whole number not below it.", ("ceil(1.2)", "2")
        ),
        toInteger(
            "floor", aliases: [], "The greatest whole number not above it.", ("floor(-1.2)", "-2")),
        toDigits(
            "round",
            "Rounded to so many digits after the point, 0 by default; a half goes away from zero. A negative count rounds before the point.",
            [
                ("round(2.5)", "3"), ("round(-2.5)", "-3"), ("round(2.345, 2)", "2.35"),
                ("round(1250, -2)", "1300"),
            ]),
        toDigits(
            "trunc", aliases: ["truncate"],
            "Cut off after so many digits after the point, 0 by default.",
            [("trunc(2.9)", "2"), ("trunc(-2.345, 2)", "-2.34")]),
        FunctionSignature(
            "mod", "Remainder, as `a % b`.",
            [
                Overload([.bigint("a"), .bigint("b")], to: .bigint, fails: .always),
                Overload([.double("a"), .double("b")], to: .double, fails: .always),
            ],
            implementation: .expansion { arguments, span in
                Expression(.binary(.modulo, arguments[0], arguments[1]), span: span)
            }, examples: [("mod(7, 3)", "1")]),
    ]

    private static func toInteger(
        _ name: String, aliases: [String], _ words: String, _ example: (String, String)
    ) -> FunctionSignature {
        FunctionSignature(
            name, aliases: aliases, words,
            [
                Overload([.bigint("x")], to: .bigint),
                Overload(
                    [.decimal("x")],
                    to: .computed("decimal") { DecimalTypes.rounded($0[0].type, digits: 0) }),
                Overload([.double("x")], to: .double),
            ], examples: [example])
    }

    /// Decimals get the scale they are rounded to where the count is constant.
    private static func toDigits(
        _ name: String, aliases: [String] = [], _ words: String, _ examples: [(String, String)]
    ) -> FunctionSignature {
        FunctionSignature(
            name, aliases: aliases, words,
            [
                Overload([.bigint("x")], to: .bigint),
                Overload(
                    [.decimal("x")],
                    to: .computed("decimal") { DecimalTypes.rounded($0[0].type, digits: 0) }),
                Overload([.double("x")], to: .double),
                Overload([.bigint("x"), .bigint("digits")], to: .bigint, fails: .always),
                Overload(
                    [.decimal("x"), .bigint("digits")],
                    to: .computed("decimal") { arguments in
                        let type = arguments[0].type
                        guard arguments.count == 2,
                            case .literal(.integer(let digits)) = arguments[1].kind
                        else { return type }
                        return DecimalTypes.rounded(type, digits: Int(clamping: digits))
                    }, fails: .always),
                Overload([.double("x"), .bigint("digits")], to: .double),
            ], examples: examples)
    }

    // MARK: Roots, powers, logarithms

    private static func ofDouble(
        _ name: String, aliases: [String] = [], _ words: String, fails: Fallibility = .never,
        _ example: (String, String)
    ) -> FunctionSignature {
        FunctionSignature(
            name, aliases: aliases, words, [Overload([.double("x")], to: .double, fails: fails)],
            examples: [example])
    }

    private static let roots: [FunctionSignature] = [
        ofDouble(
            "sqrt", "Square root. That of a negative number is a row error.", fails: .always,
            ("sqrt(2.25)", "1.5")),
        ofDouble("cbrt", "Cube root.", ("cbrt(27)", "3.0")),
        ofDouble("exp", "e to the power of x.", ("exp(0)", "1.0")),
        ofDouble(
            "ln", "Natural logarithm. Zero and less are row errors, as for every logarithm.",
            fails: .always, ("ln(1)", "0.0")),
        FunctionSignature(
            "log", aliases: [], "Logarithm to the base 10, or to a given base.",
            [
                Overload([.double("x")], to: .double, fails: .always),
                Overload([.double("base"), .double("x")], to: .double, fails: .always),
            ], examples: [("log(1000)", "3.0"), ("log(2, 8)", "3.0")]),
        ofDouble("log10", "Logarithm to the base 10.", fails: .always, ("log10(100)", "2.0")),
        ofDouble("log2", "Logarithm to the base 2.", fails: .always, ("log2(8)", "3.0")),
        FunctionSignature(
            "power", aliases: ["pow"],
            "a to the power of b, `a ^ b`. A power that is no real number is a row error.",
            [Overload([.double("a"), .double("b")], to: .double, fails: .always)],
            examples: [("power(2, 10)", "1024.0"), ("2 ^ 3", "8.0")]),
    ]

    // MARK: Trigonometry, in radians

    private static let trigonometry: [FunctionSignature] = [
        FunctionSignature(
            "pi", "π.", [Overload([], to: .double)], examples: [("pi()", "3.141592653589793")]),
        ofDouble("degrees", "Radians to degrees.", ("degrees(pi())", "180.0")),
        ofDouble("radians", "Degrees to radians.", ("radians(180)", "3.141592653589793")),
        ofDouble("sin", "Sine.", ("sin(0)", "0.0")),
        ofDouble("cos", "Cosine.", ("cos(0)", "1.0")),
        ofDouble("tan", "Tangent.", ("tan(0)", "0.0")),
        ofDouble(
            "asin", "Inverse sine. Outside -1 to 1 a row error.", fails: .always, ("asin(0)", "0.0")
        ),
        ofDouble(
            "acos", "Inverse cosine. Outside -1 to 1 a row error.", fails: .always,
            ("acos(1)", "0.0")),
        ofDouble("atan", "Inverse tangent.", ("atan(0)", "0.0")),
        FunctionSignature(
            "atan2", "The angle of the point (x, y).",
            [Overload([.double("y"), .double("x")], to: .double)],
            examples: [("atan2(0, 1)", "0.0")]),
    ]

    // MARK: Extremes and tests

    private static let extremes: [FunctionSignature] = [
        FunctionSignature(
            "greatest", "The greatest of the values that are not null.",
            [
                Overload(
                    [.orderable("value")], variadic: .orderable("value"), to: .common,
                    nulls: .nullIfAllNull)
            ], examples: [("greatest(1, NULL, 3)", "3")]),
        FunctionSignature(
            "least", "The least of the values that are not null.",
            [
                Overload(
                    [.orderable("value")], variadic: .orderable("value"), to: .common,
                    nulls: .nullIfAllNull)
            ], examples: [("least(2, 1.5)", "1.5")]),
        FunctionSignature(
            "isnan", aliases: ["is_nan"], "Whether it is not a number.",
            [Overload([.double("x")], to: .boolean)], examples: [("isnan('NaN'::double)", "true")]),
        FunctionSignature(
            "isfinite", aliases: ["is_finite"], "Whether it is neither infinite nor not a number.",
            [Overload([.double("x")], to: .boolean)], examples: [("isfinite(1.5)", "true")]),
        FunctionSignature(
            "isinf", aliases: ["is_inf"], "Whether it is infinite.",
            [Overload([.double("x")], to: .boolean)], examples: [("isinf('-inf'::double)", "true")]),
    ]
}

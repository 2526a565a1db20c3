import PipelineDSL

extension FunctionCatalogue {
    /// What is written with a symbol. They cannot be called by name.
    static let operators: [FunctionSignature] =
        arithmetic + comparisons + textOperators + bitOperators + accessors

    // MARK: Arithmetic

    private static let arithmetic: [FunctionSignature] = [
        FunctionSignature(
            "add", operator: "+",
            """
            Sum. Integers and decimals that overflow are row errors; floating point follows IEEE 754.
            A date plus an integer counts days.
            """,
            numbers("a", "b", decimal: DecimalTypes.adding) + [
                Overload([.date("a"), .bigint("days")], to: .date, fails: .always),
                Overload([.bigint("days"), .date("a")], to: .date, fails: .always),
                Overload([.date("a"), .interval("b")], to: .timestamp, fails: .always),
                Overload([.timestamp("a"), .interval("b")], to: .timestamp, fails: .always),
                Overload([.time("a"), .interval("b")], to: .time),
                Overload([.interval("a"), .date("b")], to: .timestamp, fails: .always),
                Overload([.interval("a"), .timestamp("b")], to: .timestamp, fails: .always),
                Overload([.interval("a"), .time("b")], to: .time),
                Overload([.interval("a"), .interval("b")], to: .interval, fails: .always),
                Overload([.date("a"), .time("b")], to: .timestamp, fails: .always),
            ],
            examples: [
                ("1 + 2", "3"), ("1.5 + 2", "3.5"), ("DATE '2026-01-31' + 1", "2026-02-01"),
                ("TIMESTAMP '2026-01-31' + INTERVAL '1 month'", "2026-02-28T00:00:00Z"),
                ("TIME '23:30:00' + INTERVAL '1 hour'", "00:30:00"),
            ]),
        FunctionSignature(
            "subtract", operator: "-",
            """
            Difference. Two dates give whole days; two timestamps an interval of days and
            microseconds, as in PostgreSQL.
            """,
            numbers("a", "b", decimal: DecimalTypes.adding) + [
                Overload([.date("a"), .bigint("days")], to: .date, fails: .always),
                Overload([.date("a"), .date("b")], to: .integer),
                Overload([.date("a"), .interval("b")], to: .timestamp, fails: .always),
                Overload([.timestamp("a"), .timestamp("b")], to: .interval, fails: .always),
                Overload([.timestamp("a"), .interval("b")], to: .timestamp, fails: .always),
                Overload([.time("a"), .time("b")], to: .interval),
                Overload([.time("a"), .interval("b")], to: .time),
                Overload([.interval("a"), .interval("b")], to: .interval, fails: .always),
            ],
            examples: [
                ("5 - 7", "-2"), ("DATE '2026-03-01' - DATE '2026-02-01'", "28"),
                ("TIMESTAMP '2026-01-02 03:00:00' - TIMESTAMP '2026-01-01'", "P1DT3H"),
            ]),
        FunctionSignature(
            "multiply", operator: "*",
            "Product. Integers and decimals that overflow are row errors.",
            numbers("a", "b", decimal: DecimalTypes.multiplying) + [
                Overload([.interval("a"), .double("b")], to: .interval, fails: .always),
                Overload([.double("a"), .interval("b")], to: .interval, fails: .always),
            ],
            examples: [
                ("6 * 7", "42"), ("1.5 * 1.5", "2.25"), ("INTERVAL '1 hour' * 1.5", "PT1H30M"),
            ]),
        FunctionSignature(
            "divide", operator: "/",
            """
            Quotient. Integers give an integer, rounded towards zero; `x / 2.0` keeps the fraction.
            Division by zero is a row error, for floating point as well; `x / nullif(y, 0)` gives null.
            """,
            numbers(
                "a", "b", decimal: DecimalTypes.dividing, integersFail: failsByDivisor,
                decimalsFail: failsByDivisorOrOverflow(DecimalTypes.dividing),
                floatsFail: failsByDivisor)
                + [Overload([.interval("a"), .double("b")], to: .interval, fails: .always)],
            examples: [
                ("7 / 2", "3"), ("-7 / 2", "-3"), ("7 / 2.0", "3.500000"), ("7e0 / 2", "3.5"),
                ("INTERVAL '1 hour' / 2", "PT30M"),
            ]),
        FunctionSignature(
            "modulo", operator: "%",
            """
            Remainder of the division towards zero; it has the sign of `a`. Zero as divisor is a row
            error.
            """,
            numbers(
                "a", "b", decimal: DecimalTypes.modulo, integersFail: failsByDivisor,
                decimalsFail: failsByDivisor, floatsFail: failsByDivisor),
            examples: [("7 % 3", "1"), ("-7 % 3", "-1"), ("7.5 % 2", "1.5")]),
        FunctionSignature(
            "negate", operator: "-", "The number with the other sign.",
            [
                Overload([.integer("a")], to: .integer, fails: .always),
                Overload([.bigint("a")], to: .bigint, fails: .always),
                Overload([.decimal("a")], to: .argument(0)),
                Overload([.real("a")], to: .real),
                Overload([.double("a")], to: .double),
                Overload([.interval("a")], to: .interval, fails: .always),
            ], examples: [("-(2 + 3)", "-5")]),
    ]

    /// Overloads for two numbers of one type; decimals may differ in precision and scale.
    private static func numbers(
        _ a: String, _ b: String, decimal: @escaping @Sendable (DataType, DataType) -> DataType,
        integersFail: Fallibility = .always, decimalsFail: Fallibility? = nil,
        floatsFail: Fallibility = .never
    ) -> [Overload] {
        let overflow = Fallibility.computed {
            $0.count == 2 && DecimalTypes.mayOverflow(decimal($0[0].type, $0[1].type))
        }
        return [
            Overload([.integer(a), .integer(b)], to: .integer, fails: integersFail),
            Overload([.bigint(a), .bigint(b)], to: .bigint, fails: integersFail),
            Overload(
                [.decimal(a), .decimal(b)],
                to: .computed("decimal") {
                    $0.count == 2 ? decimal($0[0].type, $0[1].type) : .double
                },
                fails: decimalsFail ?? overflow),
            Overload([.real(a), .real(b)], to: .real, fails: floatsFail),
            Overload([.double(a), .double(b)], to: .double, fails: floatsFail),
        ]
    }

    /// A constant that is neither zero nor -1 (which overflows the least integer) cannot fail.
    private static let failsByDivisor = Fallibility.computed { !hasSafeDivisor($0) }

    private static func failsByDivisorOrOverflow(
        _ rule: @escaping @Sendable (DataType, DataType) -> DataType
    ) -> Fallibility {
        .computed { arguments in
            !hasSafeDivisor(arguments)
                || DecimalTypes.mayOverflow(rule(arguments[0].type, arguments[1].type))
        }
    }

    private static func hasSafeDivisor(_ arguments: [TypedExpression]) -> Bool {
        guard arguments.count == 2, case .literal(let divisor) = arguments[1].kind else {
            return false
        }
        switch divisor {
        case .integer(let value): return value != 0 && value != -1
        case .wide(let value): return value != 0
        case .double(let value): return value != 0
        default: return false
        }
    }

    // MARK: Comparisons

    private static let comparisons: [FunctionSignature] = [
        comparison("eq", "=", "Equal.", .comparable, ("1 = 1.0", "true")),
        comparison("ne", "<>", "Not equal.", .comparable, ("'a' <> 'b'", "true")),
        comparison("lt", "<", "Less.", .orderable, ("'B' < 'a'", "true")),
        comparison("le", "<=", "Less or equal.", .orderable, ("2 <= 2", "true")),
        comparison("gt", ">", "Greater.", .orderable, ("DATE '2026-02-01' > '2026-01-31'", "true")),
        comparison("ge", ">=", "Greater or equal.", .orderable, ("NULL >= 2", "NULL")),
        FunctionSignature(
            "is_distinct_from", operator: "IS DISTINCT FROM",
            "Not equal, where null is equal to null and to nothing else. Never null.",
            [Overload([.comparable("a"), .comparable("b")], to: .boolean, nulls: .never)],
            examples: [
                ("NULL IS DISTINCT FROM 1", "true"), ("NULL IS DISTINCT FROM NULL", "false"),
            ]),
    ]

    private static func comparison(
        _ name: String, _ symbol: String, _ words: String, _ types: TypeClass,
        _ example: (String, String)
    ) -> FunctionSignature {
        FunctionSignature(
            name, operator: symbol,
            """
            \(words) Text compares by its Unicode scalars, byte by byte of its UTF-8; NaN equals itself
            and is greater than any other number, as in PostgreSQL.
            """,
            [
                Overload(
                    [Parameter("a", .common(types)), Parameter("b", .common(types))], to: .boolean)
            ], examples: [example])
    }

    // MARK: Text

    private static let textOperators: [FunctionSignature] = [
        FunctionSignature(
            "concat", operator: "||",
            "Joins two texts, byte strings or arrays. Other types beside a text become text.",
            [
                Overload([.string("a"), .string("b")], to: .string),
                Overload([.bytes("a"), .bytes("b")], to: .bytes),
                Overload([.array("a"), .array("b")], to: .arrayOfCommon),
            ],
            examples: [("'a' || 'b'", "ab"), ("'v' || 1", "v1"), ("'a' || NULL", "NULL")]),
        FunctionSignature(
            "like", operator: "LIKE",
            """
            Matches the whole text: `%` is any number of characters, `_` one. A backslash, or the one
            character after `ESCAPE`, takes the next one literally.
            """,
            likeOverloads,
            examples: [
                ("'silver' LIKE 's%r'", "true"), ("'50%' LIKE '%\\%'", "true"),
                ("'a_b' LIKE 'a#_b' ESCAPE '#'", "true"),
            ]),
        FunctionSignature(
            "ilike", operator: "ILIKE", "`LIKE` without regard to letter case.", likeOverloads,
            examples: [("'Silver' ILIKE 'SIL%'", "true")]),
    ]

    /// A pattern that ends in its escape character is a row error.
    private static let likeOverloads = [
        Overload([.string("text"), .string("pattern")], to: .boolean, fails: .unlessConstant(1)),
        Overload(
            [.string("text"), .string("pattern"), Parameter.string("escape").constant],
            to: .boolean, fails: .unlessConstant(1)),
    ]

    // MARK: Bits

    private static let bitOperators: [FunctionSignature] = [
        bits("bit_and", "&", "Bits set in both.", ("12 & 10", "8")),
        bits("bit_or", "|", "Bits set in either.", ("12 | 10", "14")),
        FunctionSignature(
            "bit_xor", aliases: ["xor"], "Bits set in exactly one of the two.", bitOverloads,
            examples: [("bit_xor(12, 10)", "6")]),
        FunctionSignature(
            "bit_not", operator: "~", "All bits turned over.",
            [
                Overload([.integer("a")], to: .integer),
                Overload([.bigint("a")], to: .bigint),
            ], examples: [("~5", "-6")]),
        bits(
            "shift_left", "<<",
            "Bits moved up; the count is taken modulo the width, as in PostgreSQL.",
            ("1 << 4", "16")),
        bits(
            "shift_right", ">>",
            "Bits moved down, the sign kept; the count is taken modulo the width.",
            ("-16 >> 2", "-4")),
    ]

    private static let bitOverloads = [
        Overload([.integer("a"), .integer("b")], to: .integer),
        Overload([.bigint("a"), .bigint("b")], to: .bigint),
    ]

    private static func bits(
        _ name: String, _ symbol: String, _ words: String, _ example: (String, String)
    ) -> FunctionSignature {
        FunctionSignature(name, operator: symbol, words, bitOverloads, examples: [example])
    }

    // MARK: Parts of nested values

    private static let accessors: [FunctionSignature] = [
        FunctionSignature(
            "json_get", operator: "->",
            "A member of a JSON object by name, or an element of an array by its index from 0.",
            [
                Overload([.json("value"), .bigint("index")], to: .json, nulls: .strictNullable),
                Overload([.json("value"), .string("name")], to: .json, nulls: .strictNullable),
            ], examples: [("json '{\"a\": [1, 2]}' -> 'a'", "[1, 2]")]),
        FunctionSignature(
            "json_get_text", operator: "->>",
            "Like `->`, as text: a JSON string without its quotes, a JSON null as null.",
            [
                Overload([.json("value"), .bigint("index")], to: .string, nulls: .strictNullable),
                Overload([.json("value"), .string("name")], to: .string, nulls: .strictNullable),
            ],
            examples: [
                ("json '{\"a\": \"x\"}' ->> 'a'", "x"), ("json '[10, 20]' ->> 1", "20"),
            ]),
        FunctionSignature(
            "element", operator: "[]",
            "An element of an array, counted from 1, or the value of a key of a map; null where it is not there.",
            [
                Overload([.array("array"), .bigint("index")], to: .common, nulls: .strictNullable),
                Overload(
                    [.map("map"), Parameter("key", .mapKey)],
                    to: .computed("V") {
                        if case .map(_, let value)? = $0.first?.type { value } else { .null }
                    }, nulls: .strictNullable),
            ], examples: [("[10, 20][2]", "20"), ("[10, 20][3]", "NULL")]),
        FunctionSignature(
            "field", operator: ".",
            "A field of a struct; the second argument is its position from 0.",
            [
                Overload(
                    [Parameter("struct", .structure), Parameter.integer("position").constant],
                    to: .computed("the field's") { fieldType($0) }, nulls: .strictNullable)
            ]),
    ]

    private static func fieldType(_ arguments: [TypedExpression]) -> DataType {
        guard arguments.count == 2, case .structure(let fields) = arguments[0].type,
            case .literal(.integer(let position)) = arguments[1].kind,
            fields.indices.contains(Int(position))
        else { return .null }
        return fields[Int(position)].type
    }
}

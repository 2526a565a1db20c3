import PipelineDSL

extension FunctionCatalogue {
    /// Elements count from 1.
    static let arrays: [FunctionSignature] = [
        FunctionSignature(
            "array", aliases: ["list_value", "array_value"],
            "An array of the values: `[a, b]`, `ARRAY[a, b]`.",
            [Overload([], variadic: .common("value"), to: .arrayOfCommon, nulls: .never)],
            examples: [("[1, NULL, 3]", "[1,null,3]")]),
        FunctionSignature(
            "row", "A struct of the values; its fields are `f1`, `f2` and so on.",
            [
                Overload(
                    [.any("value")], variadic: .any("value"),
                    to: .computed("struct") { arguments in
                        .structure(
                            arguments.enumerated().map { index, argument in
                                Field("f\(index + 1)", argument.type, nullable: argument.isNullable)
                            })
                    }, nulls: .never)
            ], examples: [("row(1, 'a')", "{\"f1\":1,\"f2\":\"a\"}")]),
        FunctionSignature(
            "named_struct", aliases: ["struct_pack"],
            "A struct of names, which are constants and differ, and values: `{'id': 7}`.",
            [
                Overload(
                    [structName, .any("value")], repeated: [structName, .any("value")],
                    to: .computed("struct", structure), nulls: .never)
            ],
            examples: [("{'id': 7, 'name': 'a'}", "{\"id\":7,\"name\":\"a\"}")]),
        FunctionSignature(
            "array_length", aliases: ["cardinality", "array_size", "list_length"],
            "How many elements an array, or entries a map has.",
            [
                Overload([.array("array")], to: .integer), Overload([.map("map")], to: .integer),
            ], examples: [("array_length([1, 2])", "2")]),
        FunctionSignature(
            "array_contains", aliases: ["list_contains", "array_has", "list_has"],
            "Whether an element equals the value.",
            [Overload([.array("array"), .comparable("value")], to: .boolean)],
            examples: [("array_contains([1, 2], 2)", "true")]),
        FunctionSignature(
            "array_position", aliases: ["list_position"],
            "Where an element that equals the value first stands; null where there is none.",
            [
                Overload(
                    [.array("array"), .comparable("value")], to: .integer, nulls: .strictNullable)
            ], examples: [("array_position(['a', 'b'], 'b')", "2")]),
        FunctionSignature(
            "array_append", aliases: ["list_append"], "With one more element at the end.",
            [
                Overload(
                    [.array("array"), .common("value")], to: .arrayOfCommon, nulls: .nullIfFirstNull
                )
            ],
            examples: [("array_append([1], 2)", "[1,2]")]),
        FunctionSignature(
            "array_concat", aliases: ["array_cat", "list_concat"],
            "The elements of the one, then the other's: `a || b`.",
            [Overload([.array("a"), .array("b")], to: .arrayOfCommon)],
            implementation: .expansion { arguments, span in
                Expression(.binary(.concatenate, arguments[0], arguments[1]), span: span)
            }, examples: [("array_concat([1], [2])", "[1,2]")]),
        FunctionSignature(
            "array_distinct", aliases: ["list_distinct"],
            "Each element once, nulls left out, in order of first appearance.",
            [Overload([Parameter("array", .array)], to: .arrayOfCommon)],
            examples: [("array_distinct([2, 1, 2])", "[2,1]")]),
        FunctionSignature(
            "array_sort", aliases: ["list_sort"], "In ascending order, nulls last.",
            [Overload([.array("array")], to: .arrayOfCommon)],
            examples: [("array_sort([2, 1])", "[1,2]")]),
        FunctionSignature(
            "array_slice", aliases: ["list_slice"],
            "The elements from one position to another, both included.",
            [Overload([.array("array"), .bigint("from"), .bigint("to")], to: .arrayOfCommon)],
            examples: [("array_slice([1, 2, 3], 2, 3)", "[2,3]")]),
        FunctionSignature(
            "array_to_string", aliases: ["array_join"],
            "The text of the elements with a separator between them; nulls are left out, or stand as the given text.",
            [
                Overload([.array("array"), .string("separator")], to: .string),
                Overload([.array("array"), .string("separator"), .string("null")], to: .string),
            ], examples: [("array_to_string(['a', NULL, 'b'], '-')", "a-b")]),
        FunctionSignature(
            "generate_series",
            "The numbers or moments from `start` to `stop`, both included, in steps; more than a million of them are a row error.",
            [
                Overload(
                    [.bigint("start"), .bigint("stop")], to: .type(.array(.bigint)), fails: .always),
                Overload(
                    [.bigint("start"), .bigint("stop"), .bigint("step")],
                    to: .type(.array(.bigint)),
                    fails: .always),
                Overload(
                    [.timestamp("start"), .timestamp("stop"), .interval("step")],
                    to: .type(.array(.timestamp)), fails: .always),
            ], examples: [("generate_series(1, 5, 2)", "[1,3,5]")]),
        FunctionSignature(
            "map_keys", "The keys of a map.",
            [
                Overload(
                    [.map("map")],
                    to: .computed("array<K>") {
                        if case .map(let key, _)? = $0.first?.type { .array(key) } else { .null }
                    })
            ]),
        FunctionSignature(
            "map_values", "The values of a map, in the order of its keys.",
            [
                Overload(
                    [.map("map")],
                    to: .computed("array<V>") {
                        if case .map(_, let value)? = $0.first?.type {
                            .array(value)
                        } else {
                            .null
                        }
                    })
            ]),
    ]

    private static let structName = Parameter("name", .type(.string), constant: true)

    /// Of names and values in turn.
    private static func structure(_ arguments: [TypedExpression]) -> DataType {
        .structure(
            stride(from: 0, to: arguments.count - 1, by: 2).map { index in
                let (name, value) = (arguments[index], arguments[index + 1])
                guard case .literal(.string(let text)) = name.kind else {
                    return Field("", value.type, nullable: value.isNullable)
                }
                return Field(text, value.type, nullable: value.isNullable)
            })
    }
}

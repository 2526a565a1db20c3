import PipelineDSL

extension FunctionCatalogue {
    /// Paths are `$.a.b[0]`, names that are no words in quotes: `$."first name"`; a bare name is `$.name`.
    /// Elements count from 0, from the end where negative. A path that is none is a row error.
    static let json: [FunctionSignature] = [
        FunctionSignature(
            "json_extract", aliases: ["json_query", "get_json"],
            "The JSON at a path; null where there is none.",
            [path(to: .json, nulls: .strictNullable)],
            examples: [("json_extract(json '{\"a\": [1, 2]}', '$.a[1]')", "2")]),
        FunctionSignature(
            "json_extract_string",
            aliases: ["json_extract_path_text", "json_value", "get_json_object"],
            "Like `json_extract`, as text: a string without its quotes, a JSON null as null.",
            [path(to: .string, nulls: .strictNullable)],
            examples: [("json_extract_string(json '{\"a\": \"x\"}', '$.a')", "x")]),
        FunctionSignature(
            "json_array_length", "How many elements an array has; null for what is no array.",
            [
                Overload([.json("value")], to: .integer, nulls: .strictNullable),
                path(to: .integer, nulls: .strictNullable),
            ], examples: [("json_array_length(json '[1, 2]')", "2")]),
        FunctionSignature(
            "json_type", aliases: ["json_typeof"],
            "`object`, `array`, `string`, `number`, `boolean` or `null`.",
            [
                Overload([.json("value")], to: .string),
                path(to: .string, nulls: .strictNullable),
            ], examples: [("json_type(json '[1]')", "array")]),
        FunctionSignature(
            "json_exists", "Whether there is something at a path.",
            [path(to: .boolean, nulls: .strict)],
            examples: [("json_exists(json '{\"a\": null}', '$.a')", "true")]),
        FunctionSignature(
            "json_keys",
            "The names of an object's members, in their order; null for what is no object.",
            [
                Overload([.json("value")], to: .type(.array(.string)), nulls: .strictNullable),
                path(to: .type(.array(.string)), nulls: .strictNullable),
            ], examples: [("json_keys(json '{\"b\": 1, \"a\": 2}')", "[\"b\",\"a\"]")]),
        FunctionSignature(
            "json_valid", "Whether a text is JSON (RFC 8259).",
            [Overload([.string("text")], to: .boolean)], examples: [("json_valid('{')", "false")]),
        FunctionSignature(
            "to_json",
            "A value as JSON: structs as objects, text as strings, dates and the like as ISO 8601.",
            [Overload([.any("value")], to: .json, nulls: .strict)],
            examples: [("to_json([1, 2])", "[1,2]")]),
        FunctionSignature(
            "json_object", aliases: ["json_build_object", "object_construct"],
            "An object of names and values. A name that is null is a row error.",
            [
                Overload(
                    [], repeated: [.string("name"), .any("value")], to: .json, nulls: .never,
                    fails: .computed(hasNullableName))
            ], examples: [("json_object('id', 7, 'tags', ['a'])", "{\"id\":7,\"tags\":[\"a\"]}")]),
        FunctionSignature(
            "json_array", aliases: ["json_build_array"], "An array of values of any types.",
            [Overload([], variadic: .any("value"), to: .json, nulls: .never)],
            examples: [("json_array(1, 'a', NULL)", "[1,\"a\",null]")]),
        FunctionSignature(
            "json_strip_nulls",
            "Without the members of objects whose value is null, at every depth; elements of arrays stay.",
            [Overload([.json("value")], to: .json)],
            examples: [
                ("json_strip_nulls(json '{\"a\": null, \"b\": [null]}')", "{\"b\":[null]}")
            ]),
    ]

    private static func hasNullableName(_ arguments: [TypedExpression]) -> Bool {
        stride(from: 0, to: arguments.count, by: 2).contains { arguments[$0].isNullable }
    }

    private static func path(to result: ResultType, nulls: NullRule) -> Overload {
        Overload([.json("value"), .string("path")], to: result, nulls: nulls, fails: .always)
    }
}

import PipelineDSL

extension FunctionCatalogue {
    /// Characters are Unicode scalars throughout, and positions count from 1.
    static let strings: [FunctionSignature] = letterCase + measures + parts + search + building

    private static func map(
        _ name: String, aliases: [String] = [], _ words: String, _ example: (String, String)
    ) -> FunctionSignature {
        FunctionSignature(
            name, aliases: aliases, words, [Overload([.string("text")], to: .string)],
            examples: [example])
    }

    private static let letterCase: [FunctionSignature] = [
        map("lower", aliases: ["lcase"], "In lower case.", ("lower('ÇAY')", "çay")),
        map("upper", aliases: ["ucase"], "In upper case.", ("upper('çay')", "ÇAY")),
        map(
            "initcap", "Each word with a capital and the rest in lower case.",
            ("initcap('new YORK')", "New York")),
    ]

    private static let measures: [FunctionSignature] = [
        FunctionSignature(
            "length", aliases: ["char_length", "character_length", "len"],
            "How many characters a text, bytes a byte string or elements an array has.",
            [
                Overload([.string("text")], to: .integer),
                Overload([.bytes("bytes")], to: .integer),
                Overload([.array("array")], to: .integer),
            ], examples: [("length('çay')", "3")]),
        FunctionSignature(
            "octet_length", aliases: ["strlen"],
            "How many bytes the UTF-8 of a text or a byte string has.",
            [
                Overload([.string("text")], to: .integer),
                Overload([.bytes("bytes")], to: .integer),
            ], examples: [("octet_length('çay')", "4")]),
        FunctionSignature(
            "ascii", aliases: ["unicode", "ord"],
            "The code point of the first character; 0 for an empty text.",
            [Overload([.string("text")], to: .integer)], examples: [("ascii('ç')", "231")]),
        FunctionSignature(
            "chr", "The character of a code point. What is none is a row error.",
            [Overload([.bigint("code")], to: .string, fails: .always)],
            examples: [("chr(231)", "ç")]),
    ]

    private static func trimming(
        _ name: String, aliases: [String] = [], _ side: String, _ examples: [(String, String)]
    ) -> FunctionSignature {
        FunctionSignature(
            name, aliases: aliases, "Without the blanks, or the given characters, \(side).",
            [
                Overload([.string("text")], to: .string),
                Overload([.string("text"), .string("characters")], to: .string),
            ], examples: examples)
    }

    private static let parts: [FunctionSignature] = [
        trimming(
            "trim", aliases: ["btrim"], "at both ends",
            [("trim('  a ')", "a"), ("trim(BOTH 'x' FROM 'xax')", "a")]),
        trimming("ltrim", "at the start", [("ltrim('xxa', 'x')", "a")]),
        trimming("rtrim", "at the end", [("rtrim('a  ')", "a")]),
        FunctionSignature(
            "substring", aliases: ["substr"],
            """
            Characters from `start` on, `length` of them. A start before 1 counts towards the length, as
            in SQL; a negative length is a row error.
            """,
            [
                Overload([.string("text"), .bigint("start")], to: .string),
                Overload(
                    [.string("text"), .bigint("start"), .bigint("length")], to: .string,
                    fails: .unlessConstant(2) { $0 >= 0 }),
            ],
            examples: [("substring('silver', 2, 3)", "ilv"), ("substring('silver', -1, 4)", "si")]),
        FunctionSignature(
            "left", "The first characters; all but the last -n where n is negative.",
            [Overload([.string("text"), .bigint("n")], to: .string)],
            examples: [("left('silver', 3)", "sil"), ("left('silver', -2)", "silv")]),
        FunctionSignature(
            "right", "The last characters; all but the first -n where n is negative.",
            [Overload([.string("text"), .bigint("n")], to: .string)],
            examples: [("right('silver', 3)", "ver")]),
        FunctionSignature(
            "split_part",
            """
            The n-th of the parts between delimiters, counted from 1, or from the end where n is
            negative; empty where there is none. n = 0 is a row error.
            """,
            [
                Overload(
                    [.string("text"), .string("delimiter"), .bigint("n")], to: .string,
                    fails: .unlessConstant(2) { $0 != 0 })
            ],
            examples: [("split_part('a/b/c', '/', 2)", "b"), ("split_part('a/b/c', '/', -1)", "c")]),
        FunctionSignature(
            "string_to_array", aliases: ["string_split", "str_split", "split"],
            "The parts between delimiters; one part a character where the delimiter is empty.",
            [Overload([.string("text"), .string("delimiter")], to: .type(.array(.string)))],
            examples: [("string_to_array('a,b', ',')", "[\"a\",\"b\"]")]),
    ]

    private static func test(
        _ name: String, aliases: [String], _ words: String, _ example: (String, String)
    ) -> FunctionSignature {
        FunctionSignature(
            name, aliases: aliases, words,
            [Overload([.string("text"), .string("part")], to: .boolean)], examples: [example])
    }

    private static let search: [FunctionSignature] = [
        test(
            "starts_with", aliases: ["startswith", "prefix"], "Whether it starts with the part.",
            ("starts_with('silver', 'si')", "true")),
        test(
            "ends_with", aliases: ["endswith", "suffix"], "Whether it ends with the part.",
            ("ends_with('silver', 'er')", "true")),
        test(
            "contains", aliases: [], "Whether the part is anywhere in it.",
            ("contains('silver', 'lv')", "true")),
        FunctionSignature(
            "strpos", aliases: ["instr"],
            "Where the part first stands, from 1; 0 where it does not.",
            [Overload([.string("text"), .string("part")], to: .integer)],
            examples: [("strpos('silver', 'v')", "4"), ("position('x' IN 'silver')", "0")]),
        FunctionSignature(
            "position", "`strpos` with its arguments the other way round.",
            [Overload([.string("part"), .string("text")], to: .integer)],
            implementation: .expansion { arguments, span in
                .calling("strpos", arguments.reversed(), span: span)
            }, examples: [("position('v', 'silver')", "4")]),
    ]

    private static let building: [FunctionSignature] = [
        FunctionSignature(
            "replace", "Every occurrence of one text replaced by another.",
            [Overload([.string("text"), .string("from"), .string("to")], to: .string)],
            examples: [("replace('a-b-c', '-', '')", "abc")]),
        FunctionSignature(
            "translate",
            "Each character of `from` replaced by the one at its place in `to`; left out where there is none.",
            [Overload([.string("text"), .string("from"), .string("to")], to: .string)],
            examples: [("translate('12345', '143', 'ax')", "a2x5")]),
        FunctionSignature(
            "overlay",
            "A part replaced: from `start` on, `length` characters, as many as the new text by default.",
            [
                Overload(
                    [.string("text"), .string("new"), .bigint("start")], to: .string, fails: .always
                ),
                Overload(
                    [.string("text"), .string("new"), .bigint("start"), .bigint("length")],
                    to: .string, fails: .always),
            ], examples: [("overlay('silver' PLACING 'XX' FROM 2 FOR 3)", "sXXer")]),
        padding("lpad", "left", ("lpad('7', 3, '0')", "007")),
        padding("rpad", "right", ("rpad('7', 3)", "7  ")),
        FunctionSignature(
            "repeat", "The text n times over. A result beyond 64 MiB is a row error.",
            [Overload([.string("text"), .bigint("n")], to: .string, fails: .always)],
            examples: [("repeat('ab', 3)", "ababab")]),
        map("reverse", "The characters from last to first.", ("reverse('abc')", "cba")),
        FunctionSignature(
            "concat_values", spelling: "concat",
            "Joins the text of all arguments that are not null; empty where none is left.",
            [Overload([], variadic: .any("value"), to: .string, nulls: .never)],
            examples: [("concat('a', NULL, 1)", "a1")]),
        FunctionSignature(
            "concat_ws",
            "Joins the text of all values that are not null, with a separator between them.",
            [
                Overload(
                    [.string("separator")], variadic: .any("value"), to: .string,
                    nulls: .nullIfFirstNull)
            ], examples: [("concat_ws('-', 'a', NULL, 'b')", "a-b")]),
        FunctionSignature(
            "to_hex", aliases: ["hex"],
            "In hexadecimal: of an integer its two's complement, of others their bytes.",
            [
                Overload([.bigint("value")], to: .string),
                Overload([.string("text")], to: .string),
                Overload([.bytes("bytes")], to: .string),
            ], examples: [("to_hex(255)", "ff")]),
        FunctionSignature(
            "encode",
            "A byte string as text: `hex`, `base64` or `utf8`. Bytes that are no UTF-8 are a row error.",
            [
                Overload(
                    [.bytes("bytes"), .keyword("format", ["hex", "base64", "utf8"])], to: .string,
                    fails: .always)
            ], examples: [("encode(X'00ff', 'base64')", "AP8=")]),
        FunctionSignature(
            "decode", "The byte string that a text spells in `hex`, `base64` or `utf8`.",
            [
                Overload(
                    [.string("text"), .keyword("format", ["hex", "base64", "utf8"])], to: .bytes,
                    fails: .always)
            ], examples: [("decode('00ff', 'hex')", "\\x00ff")]),
    ]

    private static func padding(
        _ name: String, _ side: String, _ example: (String, String)
    ) -> FunctionSignature {
        FunctionSignature(
            name,
            """
            Filled up on the \(side) with blanks, or the given text, to a length; cut on the right where
            it is longer. A result beyond 64 MiB is a row error.
            """,
            [
                Overload([.string("text"), .bigint("length")], to: .string, fails: .always),
                Overload(
                    [.string("text"), .bigint("length"), .string("fill")], to: .string,
                    fails: .always),
            ], examples: [example])
    }
}

extension Expression {
    /// A call, for what is short for one.
    static func calling(_ name: String, _ arguments: [Expression], span: SourceSpan) -> Expression {
        Expression(
            .call(FunctionCall(name: Identifier(name, span: span), arguments: arguments)),
            span: span)
    }
}

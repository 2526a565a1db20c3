import PipelineDSL

extension FunctionCatalogue {
    /// Regular expressions. The last argument, where there is one, is text of options: `i` ignores
    /// letter case, `s` lets `.` match a line end, `m` lets `^` and `$` match at lines, `g` replaces
    /// all.
    static let patterns: [FunctionSignature] = [
        FunctionSignature(
            "regexp_matches", aliases: ["regexp_like", "rlike"],
            "Whether the pattern matches anywhere in the text: `text ~ pattern`.",
            overloads([], to: .boolean),
            examples: [("'V0042' ~ '^V[0-9]+$'", "true"), ("'abc' ~* 'B'", "true")]),
        FunctionSignature(
            "regexp_replace",
            """
            The first match replaced, all of them with option `g`. `\\1` to `\\9` in the replacement are
            the groups, `\\&` the match.
            """,
            overloads([.string("replacement")], to: .string),
            examples: [
                ("regexp_replace('a1b2', '[0-9]', '')", "ab2"),
                ("regexp_replace('a1b2', '[0-9]', '', 'g')", "ab"),
                ("regexp_replace('ab', '(a)(b)', '\\2\\1')", "ba"),
            ]),
        FunctionSignature(
            "regexp_extract", aliases: ["regexp_substr"],
            "The first match, or the given group of it; empty where nothing matches.",
            [
                Overload(
                    [.string("text"), .string("pattern")], to: .string, fails: .unlessConstant(1)),
                Overload(
                    [.string("text"), .string("pattern"), Parameter.bigint("group").constant],
                    to: .string, fails: .always),
            ],
            examples: [
                ("regexp_extract('depot-17', '[0-9]+')", "17"),
                ("regexp_extract('k=v', '(.)=(.)', 2)", "v"),
            ]),
        FunctionSignature(
            "regexp_extract_all", "All matches, from left to right.",
            overloads([], to: .type(.array(.string))),
            examples: [("regexp_extract_all('a1b22', '[0-9]+')", "[\"1\",\"22\"]")]),
        FunctionSignature(
            "regexp_count", "How many matches there are.", overloads([], to: .integer),
            examples: [("regexp_count('a1b22', '[0-9]+')", "2")]),
        FunctionSignature(
            "regexp_split_to_array", aliases: ["string_split_regex"], "The parts between matches.",
            overloads([], to: .type(.array(.string))),
            examples: [("regexp_split_to_array('a, b;c', '[,;] *')", "[\"a\",\"b\",\"c\"]")]),
    ]

    /// A pattern that is no regular expression is an error of the check where it is constant, and a
    /// row error elsewhere.
    private static func overloads(_ more: [Parameter], to result: ResultType) -> [Overload] {
        let parameters = [Parameter.string("text"), .string("pattern")] + more
        return [
            Overload(parameters, to: result, fails: .unlessConstant(1)),
            Overload(
                parameters + [Parameter.string("options").constant], to: result,
                fails: .unlessConstant(1)),
        ]
    }
}

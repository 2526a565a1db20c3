extension DiagnosticCode {
    public static let yamlSyntax = DiagnosticCode(
        1, "not YAML",
        """
        The file breaks a rule of YAML that has no page of its own. The message says what was
        expected, and the underlined place is where the reader could go on no longer; the mistake
        is there or a little above it.

        A text with signs in it is safe in quotes:

        ```yaml
        description: 'it''s new'      # in single quotes, a quote is written twice
        path: "data/{a,b}/*.csv"
        ```
        """)

    public static let yamlTab = DiagnosticCode(
        2, "tab in indentation",
        """
        YAML is indented with spaces. A tab is refused, because its width differs from editor to
        editor and with it what belongs to what.

        ```yaml
        sources:
          rides:          # two spaces, not a tab
            format: csv
        ```

        Most editors can insert spaces for the tab key; `expand -t 2 pipec.yaml` mends a file.
        """)

    public static let yamlUnclosedQuote = DiagnosticCode(
        3, "quote never closed",
        """
        A text in quotes goes on, over lines, until the quote comes again. Here it does not come.

        ```yaml
        description: 'all of it       # wrong
        description: 'all of it'      # right
        description: 'it''s all'      # a quote inside single quotes is written twice
        description: "say \\"all\\""   # inside double quotes with a backslash
        ```
        """)

    public static let yamlUnclosedBracket = DiagnosticCode(
        4, "brackets do not match",
        """
        Lists in `[…]` and mappings in `{…}` end with their bracket, and a comma stands between
        entries.

        ```yaml
        include: [a.yaml, b.yaml      # wrong: never closed
        files: { path: a format: b }  # wrong: no comma
        files: { path: a, format: b } # right
        ```

        Inside brackets, a text with a comma, a bracket or a brace in it needs quotes: `{ path:
        "data/{a,b}.csv" }`.
        """)

    public static let yamlColonInText = DiagnosticCode(
        5, "colon in unquoted text",
        """
        A colon with a blank after it separates a key from its value. Inside a text without quotes
        it would start another mapping in the same line, so the text needs quotes or a text block.

        ```yaml
        where: note <> 'a: b'            # wrong
        where: "note <> 'a: b'"          # right
        place: struct<lat: double>       # wrong
        place: "struct<lat: double>"     # right
        sql: |                           # right: in a text block anything goes
          SELECT 'a: b' AS note
        ```
        """)

    public static let yamlIndentation = DiagnosticCode(
        6, "lines do not line up",
        """
        Entries of one mapping or one list start in the same column; what belongs to an entry
        starts further to the right.

        ```yaml
        sources:
            rides:
              format: csv
          walks:              # wrong: lines up with nothing
            walks:            # right: below `rides`
        ```

        A list goes on with `- ` on every line, and a key with a value cannot have keys below it.
        """)

    public static let yamlEscape = DiagnosticCode(
        7, "unknown escape",
        """
        In double quotes a backslash starts an escape. Those that YAML knows are `\\n \\t \\r \\"
        \\\\ \\/ \\0 \\a \\b \\e \\f \\v \\N \\_ \\L \\P`, `\\xNN`, `\\uNNNN` and `\\UNNNNNNNN`.

        ```yaml
        pattern: "\\d+"     # wrong
        pattern: "\\\\d+"    # right
        pattern: '\\d+'     # right: single quotes know no escapes
        ```
        """)

    public static let yamlReservedCharacter = DiagnosticCode(
        8, "text starts with a sign",
        """
        Some signs mean something at the start of a value: `&` an anchor, `*` an alias, `!` a tag,
        `|` and `>` a text block, `%` a directive; `@` and a backtick are reserved. A text that
        starts with one of them needs quotes.

        ```yaml
        owner: @fleet-data      # wrong
        owner: '@fleet-data'    # right
        include: *.yaml         # wrong
        include: '*.yaml'       # right
        ```
        """)

    public static let yamlMissingColon = DiagnosticCode(
        9, "key without colon",
        """
        A key ends with a colon, and after the colon comes a blank or the end of the line.

        ```yaml
        pipeline:fleet      # wrong: one word
        pipeline: fleet     # right
        owner               # wrong
        owner: me           # right
        ```
        """)

    public static let yamlNotUTF8 = DiagnosticCode(
        10, "not UTF-8",
        """
        A spec is a text file in UTF-8. This one holds bytes that are not, or is UTF-16 as some
        editors on Windows save it. Save it as UTF-8, or convert it:

        ```sh
        iconv -f WINDOWS-1252 -t UTF-8 pipec.yaml > new.yaml
        ```

        A byte order mark at the start is accepted.
        """)

    public static let yamlControlCharacter = DiagnosticCode(
        11, "control character",
        """
        YAML allows no control characters but tab and line ends. One usually comes with a text
        that was copied from a terminal or a document. Remove it, or write it as an escape in
        double quotes: `"\\u0007"`.
        """)

    public static let yamlTooLarge = DiagnosticCode(
        12, "file too large",
        """
        A spec may have 8 MiB. Rows do not belong in it: put them in a file and read that with a
        source. A large spec can be spread over files with `include:`.
        """)

    public static let yamlDuplicateKey = DiagnosticCode(
        13, "duplicate key",
        """
        A key may stand once in a mapping. Most YAML readers take the last of two silently, which
        hides a mistake in a copied block; here it is an error, and both places are shown.

        ```yaml
        sources:
          rides: { files: { path: a.csv } }
          rides: { files: { path: b.csv } }   # wrong: rename or remove it
        ```
        """)

    public static let yamlCompositeKey = DiagnosticCode(
        14, "key that is not text",
        """
        Keys of a spec are texts. A list or mapping as a key is YAML, but means nothing here; it
        is often a text that starts with a bracket:

        ```yaml
        {vehicle}: a          # wrong
        "{vehicle}": a        # right
        ```
        """)

    public static let yamlSeveralDocuments = DiagnosticCode(
        15, "more than one document",
        """
        One file holds one document. `---` between two parts makes them two; put the second in a
        file of its own and name it under `include:`.
        """)

    public static let yamlTooDeep = DiagnosticCode(
        16, "nested too deep",
        """
        Values may be nested 100 levels deep, those that aliases bring included. No spec needs
        that many; the bound keeps a broken or hostile file from exhausting memory.
        """)

    public static let yamlTooManyNodes = DiagnosticCode(
        17, "too many values",
        """
        A document may have 500,000 values, counted with every alias written out. A few lines of
        aliases to aliases can stand for billions of values, and a file of rows is not a spec:
        read it with a source.
        """)

    public static let yamlUnknownAlias = DiagnosticCode(
        18, "alias without anchor",
        """
        `*name` repeats what `&name` names further up in the same file. There is no such anchor
        above this place.

        ```yaml
        sources:
          rides: &common { format: csv, files: { path: rides.csv } }
          walks: { <<: *common, files: { path: walks.csv } }
        ```

        A text that starts with an asterisk needs quotes: `include: '*.yaml'`.
        """)

    public static let yamlRecursiveAlias = DiagnosticCode(
        19, "value that holds itself",
        """
        An alias inside of the value it names would make a value without an end. Name a part of it
        instead.
        """)

    public static let yamlBadMerge = DiagnosticCode(
        20, "merge of something else",
        """
        `<<` adds the entries of another mapping, or of a list of mappings; the mapping's own keys
        win, and of a list the earlier mappings do.

        ```yaml
        walks: { <<: *common }            # right, if `&common` names a mapping
        walks: { <<: [*common, *more] }   # right
        walks: { <<: csv }                # wrong
        ```
        """)

    public static let yamlUnknownTag = DiagnosticCode(
        21, "unknown tag",
        """
        `!name` in front of a value is a tag. Only YAML's own tags mean something here: `!!str`,
        `!!int`, `!!float`, `!!bool`, `!!null`, `!!map` and `!!seq`. To take a value from outside
        use a reference:

        ```yaml
        owner: !env OWNER         # wrong
        owner: "${env:OWNER}"     # right
        ```
        """)

    public static let yamlBlockHeader = DiagnosticCode(
        22, "text block header",
        """
        A text block starts with `|` (lines are kept) or `>` (lines are joined); the text follows
        on the next lines, indented. Directly after the sign only `-` or `+` (whether the last
        line ends are kept) and a digit for the indentation may stand.

        ```yaml
        sql: | SELECT 1      # wrong
        sql: |               # right
          SELECT 1
        sql: SELECT 1        # right
        ```
        """)

    static let yamlCodes: [DiagnosticCode] = [
        yamlSyntax, yamlTab, yamlUnclosedQuote, yamlUnclosedBracket, yamlColonInText,
        yamlIndentation, yamlEscape, yamlReservedCharacter, yamlMissingColon, yamlNotUTF8,
        yamlControlCharacter, yamlTooLarge, yamlDuplicateKey, yamlCompositeKey,
        yamlSeveralDocuments, yamlTooDeep, yamlTooManyNodes, yamlUnknownAlias, yamlRecursiveAlias,
        yamlBadMerge, yamlUnknownTag, yamlBlockHeader,
    ]
}

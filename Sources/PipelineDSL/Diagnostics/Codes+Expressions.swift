extension DiagnosticCode {
    static let expressionCodes: [DiagnosticCode] = syntaxCodes
}

extension DiagnosticCode {
    /// What is wrong with the text of an expression, query or type, whatever its names mean.
    static let syntaxCodes: [DiagnosticCode] = [
        .unexpectedToken, .unclosedQuote, .unclosedBracket, .malformedNumber,
        .unexpectedCharacter, .malformedReference, .malformedEscape, .tooDeep, .textTooLong,
        .reservedWord, .foreignOperator, .comparisonWithNull, .chainedComparison, .missingComma,
        .trailingComma, .misspeltKeyword, .notAQuery, .moreThanOneStatement, .unknownType,
        .malformedType, .malformedInterval, .quotedNameAsText, .clauseOutOfOrder, .joinCondition,
        .emptyList, .notSupported, .misplacedStar, .malformedFrame, .emptyText, .unevenRows,
        .referenceInText, .textAsName, .emptyName,
    ]

    public static let unexpectedToken = DiagnosticCode(
        300, "syntax error",
        """
        Something else was expected at this place. The message names what could stand there and
        what was found; a related place, such as the bracket that is still open, is underlined as
        well.

        The grammar is PostgreSQL's `SELECT` and expression syntax; see the language reference.
        """)

    public static let unclosedQuote = DiagnosticCode(
        301, "a quote or comment is never closed",
        """
        Text in quotes, a quoted name or a comment starts here and runs to the end. Text ends with
        `'`, and a quote inside it is written twice:

        ```sql
        name = 'O''Brien'
        ```

        A backslash does not escape a quote, except in `E'…'`. Comments are `-- to the end of the
        line` and `/* … */`, and the latter nest.
        """)

    public static let unclosedBracket = DiagnosticCode(
        302, "brackets do not match",
        """
        A parenthesis, bracket or `CASE` is opened and never closed, or one is closed that was
        never opened. The opening one is underlined, and where the closing one was missed at the
        latest.
        """)

    public static let malformedNumber = DiagnosticCode(
        303, "not a number",
        """
        Numbers are written `1`, `1_000`, `1.5`, `.5`, `1e3` and `0x1F`. A name cannot start with
        a digit, and an operator or a blank stands between a number and a name.
        """)

    public static let unexpectedCharacter = DiagnosticCode(
        304, "a character that means nothing",
        """
        The character is no part of SQL. Typographic quotes, which word processors and web pages
        put in the place of straight ones, do not quote: text stands in `'`, a name in `"`.
        """)

    public static let malformedReference = DiagnosticCode(
        305, "a malformed reference",
        """
        A value from outside is written as one of

        ```
        ${name}                  a parameter of the pipeline
        ${env:NAME}              an environment variable
        ${env:NAME:-default}     the same with a default
        ${secret:NAME}           a secret
        ```

        on one line. It stands for a whole value, never for a piece of SQL.
        """)

    public static let malformedEscape = DiagnosticCode(
        306, "a malformed escape or byte literal",
        """
        `E'…'` knows `\\n \\t \\r \\b \\f \\\\ \\' \\xHH \\uXXXX \\UXXXXXXXX` and octal `\\ooo`;
        what they spell must be UTF-8. `X'…'` holds pairs of hexadecimal digits, as in `X'00ff'`.
        """)

    public static let tooDeep = DiagnosticCode(
        307, "nested too deeply",
        """
        Expressions and queries nest at most 200 levels deep, so that no text can exhaust the
        stack. A subquery counts as four levels, and every operator of a chain such as `a - b - c`
        as one; `AND`, `OR` and `UNION` chains are flat and may be of any length.

        Compute parts in earlier steps, in common table expressions, or put parentheses around
        parts of a long chain.
        """)

    public static let textTooLong = DiagnosticCode(
        308, "a text is too long",
        """
        One expression or query is at most 1 MiB of text. Generated lists of that size belong in a
        source, joined or looked up.
        """)

    public static let reservedWord = DiagnosticCode(
        309, "a reserved word as a name",
        """
        The word belongs to the language and cannot be a bare name. In double quotes it can:

        ```sql
        SELECT "group", "order" FROM sales
        ```

        Most words are free: `day`, `date`, `value`, `key`, `first`, `timestamp` and `offset` need
        no quotes.
        """)

    public static let foreignOperator = DiagnosticCode(
        310, "an operator of another language",
        """
        SQL compares with `=` and `<>`, joins conditions with `AND` and `OR`, negates with `NOT`,
        and compares with regard to null with `IS NOT DISTINCT FROM`. `||` joins text.
        """)

    public static let comparisonWithNull = DiagnosticCode(
        311, "a comparison with NULL",
        """
        `x = NULL` is never true, not even where `x` is null: a comparison with null is null.
        Whether something is null is asked with `x IS NULL` or `x IS NOT NULL`.
        """)

    public static let chainedComparison = DiagnosticCode(
        312, "comparisons in a chain",
        """
        `a < b < c` does not mean what it means in mathematics. Compare twice:

        ```sql
        0 <= speed AND speed <= 180
        speed BETWEEN 0 AND 180
        ```
        """)

    public static let missingComma = DiagnosticCode(
        313, "a comma is missing",
        """
        Two elements of a list follow each other with nothing between them. The elements of a list
        are separated by commas; operands by an operator.
        """)

    public static let trailingComma = DiagnosticCode(
        314, "a comma too many",
        """
        A list ends with its last element, not with a comma.
        """)

    public static let misspeltKeyword = DiagnosticCode(
        315, "a misspelt keyword",
        """
        The word is nearly one that could stand here, and nothing else could. It was taken for
        that to find further mistakes.
        """)

    public static let notAQuery = DiagnosticCode(
        316, "not a query",
        """
        A query starts with `SELECT`, `WITH` or `VALUES`. Pipelines are declared, not scripted:
        there is no `INSERT`, `UPDATE` or `CREATE`; where rows go is said by a transform's zone
        and `write:`, or by a sink.
        """)

    public static let moreThanOneStatement = DiagnosticCode(
        317, "more than one statement",
        """
        One text holds one query. Another one is a transform of its own.
        """)

    public static let unknownType = DiagnosticCode(
        318, "an unknown type",
        """
        The types are `boolean`, `integer`, `bigint`, `real`, `double`, `decimal(p,s)`, `string`,
        `bytes`, `date`, `time`, `timestamp`, `interval`, `uuid`, `json`, `array<T>`, `map<K, V>`
        and `struct<name: T, …>`, and the names that SQL databases have for them, such as
        `varchar`, `text`, `int`, `float` and `bool`.
        """)

    public static let malformedType = DiagnosticCode(
        319, "impossible parameters of a type",
        """
        `decimal(precision, scale)` has 1 to 38 digits, `scale` of them after the point. `not
        null` belongs to columns and to fields of a struct, not to the elements of an array.
        """)

    public static let malformedInterval = DiagnosticCode(
        320, "not an interval",
        """
        An interval is one or more counts with units, a time, or both:

        ```sql
        INTERVAL '5 minutes'    INTERVAL '1 day 02:30:00'
        INTERVAL 90 DAY         INTERVAL '1-6' YEAR TO MONTH
        ```

        Units are microsecond, millisecond, second, minute, hour, day, week, month, quarter, year,
        decade, century and millennium, singular, plural or abbreviated.
        """)

    public static let quotedNameAsText = DiagnosticCode(
        321, "double quotes around text",
        """
        Double quotes are for names: `"moving"` is a column called moving. Text stands in single
        quotes: `'moving'`.
        """)

    public static let clauseOutOfOrder = DiagnosticCode(
        322, "clauses in the wrong order",
        """
        The clauses of a query stand in this order, each at most once: `WITH`, `SELECT`, `FROM`,
        `WHERE`, `GROUP BY`, `HAVING`, `WINDOW`, `QUALIFY`, `ORDER BY`, `LIMIT`, `OFFSET`. In a
        window it is `PARTITION BY`, `ORDER BY`, frame.
        """)

    public static let joinCondition = DiagnosticCode(
        323, "a join without its condition, or with one too many",
        """
        A join says which rows belong together, with `ON a.id = b.id` or `USING (id)`. `NATURAL
        JOIN` takes all columns of the same name and `CROSS JOIN` every row with every row: they
        have no condition.
        """)

    public static let emptyList = DiagnosticCode(
        324, "an empty list",
        """
        `SELECT` needs something to select (`*` is every column), and `IN` at least one value.
        """)

    public static let notSupported = DiagnosticCode(
        325, "not part of the language",
        """
        The construct exists in some database, but not in this language. The message says what to
        write instead.
        """)

    public static let misplacedStar = DiagnosticCode(
        326, "a star in the wrong place",
        """
        `*` and `t.*` stand for columns in a select list, and for rows in `count(*)`. Elsewhere
        `*` is a product and needs an operand on both sides.
        """)

    public static let malformedFrame = DiagnosticCode(
        327, "a window frame that is always empty",
        """
        A frame goes from an earlier row to a later one: `ROWS BETWEEN 3 PRECEDING AND CURRENT
        ROW`. It cannot start with `UNBOUNDED FOLLOWING` nor end with `UNBOUNDED PRECEDING`.
        """)

    public static let emptyText = DiagnosticCode(
        328, "an empty text",
        """
        An expression, query or type was expected, and the text is empty or only a comment. To
        leave a setting out, leave out its key.
        """)

    public static let unevenRows = DiagnosticCode(
        329, "rows of different length",
        """
        Every row of `VALUES` has as many values as the first one. A missing value is `NULL`.
        """)

    public static let referenceInText = DiagnosticCode(
        330, "a reference inside a text literal",
        """
        References are not filled in inside quotes: `'${region}'` is text of those characters. A
        reference stands for a whole, typed value and needs no quotes; to make it a part of a
        text, join them:

        ```sql
        region = ${region}
        name LIKE ${prefix} || '%'
        ```
        """)

    public static let textAsName = DiagnosticCode(
        331, "single quotes around a name",
        """
        A name stands bare or in double quotes: `SELECT sum(amount) AS "total amount"`. Single
        quotes are for text.
        """)

    public static let emptyName = DiagnosticCode(
        332, "an empty name",
        """
        A name has at least one character. Empty text is written `''`, in single quotes.
        """)
}

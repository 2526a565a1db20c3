extension DiagnosticCode {
    static let expressionCodes: [DiagnosticCode] = syntaxCodes + typeCodes + queryCodes
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

extension DiagnosticCode {
    /// What is wrong with the types and values of an expression.
    static let typeCodes: [DiagnosticCode] = [
        .argumentTypes, .argumentCount, .incomparableTypes, .notACondition, .malformedValue,
        .impossibleCast, .noCommonType, .constantExpected, .unknownKeyword, .numberTooLarge,
        .resultType, .expressionTooLarge, .malformedPattern, .callModifier,
    ]

    public static let argumentTypes = DiagnosticCode(
        340, "a function or operator that does not take these types",
        """
        The function exists, but not for operands of these types; what it takes is listed below the
        excerpt. Numbers widen by themselves (`integer`, `bigint`, `decimal`, `double`), dates become
        timestamps, and text in quotes becomes whatever it is compared or computed with. Everything else
        is converted with `CAST(x AS type)`.
        """)

    public static let argumentCount = DiagnosticCode(
        341, "too many or too few arguments",
        """
        The function does not take that many arguments. What it takes is listed below the excerpt.
        """)

    public static let incomparableTypes = DiagnosticCode(
        342, "a comparison of different types",
        """
        Both sides of a comparison have one type. A column of text is not compared with a number, since
        `'10' < '9'` and `10 > 9`: say which comparison is meant.

        ```sql
        CAST(reading AS double) > 5
        reading = '5'
        ```
        """)

    public static let notACondition = DiagnosticCode(
        343, "not a condition",
        """
        A condition is true, false or unknown: a comparison, a boolean column, or several of them
        joined with `AND`, `OR` and `NOT`. A number or text is not taken for one; write `x <> 0`,
        `x IS NOT NULL` or `x = 'true'`.
        """)

    public static let malformedValue = DiagnosticCode(
        344, "text that is no value of its type",
        """
        Text in quotes takes the type it is used as, and this text does not spell a value of it.

        | type | text |
        |---|---|
        | `date` | `2026-01-31` |
        | `time` | `08:15:00`, `08:15:00.5` |
        | `timestamp` | `2026-01-31 08:15:00`, `2026-01-31T08:15:00+03:00`; UTC without an offset |
        | `interval` | `5 minutes`, `1 day 02:30:00` |
        | `boolean` | `true`, `false` |
        | `uuid` | `123e4567-e89b-12d3-a456-426614174000` |
        """)

    public static let impossibleCast = DiagnosticCode(
        345, "a cast that is never possible",
        """
        No value of the one type is a value of the other. Where a part of it is meant, a function takes
        it: `epoch(at)`, `date_part('hour', at)`, `to_json(x)`.
        """)

    public static let noCommonType = DiagnosticCode(
        346, "values that have no common type",
        """
        The branches of a `CASE`, the arguments of `coalesce`, the elements of an array and the values
        of an `IN` list have one type. Convert those that differ with `CAST(x AS type)`.
        """)

    public static let constantExpected = DiagnosticCode(
        347, "a constant is needed",
        """
        The argument decides how, not on what, the function works, and must be the same for every row: a
        literal or a parameter.
        """)

    public static let unknownKeyword = DiagnosticCode(
        348, "an unknown unit or option",
        """
        The argument is one of a few words, such as the unit of `date_trunc('hour', at)`. Those the
        function knows for this type are listed below the excerpt.
        """)

    public static let numberTooLarge = DiagnosticCode(
        349, "a number that is too large",
        """
        Whole numbers and decimals have at most 38 digits; with an exponent (`1e40`) a number is a
        double, up to 1.8e308.
        """)

    public static let resultType = DiagnosticCode(
        350, "an expression of another type than its place needs",
        """
        The place takes a value of one type, and the expression has another that does not convert by
        itself. Convert it with `CAST(x AS type)`.
        """)

    public static let expressionTooLarge = DiagnosticCode(
        351, "an expression or query that grows too large",
        """
        `BETWEEN`, `nullif`, `CASE x WHEN` and common table expressions are short for expressions in
        which their operands appear more than once. Nested in each other they double each time, and the
        result would have more than a hundred thousand parts.

        Compute the inner part in a step, a subquery or a transform of its own.
        """)

    public static let malformedPattern = DiagnosticCode(
        352, "a malformed pattern",
        """
        The text is no regular expression, or the pattern of a `LIKE` ends with its escape character.
        """)

    public static let callModifier = DiagnosticCode(
        353, "a modifier that this function does not take",
        """
        `DISTINCT`, `FILTER (WHERE …)`, `ORDER BY` and `WITHIN GROUP` belong to aggregates, `OVER` to
        aggregates and window functions, `IGNORE NULLS` to `lag`, `lead`, `first_value`, `last_value` and
        `nth_value`.
        """)
}

extension DiagnosticCode {
    /// What is wrong with the structure of a query, whatever its syntax and types.
    static let queryCodes: [DiagnosticCode] = [
        .misplacedAggregate, .misplacedWindow, .notGrouped, .windowNeeded, .misplacedSubquery,
        .subqueryColumns, .unsupportedCorrelation, .unevenSetOperands, .ordinalOutOfRange,
        .limitNotConstant, .recursiveQuery, .orderOfDistinct, .malformedEventWindow,
        .frameOffset, .notAnArray, .columnListLength, .lateralQuery, .starWithoutTable,
        .distinctOnOrder, .groupingArgument, .unsupportedJoin, .valuesColumn,
    ]

    public static let misplacedAggregate = DiagnosticCode(
        360, "an aggregate in the wrong place",
        """
        An aggregate needs groups. It stands in the select list, `HAVING`, `QUALIFY` and `ORDER BY` of a
        query; not in `WHERE`, which is decided before rows are grouped, not inside another aggregate,
        and not in a step, except in `aggregate:`.
        """)

    public static let misplacedWindow = DiagnosticCode(
        361, "a window function in the wrong place",
        """
        Window functions are computed after `WHERE`, `GROUP BY` and `HAVING`. They stand in the select
        list, in `QUALIFY` and in `ORDER BY`; to keep rows by one, use `QUALIFY`:

        ```sql
        SELECT * FROM readings QUALIFY row_number() OVER (PARTITION BY id ORDER BY at DESC) = 1
        ```
        """)

    public static let notGrouped = DiagnosticCode(
        362, "a column that is neither grouped nor aggregated",
        """
        Where a query has aggregates or `GROUP BY`, each row stands for a group, and a column that is not
        one of the group's keys has many values there. Add it to `GROUP BY`, or say which of them is meant:
        `max(x)`, `first(x)`, `array_agg(x)`.
        """)

    public static let windowNeeded = DiagnosticCode(
        363, "a window function without a window",
        """
        The function looks at other rows and needs `OVER (…)`: `lag(x) OVER (PARTITION BY id ORDER BY at)`.
        """)

    public static let misplacedSubquery = DiagnosticCode(
        364, "a subquery in the wrong place",
        """
        Subqueries stand in the `WHERE`, `HAVING`, `QUALIFY` and select list of a query. In a step, look
        values up with `lookup:` or `join:`, or use a `sql:` step.
        """)

    public static let subqueryColumns = DiagnosticCode(
        365, "a subquery with more than one column",
        """
        A subquery that stands for a value, or behind `IN`, yields one column. `EXISTS` takes any number.
        """)

    public static let unsupportedCorrelation = DiagnosticCode(
        366, "a correlated subquery that cannot be turned into a join",
        """
        A subquery that uses columns of the query around it is turned into a join. That is possible where
        they stand in its `WHERE`, for a value as `inner = outer` joined by `AND`; the message says what is
        in the way. The same can always be written with `JOIN` and `GROUP BY`.
        """)

    public static let unevenSetOperands = DiagnosticCode(
        367, "operands of a set operation that do not fit",
        """
        The queries of a `UNION`, `INTERSECT` or `EXCEPT` have the same number of columns, and those in the
        same place a common type. Names are those of the first.
        """)

    public static let ordinalOutOfRange = DiagnosticCode(
        368, "a position that is not in the select list",
        """
        A whole number in `GROUP BY` or `ORDER BY` is the position of a column in the select list, from 1.
        """)

    public static let limitNotConstant = DiagnosticCode(
        369, "a limit that is not a whole number",
        """
        `LIMIT` and `OFFSET` take a whole number from 0, or a parameter that is one.
        """)

    public static let recursiveQuery = DiagnosticCode(
        370, "a recursive query",
        """
        A common table expression cannot read itself. A pipeline computes each relation once, in order;
        hierarchies of a known depth are joined level by level.
        """)

    public static let orderOfDistinct = DiagnosticCode(
        371, "an order that distinct rows do not have",
        """
        With `SELECT DISTINCT`, and for the result of a set operation, only columns of the result can be
        ordered by: other values may differ between the rows that became one.
        """)

    public static let malformedEventWindow = DiagnosticCode(
        372, "an event-time window that cannot be",
        """
        `tumble(at, size)`, `hop(at, slide, size)` and `session(at, gap)` stand in `GROUP BY`, at most one of
        them. The first argument is a timestamp, the others constant intervals of fixed length, greater than
        0: a month has no fixed length. The window's bounds are the columns `window_start` and `window_end`.
        """)

    public static let frameOffset = DiagnosticCode(
        373, "a frame that does not fit its order",
        """
        `ROWS` and `GROUPS` count with a constant whole number from 0. `RANGE` with an offset needs exactly one
        `ORDER BY` key, a number or a moment, and an offset that can be added to it, such as
        `INTERVAL '5 minutes'`.
        """)

    public static let notAnArray = DiagnosticCode(
        374, "not an array",
        """
        `UNNEST` takes one array and yields a row for each element. JSON arrays and text are made arrays
        first, by a cast or with `string_to_array`.
        """)

    public static let columnListLength = DiagnosticCode(
        375, "a list of names or values of the wrong length",
        """
        A list of column names has at most as many as there are columns, and both sides of a comparison of
        rows have the same number of values.
        """)

    public static let lateralQuery = DiagnosticCode(
        376, "a query in FROM that depends on other tables",
        """
        A query in `FROM` is computed once, not for each row of the tables before it. Put the condition into the
        join, or use a subquery in the select list; `UNNEST` may use columns of the tables before it.
        """)

    public static let starWithoutTable = DiagnosticCode(
        377, "a star without a table",
        """
        `*` stands for the columns of the tables in `FROM`, and this query has none.
        """)

    public static let distinctOnOrder = DiagnosticCode(
        378, "DISTINCT ON and ORDER BY do not match",
        """
        `DISTINCT ON (a, b)` keeps the first row of each `(a, b)`; which one that is, `ORDER BY` says, and it
        starts with the same expressions, in any order:

        ```sql
        SELECT DISTINCT ON (vehicle_id) * FROM readings ORDER BY vehicle_id, at DESC
        ```
        """)

    public static let groupingArgument = DiagnosticCode(
        379, "GROUPING of what is no group key",
        """
        `grouping(a, …)` says which of the keys of a `ROLLUP`, `CUBE` or `GROUPING SETS` are left out in a row.
        Its arguments are group keys, at most 31 of them.
        """)

    public static let unsupportedJoin = DiagnosticCode(
        380, "a join condition that cannot be planned",
        """
        The condition of a join is decided from one row of each side. Subqueries, aggregates and window functions
        stand in `WHERE`, or in a subquery that is joined.
        """)

    public static let valuesColumn = DiagnosticCode(
        381, "VALUES that are not constant",
        """
        The rows of `VALUES` are constants: literals, parameters and expressions of them.
        """)
}

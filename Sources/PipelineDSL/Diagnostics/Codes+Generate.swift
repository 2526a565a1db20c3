extension DiagnosticCode {
    static let generateCodes: [DiagnosticCode] = [
        .generateColumn, .generateChoice, .generateOne, .generateType, .generateBounds,
        .generatePattern, .generateMissing, .generateEndless, .generateDirt, .generateMix,
    ]

    public static let generateColumn = DiagnosticCode(
        650, "a generator names a column that is not there",
        """
        `columns` of `generate` says how columns are made; which there are, and of what type, is
        declared beside it with `columns:` or `contract:` of the source, as for any other source.
        """)

    public static let generateChoice = DiagnosticCode(
        651, "a value cannot be chosen",
        """
        `choice` takes a list of values, or a mapping of values to weights of which at least one is
        above 0. Each value, and that of `constant`, must be one of the column's type: a column of
        `integer` cannot be `many`.
        """)

    public static let generateOne = DiagnosticCode(
        652, "a column is made in several ways",
        """
        A generated column has one generator, and beside it at most `nulls` and `only`:
        `speed: { normal: { mean: 45 }, nulls: 2% }`. What depends on other columns is an
        `expression`.
        """)

    public static let generateType = DiagnosticCode(
        653, "a generator does not fit its column",
        """
        A distribution makes numbers, `uuid` makes UUIDs, `timestamp` makes moments: the type of the
        column must be able to hold them. Text comes of numbers by a `pattern`. A column that is
        `not null` cannot have `nulls`, `only`, or an expression that may be null; rows that break
        the promise are made by `dirt: { nulls: 1% }`.
        """)

    public static let generateBounds = DiagnosticCode(
        654, "bounds that nothing is between",
        """
        A `max` is less than its `min`, a bound is of another type than the column, or a `start`,
        `rate` or `interval` at which no row would come.
        """)

    public static let generatePattern = DiagnosticCode(
        655, "a pattern cannot be filled",
        """
        In a pattern, `{0}` is the number, `{000000}` the number with at least six digits; `{aa}`,
        `{AA}` and `{xx}` are random letters, capitals and hexadecimal digits, as many as stand
        there. A brace that is meant is written `{{`.
        """)

    public static let generateMissing = DiagnosticCode(
        656, "a column needs a generator",
        """
        Columns without a generator are made by their type: numbers, text, moments, UUIDs. For bytes,
        JSON and intervals there is nothing to guess: say `constant` or `choice`, or declare the
        column without `not null`, which makes it null.
        """)

    public static let generateEndless = DiagnosticCode(
        657, "generated rows do not end",
        """
        A batch run reads all of a source, so it must be said how much that is: `rows`, or `duration`
        (with a `rate`, so many rows as come in that time). A pipeline that streams may have a `rate`
        alone.
        """)

    public static let generateDirt = DiagnosticCode(
        658, "rows cannot be wrong in this way",
        """
        `dirt` needs something to spoil: `nulls` a column that is `not null`, `out_of_range` a number
        made by a distribution, `late` a timestamp that is an event time. The three are of different
        rows, so they add up to at most 100%.
        """)

    public static let generateMix = DiagnosticCode(
        659, "the mix of kinds does not fit",
        """
        `mix` gives the kinds of rows their weights, of which at least one is above 0; the column
        `kind_column` (`event_type` if nothing is said), a text, holds the kind. `only` names kinds of
        the mix.
        """)
}

extension DiagnosticCode {
    static let nameCodes: [DiagnosticCode] = expressionNameCodes
}

extension DiagnosticCode {
    /// What a name in an expression or query refers to.
    static let expressionNameCodes: [DiagnosticCode] = [
        .unknownColumn, .unknownFunction, .ambiguousColumn, .unknownTable, .unknownField,
        .duplicateTableName, .unknownWindow, .duplicateColumnName,
        .unknownQualifier, .secretInExpression, .unknownTableFunction,
        .outerColumn,
    ]

    public static let unknownColumn = DiagnosticCode(
        203, "an unknown column",
        """
        The name is not a column of what the expression reads. The columns that are there are listed
        below the excerpt; names are compared without regard to letter case unless two differ only in
        it.

        Text stands in single quotes: `status = 'moving'`, not `status = moving`.
        """)

    public static let unknownFunction = DiagnosticCode(
        204, "an unknown function",
        """
        There is no function of that name. Functions are those of the reference; names follow
        PostgreSQL, with the names of DuckDB and Spark that users reach for.
        """)

    public static let ambiguousColumn = DiagnosticCode(
        205, "a column name that several tables have",
        """
        More than one table of the query has a column of that name. Say which is meant:

        ```sql
        SELECT orders.id FROM orders JOIN customers ON orders.customer_id = customers.id
        ```
        """)

    public static let unknownTable = DiagnosticCode(
        206, "an unknown table",
        """
        A query reads the sources and transforms of the pipeline, by their names (`zone.table` for a
        stored table), and its own common table expressions.
        """)

    public static let unknownField = DiagnosticCode(
        207, "an unknown field of a struct",
        """
        The struct has no field of that name; its fields are listed below the excerpt. Members of
        json values are read with `->` and `->>`: `payload ->> 'name'`.
        """)

    public static let duplicateTableName = DiagnosticCode(
        209, "two tables of one name",
        """
        Two tables of a `FROM`, or two common table expressions, have the same name. Give one of them
        another: `FROM readings AS a JOIN readings AS b ON …`.
        """)

    public static let unknownWindow = DiagnosticCode(
        210, "an unknown window",
        """
        `OVER name` refers to a window of the query's `WINDOW` clause:

        ```sql
        SELECT row_number() OVER w FROM readings WINDOW w AS (PARTITION BY vehicle_id ORDER BY at)
        ```
        """)

    public static let duplicateColumnName = DiagnosticCode(
        211, "two columns of one name",
        """
        The columns of a relation have distinct names. Give one of them another with `AS`, or leave
        it out: `SELECT a.*, b.* EXCLUDE (id)`.
        """)

    public static let unknownQualifier = DiagnosticCode(
        212, "a qualifier that names no table",
        """
        What stands before the dot is neither a table of the query nor a struct column. A table that
        has an alias is called by it, not by its own name.
        """)

    public static let secretInExpression = DiagnosticCode(
        213, "a secret in an expression",
        """
        The value of a secret never becomes data: it would appear in plans, tables and error
        messages. Secrets belong into the settings of connectors.
        """)

    public static let unknownTableFunction = DiagnosticCode(
        215, "an unknown table function",
        """
        In `FROM` stand tables, queries, `unnest(array)` and functions that yield an array, such as
        `generate_series(1, 10)`. Files are declared as sources.
        """)

    public static let outerColumn = DiagnosticCode(
        216, "a column of the surrounding query in a place that cannot see it",
        """
        A subquery in an expression may use columns of the query directly around it, in its `WHERE`.
        A query in `FROM`, a common table expression and a query two levels further in cannot.
        """)
}

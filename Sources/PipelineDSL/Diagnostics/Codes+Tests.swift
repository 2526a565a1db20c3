// Tests in the spec: 0680–0689.
extension DiagnosticCode {
    public static let testShape = DiagnosticCode(
        680, "a part of a test cannot be understood",
        """
        A test says what is `given`, what happens `then`, and what to `expect`:

        ```yaml
        tests:
          duplicates_are_dropped:
            given:
              orders: [ { id: 1, amount: 5 }, { id: 1, amount: 5 } ]
            then: [ { advance: 1 hour }, { crash: after_row_1 }, { restart: true } ]
            expect:
              silver.orders: [ { id: 1 } ]
              dead_letters: []
        ```

        A node is given a list of rows, `{ file: … }` or `{ lines: … }`. A step is one of `advance`,
        `rows`, `crash`, `restart` and `end`. Of a node a list of rows is expected, or
        `{ rows: […], matching: exact, ordered: true }`, `{ contains: […] }`, `{ count: 3 }`.
        """)
    public static let testValue = DiagnosticCode(
        681, "a value in a test does not fit its column",
        """
        Rows of a test are checked against the columns of their node before anything runs: a number
        is no text, a text is no timestamp, and a column that is `not null` is never null. Write
        texts that look like numbers in quotes. A row that must not even be readable is given as
        `lines:` of a file; those go through the format's own reader.
        """)
    public static let testColumn = DiagnosticCode(
        682, "a test names a column that is not there",
        """
        The columns of a row that is given or expected must be columns of its node. `pipec explain
        NODE` lists them. In an expected dead letter `rule`, `node`, `code`, `column`, `line`,
        `object`, `message` and `raw` have a meaning of their own; a column of such a name stands
        under `values:`.
        """)
    public static let testColumnMissing = DiagnosticCode(
        683, "a row of a test lacks a column",
        """
        A row that is given to a node must have a value for each of its columns that is `not null`:
        such a row could never come. Columns that may be null can be left out.
        """)
    public static let testNode = DiagnosticCode(
        684, "a test names a node that cannot stand there",
        """
        `given` names sources and transforms, `expect` any node. A transform that is given rows is not
        computed, so nothing can be expected of it, and a sink cannot be given anything.
        """)
    public static let testFile = DiagnosticCode(
        685, "a file of a test cannot be read",
        """
        `{ file: path }` names a file relative to the spec. It is read in the format of the source,
        and only sources have one.
        """)
    public static let expectationFailed = DiagnosticCode(
        686, "an expectation does not hold",
        """
        What the pipeline computed is not what the test expects. The place is the expectation; the
        notes name the nearest row, and each column in which it differs. With `partial` matching only
        the columns that are named count; rows that nothing expects are named, too, unless they are
        listed under `contains`.
        """)
    public static let noTests = DiagnosticCode(
        687, "there are no tests",
        """
        `pipec test` runs what stands under `tests:` in the spec:

        ```yaml
        tests:
          it_works:
            given: { orders: [ { id: 1, amount: 5 } ] }
            expect: { silver.orders: [ { id: 1 } ] }
        ```
        """)
    public static let unknownTest = DiagnosticCode(
        688, "there is no such test",
        """
        `pipec test NAME` takes names of tests of the spec, `--filter` a part of their names.
        """)
    public static let testNotPossible = DiagnosticCode(
        689, "a test cannot be run so",
        """
        A step of a test cannot happen as it is written: a crash after a row that never came, a
        restart of what cannot be streamed. The reason is in the message.
        """)

    static let testCodes: [DiagnosticCode] = [
        testShape, testValue, testColumn, testColumnMissing, testNode, testFile,
        expectationFailed, noTests, unknownTest, testNotPossible,
    ]
}

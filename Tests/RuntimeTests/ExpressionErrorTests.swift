import PipelineDSL
import Testing

import Planner
import Runtime

/// Errors count exactly where their expression is reached.
@Suite struct ExpressionErrorTests {
    private let table: TestTable

    init() throws {
        table = try TestTable([
            "a integer": ["10", "20", nil, "40", "2147483647", "60"],
            "b integer": ["2", "0", "0", nil, "1", "0"],
            "s string": ["1", "x", "3", nil, "5", "not a number at all"],
        ])
    }

    @Test(arguments: [
        ("a / b", ["5", "PIPE0551", "NULL", "NULL", "2147483647", "PIPE0551"]),
        ("a + 1", ["11", "21", "NULL", "41", "PIPE0550", "61"]),
        ("b <> 0 AND a / b > 1", ["true", "false", "false", "NULL", "true", "false"]),
        ("a / b > 1 AND b <> 0", ["true", "PIPE0551", "false", "NULL", "true", "PIPE0551"]),
        ("b = 0 OR a / b > 1", ["true", "true", "true", "NULL", "true", "true"]),
        ("a / b > 1 OR b = 0", ["true", "PIPE0551", "true", "NULL", "true", "PIPE0551"]),
        (
            "CASE WHEN b = 0 THEN -1 ELSE a / b END",
            ["5", "-1", "-1", "NULL", "2147483647", "-1"]
        ),
        (
            "CASE WHEN a / b > 1 THEN 'big' ELSE 'small' END",
            ["big", "PIPE0551", "small", "small", "big", "PIPE0551"]
        ),
        ("coalesce(b, a / 0)", ["2", "0", "0", "PIPE0551", "1", "0"]),
        ("CAST(s AS integer)", ["1", "PIPE0552", "3", "NULL", "5", "PIPE0552"]),
        ("TRY_CAST(s AS integer)", ["1", "NULL", "3", "NULL", "5", "NULL"]),
        ("TRY_CAST(s AS integer) IS NULL", ["false", "true", "false", "true", "false", "true"]),
        ("CAST(s AS integer) + a / b", ["6", "PIPE0552", "NULL", "NULL", "PIPE0550", "PIPE0552"]),
        ("a / NULLIF(b, 0)", ["5", "NULL", "NULL", "NULL", "2147483647", "NULL"]),
        ("concat(a / b)", ["5", "PIPE0551", "", "", "2147483647", "PIPE0551"]),
        ("greatest(a / b, 7)", ["7", "PIPE0551", "7", "7", "2147483647", "PIPE0551"]),
        ("(a / b) IS DISTINCT FROM 5", ["false", "PIPE0551", "true", "true", "true", "PIPE0551"]),
        (
            "[a / b, 1]",
            ["[5,1]", "PIPE0551", "[null,1]", "[null,1]", "[2147483647,1]", "PIPE0551"]
        ),
        ("NOT (a / b > 1)", ["false", "PIPE0551", "NULL", "NULL", "false", "PIPE0551"]),
        ("a / b IN (5, 6)", ["true", "PIPE0551", "NULL", "NULL", "false", "PIPE0551"]),
        ("1 / 0", ["PIPE0551", "PIPE0551", "PIPE0551", "PIPE0551", "PIPE0551", "PIPE0551"]),
        (
            "CASE WHEN a > 15 THEN 1 / 0 ELSE 0 END",
            ["0", "PIPE0551", "0", "PIPE0551", "PIPE0551", "PIPE0551"]
        ),
    ])
    func errorsAreMasked(_ expression: String, _ expected: [String]) throws {
        #expect(try table.texts(expression) == expected)
    }

    @Test func theValueOfAnErroredRowIsNull() throws {
        let evaluation = try Evaluate.evaluate("a / b", table.batch, table.schema)
        let errors = try #require(evaluation.errors)
        #expect(errors.rows == [1, 5])
        #expect(errors.rows.allSatisfy { evaluation.column.isNull(Int($0)) })
    }

    @Test func messagesShowValuesOnlyWhereAllowed() throws {
        let evaluation = try Evaluate.evaluate("1 + CAST(s AS integer)", table.batch, table.schema)
        let errors = try #require(evaluation.errors)
        #expect(errors.message(0) == "'x' is not a valid integer")
        #expect(errors.message(0, showValues: false) == "the string value is not a valid integer")
        #expect(errors.span(0)?.start.column == 5)
        let sum = try #require(try Evaluate.evaluate("a + 1", table.batch, table.schema).errors)
        #expect(sum.message(0) == "the result is out of the range of integer: 2147483647 + 1")
    }

    @Test func errorsOfRowsThatAreNotSelectedAreDropped() throws {
        let errors = try #require(
            try Evaluate.evaluate("a / b", table.batch, table.schema).errors)
        #expect(errors.restricted(to: [0, 1, 2])?.rows == [1])
        #expect(errors.restricted(to: [0, 2]) == nil)
        #expect(errors.restricted(to: nil)?.rows == [1, 5])
    }

    @Test func aPredicateDividesTheSelection() throws {
        let predicate = try Predicate(
            Evaluate.typed("a / b > 1", table.schema), input: table.schema, run: Evaluate.run)
        let outcome = predicate.evaluate(table.batch.selecting([0, 1, 2, 4]), wantsFailing: true)
        #expect(outcome.matching == [0, 4])
        #expect(outcome.failing == [])
        #expect(outcome.errors?.rows == [1])
        let rule = try Predicate(
            Evaluate.typed("a < 30", table.schema), input: table.schema, run: Evaluate.run)
        let checked = rule.evaluate(table.batch, wantsFailing: true)
        #expect(checked.matching == [0, 1])
        #expect(checked.failing == [3, 4, 5])
    }

    @Test func anEditedPlanIsRefusedAndDoesNotTrap() {
        let schema = table.schema
        func refused(_ kind: TypedExpression.Kind, _ type: DataType) -> Bool {
            let expression = TypedExpression(kind, type: type, nullable: true, fallible: true)
            return (try? CompiledExpression(expression, input: schema, run: Evaluate.run)) == nil
        }
        let a = TypedExpression.column(0, of: schema)
        #expect(refused(.column(9), .integer))
        #expect(refused(.column(-1), .integer))
        #expect(refused(.column(0), .string))
        #expect(refused(.literal(.string("x")), .integer))
        #expect(refused(.literal(.integer(1 << 40)), .integer))
        #expect(refused(.call("no_such_function", [a]), .integer))
        #expect(refused(.call("add", [a]), .integer))
        #expect(refused(.call("haversine_km", []), .double))
        #expect(refused(.call("date_trunc", [a, a]), .date))
        #expect(refused(.and([a, a]), .boolean))
        #expect(refused(.coalesce([]), .integer))
        #expect(refused(.cast(a, isTry: false), .map(.string, .string)))
        #expect(refused(.inList(a, [.string("x")]), .boolean))
    }
}

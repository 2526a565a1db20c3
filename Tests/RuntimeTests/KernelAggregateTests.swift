import PipelineDSL
import TestSupport
import Testing

import Planner
import Runtime

@Suite struct KernelAggregateTests {
    private let table: TestTable
    private let groups: [UInt32] = [0, 1, 0, 1, 0, 2, 0, 1]

    init() throws {
        table = try TestTable([
            "i integer": ["5", "1", nil, "3", "5", nil, "2", "3"],
            "d double": ["1.5", "2", "nan", "4", nil, nil, "-1", "8"],
            "n decimal(5,2)": ["1.10", "2.20", "3.30", "9.99", nil, nil, "0.01", "1.00"],
            "s string": ["b", "a string longer than twelve", "c", nil, "b", nil, "a", "z"],
            "f boolean": ["true", "false", "true", nil, "false", nil, "true", "false"],
            "t timestamp": [
                "2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z",
                "2026-01-05T00:00:00Z", "2026-01-01T00:00:00Z", nil, "2026-01-09T00:00:00Z",
                "2026-01-04T00:00:00Z",
            ],
            "v interval": ["1 day", "2 days", nil, "1 hour", "1 mon", nil, "1 day", "3 hours"],
        ])
    }

    private func call(
        _ function: String, _ arguments: [String], distinct: Bool = false, filter: String? = nil,
        orderBy: String? = nil, descending: Bool = false, constant: TypedExpression? = nil
    ) throws -> Aggregate.Call {
        var typed = try arguments.map { try Evaluate.typed($0, table.schema) }
        if let constant { typed.append(constant) }
        let signature = try #require(FunctionCatalogue.standard[function])
        let overload = try #require(
            signature.overloads.first { overload in
                guard overload.accepts(count: typed.count),
                    case .success(let fit) = overload.fit(typed)
                else { return false }
                return fit.arguments.map(\.type) == typed.map(\.type)
            })
        return Aggregate.Call(
            name: "x", function: function, arguments: typed, isDistinct: distinct,
            filter: try filter.map { try Evaluate.typed($0, table.schema) },
            orderBy: try orderBy.map {
                [
                    SortKey(
                        try Evaluate.typed($0, table.schema), descending: descending,
                        nullsFirst: false)
                ]
            } ?? [],
            type: overload.resultType(typed), nullable: true)
    }

    private func results(_ call: Aggregate.Call) throws -> [String] {
        let compiled = try CompiledAggregate(call, input: table.schema, run: Evaluate.run)
        let state = compiled.makeState()
        let input = compiled.evaluate(table.batch)
        #expect(input.errors == nil)
        try state.update(input, groups: groups, rows: nil, groupCount: 4)
        return Evaluate.texts(try state.finish(0..<4))
    }

    @Test(
        arguments: [
            ("count_star", [], ["4", "3", "1", "0"]),
            ("count", ["i"], ["3", "3", "0", "0"]),
            ("count_if", ["f"], ["3", "0", "0", "0"]),
            ("sum", ["i"], ["12", "7", "NULL", "NULL"]),
            ("sum", ["CAST(i AS bigint)"], ["12", "7", "NULL", "NULL"]),
            ("sum", ["n"], ["4.41", "13.19", "NULL", "NULL"]),
            ("sum", ["d"], ["nan", "14.0", "NULL", "NULL"]),
            ("sum", ["v"], ["P1M2D", "P2DT4H", "NULL", "NULL"]),
            ("avg", ["CAST(i AS bigint)"], ["4.0", "2.3333333333333335", "NULL", "NULL"]),
            ("avg", ["n"], ["1.470000", "4.396667", "NULL", "NULL"]),
            ("min", ["d"], ["-1.0", "2.0", "NULL", "NULL"]),
            ("max", ["d"], ["nan", "8.0", "NULL", "NULL"]),
            ("min", ["s"], ["a", "a string longer than twelve", "NULL", "NULL"]),
            ("max", ["s"], ["c", "z", "NULL", "NULL"]),
            ("max", ["t"], ["2026-01-09T00:00:00Z", "2026-01-05T00:00:00Z", "NULL", "NULL"]),
            ("min", ["v"], ["P1D", "PT1H", "NULL", "NULL"]),
            ("max", ["f"], ["true", "false", "NULL", "NULL"]),
            ("arg_max", ["s", "t"], ["a", "z", "NULL", "NULL"]),
            ("arg_min", ["i", "d"], ["2", "1", "NULL", "NULL"]),
            ("first", ["i"], ["5", "1", "NULL", "NULL"]),
            ("last", ["s"], ["a", "z", "NULL", "NULL"]),
            ("bool_and", ["f"], ["false", "false", "NULL", "NULL"]),
            ("bool_or", ["f"], ["true", "false", "NULL", "NULL"]),
            (
                "stddev", ["CAST(i AS double)"],
                ["1.7320508075688772", "1.1547005383792515", "NULL", "NULL"]
            ),
            ("var_pop", ["CAST(i AS double)"], ["2.0", "0.8888888888888888", "NULL", "NULL"]),
            ("variance", ["d * 0"], ["nan", "0.0", "NULL", "NULL"]),
            ("median", ["d"], ["1.5", "4.0", "NULL", "NULL"]),
            ("median", ["CAST(n AS double)"], ["1.1", "2.2", "NULL", "NULL"]),
            ("mode", ["i"], ["5", "3", "NULL", "NULL"]),
            ("array_agg", ["i"], ["[5,null,5,2]", "[1,3,3]", "[null]", "NULL"]),
            ("string_agg", ["s"], ["b,c,b,a", "a string longer than twelve,z", "NULL", "NULL"]),
            ("approx_count_distinct", ["s"], ["3", "2", "0", "0"]),
            (
                "covar_pop", ["d * 2", "CAST(n AS double)"],
                ["nan", "-6.12888888888889", "NULL", "NULL"]
            ),
            ("single_value", ["i"], ["PIPE0561", "PIPE0561", "NULL", "NULL"]),
        ] as [(String, [String], [String])])
    func functions(_ function: String, _ arguments: [String], _ expected: [String]) throws {
        let actual = try results(call(function, arguments))
        #expect(actual == expected, "\(function): \(actual)")
    }

    @Test func distinctFilterAndOrder() throws {
        #expect(try results(call("count", ["i"], distinct: true)) == ["2", "2", "0", "0"])
        #expect(try results(call("sum", ["i"], distinct: true)) == ["7", "4", "NULL", "NULL"])
        #expect(
            try results(call("array_agg", ["i"], distinct: true))
                == ["[5,null,2]", "[1,3]", "[null]", "NULL"])
        #expect(try results(call("count_star", [], filter: "i > 2")) == ["2", "2", "0", "0"])
        #expect(
            try results(call("sum", ["1 / (i - 3)"], filter: "i <> 3"))[0...1] == ["-1", "0"])
        #expect(
            try results(call("array_agg", ["i"], orderBy: "t"))
                == ["[5,null,5,2]", "[1,3,3]", "[null]", "NULL"])
        #expect(
            try results(call("string_agg", ["s"], orderBy: "s", descending: true))
                == ["c,b,b,a", "z,a string longer than twelve", "NULL", "NULL"])
        #expect(try results(call("first", ["s"], orderBy: "t", descending: true))[0] == "a")
        #expect(
            try results(
                call("string_agg", ["s"], constant: .literal(.string(" - "), .string)))[0]
                == "b - c - b - a")
    }

    @Test func percentiles() throws {
        func percentile(_ function: String, _ fraction: Double) throws -> [String] {
            try results(
                call(
                    function, ["CAST(i AS double)"], constant: .literal(.double(fraction), .double))
            )
        }
        #expect(try percentile("percentile_cont", 0.25)[0...1] == ["3.5", "2.0"])
        #expect(try percentile("percentile_disc", 0.5)[0...1] == ["5.0", "3.0"])
        #expect(try percentile("percentile_disc", 0)[0...1] == ["2.0", "1.0"])
        #expect(try percentile("approx_percentile", 0.25)[0...1] == ["3.5", "2.0"])
        #expect(throws: RunError.self) { try percentile("percentile_cont", 1.5) }
    }

    @Test func anErrorOfAnArgumentIsOneOfTheRow() throws {
        let compiled = try CompiledAggregate(
            call("sum", ["10 / (i - 3)"]), input: table.schema, run: Evaluate.run)
        #expect(compiled.evaluate(table.batch).errors?.rows == [3, 7])
        let filtered = try CompiledAggregate(
            call("sum", ["10 / (i - 3)"], filter: "t < TIMESTAMP '2026-01-05'"),
            input: table.schema, run: Evaluate.run)
        #expect(filtered.evaluate(table.batch).errors?.rows == [7])
    }

    @Test func aSumThatOverflowsIsAnErrorOfItsGroup() throws {
        let big = String(repeating: "9", count: 38)
        let table = try TestTable(["n decimal(38,0)": [big, big, "-" + big, "1", nil]])
        let sum = Aggregate.Call(
            name: "x", function: "sum", arguments: [.column(0, of: table.schema)],
            type: .decimal(precision: 38, scale: 0), nullable: true)
        let compiled = try CompiledAggregate(sum, input: table.schema, run: Evaluate.run)
        func run(_ groups: [UInt32]) throws -> [String] {
            let state = compiled.makeState()
            try state.update(
                compiled.evaluate(table.batch), groups: groups, rows: nil, groupCount: 2)
            return Evaluate.texts(try state.finish(0..<2))
        }
        // What passes through an overflow and comes back is right.
        #expect(try run([0, 0, 0, 1, 1]) == [big, "1"])
        #expect(try run([0, 0, 1, 1, 1])[0] == "PIPE0550")
        #expect(try run([0, 1, 1, 0, 0]) == ["PIPE0550", "0"])
    }

    @Test func statesMergeExactly() throws {
        for function in ["count", "sum", "min", "max", "approx_count_distinct", "first", "last"] {
            let compiled = try CompiledAggregate(
                call(function, ["i"]), input: table.schema, run: Evaluate.run)
            let (a, b) = (compiled.makeState(), compiled.makeState())
            let input = compiled.evaluate(table.batch)
            try a.update(input, groups: [0, 1, 0], rows: [0, 1, 2], groupCount: 2)
            // The other state numbers the groups in its own way.
            try b.update(input, groups: [0, 1, 2, 1, 0], rows: [3, 4, 5, 6, 7], groupCount: 3)
            #expect(a.isMergeable)
            #expect(a.merge(b, groups: [1, 0, 2], groupCount: 3))
            #expect(
                Evaluate.texts(try a.finish(0..<3))
                    == Array(try results(call(function, ["i"])).prefix(3)), "\(function)")
        }
        let sum = try CompiledAggregate(call("sum", ["d"]), input: table.schema, run: Evaluate.run)
        #expect(!sum.makeState().isMergeable)
        #expect(!sum.makeState().merge(sum.makeState(), groups: [], groupCount: 0))
    }

    @Test func sketchesAreNearTheTruth() throws {
        let count = 200_000
        var random = SplitMix(seed: 3)
        let values = (0..<count).map { _ in Double(Int.random(in: 0..<50_000, using: &random)) }
        let schema = Schema([Field("x", .double)])
        let batch = Batch(columns: [Column(.double, .float64(values))], count: count)
        func result(_ function: String, _ fraction: Double?) throws -> Double {
            var arguments = [TypedExpression.column(0, of: schema)]
            if let fraction { arguments.append(.literal(.double(fraction), .double)) }
            let compiled = try CompiledAggregate(
                Aggregate.Call(
                    name: "x", function: function, arguments: arguments,
                    type: fraction == nil ? .bigint : .double, nullable: true),
                input: schema, run: Evaluate.run)
            let state = compiled.makeState()
            try state.update(
                compiled.evaluate(batch), groups: [UInt32](repeating: 0, count: count), rows: nil,
                groupCount: 1)
            return try #require(Double(try state.finish(0..<1).column.text(0)))
        }
        let distinct = Double(Set(values).count)
        let estimate = try result("approx_count_distinct", nil)
        #expect(abs(estimate / distinct - 1) < 0.05, "\(estimate) of \(distinct)")
        for fraction in [0.0, 0.001, 0.1, 0.5, 0.9, 0.999, 1.0] {
            let exact = try result("percentile_cont", fraction)
            // Within a hundredth of the ranks.
            #expect(abs(try result("approx_percentile", fraction) - exact) < 500, "\(fraction)")
        }
    }

    @Test func brokenBytesAreRefused() throws {
        for function in ["count", "sum", "first", "array_agg", "approx_count_distinct", "min"] {
            let compiled = try CompiledAggregate(
                call(function, ["i"]), input: table.schema, run: Evaluate.run)
            let state = compiled.makeState()
            try state.update(
                compiled.evaluate(table.batch), groups: groups, rows: nil, groupCount: 4)
            var bytes: [UInt8] = []
            state.encode(into: &bytes)
            for length in 0..<bytes.count {
                let part = bytes.prefix(length)
                #expect(throws: (any Error).self) {
                    _ = try part.withUnsafeBytes { try compiled.makeState().restore($0) }
                }
            }
        }
    }
}

import Foundation
import PipelineDSL
import TestSupport
import Testing

import Planner
import Runtime

/// Every overload of the catalogue over values that are there to break it: no trap, no dependence on
/// where a batch is cut, errors only in rows that have no null among strict arguments.
@Suite struct KernelFuzzTests {
    @Test func noOverloadTrapsOrDependsOnBatches() throws {
        var random = SplitMix(seed: 7)
        try TestRun.fuzz(rounds: 1) { _ in
            for function in FunctionCatalogue.standard.functions
            where function.kind == .scalar && function.hasKernel {
                for call in CatalogueCalls.calls(of: function) {
                    try probe(call, function.name, &random)
                }
            }
        }
    }

    private func probe(
        _ call: TypedExpression, _ name: String, _ random: inout SplitMix
    ) throws {
        let schema = CatalogueCalls.schema(call)
        let rows = 70
        let columns = schema.fields.map { FuzzValues.column($0.type, count: rows, &random) }
        let batch = Batch(columns: columns, count: rows)
        let compiled = try CompiledExpression(call, input: schema, run: Evaluate.run)
        let whole = compiled.evaluate(batch)
        #expect(whole.column.count == rows, "\(name)")
        let texts = Evaluate.texts(whole)
        var from = 0
        var pieces: [String] = []
        for size in [1, 2, 61, 6] {
            let part = batch.gathered((from..<(from + size)).map { UInt32($0) })
            pieces += Evaluate.texts(compiled.evaluate(part))
            from += size
        }
        #expect(pieces == texts, "\(name)(\(schema.fields.map(\.type.description)))")
        if let errors = whole.errors {
            #expect(errors.rows == errors.rows.sorted())
            for index in 0..<errors.count {
                #expect(whole.column.isNull(Int(errors.rows[index])))
                _ = errors.message(index)
                _ = errors.message(index, showValues: false)
            }
        }
        try probeWithConstants(call, columns, whole: texts, name)
    }

    /// One argument at a time constant: the same values as with a column that repeats it.
    private func probeWithConstants(
        _ call: TypedExpression, _ columns: [Column], whole: [String], _ name: String
    ) throws {
        let schema = CatalogueCalls.schema(call)
        for (index, argument) in call.children.enumerated() {
            guard case .column = argument.kind else { continue }
            for row in [3, 8] {
                var children = call.children
                children[index] = .literal(columns[index].value(row), argument.type)
                var repeated = columns
                repeated[index] = columns[index].gather(
                    [UInt32](repeating: UInt32(row), count: columns[index].count))
                let constant: CompiledExpression
                do {
                    constant = try CompiledExpression(
                        call.withChildren(children), input: schema, run: Evaluate.run)
                } catch let error as RunError {
                    // A constant pattern that is none is refused before the run.
                    #expect(error.diagnostic.code == .badPattern, "\(name)")
                    continue
                }
                let general = try CompiledExpression(call, input: schema, run: Evaluate.run)
                let count = columns[index].count
                let expected = Evaluate.texts(
                    general.evaluate(Batch(columns: repeated, count: count)))
                let actual = Evaluate.texts(
                    constant.evaluate(Batch(columns: columns, count: count)))
                #expect(actual == expected, "\(name), argument \(index) constant")
            }
        }
    }

    @Test func noCastTraps() throws {
        var random = SplitMix(seed: 11)
        let types =
            FunctionCatalogueTests.any + [
                .decimal(precision: 38, scale: 0), .decimal(precision: 38, scale: 38),
            ]
        for from in types {
            for to in types where TypeRules.cast(from: from, to: to) != .impossible {
                let schema = Schema([Field("a", from)])
                let column = FuzzValues.column(from, count: 200, &random)
                for isTry in [false, true] {
                    let cast = TypedExpression(
                        .cast(.column(0, of: schema), isTry: isTry), type: to, nullable: true,
                        fallible: true)
                    let result = try Evaluate.evaluate(
                        cast, Batch(columns: [column], count: 200), schema)
                    #expect(result.column.count == 200)
                    if isTry { #expect(result.errors == nil) }
                    _ = Evaluate.texts(result)
                }
            }
        }
    }

    @Test func noAggregateTrapsOrDependsOnBatches() throws {
        var random = SplitMix(seed: 13)
        for function in FunctionCatalogue.standard.functions
        where function.kind == .aggregate && function.name != "grouping" {
            for call in CatalogueCalls.calls(of: function) {
                for distinct in [false, true] {
                    try probe(CatalogueCalls.aggregate(call, distinct: distinct), call, &random)
                }
            }
        }
    }

    private func probe(
        _ aggregate: Aggregate.Call, _ call: TypedExpression, _ random: inout SplitMix
    ) throws {
        let schema = CatalogueCalls.schema(call)
        let rows = 200
        let batch = Batch(
            columns: schema.fields.map { FuzzValues.column($0.type, count: rows, &random) },
            count: rows)
        let groups = (0..<rows).map { _ in UInt32.random(in: 0..<9, using: &random) }
        let compiled = try CompiledAggregate(aggregate, input: schema, run: Evaluate.run)
        func results(cuts: [Int], throughBytes: Bool = false) throws -> [String] {
            var state = compiled.makeState()
            var from = 0
            for size in cuts {
                let range = from..<(from + size)
                let part = batch.gathered(range.map { UInt32($0) })
                try state.update(
                    compiled.evaluate(part), groups: Array(groups[range]), rows: nil, groupCount: 10
                )
                from += size
                if throughBytes {
                    var bytes: [UInt8] = [9]
                    state.encode(into: &bytes)
                    bytes += [1, 2, 3]
                    state = compiled.makeState()
                    let used = try bytes.dropFirst().withUnsafeBytes { try state.restore($0) }
                    #expect(used == bytes.count - 4)
                    state.grow(to: 10)
                }
            }
            _ = state.byteCount
            return Evaluate.texts(try state.finish(0..<4))
                + Evaluate.texts(try state.finish(4..<10))
        }
        let whole = try results(cuts: [rows])
        let name = "\(aggregate.function)(\(schema.fields.map(\.type.description)))"
        #expect(try results(cuts: [1, 63, 70, 2, 64]) == whole, "\(name)")
        #expect(try results(cuts: [100, 100], throughBytes: true) == whole, "\(name) restored")
    }
}

/// Values at the edges of their types, and nulls.
enum FuzzValues {
    static func column(_ type: DataType, count: Int, _ random: inout SplitMix) -> Column {
        let values = (0..<count).map { _ in
            Int.random(in: 0..<7, using: &random) == 0 ? Value.null : value(type, &random)
        }
        guard let column = Column.from(values, type: type) else {
            Issue.record("no values of \(type)")
            return .nulls(type, count: count)
        }
        return column
    }

    static func value(_ type: DataType, _ random: inout SplitMix) -> Value {
        switch type {
        case .boolean: return .boolean(Bool.random(using: &random))
        case .integer: return .integer(Int64(pick(int32s, &random)))
        case .date: return .integer(Int64(pick(int32s + [20_000, -20_000, 1_000_000], &random)))
        case .bigint: return .integer(pick(int64s, &random))
        case .timestamp:
            return .integer(pick(int64s + [1_785_571_200_000_000, -1, -86_400_000_001], &random))
        case .time: return .integer(Int64.random(in: 0..<86_400_000_000, using: &random))
        case .real: return .double(Double(pick(floats, &random)))
        case .double: return .double(pick(doubles, &random))
        case .decimal(let precision, _):
            let limit = ScalarText.powerOf10(precision) - 1
            return .wide(
                pick([0, 1, -1, 5, -15, limit, -limit, limit / 3, limit / 7 * -2], &random))
        case .uuid: return .wide(pick([0, -1, .max, .min, 42], &random))
        case .string: return .string(pick(strings, &random))
        case .json: return .string(pick(jsons, &random))
        case .bytes: return .bytes(pick([[], [0], [0xFF, 0xFE], Array(0..<40), [0x61]], &random))
        case .interval: return .interval(pick(intervals, &random))
        case .array(let element):
            return .list((0..<pick([0, 1, 3], &random)).map { _ in maybe(element, &random) })
        case .map(let key, let element):
            return .map(
                (0..<pick([0, 1, 3], &random)).map { _ in
                    [value(key, &random), maybe(element, &random)]
                })
        case .structure(let fields): return .structure(fields.map { maybe($0.type, &random) })
        case .null: return .null
        }
    }

    private static func maybe(_ type: DataType, _ random: inout SplitMix) -> Value {
        Int.random(in: 0..<5, using: &random) == 0 ? .null : value(type, &random)
    }

    private static func pick<T>(_ values: [T], _ random: inout SplitMix) -> T {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    private static let int32s: [Int32] = [
        0, 1, -1, 2, 7, -13, 31, 64, .max, .min, .max - 1, .min + 1, 100,
    ]
    private static let int64s: [Int64] = [
        0, 1, -1, 2, 3, -7, 12, 60, 63, 64, 1000, .max, .min, .max - 1, .min + 1, 1 << 32,
        -(1 << 53),
    ]
    private static let floats: [Float] = [
        0, -0.0, 1, -1.5, .nan, .infinity, -.infinity, .greatestFiniteMagnitude,
        .leastNonzeroMagnitude, 16_777_216,
    ]
    private static let doubles: [Double] = [
        0, -0.0, 1, -1, 0.5, 2.5, -1.5, .nan, .infinity, -.infinity, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 9.3e18, -9.3e18, 1e-5, 89.9999, 180,
        -179.5, 9_007_199_254_740_992,
    ]
    private static let strings: [String] = [
        "", "a", " ", "abc", "ABC", "çay", "🙂", "a,b,,c", "12", "-7", "1e5", "2026-01-31",
        "2026-01-31T10:00:00Z", "true", "a longer string than twelve bytes", "%a_", "\\", "(",
        "[a-z]+",
        "a*", "$.a", "$", ".", "x\0y", "{\"a\": 1}", "Europe/Berlin", "+03:00",
        "9999999999999999999999",
        "P1Y", "deadbeef", "%Y-%m", "é" + String(repeating: "x", count: 300), "a{2,3}", "^$",
        "123e4567-e89b-12d3-a456-426614174000",
    ]
    private static let jsons: [String] = [
        "null", "1", "-1.5e3", "\"x\"", "\"\\u00e7\"", "true", "[]", "[1, [2]]", "{}",
        "{\"a\": {\"b\": [1, null]}}", "{\"a\": 1, \"a\": 2}", " [ 1 , 2 ] ", "\"2026-01-31\"",
        "123456789012345678901234567890",
    ]
    private static let intervals: [Interval] = [
        Interval(), Interval(months: 1), Interval(days: -1), Interval(microseconds: 1),
        Interval(months: .max, days: .max, microseconds: .max),
        Interval(months: .min, days: .min, microseconds: .min),
        Interval(months: -1, days: 40, microseconds: -86_400_000_001), Interval(days: 30),
    ]
}

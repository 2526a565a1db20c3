import PipelineDSL
import TestSupport
import Testing

import Planner
import Runtime

@Suite struct KernelHashTests {
    /// Types with few distinct values among the fuzz values, so that keys repeat.
    private static let keys: [[DataType]] = [
        [.bigint], [.integer], [.string], [.boolean], [.double], [.real], [.timestamp],
        [.decimal(precision: 12, scale: 3)], [.uuid], [.interval], [.bytes],
        [.string, .timestamp], [.bigint, .bigint], [.integer, .string], [.string, .string],
        [.array(.string)], [.structure([Field("a", .bigint), Field("b", .string)])],
        [.bigint, .string, .double, .boolean], [],
        (0..<20).map { $0 % 2 == 0 ? .boolean : .integer },
        (0..<70).map { _ in .boolean },
    ]

    @Test(arguments: keys)
    func groupsAreNumberedByFirstAppearance(_ types: [DataType]) throws {
        var random = SplitMix(seed: UInt64(types.count) + 3)
        let table = GroupTable(types: types)
        var known: [[Value]: UInt32] = [:]
        var order: [[Value]] = []
        for count in [1, 0, 300, 70, 500] {
            let columns = types.map { FuzzValues.column($0, count: count, &random) }
            let rows = (0..<UInt32(count)).filter { _ in Int.random(in: 0..<4, using: &random) > 0 }
            let selection = count == 70 ? nil : rows
            let before = order.count
            var expected: [UInt32] = []
            for row in selection ?? (0..<UInt32(count)).map({ $0 }) {
                let key = columns.map { KernelHashTests.canonical($0.value(Int(row)), $0.type) }
                if known[key] == nil {
                    known[key] = UInt32(order.count)
                    order.append(key)
                }
                expected.append(known[key] ?? 0)
            }
            let hashes = hashRows(columns, count: count)
            let found = try table.findOrInsert(columns, hashes: hashes, rows: selection)
            #expect(found.groups == expected)
            #expect(found.newPositions.count == order.count - before)
            #expect(found.isNew.ones == found.newPositions)
            #expect(table.count == order.count)
            #expect(
                table.find(columns, hashes: hashes, rows: selection, nullsEqual: true) == expected)
            let strict = table.find(columns, hashes: hashes, rows: selection)
            for (position, row) in (selection ?? (0..<UInt32(count)).map { $0 }).enumerated() {
                let hasNull = columns.contains { $0.isNull(Int(row)) }
                #expect(strict[position] == (hasNull ? GroupTable.none : expected[position]))
            }
        }
        let keys = table.keyColumns(0..<table.count)
        for (group, key) in order.enumerated() {
            #expect(keys.map { KernelHashTests.canonical($0.value(group), $0.type) } == key)
        }
        #expect(table.byteCount > 0)
    }

    /// One of all values that are equal as keys.
    private static func canonical(_ value: Value, _ type: DataType) -> Value {
        switch value {
        case .double(let number): return .integer(FloatOrder.key(number))
        case .interval(let interval): return .wide(interval.span)
        default: return value
        }
    }

    @Test func manyKeysThroughGrowth() throws {
        let table = GroupTable(types: [.string, .bigint])
        var expected: UInt32 = 0
        for batch in 0..<40 {
            let names = (0..<1000).map { "vehicle-\(($0 * 7 + batch) % 5000)-with-a-long-name" }
            let times = (0..<1000).map { Int64($0 % 3) }
            let columns = [
                Column(.string, .strings(Strings(names))), Column(.bigint, .int64(times)),
            ]
            let found = try table.findOrInsert(
                columns, hashes: hashRows(columns, count: 1000), rows: nil)
            expected += UInt32(found.newPositions.count)
            #expect(found.groups.max() ?? 0 < expected)
        }
        #expect(table.count == Int(expected))
        let keys = table.keyColumns(0..<table.count)
        var seen: Set<String> = []
        for group in 0..<table.count {
            #expect(seen.insert("\(keys[0].text(group))|\(keys[1].text(group))").inserted)
        }
        #expect(
            table.find(keys, hashes: hashRows(keys, count: table.count), rows: nil)
                == (0..<UInt32(table.count)).map { $0 })
    }

    @Test func equalHashesDoNotMakeEqualKeys() throws {
        let table = GroupTable(types: [.bigint])
        let column = Column(.bigint, .int64((0..<3000).map { Int64($0 % 1500) }))
        let found = try table.findOrInsert(
            [column], hashes: [UInt64](repeating: 0xABCD, count: 3000), rows: nil)
        #expect(table.count == 1500)
        #expect(found.groups == (0..<3000).map { UInt32($0 % 1500) })
    }

    @Test func hashesSpreadOverAllBits() {
        for column in [
            Column(.bigint, .int64((0..<65_536).map { Int64($0) })),
            Column(.bigint, .int64((0..<65_536).map { Int64($0) << 32 })),
            Column(.string, .strings(Strings((0..<65_536).map { "V\($0)" }))),
            Column(.string, .strings(Strings((0..<65_536).map { "a common long prefix \($0)" }))),
            Column(.double, .float64((0..<65_536).map { Double($0) })),
        ] {
            let hashes = hashRows([column], count: column.count)
            for shift in stride(from: UInt64(0), through: 56, by: 8) {
                var counts = [Int](repeating: 0, count: 256)
                for hash in hashes { counts[Int(hash >> shift & 0xFF)] += 1 }
                // 256 expected in each, standard deviation 16.
                #expect((counts.max() ?? 0) < 360 && (counts.min() ?? 0) > 160)
            }
            #expect(Set(hashes).count == 65_536)
        }
    }

    @Test func aSeedGivesIndependentHashes() {
        let column = Column(.bigint, .int64((0..<1000).map { Int64($0) }))
        let a = hashRows([column], count: 1000)
        let b = hashRows([column], count: 1000, seed: 1)
        #expect(zip(a, b).filter { $0 & 15 == $1 & 15 }.count < 120)
    }
}

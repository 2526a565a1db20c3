import PipelineDSL
import TestSupport
import Testing

import Planner
import Runtime

@Suite struct KernelSortTests {
    private static let types: [[DataType]] = [
        [.bigint], [.string], [.double], [.boolean, .integer], [.string, .double],
        [.decimal(precision: 38, scale: 2)], [.uuid, .date], [.interval], [.array(.bigint)],
        [.bytes, .timestamp],
    ]

    @Test(arguments: types)
    func rowsAreInOrder(_ types: [DataType]) throws {
        var random = SplitMix(seed: 5)
        let columns = types.map { FuzzValues.column($0, count: 400, &random) }
        for variant in 0..<4 {
            let keys = types.indices.map {
                RowComparator.Key(descending: (variant + $0) % 2 == 1, nullsFirst: variant > 1)
            }
            let comparator = RowComparator(columns, keys: keys)
            let rows = (0..<400).map { UInt32($0) }
            let sorted = comparator.sorted(rows)
            #expect(sorted.sorted() == rows)
            for (a, b) in zip(sorted, sorted.dropFirst()) {
                let order = Self.reference(columns, keys, Int(a), Int(b))
                #expect(order < 0 || (order == 0 && a < b))
                let other = RowComparator.compare(columns, Int(a), columns, Int(b), keys: keys)
                #expect(other.signum() == order.signum())
            }
            for limit in [0, 1, 7, 399, 1000] {
                #expect(comparator.first(limit, of: rows) == Array(sorted.prefix(limit)))
            }
        }
    }

    private static func reference(
        _ columns: [Column], _ keys: [RowComparator.Key], _ a: Int, _ b: Int
    ) -> Int {
        for (column, key) in zip(columns, keys) {
            switch (column.isNull(a), column.isNull(b)) {
            case (true, true): continue
            case (true, false): return key.nullsFirst ? -1 : 1
            case (false, true): return key.nullsFirst ? 1 : -1
            default:
                let order = ValueOrder.compare(column, a, column, b)
                if order != 0 { return key.descending ? -order : order }
            }
        }
        return 0
    }
}

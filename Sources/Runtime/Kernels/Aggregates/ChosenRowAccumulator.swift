import PipelineDSL

/// `first`, `last`, `arg_min`, `arg_max`, and `min` and `max` of types without a fixed width: each
/// group keeps one row and gives its first column.
final class ChosenRowAccumulator: Accumulator {
    enum Rule: Sendable {
        case first
        case last
        /// The first row with the least value in that column.
        case least(Int)
        case greatest(Int)
    }

    private let rule: Rule
    private var kept: KeptRows
    /// The winner among the rows of the batch at hand; `none` outside of ``add(_:_:)``.
    private var winners = GroupArray<UInt32>(ChosenRowAccumulator.none)
    private static let none = UInt32.max

    init(_ rule: Rule, types: [DataType]) {
        self.rule = rule
        kept = KeptRows(types: types)
    }

    func grow(to groupCount: Int) {
        kept.grow(to: groupCount)
        winners.grow(to: groupCount)
    }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        var touched: [UInt32] = []
        rows.forEach { row, group in
            let previous = winners[group] == ChosenRowAccumulator.none ? nil : Int(winners[group])
            guard beats(row, columns, group: group, previous: previous) else { return }
            if previous == nil { touched.append(UInt32(truncatingIfNeeded: group)) }
            winners[group] = UInt32(truncatingIfNeeded: row)
        }
        kept.keep(touched.map { winners[Int($0)] }, touched, from: columns)
        for group in touched { winners[Int(group)] = ChosenRowAccumulator.none }
    }

    /// `previous` is the winner so far within this batch, which has beaten the kept row.
    private func beats(_ row: Int, _ columns: [Column], group: Int, previous: Int?) -> Bool {
        switch rule {
        case .last: return true
        case .first: return previous == nil && !kept.has(group)
        case .least(let index): return compare(row, columns, group, previous, index) < 0
        case .greatest(let index): return compare(row, columns, group, previous, index) > 0
        }
    }

    /// Beyond everything (in either direction) where there is nothing to beat.
    private func compare(
        _ row: Int, _ columns: [Column], _ group: Int, _ previous: Int?, _ index: Int
    ) -> Int {
        let column = columns[index]
        if let previous { return ValueOrder.compare(column, row, column, previous) }
        if let (best, at) = kept.row(group) {
            return ValueOrder.compare(column, row, best[index], at)
        }
        if case .least = rule { return -1 }
        return 1
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        kept.settle()
        let column = kept.columns(range)[0]
        return KernelResult(column.values, validity: column.validity)
    }

    let isMergeable = true

    func merge(_ other: any Accumulator, _ groups: [UInt32]) -> Bool {
        guard let other = other as? ChosenRowAccumulator else { return false }
        let present = groups.indices.filter { other.kept.has($0) }
        let columns = other.kept.columns(present)
        add(RowGroups(rows: nil, groups: present.map { groups[$0] }), columns)
        return true
    }

    var byteCount: Int { kept.byteCount + winners.byteCount }
    func encode(into out: inout [UInt8]) { kept.encode(into: &out) }
    func restore(_ reader: inout ByteReader) throws {
        try kept.restore(&reader)
        winners.grow(to: kept.groupCount)
    }
}

import PipelineDSL

/// `count(*)` and `count(x)`: rows that are left after nulls are.
final class CountAccumulator: Accumulator {
    private var counts = GroupArray<Int64>(0)

    func grow(to groupCount: Int) { counts.grow(to: groupCount) }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        counts.withBuffer { counts in rows.forEach { counts[$1] &+= 1 } }
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        KernelResult(.int64(Array(counts.values[range])))
    }

    let isMergeable = true

    func merge(_ other: any Accumulator, _ groups: [UInt32]) -> Bool {
        guard let other = other as? CountAccumulator else { return false }
        for (from, to) in groups.enumerated() { counts[Int(to)] &+= other.counts[from] }
        return true
    }

    var byteCount: Int { counts.byteCount }
    func encode(into out: inout [UInt8]) { counts.encode(into: &out) }
    func restore(_ reader: inout ByteReader) { counts.restore(&reader) }
}

/// `count_if`, `bool_and`, `bool_or`: how many rows are true, and how many there are.
final class TruthAccumulator: Accumulator {
    enum Question { case count, all, any }
    private let question: Question
    private var trues = GroupArray<Int64>(0)
    private var totals = GroupArray<Int64>(0)

    init(_ question: Question) { self.question = question }

    func grow(to groupCount: Int) {
        trues.grow(to: groupCount)
        totals.grow(to: groupCount)
    }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        guard case .boolean(let bits)? = columns.first?.values else { return }
        trues.withBuffer { trues in
            totals.withBuffer { totals in
                rows.forEach { row, group in
                    trues[group] &+= bits[row] ? 1 : 0
                    totals[group] &+= 1
                }
            }
        }
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        if question == .count { return KernelResult(.int64(Array(trues.values[range]))) }
        let bits = Bitmap(count: range.count) {
            let group = range.lowerBound + $0
            return question == .all ? trues[group] == totals[group] : trues[group] > 0
        }
        let seen = Bitmap(count: range.count) { totals[range.lowerBound + $0] > 0 }
        return KernelResult(.boolean(bits), validity: seen)
    }

    let isMergeable = true

    func merge(_ other: any Accumulator, _ groups: [UInt32]) -> Bool {
        guard let other = other as? TruthAccumulator else { return false }
        for (from, to) in groups.enumerated() {
            trues[Int(to)] &+= other.trues[from]
            totals[Int(to)] &+= other.totals[from]
        }
        return true
    }

    var byteCount: Int { trues.byteCount + totals.byteCount }

    func encode(into out: inout [UInt8]) {
        trues.encode(into: &out)
        totals.encode(into: &out)
    }

    func restore(_ reader: inout ByteReader) {
        trues.restore(&reader)
        totals.restore(&reader)
    }
}

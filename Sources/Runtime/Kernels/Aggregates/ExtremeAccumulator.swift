import PipelineDSL

/// `min` and `max` of fixed-width values.
///
/// `Key` orders as the values do and gives them back: the value itself, or for floating point the
/// image of ``FloatOrder``.
final class ExtremeAccumulator<T: ColumnElement, Key: FixedWidthInteger & BitwiseCopyable>:
    Accumulator
{
    private let isMax: Bool
    private let key: (T) -> Key
    private let value: (Key) -> T
    private let wrap: ([T]) -> Column.Values
    private var best: GroupArray<Key>
    private var seen = SeenGroups(0)

    init(
        isMax: Bool, key: @escaping (T) -> Key, value: @escaping (Key) -> T,
        wrap: @escaping ([T]) -> Column.Values = { T.wrap($0) }
    ) {
        self.isMax = isMax
        self.key = key
        self.value = value
        self.wrap = wrap
        // What every value beats, so that the loop need not ask whether there is one.
        best = GroupArray(isMax ? .min : .max)
    }

    func grow(to groupCount: Int) {
        best.grow(to: groupCount)
        seen.grow(to: groupCount)
    }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        guard let column = columns.first, let values = T.unwrap(column.values) else { return }
        // A pass of its own keeps the call of `key` out of the comparing loop.
        let keys = values.map(key)
        keys.withUnsafeBufferPointer { keys in
            best.withBuffer { best in
                seen.withBuffer { seen in
                    if isMax {
                        rows.forEach { row, group in
                            best[group] = max(best[group], keys[row])
                            seen[group] = 1
                        }
                    } else {
                        rows.forEach { row, group in
                            best[group] = min(best[group], keys[row])
                            seen[group] = 1
                        }
                    }
                }
            }
        }
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        let values = range.map { seen[$0] != 0 ? value(best[$0]) : .zero }
        return KernelResult(wrap(values), validity: seen.validity(range))
    }

    let isMergeable = true

    func merge(_ other: any Accumulator, _ groups: [UInt32]) -> Bool {
        guard let other = other as? Self else { return false }
        for (from, to) in groups.enumerated() where other.seen[from] != 0 {
            let (mine, theirs) = (best[Int(to)], other.best[from])
            best[Int(to)] = isMax ? max(mine, theirs) : min(mine, theirs)
            seen[Int(to)] = 1
        }
        return true
    }

    var byteCount: Int { best.byteCount + seen.byteCount }

    func encode(into out: inout [UInt8]) {
        best.encode(into: &out)
        seen.encode(into: &out)
    }

    func restore(_ reader: inout ByteReader) {
        best.restore(&reader)
        seen.restore(&reader)
    }
}

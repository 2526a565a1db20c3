import PipelineDSL
import Planner

/// The values of an `IN` list, ready to be looked up a column at a time.
struct ValueSet: Sendable {
    private enum Members: Sendable {
        /// Sorted; everything that has an order-preserving image in 64 bits.
        case words([Int64])
        case strings(StringSet)
        /// Anything else, one by one.
        case column(Column)
    }

    let hasNull: Bool
    private let members: Members

    /// `nil` where a value is not of the type.
    init?(_ values: [Value], type: DataType) {
        let known = values.filter { $0 != .null }
        hasNull = known.count < values.count
        guard let column = Column.from(known, type: type) else { return nil }
        if let words = ValueSet.words(column) {
            members = .words(Array(Set(words)).sorted())
        } else if case .strings(let strings) = column.values {
            members = .strings(StringSet(strings))
        } else {
            members = .column(column)
        }
    }

    /// A bit a row, set where the row's value is a member; unspecified where the row is null.
    func contains(_ column: Column) -> Bitmap {
        switch members {
        case .words(let sorted):
            guard let words = ValueSet.words(column) else {
                return Bitmap(repeating: false, count: column.count)
            }
            return ValueSet.lookUp(words, in: sorted)
        case .strings(let set):
            guard case .strings(let strings) = column.values else {
                return Bitmap(repeating: false, count: column.count)
            }
            return set.contains(strings)
        case .column(let values):
            return Bitmap(count: column.count) { row in
                !column.isNull(row)
                    && (0..<values.count).contains {
                        ValueOrder.compare(column, row, values, $0) == 0
                    }
            }
        }
    }

    private static func lookUp(_ words: [Int64], in sorted: [Int64]) -> Bitmap {
        words.withUnsafeBufferPointer { words in
            sorted.withUnsafeBufferPointer { sorted in
                if sorted.count <= 8 {
                    return Bitmap(count: words.count) { row in
                        var found = false
                        for member in sorted { found = found || member == words[row] }
                        return found
                    }
                }
                return Bitmap(count: words.count) { row in
                    var (low, high) = (0, sorted.count)
                    while low < high {
                        let middle = (low &+ high) &>> 1
                        if sorted[middle] < words[row] { low = middle &+ 1 } else { high = middle }
                    }
                    return low < sorted.count && sorted[low] == words[row]
                }
            }
        }
    }

    private static func words(_ column: Column) -> [Int64]? {
        switch column.values {
        case .boolean(let v): (0..<v.count).map { v[$0] ? 1 : 0 }
        case .int32(let v): v.map { Int64($0) }
        case .int64(let v): v
        case .float32(let v): v.map { Int64(FloatOrder.key($0)) }
        case .float64(let v): v.map { FloatOrder.key($0) }
        default: nil
        }
    }
}

/// Strings by hash; the few of an `IN` list that share a hash are compared one by one.
private struct StringSet: Sendable {
    private let strings: Strings
    private var slots: [UInt32]
    private let mask: Int

    init(_ strings: Strings) {
        self.strings = strings
        var capacity = 8
        while capacity < strings.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = [UInt32](repeating: 0, count: capacity)
        strings.withAccess { access in
            for row in 0..<strings.count {
                var slot = Int(truncatingIfNeeded: RowHash.string(access, row)) & mask
                while slots[slot] != 0 { slot = (slot + 1) & mask }
                slots[slot] = UInt32(truncatingIfNeeded: row + 1)
            }
        }
    }

    func contains(_ rows: Strings) -> Bitmap {
        rows.withAccess { rows1 in
            strings.withAccess { members in
                Bitmap(count: rows.count) { row in
                    var slot = Int(truncatingIfNeeded: RowHash.string(rows1, row)) & mask
                    while slots[slot] != 0 {
                        if Comparison.equal(rows1, row, members, Int(slots[slot]) - 1) {
                            return true
                        }
                        slot = (slot + 1) & mask
                    }
                    return false
                }
            }
        }
    }
}

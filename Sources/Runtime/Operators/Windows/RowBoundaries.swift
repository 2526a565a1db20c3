import PipelineDSL

/// Where runs of equal rows begin in rows that lie in order.
enum RowBoundaries {
    /// The first row of each run of rows that are equal in `columns` (null equals null), and the
    /// number of rows at the end. Empty for no rows.
    static func starts(_ columns: [Column], count: Int) -> [Int] {
        guard count > 0 else { return [] }
        var differs = [Bool](repeating: false, count: count)
        differs[0] = true
        for column in columns { mark(column, &differs) }
        var starts: [Int] = []
        for row in 0..<count where differs[row] { starts.append(row) }
        starts.append(count)
        return starts
    }

    /// Sets what differs from the row before it.
    private static func mark(_ column: Column, _ differs: inout [Bool]) {
        switch column.values {
        case .int32(let v): each(column, &differs) { v[$0] != v[$1] }
        case .int64(let v): each(column, &differs) { v[$0] != v[$1] }
        case .int128(let v): each(column, &differs) { v[$0] != v[$1] }
        case .boolean(let v): each(column, &differs) { v[$0] != v[$1] }
        case .float32(let v):
            each(column, &differs) { FloatOrder.key(v[$0]) != FloatOrder.key(v[$1]) }
        case .float64(let v):
            each(column, &differs) { FloatOrder.key(v[$0]) != FloatOrder.key(v[$1]) }
        case .strings(let v):
            each(column, &differs) {
                !StringView.equal(v.views[$0], v.blocks, v.views[$1], v.blocks)
            }
        case .intervals, .list, .structure:
            each(column, &differs) { ValueOrder.compare(column, $0, column, $1) != 0 }
        case .nulls: return
        }
    }

    @inline(__always)
    private static func each(
        _ column: Column, _ differs: inout [Bool], _ isDifferent: (Int, Int) -> Bool
    ) {
        let validity = column.validity
        for row in 1..<max(1, differs.count) {
            if let validity, !validity[row] || !validity[row - 1] {
                if validity[row] != validity[row - 1] { differs[row] = true }
            } else if isDifferent(row - 1, row) {
                differs[row] = true
            }
        }
    }
}

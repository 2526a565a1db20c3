import PipelineDSL

/// The rows of a chunk that a function looks at, counted so that the n-th of any range is found at
/// once.
struct EligibleRows {
    /// Eligible rows before each row, and of all at the end.
    private let before: [Int32]
    private let rows: [UInt32]

    /// - Parameter mask: `nil` is all rows.
    init(_ mask: Bitmap?, count: Int) {
        var before = [Int32](repeating: 0, count: count + 1)
        var rows: [UInt32] = []
        rows.reserveCapacity(count)
        for row in 0..<count {
            if mask.map({ $0[row] }) ?? true { rows.append(UInt32(truncatingIfNeeded: row)) }
            before[row + 1] = Int32(truncatingIfNeeded: rows.count)
        }
        self.before = before
        self.rows = rows
    }

    func count(_ range: Range<Int>) -> Int {
        Int(before[range.upperBound]) - Int(before[range.lowerBound])
    }

    /// The n-th eligible row of the range, from 0; negative counts from the end, -1 is the last.
    func row(_ n: Int, of range: Range<Int>) -> UInt32? {
        let count = count(range)
        let place = n < 0 ? count + n : n
        guard place >= 0, place < count else { return nil }
        return rows[Int(before[range.lowerBound]) + place]
    }
}

extension Column {
    /// Rows with a value; `nil` is all.
    var presence: Bitmap? {
        if case .nulls(let count) = values { return Bitmap(repeating: false, count: count) }
        return validity
    }
}

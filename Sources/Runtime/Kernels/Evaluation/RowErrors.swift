import PipelineDSL

/// What went wrong in some rows of a batch: sparse, ascending by row, one error a row.
///
/// An error counts only where its expression is reached. Whoever combines evaluations (``CASE``,
/// ``AND``) has already masked what is not; the caller masks what is not selected.
package struct RowErrors: Sendable {
    package struct Entry: Sendable {
        /// Physical row of the evaluated batch.
        package let row: UInt32
        let reason: UInt32
    }

    /// What all errors of one sub-expression have in common. The prose is made only for rows that
    /// are shown, from columns that the closure keeps alive.
    struct Reason: Sendable {
        let code: DiagnosticCode
        let span: SourceSpan?
        let describe: @Sendable (_ row: Int, _ showValues: Bool) -> String
    }

    package private(set) var entries: [Entry]
    private var reasons: [Reason]

    /// `rows` ascending.
    init(rows: [UInt32], reason: Reason) {
        entries = rows.map { Entry(row: $0, reason: 0) }
        reasons = [reason]
    }

    private init(entries: [Entry], reasons: [Reason]) {
        self.entries = entries
        self.reasons = reasons
    }

    package var count: Int { entries.count }
    package var rows: [UInt32] { entries.map(\.row) }

    package func code(_ index: Int) -> DiagnosticCode { reasons[reason(index)].code }
    /// The failing sub-expression.
    package func span(_ index: Int) -> SourceSpan? { reasons[reason(index)].span }
    /// - Parameter showValues: `false` where an operand holds personal data, which must not get
    ///   into a message.
    package func message(_ index: Int, showValues: Bool = true) -> String {
        reasons[reason(index)].describe(Int(entries[index].row), showValues)
    }

    private func reason(_ index: Int) -> Int { Int(entries[index].reason) }

    /// Only those of rows whose bit is set; `nil` where none is left.
    package func restricted(to rows: Bitmap) -> RowErrors? {
        filtered { rows[Int($0)] }
    }

    /// Only those of `selection`, which is ascending; `nil` is all rows.
    package func restricted(to selection: [UInt32]?) -> RowErrors? {
        guard let selection else { return self }
        var next = 0
        return filtered { row in
            while next < selection.count, selection[next] < row { next += 1 }
            return next < selection.count && selection[next] == row
        }
    }

    private func filtered(_ keep: (UInt32) -> Bool) -> RowErrors? {
        let kept = entries.filter { keep($0.row) }
        return kept.isEmpty ? nil : RowErrors(entries: kept, reasons: reasons)
    }

    /// Both; where both have an error in a row, the first one's is kept.
    package static func merged(_ first: RowErrors?, _ second: RowErrors?) -> RowErrors? {
        guard let first else { return second }
        guard let second else { return first }
        let shift = UInt32(first.reasons.count)
        var merged: [Entry] = []
        merged.reserveCapacity(first.count + second.count)
        var (i, j) = (0, 0)
        while i < first.count || j < second.count {
            if j == second.count
                || (i < first.count && first.entries[i].row <= second.entries[j].row)
            {
                if j < second.count, first.entries[i].row == second.entries[j].row { j += 1 }
                merged.append(first.entries[i])
                i += 1
            } else {
                let entry = second.entries[j]
                merged.append(Entry(row: entry.row, reason: entry.reason + shift))
                j += 1
            }
        }
        return RowErrors(entries: merged, reasons: first.reasons + second.reasons)
    }

    /// The first error said of every row from 0 to `count`: that of a constant.
    func broadcast(to count: Int) -> RowErrors? {
        guard let first = entries.first, count > 0 else { return nil }
        let reason = reasons[Int(first.reason)]
        let row = Int(first.row)
        let shared = Reason(code: reason.code, span: reason.span) { _, show in
            reason.describe(row, show)
        }
        return RowErrors(rows: (0..<UInt32(truncatingIfNeeded: count)).map { $0 }, reason: shared)
    }

    /// A bit for every row of `count`, set where there is no error.
    package func clean(count: Int) -> Bitmap {
        var bits = Bitmap(repeating: true, count: count)
        for entry in entries { bits[Int(entry.row)] = false }
        return bits
    }
}

/// Where a run of whole records ends, and what stands after it.
enum RecordCut: Equatable {
    /// Whole records up to here; the next one starts here.
    case records(end: Int)
    /// More bytes are needed to tell where the first record ends.
    case incomplete
    /// The first record opens a quote that does not close within the bound or before the end.
    case openQuote
    /// The first record is longer than the bound.
    case tooLong

    /// Cuts `from..<end`, where `from` is the start of a line, after its last line.
    ///
    /// - Parameters:
    ///   - maxBytes: a line may have this many before its terminator.
    ///   - isLast: the input ends at `end`.
    static func lines(
        _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, terminator: UInt8, maxBytes: Int,
        isLast: Bool
    ) -> RecordCut {
        let lineEnd = CSVSyntax.findLast(terminator, base, from, end)
        return conclude(
            from, lastStart: lineEnd.map { $0 + 1 } ?? from, end, maxBytes: maxBytes, isLast: isLast
        )
    }

    /// The cut where the last record of `from..<end`, which has no terminator, starts at `lastStart`.
    static func conclude(
        _ from: Int, lastStart: Int, _ end: Int, maxBytes: Int, isLast: Bool
    ) -> RecordCut {
        if end - lastStart > maxBytes {
            return lastStart > from ? .records(end: lastStart) : .tooLong
        }
        if isLast { return .records(end: end) }
        return lastStart > from ? .records(end: lastStart) : .incomplete
    }
}

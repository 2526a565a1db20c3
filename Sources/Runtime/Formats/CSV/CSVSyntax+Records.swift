/// Where a run of whole records ends, and what stands after it.
enum CSVCut: Equatable {
    /// Whole records up to here; the next one starts here.
    case records(end: Int)
    /// More bytes are needed to tell where the first record ends.
    case incomplete
    /// The first record opens a quote that does not close within the bound or before the end.
    case openQuote
    /// The first record is longer than the bound.
    case tooLong
}

extension CSVSyntax {
    /// Cuts `from..<end`, where `from` is the start of a record, at the end of its last whole record.
    ///
    /// `isLast` says that the input ends at `end`. Exact: the result does not depend on how the input
    /// was cut into buffers before, because each record is judged by its own bytes only.
    func cut(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, isLast: Bool) -> CSVCut {
        guard let quote, CSVSyntax.find(quote, base, from, end) != nil else {
            return cutLines(base, from, end, isLast: isLast)
        }
        var recordStart = from
        var position = from
        while let at = CSVSyntax.findNear(quote, base, position, end) {
            if let lineEnd = CSVSyntax.findLast(terminator, base, position, at) {
                recordStart = lineEnd + 1
            }
            if isComment(base, recordStart, at) {
                guard let lineEnd = CSVSyntax.find(terminator, base, at, end) else { break }
                (recordStart, position) = (lineEnd + 1, lineEnd + 1)
                continue
            }
            guard opensField(base, at: at, from: position, recordStart: recordStart) else {
                position = at + 1
                continue
            }
            if at - recordStart > maxRecordBytes {
                return recordStart > from ? .records(end: recordStart) : .tooLong
            }
            let bound = recordStart + maxRecordBytes
            let limit = min(end, bound)
            guard
                let close = closingQuote(
                    quote, base, at + 1, limit: limit, end: end, isLast: isLast)
            else {
                if recordStart > from { return .records(end: recordStart) }
                return isLast || end > bound ? .openQuote : .incomplete
            }
            position = close.at + 1
        }
        if let lineEnd = CSVSyntax.findLast(terminator, base, position, end) {
            recordStart = lineEnd + 1
        }
        return conclude(from, recordStart, end, isLast: isLast)
    }

    /// As ``cut(_:_:_:isLast:)`` where no quote opens anything.
    func cutLines(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, isLast: Bool) -> CSVCut {
        let lineEnd = CSVSyntax.findLast(terminator, base, from, end)
        return conclude(from, lineEnd.map { $0 + 1 } ?? from, end, isLast: isLast)
    }

    private func conclude(_ from: Int, _ recordStart: Int, _ end: Int, isLast: Bool) -> CSVCut {
        // The last record without a line end may still be too long; then it is cut off by itself.
        if end - recordStart > maxRecordBytes {
            return recordStart > from ? .records(end: recordStart) : .tooLong
        }
        if isLast { return .records(end: end) }
        return recordStart > from ? .records(end: recordStart) : .incomplete
    }
}

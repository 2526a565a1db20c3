extension CSVSyntax {
    /// Cuts `from..<end`, where `from` is the start of a record, at the end of its last whole record.
    ///
    /// `isLast` says that the input ends at `end`. Exact: the result does not depend on how the input
    /// was cut into buffers before, because each record is judged by its own bytes only.
    func cut(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, isLast: Bool) -> RecordCut {
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
        return .conclude(
            from, lastStart: recordStart, end, maxBytes: maxRecordBytes, isLast: isLast)
    }

    /// As ``cut(_:_:_:isLast:)`` where no quote opens anything.
    func cutLines(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, isLast: Bool) -> RecordCut
    {
        .lines(
            base, from, end, terminator: terminator, maxBytes: maxRecordBytes, isLast: isLast)
    }
}

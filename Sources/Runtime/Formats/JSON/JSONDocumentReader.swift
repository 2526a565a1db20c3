import PipelineDSL

/// Reads a JSON document as rows: an array of objects, one object, or several one after another
/// (as files called `.json` often hold one a line).
///
/// The document is never held whole: it is cut between rows. A value among the rows that is no object
/// is rejected; text that is not JSON ends the run, because nothing after it can be trusted.
package final class JSONDocumentReader: SourceReader {
    private let plan: JSONPlan
    private let startPosition: Int64
    private var text: TextBlocks
    private var splitter: JSONSplitter?
    /// Offset in the object up to which the splitter has seen it.
    private var scanned: Int64 = 0
    /// Whether a row must follow, because a comma stands before.
    private var isAfterComma = false
    private var isEnded = false

    /// As ``JSONLinesReader/init(input:object:source:options:fields:rename:refusesUnknown:startPosition:)``.
    package init(
        input: any ByteInput, object: String, source: String, options: JSONOptions,
        fields: [Field], rename: [String: String] = [:], refusesUnknown: Bool = false,
        startPosition: Int64 = 0
    ) {
        plan = JSONPlan(
            options: options, fields: fields, rename: rename, object: object, source: source,
            refusesUnknown: refusesUnknown)
        self.startPosition = startPosition
        text = TextBlocks(input, blockBytes: options.blockBytes)
    }

    package func next() throws -> (any SourceUnit)? {
        if splitter == nil { try prepare() }
        while let unit = try nextUnit() {
            if unit.endPosition > startPosition { return unit }
        }
        try text.checkReached(startPosition, name: plan.object)
        return nil
    }

    private func prepare() throws {
        try plan.checkTypes()
        _ = try text.refill(atLeast: 4)
        try text.skipMark(name: plan.object)
        guard let first = try skipSpace() else { throw broken("the document is empty") }
        let isArray = first == UInt8(ascii: "[")
        if isArray { advance(to: text.cursor + 1) }
        splitter = JSONSplitter(
            rowDepth: isArray ? 1 : 0, maxRowBytes: plan.options.maxRecordBytes)
        scanned = text.position(text.cursor)
    }

    /// The next byte that is no white space, with the cursor at it; `nil` at the end.
    private func skipSpace() throws -> UInt8? {
        while true {
            var i = text.cursor
            while i < text.end, JSONSplitter.isSpace(text.base[i]) { i += 1 }
            advance(to: i)
            if i < text.end { return text.base[i] }
            if try !text.refill() { return nil }
        }
    }

    private func advance(to index: Int) { text.advance(to: index, terminator: UInt8(ascii: "\n")) }

    private func broken(_ reason: String) -> RunError {
        JSONUnit.broken(
            plan.object, line: text.line, byte: text.position(text.cursor), reason)
    }

    private func nextUnit() throws -> (any SourceUnit)? {
        guard var splitter else { return nil }
        if isEnded { return try finish() }
        defer { self.splitter = splitter }
        if splitter.isTooLong { return try skipRow(&splitter) }
        while true {
            // White space before a row is none of it.
            guard try skipSpace() != nil else {
                if splitter.rowDepth > 0 { throw broken("the array of rows is never closed") }
                return nil
            }
            scanned = max(scanned, text.position(text.cursor))
            let from = text.index(scanned)
            let end = text.windowEnd(from - text.cursor + text.blockBytes, until: startPosition)
            scanned = text.position(
                splitter.scan(text.base, from, end, offset: text.blockOffset))
            if let unit = try unit(splitter) { return unit }
            if isEnded { return try finish() }
            if splitter.isTooLong { return try skipRow(&splitter) }
            try text.checkBoundary(end, startPosition, name: plan.object)
            if end == text.end, try !text.refill() {
                if splitter.rowDepth > 0 { throw broken("the array of rows is never closed") }
                return take(text.end, next: text.end)
            }
        }
    }

    /// The rows that the last scan completed.
    private func unit(_ splitter: JSONSplitter) throws -> JSONUnit? {
        if splitter.isUnseparated { throw broken("no comma follows the row that starts here") }
        if let end = splitter.documentEnd {
            try checkEnd(splitter, end)
            isEnded = true
            if end > text.cursor { return take(end, next: end + 1) }
            if isAfterComma { throw broken("a row should follow the comma") }
            advance(to: end + 1)
            return nil
        }
        guard let cut = splitter.lastCut else { return nil }
        if cut == text.cursor { throw broken("a row should stand before the comma") }
        isAfterComma = splitter.rowDepth > 0
        return take(cut, next: isAfterComma ? cut + 1 : cut)
    }

    private func checkEnd(_ splitter: JSONSplitter, _ end: Int) throws {
        if splitter.rowDepth > 0, text.base[end] == UInt8(ascii: "]") { return }
        advance(to: end)
        throw broken("this bracket closes nothing")
    }

    private func take(_ end: Int, next: Int) -> JSONUnit {
        let isArray = splitter?.rowDepth == 1
        let unit = JSONUnit(
            plan: plan, framing: isArray ? .elements : .sequence, block: text.block,
            range: text.cursor..<end, blockOffset: text.blockOffset, firstLine: text.line,
            endPosition: text.position(next))
        advance(to: next)
        return unit
    }

    /// Passes over a row that is too long, holding no more than a block of it.
    private func skipRow(_ splitter: inout JSONSplitter) throws -> LongRecordUnit {
        advance(to: text.index(splitter.rowStart ?? scanned))
        let start = text.position(text.cursor)
        let rejected = text.longRecord(
            object: plan.object, maxRecordBytes: plan.options.maxRecordBytes,
            isHidden: plan.redaction != nil)
        splitter.startSkipping()
        repeat {
            advance(to: text.index(scanned))
            if text.isEmpty, try !text.refill() { break }
            let end = min(text.end, text.cursor + text.blockBytes)
            scanned = text.position(
                splitter.scan(
                    text.base, text.cursor, end, offset: text.blockOffset, skipping: true))
        } while splitter.lastCut == nil && splitter.documentEnd == nil
        if let cut = splitter.lastCut {
            isAfterComma = splitter.rowDepth > 0
            advance(to: isAfterComma ? cut + 1 : cut)
        } else if let end = splitter.documentEnd {
            try checkEnd(splitter, end)
            isEnded = true
            advance(to: end + 1)
        }
        return LongRecordUnit(
            fields: plan.fields, rejected: rejected, start: start,
            endPosition: text.position(text.cursor))
    }

    /// Nothing but white space may follow the array.
    private func finish() throws -> (any SourceUnit)? {
        if try skipSpace() != nil { throw broken("text follows the array of rows") }
        return nil
    }
}

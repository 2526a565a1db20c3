import PipelineDSL

/// Reads JSON Lines: one object a line, blank lines between them ignored. A line that is not one is
/// rejected; the others are read.
package final class JSONLinesReader: SourceReader {
    private let plan: JSONPlan
    private let startPosition: Int64
    private var text: TextBlocks
    private var window: Int
    private var isPrepared = false

    /// - Parameters:
    ///   - object: the file, as dead letters name it.
    ///   - source: the source node.
    ///   - fields: the wanted columns, in the order of the batches.
    ///   - rename: keys in the file to the source's names.
    ///   - refusesUnknown: whether a row with other keys is rejected.
    ///   - startPosition: an ``SourceUnit/endPosition`` to go on from. The bytes before it are read and
    ///     counted but not decoded.
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
        window = text.blockBytes
    }

    private static let lineFeed = UInt8(ascii: "\n")

    package func next() throws -> (any SourceUnit)? {
        if !isPrepared { try prepare() }
        while let unit = try nextUnit() {
            if unit.endPosition > startPosition { return unit }
        }
        try text.checkReached(startPosition, name: plan.object)
        return nil
    }

    private func prepare() throws {
        isPrepared = true
        try plan.checkTypes()
        _ = try text.refill(atLeast: 4)
        try text.skipMark(name: plan.object)
    }

    private func nextUnit() throws -> (any SourceUnit)? {
        while true {
            if text.isEmpty, try !text.refill() { return nil }
            let end = text.windowEnd(window, until: startPosition)
            let cut = RecordCut.lines(
                text.base, text.cursor, end, terminator: JSONLinesReader.lineFeed,
                maxBytes: plan.options.maxRecordBytes, isLast: text.isAtEnd && end == text.end)
            switch cut {
            case .records(let end): return take(end)
            case .tooLong: return try skipRecord()
            case .incomplete, .openQuote:
                try text.checkBoundary(end, startPosition, name: plan.object)
                window *= 2
                if end == text.end { _ = try text.refill() }
            }
        }
    }

    private func take(_ end: Int) -> JSONUnit {
        let unit = JSONUnit(
            plan: plan, framing: .lines, block: text.block, range: text.cursor..<end,
            blockOffset: text.blockOffset, firstLine: text.line, endPosition: text.position(end))
        text.advance(to: end, terminator: JSONLinesReader.lineFeed)
        window = text.blockBytes
        return unit
    }

    private func skipRecord() throws -> LongRecordUnit {
        let start = text.position(text.cursor)
        let limit = plan.options.maxRecordBytes
        let rejected = text.longRecord(
            object: plan.object, maxRecordBytes: limit, isHidden: plan.redaction != nil)
        try text.skipLine(from: text.cursor + limit, terminator: JSONLinesReader.lineFeed)
        return LongRecordUnit(
            fields: plan.fields, rejected: rejected, start: start,
            endPosition: text.position(text.cursor))
    }
}

import PipelineDSL

/// Reads a CSV file: cuts it at record boundaries, leaves the rest to ``CSVUnit/decode``.
///
/// `next` does what one thread must do in order: read a block, find the end of its last whole record,
/// count its lines. What is cut off is carried into the next block, so no record is ever split, and
/// no more is held than one block, one record and the units not yet decoded.
///
/// A quote that never closes would swallow the rest of the file. Where it does not close within
/// `max_record_size`, or before the end, the line it opens on is rejected, and the lines it would
/// have swallowed are read as if no field could hold a line end.
package final class CSVReader: SourceReader {
    private let object: String
    private let source: String
    private var options: CSVOptions
    private let fields: [Field]
    private let declared: [String]
    private let rename: [String: String]
    private let refusesUnknown: Bool
    private let startPosition: Int64

    private var plan: CSVPlan?
    private var isPrepared = false
    /// The names of the file's columns after `rename`; empty before the first ``next()`` and for an
    /// empty file.
    package private(set) var header: [String] = []

    private var text: TextBlocks
    /// How far beyond the cursor to look for whole records.
    private var window: Int
    /// Records that start before this offset are lines; see above.
    private var byLineUntil: Int64 = 0

    /// - Parameters:
    ///   - object: the file, as dead letters name it.
    ///   - source: the source node.
    ///   - fields: the wanted columns, in the order of the batches.
    ///   - rename: names in the file to the source's names.
    ///   - declared: all columns of a file without header, in its order; `nil` where they are `fields`.
    ///   - refusesUnknown: whether a header with other columns is an error.
    ///   - startPosition: an ``SourceUnit/endPosition`` to go on from. The bytes before it are read and
    ///     counted but not decoded.
    package init(
        input: any ByteInput, object: String, source: String, options: CSVOptions, fields: [Field],
        rename: [String: String] = [:], declared: [String]? = nil, refusesUnknown: Bool = false,
        startPosition: Int64 = 0
    ) {
        text = TextBlocks(input, blockBytes: options.blockBytes)
        self.object = object
        self.source = source
        self.options = options
        self.fields = fields
        self.rename = rename
        self.declared = declared ?? fields.map(\.name)
        self.refusesUnknown = refusesUnknown
        self.startPosition = startPosition
        window = max(1, options.blockBytes)
    }

    package func next() throws -> (any SourceUnit)? {
        if !isPrepared { try prepare() }
        guard let plan else { return nil }
        while let unit = try nextUnit(plan) {
            if unit.endPosition > startPosition { return unit }
        }
        try text.checkReached(startPosition, name: object)
        return nil
    }

    private func nextUnit(_ plan: CSVPlan) throws -> (any SourceUnit)? {
        let syntax = options.syntax
        while true {
            if text.isEmpty, try !text.refill() { return nil }
            let end = text.windowEnd(window, until: startPosition)
            let isLast = text.isAtEnd && end == text.end
            let byLine = text.position(text.cursor) < byLineUntil
            let cut =
                byLine
                ? syntax.cutLines(text.base, text.cursor, end, isLast: isLast)
                : syntax.cut(text.base, text.cursor, end, isLast: isLast)
            switch cut {
            case .records(let end):
                return take(plan, end: byLine ? endOfLines(end) : end, byLine: byLine)
            case .incomplete:
                try text.checkBoundary(end, startPosition, name: object)
                window *= 2
                if end == text.end { _ = try text.refill() }
            case .openQuote:
                byLineUntil = text.position(text.cursor) + Int64(syntax.maxRecordBytes)
            case .tooLong: return try skipRecord(plan)
            }
        }
    }

    private func take(_ plan: CSVPlan, end: Int, byLine: Bool) -> CSVUnit {
        let unit = CSVUnit(
            plan: plan, block: text.block, range: text.cursor..<end,
            blockOffset: text.blockOffset, firstLine: text.line, byLine: byLine)
        text.advance(to: end, terminator: options.syntax.terminator)
        window = text.blockBytes
        return unit
    }

    /// Of the lines up to `end`, those that start before ``byLineUntil``.
    private func endOfLines(_ end: Int) -> Int {
        let last = text.index(byLineUntil) - 1
        guard last < end else { return end }
        return CSVSyntax.find(options.syntax.terminator, text.base, last, end).map { $0 + 1 } ?? end
    }

    /// Passes over a record that is longer than the bound, to the next line end.
    private func skipRecord(_ plan: CSVPlan) throws -> LongRecordUnit {
        let start = text.position(text.cursor)
        let limit = options.syntax.maxRecordBytes
        let rejected = text.longRecord(
            object: object, maxRecordBytes: limit, isHidden: plan.redaction != nil)
        try text.skipLine(from: text.cursor + limit, terminator: options.syntax.terminator)
        return LongRecordUnit(
            fields: fields, rejected: rejected, start: start,
            endPosition: text.position(text.cursor))
    }
}

// MARK: - The start of a file

extension CSVReader {
    /// How much is looked at to tell the line end.
    private static let sniffBytes = 64 * 1024

    /// Reads up to the first record of data. An empty file has no plan and no rows.
    private func prepare() throws {
        isPrepared = true
        _ = try text.refill(atLeast: CSVReader.sniffBytes)
        try text.skipMark(name: object)
        let sniffed = min(text.end, CSVReader.sniffBytes)
        if CSVSyntax.find(CSVSyntax.lineFeed, text.base, text.cursor, sniffed) == nil,
            CSVSyntax.find(CSVSyntax.carriageReturn, text.base, text.cursor, sniffed) != nil
        {
            options.syntax.terminator = CSVSyntax.carriageReturn
        }
        for _ in 0..<options.skipLines {
            guard let end = try lineEnd(from: text.cursor) else { return }
            skip(to: end)
        }
        try checkTypes()
        if options.hasHeader {
            guard let cells = try headerCells() else { return }
            let names = CSVHeader(names: cells.map(\.text), rename: rename, object: object)
            header = names.ownNames
            if refusesUnknown { try names.checkKnown(fields) }
            try setPlan(
                names.bind(fields, missingAsNull: options.missingColumnsAreNull), cells.count)
        } else {
            header = declared
            let names = CSVHeader(names: declared, rename: [:], object: object)
            try setPlan(names.bind(fields, missingAsNull: false), declared.count)
        }
    }

    /// Past the line that ends at `lineEnd`.
    private func skip(to lineEnd: Int) {
        text.advance(to: min(lineEnd + 1, text.end), terminator: options.syntax.terminator)
    }

    private func setPlan(_ columns: [CSVPlan.BoundColumn], _ width: Int) {
        plan = CSVPlan(
            options: options, columns: columns, width: max(1, width), object: object, source: source
        )
    }

    /// The first record that is neither blank nor a comment.
    private func headerCells() throws -> [CSVCell]? {
        while true {
            guard text.cursor < text.end else {
                if try !text.refill() { return nil }
                continue
            }
            guard let end = try lineEnd(from: text.cursor) else { return nil }
            let length = end - text.cursor
            let isBlank =
                length == 0 || (length == 1 && text.base[end - 1] == CSVSyntax.carriageReturn)
            if !isBlank, !options.syntax.isComment(text.base, text.cursor, end) { break }
            skip(to: end)
        }
        var end = text.cursor
        while let next = try lineEnd(from: end) {
            let isLast = next == text.end
            let cut = options.syntax.cut(
                text.base, text.cursor, min(next + 1, text.end), isLast: isLast)
            if case .records = cut { return try headerCells(to: next) }
            if cut == .tooLong || cut == .openQuote || isLast { break }
            end = next + 1
        }
        throw RunError(
            .openQuote, "the header of `\(object)` on line \(text.line) never ends",
            notes: ["a quote opens there and does not close", "`quote: none` reads quotes as text"])
    }

    private func headerCells(to lineEnd: Int) throws -> [CSVCell] {
        var end = lineEnd
        if end > text.cursor, text.base[end - 1] == CSVSyntax.carriageReturn { end -= 1 }
        guard UTF8Text.isValid(text.base + text.cursor, end - text.cursor) else {
            throw RunError(
                .notUTF8Text, "the header of `\(object)` is not UTF-8",
                notes: ["convert the file, for example with `iconv -f WINDOWS-1252 -t UTF-8`"])
        }
        guard let cells = options.syntax.cells(text.base, text.cursor, end) else {
            throw RunError(
                .textAfterQuote, "text follows a closing quote in the header of `\(object)`",
                notes: ["`quote: none` reads quotes as text"])
        }
        skip(to: lineEnd)
        return cells
    }

    /// The next line end from `from`, which is in the block or at its end; the block's end where the
    /// file ends without one, `nil` where nothing follows. May read more, which moves the cursor to 0.
    private func lineEnd(from: Int) throws -> Int? {
        var from = from
        while true {
            if let found = CSVSyntax.find(options.syntax.terminator, text.base, from, text.end) {
                return found
            }
            if text.end - text.cursor > options.syntax.maxRecordBytes {
                throw RunError(
                    .recordTooLong,
                    "line \(text.line) of `\(object)` is longer than \(options.syntax.maxRecordBytes) bytes",
                    notes: ["is it text? A header was expected here"])
            }
            let shift = text.cursor
            if try !text.refill() { return text.end > text.cursor ? text.end : nil }
            from -= shift
        }
    }

    private func checkTypes() throws {
        for field in fields where !JSONPlan.isReadable(field.type) {
            throw RunError(
                .unreadableType,
                "column `\(field.name)` of `\(object)` has the type `\(field.type)`, which CSV cannot hold",
                notes: ["declare it as `string` and cast it in a step"])
        }
    }
}

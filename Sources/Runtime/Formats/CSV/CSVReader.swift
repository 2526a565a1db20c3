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
    private let input: any ByteInput
    private let object: String
    private let source: String
    private var options: CSVOptions
    private let fields: [Field]
    private let declared: [String]
    private let rename: [String: String]
    private let startPosition: Int64

    private var plan: CSVPlan?
    private var isPrepared = false
    /// The names of the file's columns after `rename`; empty before the first ``next()`` and for an
    /// empty file.
    package private(set) var header: [String] = []

    private var block = ByteBlock(capacity: 0)
    /// Offset in the object of the block's first byte.
    private var blockOffset: Int64 = 0
    /// Bytes before it are done with.
    private var cursor = 0
    /// Line of the byte at `cursor`.
    private var line: Int64 = 1
    private var isAtEnd = false
    /// How far beyond `cursor` to look for whole records.
    private var window: Int
    /// Records that start before this offset are lines; see above.
    private var byLineUntil: Int64 = 0

    /// - Parameters:
    ///   - object: the file, as dead letters name it.
    ///   - source: the source node.
    ///   - fields: the wanted columns, in the order of the batches.
    ///   - rename: names in the file to the source's names.
    ///   - declared: all columns of a file without header, in its order; `nil` where they are `fields`.
    ///   - startPosition: an ``SourceUnit/endPosition`` to go on from. The bytes before it are read and
    ///     counted but not decoded.
    package init(
        input: any ByteInput, object: String, source: String, options: CSVOptions, fields: [Field],
        rename: [String: String] = [:], declared: [String]? = nil, startPosition: Int64 = 0
    ) {
        self.input = input
        self.object = object
        self.source = source
        self.options = options
        self.fields = fields
        self.rename = rename
        self.declared = declared ?? fields.map(\.name)
        self.startPosition = startPosition
        window = max(1, options.blockBytes)
    }

    package func next() throws -> (any SourceUnit)? {
        if !isPrepared { try prepare() }
        guard let plan else { return nil }
        while let unit = try nextUnit(plan) {
            if unit.endPosition <= startPosition { continue }
            guard var records = unit as? CSVUnit else { return unit }
            records.skip(to: startPosition)
            return records
        }
        return nil
    }

    private func nextUnit(_ plan: CSVPlan) throws -> (any SourceUnit)? {
        while true {
            if cursor == block.count, try !refill() { return nil }
            let end = min(block.count, cursor + window)
            let isLast = isAtEnd && end == block.count
            let isByLine = position(cursor) < byLineUntil
            let cut =
                isByLine
                ? options.syntax.cutLines(base, cursor, end, isLast: isLast)
                : options.syntax.cut(base, cursor, end, isLast: isLast)
            switch cut {
            case .records(let end):
                return take(plan, end: isByLine ? endOfLines(end) : end, byLine: isByLine)
            case .incomplete:
                window *= 2
                if end == block.count { _ = try refill() }
            case .openQuote:
                byLineUntil = position(cursor) + Int64(options.syntax.maxRecordBytes)
            case .tooLong: return try skipRecord(plan)
            }
        }
    }

    private var base: UnsafePointer<UInt8> {
        UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self))
    }

    private func position(_ index: Int) -> Int64 { blockOffset + Int64(index) }

    private func take(_ plan: CSVPlan, end: Int, byLine: Bool) -> CSVUnit {
        let unit = CSVUnit(
            plan: plan, block: block, range: cursor..<end, blockOffset: blockOffset,
            firstLine: line, byLine: byLine)
        advance(to: end)
        window = max(1, options.blockBytes)
        return unit
    }

    private func advance(to end: Int) {
        let terminator = options.syntax.terminator
        line += Int64(UTF8Text.count(terminator, in: base + cursor, end - cursor))
        cursor = end
    }

    /// Of the lines up to `end`, those that start before ``byLineUntil``.
    private func endOfLines(_ end: Int) -> Int {
        let last = Int(clamping: byLineUntil - blockOffset) - 1
        guard last < end else { return end }
        return CSVSyntax.find(options.syntax.terminator, base, last, end).map { $0 + 1 } ?? end
    }

    /// Puts what is left of the block at the start of a new one and reads on; `false` at the end.
    private func refill(atLeast minimum: Int = 0) throws -> Bool {
        if isAtEnd { return false }
        let left = block.count - cursor
        // Doubling keeps a record of many blocks from being copied once a block.
        let wanted = max(options.blockBytes, left, minimum, 1)
        let next = ByteBlock(capacity: left + wanted)
        next.base.copyMemory(from: block.base + cursor, byteCount: left)
        let free = UnsafeMutableRawBufferPointer(start: next.base + left, count: wanted)
        let count = try input.fill(free)
        isAtEnd = count < wanted
        next.setCount(left + count)
        blockOffset += Int64(cursor)
        (block, cursor) = (next, 0)
        return count > 0
    }

    /// Passes over a record that is longer than the bound, to the next line end.
    private func skipRecord(_ plan: CSVPlan) throws -> CSVLongRecordUnit {
        let start = position(cursor)
        let (rule, code, message) = CSVOrigin.tooLong(plan)
        let kept = UnsafeBufferPointer(
            start: base + cursor, count: min(block.count - cursor, CSVOrigin.maxRawBytes))
        let rejected = RejectedRow(
            object: object, line: line, offset: start, rule: rule, code: code, message: message,
            raw: Array(kept))
        var from = cursor + options.syntax.maxRecordBytes
        while true {
            if let lineEnd = CSVSyntax.find(options.syntax.terminator, base, from, block.count) {
                advance(to: lineEnd + 1)
                break
            }
            advance(to: block.count)
            if try !refill() { break }
            from = 0
        }
        return CSVLongRecordUnit(
            plan: plan, rejected: rejected, byteCount: Int(position(cursor) - start),
            endPosition: position(cursor))
    }
}

extension CSVUnit {
    /// Leaves out the records before an offset where one starts.
    mutating func skip(to position: Int64) {
        let start = Int(clamping: position - blockOffset)
        guard start > range.lowerBound, start < range.upperBound else { return }
        let base = UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self))
        firstLine += Int64(
            UTF8Text.count(
                plan.options.syntax.terminator, in: base + range.lowerBound,
                start - range.lowerBound))
        range = start..<range.upperBound
    }
}

// MARK: - The start of a file

extension CSVReader {
    /// How much is looked at to tell the line end.
    private static let sniffBytes = 64 * 1024

    /// Reads up to the first record of data. An empty file has no plan and no rows.
    private func prepare() throws {
        isPrepared = true
        _ = try refill(atLeast: CSVReader.sniffBytes)
        cursor = try TextStart.skipMark(block.bytes, name: object)
        let sniffed = min(block.count, CSVReader.sniffBytes)
        if CSVSyntax.find(CSVSyntax.lineFeed, base, cursor, sniffed) == nil,
            CSVSyntax.find(CSVSyntax.carriageReturn, base, cursor, sniffed) != nil
        {
            options.syntax.terminator = CSVSyntax.carriageReturn
        }
        for _ in 0..<options.skipLines {
            guard let end = try lineEnd(from: cursor) else { return }
            advance(to: min(end + 1, block.count))
        }
        try checkTypes()
        if options.hasHeader {
            guard let cells = try headerCells() else { return }
            let names = CSVHeader(names: cells.map(\.text), rename: rename, object: object)
            header = names.ownNames
            try setPlan(
                names.bind(fields, missingAsNull: options.missingColumnsAreNull), cells.count)
        } else {
            header = declared
            let names = CSVHeader(names: declared, rename: [:], object: object)
            try setPlan(names.bind(fields, missingAsNull: false), declared.count)
        }
    }

    private func setPlan(_ columns: [CSVPlan.BoundColumn], _ width: Int) throws {
        plan = CSVPlan(
            options: options, columns: columns, width: max(1, width), object: object, source: source
        )
    }

    /// The first record that is neither blank nor a comment.
    private func headerCells() throws -> [CSVCell]? {
        while true {
            guard cursor < block.count else {
                if try !refill() { return nil }
                continue
            }
            guard let end = try lineEnd(from: cursor) else { return nil }
            let isBlank =
                end == cursor || (end == cursor + 1 && base[cursor] == CSVSyntax.carriageReturn)
            if !isBlank, !options.syntax.isComment(base, cursor, end) { break }
            advance(to: min(end + 1, block.count))
        }
        var end = cursor
        while let next = try lineEnd(from: end) {
            let isLast = next == block.count
            let cut = options.syntax.cut(
                base, cursor, min(next + 1, block.count), isLast: isLast)
            if case .records = cut { return try headerCells(to: next) }
            if cut == .tooLong || cut == .openQuote || isLast { break }
            end = next + 1
        }
        throw RunError(
            .openQuote, "the header of `\(object)` on line \(line) never ends",
            notes: ["a quote opens there and does not close", "`quote: none` reads quotes as text"])
    }

    private func headerCells(to lineEnd: Int) throws -> [CSVCell] {
        var end = lineEnd
        if end > cursor, base[end - 1] == CSVSyntax.carriageReturn { end -= 1 }
        guard UTF8Text.isValid(base + cursor, end - cursor) else {
            throw RunError(
                .notUTF8Text, "the header of `\(object)` is not UTF-8",
                notes: ["convert the file, for example with `iconv -f WINDOWS-1252 -t UTF-8`"])
        }
        guard let cells = options.syntax.cells(base, cursor, end) else {
            throw RunError(
                .textAfterQuote, "text follows a closing quote in the header of `\(object)`",
                notes: ["`quote: none` reads quotes as text"])
        }
        advance(to: min(lineEnd + 1, block.count))
        return cells
    }

    /// The next line end from `from`, which is in the block or at its end; the block's end where the
    /// file ends without one, `nil` where nothing follows. May read more, which moves the cursor to 0.
    private func lineEnd(from: Int) throws -> Int? {
        var from = from
        while true {
            if let found = CSVSyntax.find(options.syntax.terminator, base, from, block.count) {
                return found
            }
            if block.count - cursor > options.syntax.maxRecordBytes {
                throw RunError(
                    .recordTooLong,
                    "line \(line) of `\(object)` is longer than \(options.syntax.maxRecordBytes) bytes",
                    notes: ["is it text? A header was expected here"])
            }
            let shift = cursor
            if try !refill() { return block.count > cursor ? block.count : nil }
            from -= shift
        }
    }

    private func checkTypes() throws {
        for field in fields where field.type.isNested || field.type == .interval {
            throw RunError(
                .unreadableType,
                "column `\(field.name)` of `\(object)` has the type `\(field.type)`, which CSV cannot hold",
                notes: ["declare it as `string` or `json` and cast it in a step"])
        }
    }
}

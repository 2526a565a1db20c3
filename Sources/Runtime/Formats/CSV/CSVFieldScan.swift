/// What is wrong with a whole record or one field of it.
enum CSVFault: Sendable, Equatable {
    case fieldCount(Int)
    case textAfterQuote
    case openQuote
    case tooLong
    case badBytes
    case null
    case wrongType
}

/// A record that did not become a row.
struct CSVBadRecord: Sendable {
    var start: Int
    var end: Int
    var fault: CSVFault
}

/// The first of two stages: where the fields of some records end. No value is looked at.
///
/// For row `r`, `ends[r * width + c]` is the position after field `c` (of its delimiter, or the line
/// end), with ``quotedBit`` set where the field is quoted and ``doubledBit`` where its text has doubled
/// quotes. Records that do not have `width` fields
/// are set apart in `bad`; so the rows are a plain matrix.
struct CSVFieldScan {
    static let quotedBit: UInt32 = 0x8000_0000
    static let doubledBit: UInt32 = 0x4000_0000
    /// A block is smaller than 1 GiB: a record is at most 256 MiB long.
    static let positionMask: UInt32 = 0x3FFF_FFFF

    let width: Int
    let capacity: Int
    let ends: UnsafeMutablePointer<UInt32>
    let starts: UnsafeMutablePointer<UInt32>
    private(set) var rowCount = 0
    private(set) var bad: [CSVBadRecord] = []

    /// Records of `width` fields, `capacity` of them at a time. Free it with ``deallocate()``.
    init(width: Int, capacity: Int) {
        self.width = width
        self.capacity = capacity
        ends = .allocate(capacity: width * capacity)
        starts = .allocate(capacity: capacity)
    }

    func deallocate() {
        ends.deallocate()
        starts.deallocate()
    }

    /// The positions after the rows' last bytes.
    var recordEnds: [UInt32] {
        [UInt32](unsafeUninitializedCapacity: rowCount) { target, initialized in
            for row in 0..<rowCount {
                let last = ends[(row &+ 1) &* width &- 1]
                target.initializeElement(at: row, to: last & CSVFieldScan.positionMask)
            }
            initialized = rowCount
        }
    }

    /// The bytes of a field, quotes included.
    func bounds(_ row: Int, _ column: Int) -> Range<Int> {
        let slot = row * width + column
        let from =
            column == 0
            ? Int(starts[row]) : Int(ends[slot - 1] & CSVFieldScan.positionMask) + 1
        return from..<Int(ends[slot] & CSVFieldScan.positionMask)
    }

    func isQuoted(_ row: Int, _ column: Int) -> Bool {
        ends[row * width + column] & CSVFieldScan.quotedBit != 0
    }

    /// Scans whole records from `from`, at most `capacity` rows; returns where the next one starts.
    ///
    /// `base` must have 8 readable bytes after `end`. `byLine`: a quote left open at its line's end
    /// spoils that line only.
    mutating func scan(
        _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, _ syntax: CSVSyntax, byLine: Bool
    ) -> Int {
        rowCount = 0
        bad.removeAll(keepingCapacity: true)
        guard let quote = syntax.quote, CSVSyntax.find(quote, base, from, end) != nil else {
            return scan(base, from, end, syntax, quote: 0, hasQuotes: false, byLine: false)
        }
        return scan(base, from, end, syntax, quote: quote, hasQuotes: true, byLine: byLine)
    }

    @inline(__always)
    private mutating func scan(
        _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, _ syntax: CSVSyntax, quote: UInt8,
        hasQuotes: Bool, byLine: Bool
    ) -> Int {
        let raw = UnsafeRawPointer(base)
        let (delimiter, terminator) = (syntax.delimiter, syntax.terminator)
        let delimiters = repeatedByte(delimiter)
        let terminators = repeatedByte(terminator)
        let quotes = repeatedByte(quote)
        let width = self.width
        var record = Record(start: from)
        var slot = ends
        var i = from
        words: while i < end {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: i, as: UInt64.self))
            var marks = bytesEqual(word, delimiters) | bytesEqual(word, terminators)
            if hasQuotes { marks |= bytesEqual(word, quotes) }
            if end &- i < 8 { marks &= (1 &<< UInt64((end &- i) &* 8)) &- 1 }
            while marks != 0 {
                let at = i &+ marks.trailingZeroBitCount &>> 3
                marks &= marks &- 1
                let byte = base[at]
                if byte == delimiter {
                    if record.field < width {
                        slot[record.field] = UInt32(truncatingIfNeeded: at) | record.quoted
                    }
                    record.field &+= 1
                    record.fieldStart = at &+ 1
                    if hasQuotes { record.quoted = 0 }
                } else if byte == terminator {
                    finish(&record, base, at, syntax, &slot)
                    if rowCount == capacity { return at &+ 1 }
                } else if hasQuotes {
                    guard
                        syntax.isFieldStart(base, at, record.fieldStart),
                        !syntax.isComment(base, record.start, at)
                    else { continue }
                    i = readQuoted(&record, base, at, end, syntax, quote, byLine: byLine)
                    continue words
                }
            }
            i &+= 8
        }
        if record.start < end { finish(&record, base, end, syntax, &slot) }
        return end
    }

    /// The record being scanned.
    private struct Record {
        var start: Int
        var field = 0
        var fieldStart: Int
        var quoted: UInt32 = 0
        var fault: CSVFault?

        init(start: Int) {
            self.start = start
            fieldStart = start
        }
    }

    /// Passes over a quoted field that opens at `at`; returns where to go on.
    @inline(__always)
    private func readQuoted(
        _ record: inout Record, _ base: UnsafePointer<UInt8>, _ at: Int, _ end: Int,
        _ syntax: CSVSyntax, _ quote: UInt8, byLine: Bool
    ) -> Int {
        let limit = byLine ? CSVSyntax.find(syntax.terminator, base, at, end) ?? end : end
        guard
            let close = syntax.closingQuote(
                quote, base, at + 1, limit: limit, end: limit, isLast: true)
        else {
            record.fault = record.fault ?? .openQuote
            return limit
        }
        record.quoted = CSVFieldScan.quotedBit | (close.hasDoubled ? CSVFieldScan.doubledBit : 0)
        var next = close.at &+ 1
        if syntax.trims {
            while next < end, syntax.isPadding(base[next]) { next += 1 }
        }
        if next < end, base[next] != syntax.delimiter, base[next] != syntax.terminator,
            !isLineEnd(base, next, end, syntax)
        {
            record.fault = record.fault ?? .textAfterQuote
        }
        return next
    }

    /// CR LF, or a CR at the very end.
    private func isLineEnd(
        _ base: UnsafePointer<UInt8>, _ at: Int, _ end: Int, _ syntax: CSVSyntax
    ) -> Bool {
        base[at] == CSVSyntax.carriageReturn
            && (at + 1 == end || base[at + 1] == syntax.terminator)
    }

    @inline(__always)
    private mutating func finish(
        _ record: inout Record, _ base: UnsafePointer<UInt8>, _ at: Int, _ syntax: CSVSyntax,
        _ slot: inout UnsafeMutablePointer<UInt32>
    ) {
        var end = at
        if end > record.start, base[end &- 1] == CSVSyntax.carriageReturn,
            end &- 1 >= record.fieldStart
        {
            end &-= 1
        }
        if record.field == width &- 1, record.fault == nil,
            at &- record.start <= syntax.maxRecordBytes,
            syntax.comment.isEmpty || !syntax.isComment(base, record.start, at)
        {
            slot[record.field] = UInt32(truncatingIfNeeded: end) | record.quoted
            starts[rowCount] = UInt32(truncatingIfNeeded: record.start)
            rowCount &+= 1
            slot += width
        } else {
            reject(record, base, end, at, syntax)
        }
        record = Record(start: at &+ 1)
    }

    @inline(never)
    private mutating func reject(
        _ record: Record, _ base: UnsafePointer<UInt8>, _ end: Int, _ lineEnd: Int,
        _ syntax: CSVSyntax
    ) {
        if end == record.start || syntax.isComment(base, record.start, lineEnd) { return }
        let fault: CSVFault =
            lineEnd - record.start > syntax.maxRecordBytes
            ? .tooLong : record.fault ?? .fieldCount(record.field + 1)
        bad.append(CSVBadRecord(start: record.start, end: end, fault: fault))
    }
}

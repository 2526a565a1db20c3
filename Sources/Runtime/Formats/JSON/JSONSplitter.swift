/// Follows strings and brackets through a JSON document to tell where its rows end, eight bytes at
/// a time, each byte once. What stands between is checked by whoever decodes the rows.
///
/// Its findings depend on the bytes only, not on how they were cut into scans.
struct JSONSplitter {
    /// Depth of the rows: 1 in an array of them, 0 in a sequence.
    let rowDepth: Int
    /// A row may have this many bytes.
    private let maxRowBytes: Int
    private var depth: Int
    private var inString = false
    /// The last byte seen was a backslash in a string.
    private var isEscaped = false

    /// Offset in the object of the row that is open, and of the end of it where that was seen but
    /// no comma yet.
    private(set) var rowStart: Int64?
    private var rowEnd: Int64?

    /// After the last row that the last scan saw whole: at the comma after it, or after its last
    /// bracket where rows stand in a sequence.
    private(set) var lastCut: Int?
    /// The bracket that closes more than was opened: the end of an array of rows.
    private(set) var documentEnd: Int?
    /// The row that starts at ``rowStart`` is longer than the bound; the scan stopped there.
    private(set) var isTooLong = false
    /// No comma follows the last row within the bound.
    private(set) var isUnseparated = false

    /// The cursor must be after the bracket of an array of rows.
    init(rowDepth: Int, maxRowBytes: Int) {
        self.rowDepth = rowDepth
        self.maxRowBytes = maxRowBytes
        depth = rowDepth
    }

    /// Scans `from..<end`, where `from` is where the last scan stopped; returns where this one did.
    ///
    /// - Parameters:
    ///   - base: must have 8 readable bytes after `end`.
    ///   - offset: of `base` in the object.
    ///   - skipping: stop at the first cut, however long the row before it is.
    mutating func scan(
        _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, offset: Int64, skipping: Bool = false
    ) -> Int {
        (lastCut, isTooLong) = (nil, false)
        let limit = skipping ? Int64.max : Int64(maxRowBytes)
        var i = from
        while i < end, documentEnd == nil, !isTooLong, !(skipping && lastCut != nil) {
            if rowStart == nil {
                while i < end, JSONSplitter.isSpace(base[i]) { i += 1 }
                if i == end { break }
                rowStart = offset + Int64(i)
            }
            i =
                inString
                ? scanString(base, i, end)
                : scanStructure(base, i, end, offset: offset, limit: limit)
        }
        checkLimits(at: offset + Int64(i), limit)
        return i
    }

    /// The long row is being passed over.
    mutating func startSkipping() { isTooLong = false }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private mutating func checkLimits(at position: Int64, _ limit: Int64) {
        guard let rowStart else { return }
        if (rowEnd ?? position) - rowStart > limit { isTooLong = true }
        if let rowEnd, position - rowEnd > Int64(maxRowBytes) { isUnseparated = true }
    }

    private mutating func scanString(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        if isEscaped {
            isEscaped = false
            return from + 1
        }
        let quotes = repeatedByte(UInt8(ascii: "\""))
        let slashes = repeatedByte(UInt8(ascii: "\\"))
        var i = from
        while i < end {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(base).loadUnaligned(
                    fromByteOffset: i, as: UInt64.self))
            let marks = bytesEqual(word, quotes) | bytesEqual(word, slashes)
            if marks != 0 {
                let at = i &+ marks.trailingZeroBitCount &>> 3
                if at >= end { return end }
                if base[at] == UInt8(ascii: "\"") {
                    inString = false
                } else {
                    isEscaped = true
                }
                return at &+ 1
            }
            i &+= 8
        }
        return end
    }

    private mutating func scanStructure(
        _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, offset: Int64, limit: Int64
    ) -> Int {
        let quotes = repeatedByte(UInt8(ascii: "\""))
        let commas = repeatedByte(UInt8(ascii: ","))
        // `[` and `{`, `]` and `}` differ in one bit.
        let opening = repeatedByte(UInt8(ascii: "{"))
        let closing = repeatedByte(UInt8(ascii: "}"))
        let bit = repeatedByte(0x20)
        var i = from
        while i < end {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(base).loadUnaligned(
                    fromByteOffset: i, as: UInt64.self))
            var marks =
                bytesEqual(word | bit, opening) | bytesEqual(word | bit, closing)
                | bytesEqual(word, quotes) | bytesEqual(word, commas)
            if end &- i < 8 { marks &= (1 &<< UInt64((end &- i) &* 8)) &- 1 }
            while marks != 0 {
                let at = i &+ marks.trailingZeroBitCount &>> 3
                marks &= marks &- 1
                switch base[at] {
                case UInt8(ascii: "\""):
                    inString = true
                    return at &+ 1
                case UInt8(ascii: ","):
                    if depth == rowDepth, rowDepth > 0 {
                        return endRow(at, offset, limit, next: at &+ 1)
                    }
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
                default:
                    if depth &- 1 > rowDepth {
                        depth &-= 1
                    } else {
                        return close(at, offset, limit)
                    }
                }
            }
            i &+= 8
        }
        return end
    }

    /// A bracket that closes a row, or the array of rows. Not passed where the row is too long.
    private mutating func close(_ at: Int, _ offset: Int64, _ limit: Int64) -> Int {
        if depth == rowDepth {
            checkLimits(at: offset + Int64(at), limit)
            if !isTooLong { documentEnd = at }
            return at
        }
        if rowDepth == 0 {
            let next = endRow(at + 1, offset, limit, next: at + 1)
            if isTooLong { return at }
            depth -= 1
            return next
        }
        if rowEnd == nil, let rowStart, offset + Int64(at + 1) - rowStart > limit {
            isTooLong = true
            return at
        }
        depth -= 1
        rowEnd = rowEnd ?? offset + Int64(at + 1)
        return at + 1
    }

    /// Cuts at `at`, unless the row is too long.
    private mutating func endRow(_ at: Int, _ offset: Int64, _ limit: Int64, next: Int) -> Int {
        checkLimits(at: offset + Int64(at), limit)
        if isTooLong { return at }
        lastCut = at
        (rowStart, rowEnd) = (nil, nil)
        return next
    }
}

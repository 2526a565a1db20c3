import Glibc

/// The marks of a CSV file: all that is needed to tell records and fields apart.
///
/// RFC 4180, with what real files do beyond it. A quote opens a field only where the field starts;
/// anywhere else it is text. A record ends at a line end outside quotes: LF, an optional CR before
/// it belonging to the line end, or CR alone where the file has no LF.
package struct CSVSyntax: Sendable, Hashable {
    package var delimiter: UInt8 = UInt8(ascii: ",")
    /// `nil` where quotes are ordinary text.
    package var quote: UInt8? = UInt8(ascii: "\"")
    /// LF or CR.
    package var terminator: UInt8 = lineFeed
    /// Whether blanks around a field do not belong to it.
    package var trims = false
    /// A line that starts with this is no record.
    package var comment: [UInt8] = []
    /// A record may have this many bytes before its line end.
    package var maxRecordBytes = 16 << 20

    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")

    package init() {}

    /// A blank or tab that is not the delimiter.
    @inline(__always)
    func isPadding(_ byte: UInt8) -> Bool {
        (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")) && byte != delimiter
    }

    func isComment(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Bool {
        guard !comment.isEmpty, end - from >= comment.count else { return false }
        for i in 0..<comment.count where base[from + i] != comment[i] { return false }
        return true
    }

    /// Position of `byte` in `from..<end`.
    @inline(__always)
    static func find(
        _ byte: UInt8, _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> Int? {
        guard from < end, let found = memchr(base + from, Int32(byte), end - from) else {
            return nil
        }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }

    /// As ``find``, for what is probably near: no call for the first bytes. Eight bytes after `end`
    /// must be readable.
    @inline(__always)
    static func findNear(
        _ byte: UInt8, _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> Int? {
        let raw = UnsafeRawPointer(base)
        let repeated = repeatedByte(byte)
        var i = from
        let near = min(end, from &+ 32)
        while i < near {
            let word = raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)
            let found = bytesEqual(UInt64(littleEndian: word), repeated)
            if found != 0 {
                let at = i &+ found.trailingZeroBitCount &>> 3
                return at < end ? at : nil
            }
            i &+= 8
        }
        return find(byte, base, i, end)
    }

    /// Last position of `byte` in `from..<end`.
    @inline(__always)
    static func findLast(
        _ byte: UInt8, _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> Int? {
        let raw = UnsafeRawPointer(base)
        let repeated = repeatedByte(byte)
        var i = end
        while i &- from >= 8 {
            let word = raw.loadUnaligned(fromByteOffset: i &- 8, as: UInt64.self)
            let found = bytesEqual(UInt64(littleEndian: word), repeated)
            if found != 0 { return i &- 1 &- found.leadingZeroBitCount &>> 3 }
            i &-= 8
        }
        while i > from {
            i &-= 1
            if base[i] == byte { return i }
        }
        return nil
    }

    /// The quote, before `limit`, that closes a field whose content starts at `from`; a quote
    /// followed by a quote is one of its text. The byte after it may be looked at up to `end`;
    /// `nil` where it would have to be known but `end` is not the last byte of the input.
    @inline(__always)
    func closingQuote(
        _ quote: UInt8, _ base: UnsafePointer<UInt8>, _ from: Int, limit: Int, end: Int,
        isLast: Bool
    ) -> (at: Int, hasDoubled: Bool)? {
        var i = from
        while let found = CSVSyntax.findNear(quote, base, i, limit) {
            if found &+ 1 == end { return isLast ? (found, i != from) : nil }
            if base[found &+ 1] != quote { return (found, i != from) }
            i = found &+ 2
        }
        return nil
    }

    /// Whether a quote at `at` opens the field that starts at `fieldStart`.
    @inline(__always)
    func isFieldStart(_ base: UnsafePointer<UInt8>, _ at: Int, _ fieldStart: Int) -> Bool {
        var i = at
        if trims { while i > fieldStart, isPadding(base[i &- 1]) { i &-= 1 } }
        return i == fieldStart
    }

    /// The same where the start of the field is not known: `from` is where the last record or
    /// quoted field before it ended.
    @inline(__always)
    func opensField(
        _ base: UnsafePointer<UInt8>, at: Int, from: Int, recordStart: Int
    ) -> Bool {
        var i = at
        if trims { while i > from, isPadding(base[i &- 1]) { i &-= 1 } }
        return i == recordStart || (i > from && base[i &- 1] == delimiter)
    }
}

/// A field as text.
struct CSVCell: Equatable, Sendable {
    var text: String
    var isQuoted: Bool
    /// Where it stands, quotes and blanks included.
    var bytes: Range<Int>
}

extension CSVSyntax {
    /// The fields of the record `from..<end`, which has no line end; `nil` where its quotes are
    /// wrong. For headers and samples, where speed does not count.
    func cells(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> [CSVCell]? {
        var cells: [CSVCell] = []
        var i = from
        while true {
            let start = i
            if trims { while i < end, isPadding(base[i]) { i += 1 } }
            if let quote, i < end, base[i] == quote {
                guard
                    let close = closingQuote(quote, base, i + 1, limit: end, end: end, isLast: true)
                else { return nil }
                let text = unescaped(base, i + 1, close.at, quote)
                i = close.at + 1
                if trims { while i < end, isPadding(base[i]) { i += 1 } }
                if i < end, base[i] != delimiter { return nil }
                cells.append(CSVCell(text: text, isQuoted: true, bytes: start..<i))
            } else {
                i = CSVSyntax.find(delimiter, base, i, end) ?? end
                var (first, last) = (start, i)
                while trims, first < last, isPadding(base[first]) { first += 1 }
                while trims, first < last, isPadding(base[last - 1]) { last -= 1 }
                let bytes = UnsafeBufferPointer(start: base + first, count: last - first)
                cells.append(
                    CSVCell(
                        text: String(decoding: bytes, as: UTF8.self), isQuoted: false,
                        bytes: start..<i))
            }
            if i >= end { return cells }
            i += 1
        }
    }

    private func unescaped(
        _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, _ quote: UInt8
    ) -> String {
        var bytes: [UInt8] = []
        var i = from
        while i < end {
            bytes.append(base[i])
            i += base[i] == quote ? 2 : 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import Glibc

/// Finds the column of a key without making a string of it: open addressing over hashed bytes.
///
/// Its memory is plain bytes, written once, so that a lookup counts no references.
final class JSONKeys: @unchecked Sendable {
    private struct Entry: BitwiseCopyable {
        /// In `bytes`; `column` is -1 where the slot is free.
        var offset = 0
        var count = 0
        var column = -1
    }

    private let bytes: UnsafeMutablePointer<UInt8>
    private let table: UnsafeMutablePointer<Entry>
    /// Slots minus one; the number of slots is a power of two, and at most half of them are taken.
    private let mask: Int

    /// `names` with the column of each; the first of two equal names counts.
    init(_ names: [(String, Int)]) {
        var size = 4
        while size < names.count * 2 { size *= 2 }
        mask = size - 1
        bytes = .allocate(capacity: max(1, names.reduce(0) { $0 + $1.0.utf8.count }))
        table = .allocate(capacity: size)
        table.initialize(repeating: Entry(), count: size)
        var used = 0
        for (name, column) in names {
            let count = name.utf8.count
            for (i, byte) in name.utf8.enumerated() { bytes[used + i] = byte }
            if self.column(bytes + used, count) >= 0 { continue }
            var slot = JSONKeys.hash(bytes + used, count) & mask
            while table[slot].column >= 0 { slot = (slot + 1) & mask }
            table[slot] = Entry(offset: used, count: count, column: column)
            used += count
        }
    }

    deinit {
        bytes.deallocate()
        table.deallocate()
    }

    /// The column of the key, or -1.
    @inline(__always)
    func column(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var slot = JSONKeys.hash(p, count) & mask
        while table[slot].column >= 0 {
            let entry = table[slot]
            if entry.count == count, memcmp(bytes + entry.offset, p, count) == 0 {
                return entry.column
            }
            slot = (slot &+ 1) & mask
        }
        return -1
    }

    /// The column of a key that the cursor just read.
    @inline(__always)
    func column(_ text: JSONCursor.Text, _ cursor: JSONCursor) -> Int {
        if text.isEscaped { return escapedColumn(text, cursor) }
        return column(cursor.base + text.from, text.end &- text.from)
    }

    @inline(never)
    private func escapedColumn(_ text: JSONCursor.Text, _ cursor: JSONCursor) -> Int {
        var bytes: [UInt8] = []
        cursor.unescape(text, into: &bytes)
        return bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { column($0, buffer.count) } ?? -1
        }
    }

    /// Only the length and a few bytes: keys of one object differ in them, or a comparison tells.
    @inline(__always)
    private static func hash(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int {
        guard count > 0 else { return 0 }
        let bytes =
            UInt64(p[0]) | UInt64(p[count &- 1]) &<< 8 | UInt64(p[count &>> 1]) &<< 16
            | UInt64(p[count &>> 2]) &<< 24 | UInt64(truncatingIfNeeded: count) &<< 32
        return Int(truncatingIfNeeded: (bytes &* 0x9E37_79B9_7F4A_7C15) &>> 40)
    }
}

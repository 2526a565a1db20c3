import Glibc

/// Finds the column of a key without making a string of it: open addressing over hashed bytes.
struct JSONKeys: Sendable {
    private let keys: [[UInt8]]
    private let columns: [Int]
    /// Index into `keys` plus one; 0 is free. A power of two, at most half full.
    private let table: [UInt32]

    /// `names` with the column of each; the first of two equal names counts.
    init(_ names: [(String, Int)]) {
        keys = names.map { Array($0.0.utf8) }
        columns = names.map(\.1)
        var size = 4
        while size < names.count * 2 { size *= 2 }
        var table = [UInt32](repeating: 0, count: size)
        for (index, key) in keys.enumerated() {
            var slot = key.withUnsafeBufferPointer {
                JSONKeys.hash($0.baseAddress, $0.count) & (size - 1)
            }
            while table[slot] != 0 { slot = (slot + 1) & (size - 1) }
            table[slot] = UInt32(index + 1)
        }
        self.table = table
    }

    /// The column of the key, or -1.
    @inline(__always)
    func column(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int {
        let mask = table.count &- 1
        var slot = JSONKeys.hash(p, count) & mask
        while table[slot] != 0 {
            let index = Int(table[slot]) &- 1
            if keys[index].count == count,
                keys[index].withUnsafeBufferPointer({
                    count == 0 || memcmp($0.baseAddress!, p, count) == 0
                })
            {
                return columns[index]
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
    private static func hash(_ p: UnsafePointer<UInt8>?, _ count: Int) -> Int {
        guard let p, count > 0 else { return 0 }
        let bytes =
            UInt64(p[0]) | UInt64(p[count &- 1]) &<< 8 | UInt64(p[count &>> 1]) &<< 16
            | UInt64(p[count &>> 2]) &<< 24 | UInt64(truncatingIfNeeded: count) &<< 32
        return Int(truncatingIfNeeded: (bytes &* 0x9E37_79B9_7F4A_7C15) &>> 40)
    }
}

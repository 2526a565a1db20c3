import PipelineDSL

/// How the key columns of a row become a fixed number of 64-bit words that are compared as words.
///
/// The first word is the hash with its low 16 bits replaced by one null bit a column (with more
/// than 16 columns the null bits stand in words of their own at the end). A null's words are zero.
/// Then, a column after the other:
///
/// | type | words |
/// |---|---|
/// | boolean, integers, dates, times | the value, sign-extended |
/// | real, double | an image in which equal values are equal (``FloatOrder``) |
/// | decimal, uuid | low, high |
/// | string, bytes, json | length and first four bytes, then bytes 5…12 or the address of all |
/// | interval | length of time (low, high), by which it compares; the interval itself (two words) |
/// | array, map, struct | as bytes of ``ValueCodec``, then like a string |
struct KeyLayout: Sendable {
    enum Part: Sendable {
        case boolean, int32, int64, float32, float64, wide, interval, string, encoded
    }

    let types: [DataType]
    let parts: [Part]
    /// First word of each column.
    let offsets: [Int]
    /// Words a row.
    let stride: Int
    /// A word of ones for each word that must be equal, zero for what is not compared as a word.
    let compared: [UInt64]
    /// Second word of each string.
    let strings: [Int]
    let nullOffset: Int
    static let headerNullBits = 16

    init(_ types: [DataType]) {
        self.types = types
        var (parts, offsets, compared, strings): ([Part], [Int], [UInt64], [Int]) = (
            [], [], [~0], []
        )
        for type in types {
            let part = KeyLayout.part(type)
            parts.append(part)
            offsets.append(compared.count)
            switch part {
            case .boolean, .int32, .int64, .float32, .float64: compared.append(~0)
            case .wide: compared += [~0, ~0]
            case .interval: compared += [~0, ~0, 0, 0]
            case .string, .encoded:
                strings.append(compared.count + 1)
                compared += [~0, 0]
            }
        }
        nullOffset = compared.count
        if types.count > KeyLayout.headerNullBits {
            compared += [UInt64](repeating: ~0, count: (types.count + 63) / 64)
        }
        self.parts = parts
        self.offsets = offsets
        self.compared = compared
        self.strings = strings
        stride = compared.count
    }

    private static func part(_ type: DataType) -> Part {
        switch Column.Values.zeros(type, count: 0) {
        case .boolean: .boolean
        case .int32: .int32
        case .int64: .int64
        case .float32: .float32
        case .float64: .float64
        case .int128: .wide
        case .intervals: .interval
        case .strings: .string
        case .list, .structure, .nulls: .encoded
        }
    }

    /// Whether a row's words have a null among the keys.
    func hasNull(_ row: UnsafePointer<UInt64>) -> Bool {
        if types.count <= KeyLayout.headerNullBits { return row[0] & 0xFFFF != 0 }
        return (nullOffset..<stride).contains { row[$0] != 0 }
    }

    func isNull(_ row: UnsafePointer<UInt64>, column: Int) -> Bool {
        if types.count <= KeyLayout.headerNullBits { return row[0] &>> UInt64(column) & 1 == 1 }
        return row[nullOffset + column / 64] &>> UInt64(column & 63) & 1 == 1
    }

    /// Same key: all words, and behind the addresses the same bytes.
    @inline(__always)
    static func equal(
        _ a: UnsafePointer<UInt64>, _ b: UnsafePointer<UInt64>,
        _ compared: UnsafeBufferPointer<UInt64>, _ strings: UnsafeBufferPointer<Int>
    ) -> Bool {
        var difference: UInt64 = 0
        for w in 0..<compared.count { difference |= (a[w] ^ b[w]) & compared[w] }
        if difference != 0 { return false }
        for w in strings {
            if a[w] == b[w] { continue }
            let length = Int(truncatingIfNeeded: a[w &- 1] & 0xFFFF_FFFF)
            guard length > StringView.inlineCapacity,
                let x = UnsafeRawPointer(bitPattern: UInt(a[w])),
                let y = UnsafeRawPointer(bitPattern: UInt(b[w])),
                compareBytes(x, y, length) == 0
            else { return false }
        }
        return true
    }
}

import PipelineDSL

/// Orders rows of columns by several keys.
///
/// Each key column becomes one 64-bit word a row that orders as the values do, direction and nulls
/// included: exact for everything of at most 8 bytes, the first bytes for strings and wide numbers.
/// Sorting compares words; values are looked at only where the words of an inexact key are equal.
package struct RowComparator: Sendable {
    package struct Key: Sendable {
        package var descending: Bool
        package var nullsFirst: Bool

        package init(descending: Bool, nullsFirst: Bool) {
            self.descending = descending
            self.nullsFirst = nullsFirst
        }
    }

    private struct Part: Sendable {
        let column: Column
        let key: Key
        let words: [UInt64]
        /// Nulls apart, equal words are equal values.
        let isExact: Bool
        let hasNulls: Bool
    }

    private let parts: [Part]

    /// - Parameter columns: one a key, of equal length.
    package init(_ columns: [Column], keys: [Key]) {
        parts = zip(columns, keys).map { column, key in
            let (words, isExact) = SortWords.words(column, key)
            return Part(
                column: column, key: key, words: words, isExact: isExact,
                hasNulls: column.nullCount > 0)
        }
    }

    /// Negative where row `a` comes first, 0 where the keys are equal.
    @inline(__always)
    package func compare(_ a: Int, _ b: Int) -> Int {
        for part in parts {
            let (x, y) = (part.words[a], part.words[b])
            if x != y, !part.hasNulls { return x < y ? -1 : 1 }
            let order = RowComparator.compare(part, a, b)
            if order != 0 { return order }
        }
        return 0
    }

    @inline(never)
    private static func compare(_ part: Part, _ a: Int, _ b: Int) -> Int {
        if part.hasNulls {
            let (nullA, nullB) = (part.column.isNull(a), part.column.isNull(b))
            if nullA || nullB {
                if nullA == nullB { return 0 }
                return nullA == part.key.nullsFirst ? -1 : 1
            }
        }
        let (x, y) = (part.words[a], part.words[b])
        if x != y { return x < y ? -1 : 1 }
        if part.isExact { return 0 }
        let order = ValueOrder.compare(part.column, a, part.column, b)
        return part.key.descending ? -order : order
    }

    /// `rows` in order; equal ones keep theirs.
    package func sorted(_ rows: [UInt32]) -> [UInt32] {
        guard rows.count > 1 else { return rows }
        if parts.count == 1, parts[0].isExact, !parts[0].hasNulls { return sortedByWords(rows) }
        // `sort` of the standard library is stable in fact but not by contract: break ties by place.
        var entries = rows.enumerated().map { (row: $1, place: UInt32(truncatingIfNeeded: $0)) }
        entries.sort { a, b in
            let order = compare(Int(a.row), Int(b.row))
            return order != 0 ? order < 0 : a.place < b.place
        }
        return entries.map(\.row)
    }

    private func sortedByWords(_ rows: [UInt32]) -> [UInt32] {
        let words = parts[0].words
        var entries = rows.enumerated().map {
            (word: words[Int($1)], place: UInt32(truncatingIfNeeded: $0), row: $1)
        }
        entries.sort { $0.word != $1.word ? $0.word < $1.word : $0.place < $1.place }
        return entries.map(\.row)
    }

    /// The first `limit` of `rows` in order, without sorting the rest: a bounded heap.
    package func first(_ limit: Int, of rows: [UInt32]) -> [UInt32] {
        guard limit > 0 else { return [] }
        if rows.count <= limit * 2 { return Array(sorted(rows).prefix(limit)) }
        var kept: [UInt32] = []
        for from in stride(from: 0, to: rows.count, by: max(limit, 1024)) {
            let part = rows[from..<min(from + max(limit, 1024), rows.count)]
            let worst = kept.count == limit ? kept[limit - 1] : nil
            // What is not before the last kept row cannot get in: equal rows keep their order.
            let better = part.filter { row in
                worst.map { compare(Int(row), Int($0)) < 0 } ?? true
            }
            guard !better.isEmpty else { continue }
            kept = Array(sorted(kept + better).prefix(limit))
        }
        return kept
    }

    /// Compares rows of two sets of columns, for merging sorted runs.
    package static func compare(
        _ a: [Column], _ i: Int, _ b: [Column], _ j: Int, keys: [Key]
    ) -> Int {
        for (index, key) in keys.enumerated() {
            let (x, y) = (a[index], b[index])
            let (nullX, nullY) = (x.isNull(i), y.isNull(j))
            if nullX || nullY {
                if nullX == nullY { continue }
                return nullX == key.nullsFirst ? -1 : 1
            }
            let order = ValueOrder.compare(x, i, y, j)
            if order != 0 { return key.descending ? -order : order }
        }
        return 0
    }
}

/// Values as words that order as they do.
enum SortWords {
    private static let signBit: UInt64 = 1 << 63

    static func words(_ column: Column, _ key: RowComparator.Key) -> (
        words: [UInt64], isExact: Bool
    ) {
        var (words, isExact) = ascending(column)
        if key.descending { for i in words.indices { words[i] = ~words[i] } }
        return (words, isExact)
    }

    private static func ascending(_ column: Column) -> (words: [UInt64], isExact: Bool) {
        switch column.values {
        case .boolean(let v): return ((0..<v.count).map { v[$0] ? 1 : 0 }, true)
        case .int32(let v): return (v.map { word(Int64($0)) }, true)
        case .int64(let v): return (v.map { word($0) }, true)
        case .float32(let v): return (v.map { word(Int64(FloatOrder.key($0))) }, true)
        case .float64(let v): return (v.map { word(FloatOrder.key($0)) }, true)
        case .int128(let v):
            let flip: UInt64 = column.type == .uuid ? 0 : signBit
            return (v.map { UInt64(truncatingIfNeeded: $0 >> 64) ^ flip }, false)
        case .intervals(let v):
            return (v.map { UInt64(truncatingIfNeeded: $0.span >> 64) ^ signBit }, false)
        case .strings(let v):
            return v.withAccess { strings in
                ((0..<v.count).map { prefix(strings[$0]) }, false)
            }
        case .list, .structure: return ([UInt64](repeating: 0, count: column.count), false)
        case .nulls(let count): return ([UInt64](repeating: 0, count: count), true)
        }
    }

    @inline(__always)
    private static func word(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ signBit }

    /// The first eight bytes, zero-padded.
    @inline(__always)
    private static func prefix(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        if bytes.count >= 8 { return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) }
        var word: UInt64 = 0
        for byte in bytes { word = word &<< 8 | UInt64(byte) }
        return word &<< UInt64(8 &* (8 &- bytes.count))
    }
}

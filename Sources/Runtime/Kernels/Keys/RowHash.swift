import PipelineDSL

/// One 64-bit hash a row over the values of `columns`, a column at a time.
///
/// Equal keys (in the sense of `GROUP BY`: null equals null, NaN equals NaN, -0 equals 0) have equal
/// hashes. All bits are usable: ``GroupTable`` takes the high ones, so take the low ones to
/// partition. With another `seed` the hashes are independent, for partitioning what was partitioned.
package func hashRows(_ columns: [Column], count: Int, seed: UInt64 = 0) -> [UInt64] {
    var hashes = [UInt64](repeating: RowHash.start(seed), count: count)
    for column in columns { RowHash.add(column, to: &hashes) }
    return hashes
}

/// Folded multiplication, as in wyhash and foldhash: the 128-bit product's halves xored.
enum RowHash {
    private static let k0: UInt64 = 0xA076_1D64_78BD_642F
    private static let k1: UInt64 = 0xE703_7ED1_A0B4_28DB
    private static let k2: UInt64 = 0x8EBC_6AF0_9C88_C6E3
    private static let nullWord: UInt64 = 0x5899_65CC_7537_4CC3

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    static func start(_ seed: UInt64) -> UInt64 { fold(seed ^ k2, k1) }

    @inline(__always)
    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        fold(word ^ hash ^ k0, k1)
    }

    @inline(__always)
    private static func mix(_ hash: UInt64, _ a: UInt64, _ b: UInt64) -> UInt64 {
        // The second folding keeps a factor of zero from swallowing the other word.
        fold(fold(a ^ hash ^ k0, b ^ k1) ^ a &+ b, k2)
    }

    @inline(__always)
    private static func mix(_ hash: UInt64, wide value: Int128) -> UInt64 {
        mix(
            hash, UInt64(truncatingIfNeeded: value), UInt64(truncatingIfNeeded: value >> 64))
    }

    // MARK: Strings

    @inline(__always)
    static func string(_ strings: StringAccess, _ row: Int) -> UInt64 {
        string(start(0), strings, row)
    }

    @inline(__always)
    static func string(_ hash: UInt64, _ strings: StringAccess, _ row: Int) -> UInt64 {
        let view = strings.view(row)
        if view.isInline { return mix(hash, view.low, view.high) }
        return bytes(hash, strings.base(view), view.count)
    }

    /// More than 12 bytes.
    @inline(never)
    private static func bytes(_ hash: UInt64, _ p: UnsafeRawPointer, _ count: Int) -> UInt64 {
        @inline(__always) func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: p.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        var hash = hash ^ UInt64(truncatingIfNeeded: count) &* k2
        var i = 0
        while i &+ 16 < count {
            hash = fold(word(i) ^ hash ^ k0, word(i &+ 8) ^ k1)
            i &+= 16
        }
        // The last 16 bytes, or all of them where there are fewer; they may overlap.
        return mix(hash, word(max(count &- 16, 0)), word(count &- 8))
    }

    // MARK: Columns

    static func add(_ column: Column, to hashes: inout [UInt64]) {
        switch column.values {
        case .int32(let v): each(column, v, &hashes) { mix($0, UInt64(bitPattern: Int64($1))) }
        case .int64(let v): each(column, v, &hashes) { mix($0, UInt64(bitPattern: $1)) }
        case .float32(let v):
            each(column, v, &hashes) { mix($0, UInt64(bitPattern: Int64(FloatOrder.key($1)))) }
        case .float64(let v):
            each(column, v, &hashes) { mix($0, UInt64(bitPattern: FloatOrder.key($1))) }
        case .int128(let v): each(column, v, &hashes) { mix($0, wide: $1) }
        case .intervals(let v): each(column, v, &hashes) { mix($0, wide: $1.span) }
        case .strings(let v):
            v.withAccess { strings in
                rows(column, &hashes) { string($0, strings, $1) }
            }
        case .boolean(let v): rows(column, &hashes) { mix($0, v[$1] ? 1 : 0) }
        case .nulls, .list, .structure: rows(column, &hashes) { value($0, column, $1) }
        }
    }

    @inline(__always)
    private static func each<T>(
        _ column: Column, _ values: [T], _ hashes: inout [UInt64], _ f: (UInt64, T) -> UInt64
    ) {
        values.withUnsafeBufferPointer { values in
            rows(column, &hashes) { hash, row in f(hash, values[row]) }
        }
    }

    @inline(__always)
    private static func rows(
        _ column: Column, _ hashes: inout [UInt64], _ f: (UInt64, Int) -> UInt64
    ) {
        let count = min(column.count, hashes.count)
        hashes.withUnsafeMutableBufferPointer { hashes in
            guard let validity = column.validity else {
                for i in 0..<count { hashes[i] = f(hashes[i], i) }
                return
            }
            for i in 0..<count {
                hashes[i] = validity[i] ? f(hashes[i], i) : mix(hashes[i], nullWord)
            }
        }
    }

    /// One value of any type; for nested ones.
    private static func value(_ hash: UInt64, _ column: Column, _ row: Int) -> UInt64 {
        if column.isNull(row) { return mix(hash, nullWord) }
        switch column.values {
        case .boolean(let v): return mix(hash, v[row] ? 1 : 0)
        case .int32(let v): return mix(hash, UInt64(bitPattern: Int64(v[row])))
        case .int64(let v): return mix(hash, UInt64(bitPattern: v[row]))
        case .float32(let v): return mix(hash, UInt64(bitPattern: Int64(FloatOrder.key(v[row]))))
        case .float64(let v): return mix(hash, UInt64(bitPattern: FloatOrder.key(v[row])))
        case .int128(let v): return mix(hash, wide: v[row])
        case .intervals(let v): return mix(hash, wide: v[row].span)
        case .strings(let v): return v.withAccess { string(hash, $0, row) }
        case .list(let offsets, let child):
            var hash = mix(hash, UInt64(bitPattern: Int64(offsets[row + 1] - offsets[row])))
            for i in offsets[row]..<offsets[row + 1] { hash = value(hash, child.column, Int(i)) }
            return hash
        case .structure(let columns, _):
            return columns.reduce(hash) { value($0, $1, row) }
        case .nulls: return mix(hash, nullWord)
        }
    }
}

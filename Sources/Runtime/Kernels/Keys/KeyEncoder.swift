import PipelineDSL

/// The keys of some rows of a batch as words, to be looked up or inserted. Long strings are
/// addresses into the batch, which is kept alive as long as this.
struct EncodedKeys {
    let layout: KeyLayout
    let words: [UInt64]
    let count: Int
    private let owners: [Column]

    /// - Parameters:
    ///   - hashes: of all physical rows.
    ///   - rows: physical rows in the order wanted; `nil` is all.
    init(_ layout: KeyLayout, _ columns: [Column], hashes: [UInt64], rows: [UInt32]?) {
        self.layout = layout
        count = rows?.count ?? hashes.count
        owners = zip(columns, layout.parts).map { column, part in
            guard case .encoded = part else { return column }
            return ValueCodec.encodedColumn(column)
        }
        words = EncodedKeys.encode(layout, owners, hashes: hashes, rows: rows, count: count)
    }

    private static func encode(
        _ layout: KeyLayout, _ columns: [Column], hashes: [UInt64], rows: [UInt32]?, count: Int
    ) -> [UInt64] {
        let stride = layout.stride
        return [UInt64](unsafeUninitializedCapacity: count * stride) { out, initialized in
            guard let base = out.baseAddress else { return }
            base.initialize(repeating: 0, count: count * stride)
            hashes.withUnsafeBufferPointer { hashes in
                forEach(rows, count) { base[$0 &* stride] = hashes[$1] & ~0xFFFF }
            }
            for (c, column) in columns.enumerated() {
                encode(
                    column, part: layout.parts[c], to: base + layout.offsets[c], stride: stride,
                    rows: rows, count: count)
                markNulls(column, index: c, layout, base, rows: rows, count: count)
            }
            initialized = count * stride
        }
    }

    @inline(__always)
    private static func forEach(_ rows: [UInt32]?, _ count: Int, _ body: (Int, Int) -> Void) {
        guard let rows else {
            for i in 0..<count { body(i, i) }
            return
        }
        rows.withUnsafeBufferPointer { rows in
            for i in 0..<count { body(i, Int(rows[i])) }
        }
    }

    private static func encode(
        _ column: Column, part: KeyLayout.Part, to target: UnsafeMutablePointer<UInt64>,
        stride: Int, rows: [UInt32]?, count: Int
    ) {
        switch column.values {
        case .boolean(let v): forEach(rows, count) { target[$0 &* stride] = v[$1] ? 1 : 0 }
        case .int32(let v): words(v, target, stride, rows, count) { UInt64(bitPattern: Int64($0)) }
        case .int64(let v): words(v, target, stride, rows, count) { UInt64(bitPattern: $0) }
        case .float32(let v):
            words(v, target, stride, rows, count) { UInt64(bitPattern: Int64(FloatOrder.key($0))) }
        case .float64(let v):
            words(v, target, stride, rows, count) { UInt64(bitPattern: FloatOrder.key($0)) }
        case .int128(let v):
            forEach(rows, count) { i, row in
                target[i &* stride] = UInt64(truncatingIfNeeded: v[row])
                target[i &* stride &+ 1] = UInt64(truncatingIfNeeded: v[row] >> 64)
            }
        case .intervals(let v):
            forEach(rows, count) { i, row in
                let span = v[row].span
                let parts = UInt64(UInt32(bitPattern: v[row].months)) << 32
                target[i &* stride] = UInt64(truncatingIfNeeded: span)
                target[i &* stride &+ 1] = UInt64(truncatingIfNeeded: span >> 64)
                target[i &* stride &+ 2] = parts | UInt64(UInt32(bitPattern: v[row].days))
                target[i &* stride &+ 3] = UInt64(bitPattern: v[row].microseconds)
            }
        case .strings(let v):
            v.withAccess { strings in
                forEach(rows, count) { i, row in
                    let view = strings.view(row)
                    target[i &* stride] = view.low
                    target[i &* stride &+ 1] =
                        view.isInline ? view.high : UInt64(UInt(bitPattern: strings.base(view)))
                }
            }
        case .list, .structure, .nulls: break
        }
    }

    @inline(__always)
    private static func words<T>(
        _ values: [T], _ target: UnsafeMutablePointer<UInt64>, _ stride: Int, _ rows: [UInt32]?,
        _ count: Int, _ word: (T) -> UInt64
    ) {
        values.withUnsafeBufferPointer { values in
            forEach(rows, count) { target[$0 &* stride] = word(values[$1]) }
        }
    }

    private static func markNulls(
        _ column: Column, index: Int, _ layout: KeyLayout, _ base: UnsafeMutablePointer<UInt64>,
        rows: [UInt32]?, count: Int
    ) {
        guard column.nullCount > 0 else { return }
        let inHeader = layout.types.count <= KeyLayout.headerNullBits
        let bitWord = inHeader ? 0 : layout.nullOffset + index / 64
        let bit: UInt64 = 1 << UInt64(inHeader ? index : index & 63)
        let from = layout.offsets[index]
        let to = index + 1 < layout.offsets.count ? layout.offsets[index + 1] : layout.nullOffset
        forEach(rows, count) { i, row in
            guard column.isNull(row) else { return }
            let place = base + i &* layout.stride
            place[bitWord] |= bit
            for w in from..<to { place[w] = 0 }
        }
    }
}

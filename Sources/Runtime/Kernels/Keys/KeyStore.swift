import PipelineDSL

/// Keys by their number, append-only: rows of words in chunks that never move, and an arena for the
/// bytes of long strings.
final class KeyStore: @unchecked Sendable {
    let layout: KeyLayout
    private(set) var count = 0
    private var chunks: [UnsafeMutablePointer<UInt64>] = []
    private let arena = ByteArena()
    private static let chunkRows = 4096
    private static let chunkShift = 12

    init(_ layout: KeyLayout) { self.layout = layout }

    deinit { for chunk in chunks { chunk.deallocate() } }

    var byteCount: Int {
        chunks.count * KeyStore.chunkRows * layout.stride * 8 + arena.byteCount
    }

    /// At most what is allocated for so many rows and bytes in strings.
    func growthBound(rows: Int, stringBytes: Int) -> Int {
        (rows + KeyStore.chunkRows) * layout.stride * 8 + arena.growthBound(stringBytes)
    }

    @inline(__always)
    func row(_ index: Int) -> UnsafeMutablePointer<UInt64> {
        chunks[index &>> KeyStore.chunkShift]
            + (index & (KeyStore.chunkRows &- 1)) &* layout.stride
    }

    /// Room for `more` rows, so that ``append(_:)`` need not look.
    func reserve(_ more: Int) {
        let wanted = (count + more + KeyStore.chunkRows - 1) / KeyStore.chunkRows
        while chunks.count < wanted {
            chunks.append(.allocate(capacity: KeyStore.chunkRows * layout.stride))
        }
    }

    /// Appends a copy; its long strings are copied into the arena. Needs ``reserve(_:)``.
    @inline(__always)
    func append(_ words: UnsafePointer<UInt64>) {
        let target = row(count)
        for w in 0..<layout.stride { target[w] = words[w] }
        for w in layout.strings {
            let length = Int(truncatingIfNeeded: words[w &- 1] & 0xFFFF_FFFF)
            guard length > StringView.inlineCapacity,
                let bytes = UnsafeRawPointer(bitPattern: UInt(words[w]))
            else { continue }
            target[w] = UInt64(UInt(bitPattern: arena.copy(bytes, length)))
        }
        count &+= 1
    }

    /// The keys as columns, one a key column.
    func columns(_ range: Range<Int>) -> [Column] {
        layout.types.indices.map { column($0, range) }
    }

    private func column(_ index: Int, _ range: Range<Int>) -> Column {
        let (type, offset) = (layout.types[index], layout.offsets[index])
        var validity: Bitmap?
        let valid = Bitmap(count: range.count) {
            !layout.isNull(row(range.lowerBound + $0), column: index)
        }
        if !valid.allOnes { validity = valid }
        func all<T>(_ convert: (UnsafeMutablePointer<UInt64>) -> T) -> [T] {
            range.map { convert(row($0) + offset) }
        }
        let values: Column.Values
        switch layout.parts[index] {
        case .boolean:
            values = .boolean(
                Bitmap(count: range.count) { row(range.lowerBound + $0)[offset] != 0 })
        case .int32: values = .int32(all { Int32(truncatingIfNeeded: $0[0]) })
        case .int64: values = .int64(all { Int64(bitPattern: $0[0]) })
        case .float32:
            values = .float32(all { FloatOrder.value(Int32(truncatingIfNeeded: $0[0])) })
        case .float64: values = .float64(all { FloatOrder.value(Int64(bitPattern: $0[0])) })
        case .wide:
            values = .int128(
                all { Int128(truncatingIfNeeded: UInt128($0[1]) << 64 | UInt128($0[0])) })
        case .interval:
            values = .intervals(
                all {
                    Interval(
                        months: Int32(truncatingIfNeeded: $0[2] >> 32),
                        days: Int32(truncatingIfNeeded: $0[2]),
                        microseconds: Int64(bitPattern: $0[3]))
                })
        case .string: values = .strings(strings(offset, range))
        case .encoded:
            return ValueCodec.decodedColumn(strings(offset, range), type: type, validity: validity)
        }
        return Column(type, values, validity: validity)
    }

    private func strings(_ offset: Int, _ range: Range<Int>) -> Strings {
        var builder = StringsBuilder(capacity: range.count)
        for index in range {
            let words = UnsafeRawPointer(row(index) + offset)
            let view = words.load(as: StringView.self)
            if view.isInline {
                builder.append(UnsafeRawBufferPointer(start: words + 4, count: view.count))
            } else {
                builder.append(
                    UnsafeRawBufferPointer(
                        start: UnsafeRawPointer(bitPattern: UInt(view.high)), count: view.count))
            }
        }
        return builder.finish()
    }
}

extension FloatOrder {
    @inline(__always)
    static func value(_ key: Int64) -> Double {
        if key == .max { return .nan }
        return Double(bitPattern: UInt64(bitPattern: key < 0 ? key ^ .max : key))
    }

    @inline(__always)
    static func value(_ key: Int32) -> Float {
        if key == .max { return .nan }
        return Float(bitPattern: UInt32(bitPattern: key < 0 ? key ^ .max : key))
    }
}

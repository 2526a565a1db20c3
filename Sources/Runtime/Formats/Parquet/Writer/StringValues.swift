import Glibc

/// Byte arrays of any length.
struct StringValues: PlainValues {
    private let run: StringRun
    /// Start of every block; valid as long as `run` is.
    private let bases: [UnsafeRawPointer]

    init(_ run: StringRun) {
        self.run = run
        bases = run.blocks.map { UnsafeRawPointer($0.base) }
    }

    var count: Int { run.views.count }
    func plainBytes(_ index: Int) -> Int { run.views[index].count + 4 }
    var totalPlainBytes: Int { run.byteCount + 4 * count }

    func appendPlain(_ range: Range<Int>, to buffer: PageBuffer) {
        run.views.withUnsafeBufferPointer { views in
            bases.withUnsafeBufferPointer { bases in
                for i in range { Self.append(views[i], bases, buffer) }
            }
        }
    }

    func appendPlain(entries: [UInt32], to buffer: PageBuffer) {
        run.views.withUnsafeBufferPointer { views in
            bases.withUnsafeBufferPointer { bases in
                for entry in entries { Self.append(views[Int(entry)], bases, buffer) }
            }
        }
    }

    @inline(__always)
    private static func append(
        _ view: StringView, _ bases: UnsafeBufferPointer<UnsafeRawPointer>, _ buffer: PageBuffer
    ) {
        let n = view.count
        let target = buffer.reserve(n &+ 4)
        target.storeBytes(of: UInt32(truncatingIfNeeded: n).littleEndian, as: UInt32.self)
        if view.isInline {
            // Twelve bytes whatever the length: the buffer has room for them.
            target.storeBytes(
                of: UInt32(truncatingIfNeeded: view.low &>> 32).littleEndian, toByteOffset: 4,
                as: UInt32.self)
            target.storeBytes(of: view.high.littleEndian, toByteOffset: 8, as: UInt64.self)
        } else {
            memcpy(target + 4, bases[view.block] + view.offset, n)
        }
        buffer.commit(n &+ 4)
    }

    // MARK: Dictionary

    func dictionary(limitBytes: Int) -> ValueDictionary? {
        run.views.withUnsafeBufferPointer { views in
            bases.withUnsafeBufferPointer { bases in
                var builder = DictionaryBuilder(
                    valueCount: views.count, plainBytes: totalPlainBytes, limitEntries: .max)
                var entries: [StringView] = []
                var bytes = 0
                for i in 0..<views.count {
                    let view = views[i]
                    let added = builder.append(i, hash: Self.hash(view, bases)) {
                        Self.equal(entries[$0], view, bases)
                    }
                    if added {
                        entries.append(view)
                        bytes += view.count + 4
                        if bytes > limitBytes { return nil }
                    }
                    if builder.isHopeless { return nil }
                }
                return builder.finish(entryBytes: bytes)
            }
        }
    }

    @inline(__always)
    private static func equal(
        _ a: StringView, _ b: StringView, _ bases: UnsafeBufferPointer<UnsafeRawPointer>
    ) -> Bool {
        if a.low != b.low { return false }
        if a.high == b.high { return true }
        if a.isInline { return false }
        return memcmp(bases[a.block] + a.offset, bases[b.block] + b.offset, a.count) == 0
    }

    @inline(__always)
    private static func hash(
        _ view: StringView, _ bases: UnsafeBufferPointer<UnsafeRawPointer>
    ) -> UInt64 {
        if view.isInline { return mix(view.low ^ mix(view.high)) }
        let start = bases[view.block] + view.offset
        let n = view.count
        var hash = UInt64(truncatingIfNeeded: n)
        var i = 0
        while i &+ 8 <= n {
            hash = mix(hash ^ start.loadUnaligned(fromByteOffset: i, as: UInt64.self))
            i &+= 8
        }
        // The last eight bytes, some of them for the second time: a long view has more than twelve.
        return mix(hash ^ start.loadUnaligned(fromByteOffset: n &- 8, as: UInt64.self))
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value &* 0x9E37_79B9_7F4A_7C15
        return product ^ product &>> 32
    }

    // MARK: Bounds

    func bounds(_ range: Range<Int>, _ dictionary: ValueDictionary?) -> ValueBounds? {
        guard !range.isEmpty else { return nil }
        return run.views.withUnsafeBufferPointer { views in
            bases.withUnsafeBufferPointer { bases in
                var (low, high) = (views[range.lowerBound], views[range.lowerBound])
                func see(_ view: StringView) {
                    if Self.isBefore(view, low, bases) { low = view }
                    if Self.isBefore(high, view, bases) { high = view }
                }
                if let dictionary {
                    dictionary.forEachUsed(in: range) { see(views[$0]) }
                } else {
                    for i in range { see(views[i]) }
                }
                return ValueBounds(min: .bytes(bytes(low)), max: .bytes(bytes(high)))
            }
        }
    }

    private func bytes(_ view: StringView) -> [UInt8] { view.withBytes(run.blocks) { [UInt8]($0) } }

    @inline(__always)
    private static func isBefore(
        _ a: StringView, _ b: StringView, _ bases: UnsafeBufferPointer<UnsafeRawPointer>
    ) -> Bool {
        let (x, y) = (prefix(a), prefix(b))
        if x != y { return x < y }
        return isBeforeAfterPrefix(a, b, bases)
    }

    /// The first four bytes as a number in their order; absent ones are zero.
    @inline(__always)
    private static func prefix(_ view: StringView) -> UInt32 {
        UInt32(truncatingIfNeeded: view.low &>> 32).byteSwapped
    }

    private static func isBeforeAfterPrefix(
        _ a: StringView, _ b: StringView, _ bases: UnsafeBufferPointer<UnsafeRawPointer>
    ) -> Bool {
        withBytes(a, bases) { x in
            withBytes(b, bases) { y in
                let n = min(a.count, b.count)
                let order = n == 0 ? 0 : memcmp(x, y, n)
                return order != 0 ? order < 0 : a.count < b.count
            }
        }
    }

    @inline(__always)
    private static func withBytes<R>(
        _ view: StringView, _ bases: UnsafeBufferPointer<UnsafeRawPointer>,
        _ body: (UnsafeRawPointer) -> R
    ) -> R {
        if !view.isInline { return body(bases[view.block] + view.offset) }
        var copy = view
        return withUnsafePointer(to: &copy) { body(UnsafeRawPointer($0) + 4) }
    }
}

extension StringView {
    /// As ``init(_:count:block:offset:)`` where at least 12 bytes after `pointer` may be read, as
    /// everywhere in a ``ByteBlock``: no loop over short strings.
    @inline(__always)
    package init(padded pointer: UnsafeRawPointer, count: Int, block: Int, offset: Int) {
        let first = UInt64(littleEndian: pointer.loadUnaligned(as: UInt64.self))
        if count > StringView.inlineCapacity {
            self.init(
                low: UInt64(truncatingIfNeeded: count) | first &<< 32,
                high: UInt64(truncatingIfNeeded: block) | UInt64(truncatingIfNeeded: offset) &<< 32)
            return
        }
        let prefix = count >= 4 ? first : first & ((1 &<< UInt64(count &* 8)) &- 1)
        var rest: UInt64 = 0
        if count > 4 {
            rest = UInt64(littleEndian: pointer.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
            if count < 12 { rest &= (1 &<< UInt64((count &- 4) &* 8)) &- 1 }
        }
        self.init(low: UInt64(truncatingIfNeeded: count) | prefix &<< 32, high: rest)
    }
}

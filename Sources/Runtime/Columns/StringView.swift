import Glibc

/// 16 bytes that are a string or point at one, in Arrow's BinaryView layout.
///
/// Up to 12 bytes stand inline after the length, zero-padded; a longer string has its first four
/// bytes inline, then the index of its block and its offset there. Two short strings are equal
/// exactly when their 16 bytes are.
package struct StringView: Sendable, BitwiseCopyable {
    /// Length in the low 32 bits, first four bytes in the high ones.
    package var low: UInt64
    /// Bytes 5…12, or block index (low 32 bits) and offset (high 32 bits).
    package var high: UInt64

    package static let inlineCapacity = 12
    package static let empty = StringView(low: 0, high: 0)

    @inline(__always)
    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inline(__always) package var count: Int { Int(truncatingIfNeeded: low & 0xFFFF_FFFF) }
    @inline(__always) package var isInline: Bool { count <= StringView.inlineCapacity }
    @inline(__always) package var block: Int { Int(truncatingIfNeeded: high & 0xFFFF_FFFF) }
    @inline(__always) package var offset: Int { Int(truncatingIfNeeded: high &>> 32) }

    /// A view of `count` bytes at `pointer`, which stand at `offset` of block number `block`.
    ///
    /// `count` and `offset` must be below 2³², as a block never exceeds 2 GiB.
    @inline(__always)
    package init(_ pointer: UnsafeRawPointer, count: Int, block: Int, offset: Int) {
        if count <= StringView.inlineCapacity {
            self.init(inline: pointer, count: count)
        } else {
            let prefix = UInt64(pointer.loadUnaligned(as: UInt32.self).littleEndian)
            self.init(
                low: UInt64(truncatingIfNeeded: count) | prefix &<< 32,
                high: UInt64(truncatingIfNeeded: block) | UInt64(truncatingIfNeeded: offset) &<< 32)
        }
    }

    /// `count` must be at most 12.
    @inline(__always)
    package init(inline pointer: UnsafeRawPointer, count: Int) {
        var low = UInt64(truncatingIfNeeded: count)
        var high: UInt64 = 0
        if count >= 8 {
            let first = UInt64(littleEndian: pointer.loadUnaligned(as: UInt64.self))
            low |= first &<< 32
            // The last eight bytes overlap the first; shift away what is already there.
            let last = UInt64(
                littleEndian: (pointer + (count &- 8)).loadUnaligned(as: UInt64.self))
            high = last &>> UInt64((12 &- count) &* 8)
        } else {
            var bytes: UInt64 = 0
            for i in 0..<count {
                bytes |= UInt64(pointer.load(fromByteOffset: i, as: UInt8.self)) &<< UInt64(i &* 8)
            }
            low |= bytes &<< 32
            high = bytes &>> 32
        }
        self.low = low
        self.high = high
    }

    /// Calls `body` with the bytes; they are valid only during the call.
    @inline(__always)
    package func withBytes<R>(
        _ blocks: [ByteBlock], _ body: (UnsafeRawBufferPointer) throws -> R
    ) rethrows -> R {
        if isInline {
            let n = count
            return try withUnsafeBytes(of: self) {
                try body(UnsafeRawBufferPointer(rebasing: $0[4..<(4 + n)]))
            }
        }
        return try body(
            UnsafeRawBufferPointer(start: blocks[block].base + offset, count: count))
    }

    @inline(__always)
    package static func equal(
        _ a: StringView, _ blocksA: [ByteBlock], _ b: StringView, _ blocksB: [ByteBlock]
    ) -> Bool {
        if a.low != b.low { return false }
        if a.isInline { return a.high == b.high }
        return memcmp(
            blocksA[a.block].base + a.offset, blocksB[b.block].base + b.offset, a.count) == 0
    }

    /// Order of the bytes, which for UTF-8 is the order of code points.
    package static func compare(
        _ a: StringView, _ blocksA: [ByteBlock], _ b: StringView, _ blocksB: [ByteBlock]
    ) -> Int {
        a.withBytes(blocksA) { x in
            b.withBytes(blocksB) { y in
                let order = memcmp(x.baseAddress!, y.baseAddress!, min(x.count, y.count))
                return order != 0 ? Int(order) : x.count - y.count
            }
        }
    }
}

/// The views of one column and the blocks they point into.
package struct Strings: Sendable {
    package var views: [StringView]
    package var blocks: [ByteBlock]

    package init(views: [StringView], blocks: [ByteBlock]) {
        self.views = views
        self.blocks = blocks
    }

    package init(_ strings: [String]) {
        var builder = StringsBuilder(capacity: strings.count)
        for string in strings { builder.append(string) }
        self = builder.finish()
    }

    package var count: Int { views.count }

    package func string(_ row: Int) -> String {
        views[row].withBytes(blocks) { String(decoding: $0, as: UTF8.self) }
    }

    package func gather(_ rows: [UInt32]) -> Strings {
        Strings(views: gatherValues(views, rows), blocks: blocks)
    }
}

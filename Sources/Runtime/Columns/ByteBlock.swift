/// A block of bytes that string views point into: immutable once shared, freed with its last view.
///
/// A file block, a decompressed page or a builder's arena becomes a `ByteBlock` once, and every
/// string of it is a 16-byte view, never a copy.
package final class ByteBlock: @unchecked Sendable {
    package let base: UnsafeMutableRawPointer
    /// Bytes that hold data; the allocation has ``padding`` readable zero bytes after them, so that
    /// word-at-a-time scans need no tail case.
    package private(set) var count: Int
    package let capacity: Int
    package static let padding = 64

    package init(capacity: Int) {
        precondition(capacity >= 0)
        self.capacity = capacity
        base = .allocate(byteCount: capacity + ByteBlock.padding, alignment: 16)
        count = 0
        (base + capacity).initializeMemory(as: UInt8.self, repeating: 0, count: ByteBlock.padding)
    }

    package convenience init(_ bytes: some Collection<UInt8>) {
        self.init(capacity: bytes.count)
        let target = UnsafeMutableRawBufferPointer(start: base, count: bytes.count)
        target.copyBytes(from: bytes)
        setCount(bytes.count)
    }

    deinit { base.deallocate() }

    /// Only by the one who fills it, before it is shared.
    package func setCount(_ count: Int) {
        precondition(count >= 0 && count <= capacity)
        self.count = count
        (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: ByteBlock.padding)
    }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}

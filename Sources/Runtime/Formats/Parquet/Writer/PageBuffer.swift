import Glibc

/// Growing bytes that are written in place.
final class PageBuffer {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var count = 0
    private var capacity: Int
    /// Writable past every reservation, so that a short copy may be one of a fixed size.
    static let slack = 16

    init(capacity: Int = 4096) {
        self.capacity = max(64, capacity)
        base = .allocate(byteCount: self.capacity + PageBuffer.slack, alignment: 16)
    }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    func removeAll() { count = 0 }

    /// `size` uninitialised bytes at the end, of which `commit` keeps some.
    @inline(__always)
    func reserve(_ size: Int) -> UnsafeMutableRawPointer {
        if capacity - count < size { grow(size) }
        return base + count
    }

    @inline(__always)
    func commit(_ size: Int) {
        assert(size >= 0 && count + size <= capacity)
        count &+= size
    }

    private func grow(_ size: Int) {
        capacity = max(capacity * 2, count + size)
        let larger = UnsafeMutableRawPointer.allocate(
            byteCount: capacity + PageBuffer.slack, alignment: 16)
        memcpy(larger, base, count)
        base.deallocate()
        base = larger
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        memcpy(reserve(bytes.count), source, bytes.count)
        commit(bytes.count)
    }

    func append(_ byte: UInt8) {
        reserve(1).storeBytes(of: byte, as: UInt8.self)
        commit(1)
    }

    func append(_ value: UInt32) {
        reserve(4).storeBytes(of: value.littleEndian, as: UInt32.self)
        commit(4)
    }

    func appendVarint(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Overwrites four bytes that were appended before.
    func patch(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count)
        (base + offset).storeBytes(of: value.littleEndian, as: UInt32.self)
    }
}

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Bytes that are only ever added and never move, freed together.
final class ByteArena: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawPointer] = []
    private var next: UnsafeMutableRawPointer?
    private var left = 0
    /// Bytes allocated.
    private(set) var byteCount = 0

    private static let firstBlock = 16 << 10
    private static let largestBlock = 1 << 20

    deinit { for block in blocks { block.deallocate() } }

    /// A copy of the bytes, valid as long as the arena.
    @inline(__always)
    func copy(_ bytes: UnsafeRawPointer, _ count: Int) -> UnsafeRawPointer {
        if count > left { grow(count) }
        guard let target = next else { return bytes }
        memcpy(target, bytes, count)
        next = target + count
        left &-= count
        return UnsafeRawPointer(target)
    }

    @inline(never)
    private func grow(_ count: Int) {
        let doubled = ByteArena.firstBlock << min(blocks.count, 6)
        let size = max(min(doubled, ByteArena.largestBlock), count)
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        blocks.append(block)
        byteCount += size
        next = block
        left = size
    }
}

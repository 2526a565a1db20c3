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

    /// At most what is allocated for `count` more bytes.
    func growthBound(_ count: Int) -> Int {
        count == 0 ? 0 : count + min(ByteArena.largestBlock, max(nextBlock, 2 * count))
    }

    private var nextBlock: Int {
        min(ByteArena.firstBlock << min(blocks.count, 6), ByteArena.largestBlock)
    }

    @inline(never)
    private func grow(_ count: Int) {
        let size = max(nextBlock, count)
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        blocks.append(block)
        byteCount += size
        next = block
        left = size
    }
}

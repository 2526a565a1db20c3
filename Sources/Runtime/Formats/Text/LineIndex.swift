import Synchronization

/// Line numbers of positions in a range of a block, counted only when somebody asks.
final class LineIndex: Sendable {
    private static let step = 4096
    private let block: ByteBlock
    private let terminator: UInt8
    private let range: Range<Int>
    private let firstLine: Int64
    /// Line ends before every `step`-th byte of the range.
    private let counts = Mutex<[Int64]?>(nil)

    init(
        _ block: ByteBlock, _ range: Range<Int>, firstLine: Int64,
        terminator: UInt8 = UInt8(ascii: "\n")
    ) {
        self.block = block
        self.terminator = terminator
        self.range = range
        self.firstLine = firstLine
    }

    func line(at position: Int) -> Int64 {
        let base = UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self)) + range.lowerBound
        let offset = position - range.lowerBound
        let before = counts.withLock { counts -> Int64 in
            let known = counts ?? count(base)
            counts = known
            return known[offset / LineIndex.step]
        }
        let start = offset / LineIndex.step * LineIndex.step
        return firstLine + before
            + Int64(UTF8Text.count(terminator, in: base + start, offset - start))
    }

    private func count(_ base: UnsafePointer<UInt8>) -> [Int64] {
        var counts: [Int64] = [0]
        var start = 0
        while start + LineIndex.step <= range.count {
            let here = UTF8Text.count(terminator, in: base + start, LineIndex.step)
            counts.append(counts[counts.count - 1] + Int64(here))
            start += LineIndex.step
        }
        return counts
    }
}

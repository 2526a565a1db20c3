/// Decodes the values of one page, a run at a time; made anew for every page.
///
/// `Value` is the physical type as it is held in memory: `UInt8` for booleans, `Int32`, `Int64`,
/// `Float`, `Double`, and `StringView` for the byte arrays, fixed-length ones and INT96 included.
protocol ValueDecoder<Value>: AnyObject {
    associatedtype Value: BitwiseCopyable

    /// Initialises `count` values at `target`. Strings point into blocks that are in `blocks` or are
    /// appended to it.
    func decode(
        into target: UnsafeMutablePointer<Value>, count: Int, blocks: inout [ByteBlock]) throws

    func skip(_ count: Int) throws
}

extension ValueDecoder {
    /// For encodings in which a value depends on those before it.
    func skipByDecoding(_ count: Int) throws {
        var left = count
        var blocks: [ByteBlock] = []
        try withUnsafeTemporaryAllocation(of: Value.self, capacity: 1024) { scratch in
            guard let target = scratch.baseAddress else { return }
            while left > 0 {
                let n = min(left, 1024)
                try decode(into: target, count: n, blocks: &blocks)
                blocks.removeAll(keepingCapacity: true)
                left -= n
            }
        }
    }
}

/// Bytes of a page that decoders read; keeps the page alive.
struct PageBytes {
    let block: ByteBlock
    /// The range of `block` that is meant.
    let range: Range<Int>

    var count: Int { range.count }
    /// Readable for ``ByteBlock/padding`` bytes past the end.
    var start: UnsafeRawPointer { UnsafeRawPointer(block.base + range.lowerBound) }

    static let tooShort = ParquetFailure.damaged("a page ends before its last value")
}

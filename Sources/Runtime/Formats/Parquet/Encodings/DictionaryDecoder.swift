/// PLAIN_DICTIONARY and RLE_DICTIONARY: indices into the chunk's dictionary page.
final class DictionaryDecoder<Value: BitwiseCopyable>: ValueDecoder {
    private let dictionary: [Value]
    private let isEmpty: Bool
    private var indices: RLEDecoder
    private var scratch = [UInt32](repeating: 0, count: 1024)

    /// String views in `dictionary` point into block 0.
    init(_ bytes: PageBytes, dictionary: [Value]) throws {
        self.dictionary = dictionary
        // A page of nulls only may have not even the byte that holds the bit width.
        isEmpty = bytes.count == 0
        let width = isEmpty ? 0 : Int(bytes.start.load(as: UInt8.self))
        let rest = PageBytes(
            block: bytes.block,
            range: min(bytes.range.lowerBound + 1, bytes.range.upperBound)..<bytes.range.upperBound)
        indices = try RLEDecoder(rest, bitWidth: width)
    }

    func decode(
        into target: UnsafeMutablePointer<Value>, count: Int, blocks: inout [ByteBlock]
    ) throws {
        if isEmpty && count > 0 { throw PageBytes.tooShort }
        var done = 0
        while done < count {
            let n = min(scratch.count, count - done)
            try scratch.withUnsafeMutableBufferPointer { scratch in
                guard let indices = scratch.baseAddress else { return }
                try self.indices.decode(into: indices, count: n)
                try gather(indices, n, into: target + done)
            }
            done += n
        }
    }

    private func gather(
        _ indices: UnsafeMutablePointer<UInt32>, _ count: Int,
        into target: UnsafeMutablePointer<Value>
    ) throws {
        var highest: UInt32 = 0
        for i in 0..<count { highest = max(highest, indices[i]) }
        try dictionary.withUnsafeBufferPointer { dictionary in
            guard let base = dictionary.baseAddress, Int(highest) < dictionary.count else {
                if count == 0 { return }
                throw ParquetFailure.damaged(
                    "a dictionary index is \(highest), and there are \(dictionary.count) entries")
            }
            for i in 0..<count {
                (target + i).initialize(to: base[Int(truncatingIfNeeded: indices[i])])
            }
        }
    }

    func skip(_ count: Int) throws { try indices.skip(count) }
}

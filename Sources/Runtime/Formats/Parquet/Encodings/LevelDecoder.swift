/// Definition or repetition levels of one page.
enum LevelDecoder {
    /// The column has only level 0, so none are stored.
    case zeros
    case rle(RLEDecoder)
    /// The deprecated encoding: most significant bit first, no runs.
    case bitPacked(PageBytes, bitWidth: Int, bit: Int)

    static func bitWidth(of maxLevel: Int) -> Int { Int.bitWidth - maxLevel.leadingZeroBitCount }

    /// Initialises `count` levels at `target`; none is above `maxLevel`, or this throws.
    mutating func decode(
        into target: UnsafeMutablePointer<UInt8>, count: Int, maxLevel: Int
    ) throws {
        switch self {
        case .zeros:
            target.initialize(repeating: 0, count: count)
            return
        case .rle(var decoder):
            try decoder.decode(into: target, count: count)
            self = .rle(decoder)
        case .bitPacked(let bytes, let width, let start):
            guard bytes.count * 8 - start >= count * width else { throw PageBytes.tooShort }
            for i in 0..<count {
                var level: UInt8 = 0
                for bit in start + i * width..<start + (i + 1) * width {
                    let byte = bytes.start.load(fromByteOffset: bit >> 3, as: UInt8.self)
                    level = level << 1 | (byte >> UInt8(7 - bit & 7)) & 1
                }
                target[i] = level
            }
            self = .bitPacked(bytes, bitWidth: width, bit: start + count * width)
        }
        var highest: UInt8 = 0
        for i in 0..<count { highest = max(highest, target[i]) }
        if Int(highest) > maxLevel {
            throw ParquetFailure.damaged("a level is \(highest), and \(maxLevel) is the highest")
        }
    }

    /// For columns whose only levels are null and not null: sets bits `offset..<offset + count` of
    /// zeroed `words`; returns how many are one.
    mutating func decodeBits(
        into words: UnsafeMutablePointer<UInt64>, offset: Int, count: Int
    ) throws -> Int {
        if case .rle(var decoder) = self {
            let ones = try decoder.decodeBits(into: words, offset: offset, count: count)
            self = .rle(decoder)
            return ones
        }
        var ones = 0
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { levels in
            guard let target = levels.baseAddress else { return }
            try decode(into: target, count: count, maxLevel: 1)
            for i in 0..<count where target[i] == 1 {
                words[(offset + i) >> 6] |= 1 << UInt64((offset + i) & 63)
                ones += 1
            }
        }
        return ones
    }
}

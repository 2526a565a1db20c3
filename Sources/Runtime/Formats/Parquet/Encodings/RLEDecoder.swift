import Glibc

/// The run-length and bit-packing hybrid: levels, dictionary indices, booleans.
///
/// https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE
struct RLEDecoder {
    private let bytes: PageBytes
    private let bitWidth: Int
    private var position = 0
    /// Values left of a run of `runValue`.
    private var repeated = 0
    private var runValue: UInt32 = 0
    /// Values left of a bit-packed run, which goes on at this bit.
    private var packed = 0
    private var packedBit = 0

    /// `bitWidth` is 0…32.
    init(_ bytes: PageBytes, bitWidth: Int) throws {
        guard 0...32 ~= bitWidth else {
            throw ParquetFailure.damaged("a page has values of \(bitWidth) bits")
        }
        self.bytes = bytes
        self.bitWidth = bitWidth
        // Zero bits need no runs, and some writers store none.
        if bitWidth == 0 { repeated = .max }
    }

    private mutating func nextRun() throws {
        while repeated == 0 && packed == 0 {
            let header = try varint()
            if header & 1 == 0 {
                repeated = Int(header >> 1)
                runValue = try fixed()
            } else {
                let groups = Int(header >> 1)
                let available = (bytes.count - position) * 8
                // The last run may be cut after its last value.
                packed = min(groups * 8, available / bitWidth)
                packedBit = position * 8
                position += min(groups * bitWidth, bytes.count - position)
                if groups > 0 && packed == 0 { throw PageBytes.tooShort }
            }
        }
    }

    private mutating func varint() throws -> UInt32 {
        var value: UInt32 = 0
        for shift in stride(from: UInt32(0), to: 35, by: 7) {
            guard position < bytes.count else { throw PageBytes.tooShort }
            let byte = bytes.start.load(fromByteOffset: position, as: UInt8.self)
            position += 1
            value |= UInt32(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw ParquetFailure.damaged("a run in a page is longer than any page")
    }

    /// The value of a run: as many whole bytes as the bit width needs.
    private mutating func fixed() throws -> UInt32 {
        let size = (bitWidth + 7) / 8
        guard bytes.count - position >= size else { throw PageBytes.tooShort }
        var value: UInt32 = 0
        for i in 0..<size {
            let byte = bytes.start.load(fromByteOffset: position + i, as: UInt8.self)
            value |= UInt32(byte) << UInt32(i * 8)
        }
        position += size
        if bitWidth < 32 && value >> UInt32(bitWidth) != 0 {
            throw ParquetFailure.damaged(
                "a run in a page has a value of more than \(bitWidth) bits")
        }
        return value
    }

    /// Initialises `count` values at `target`. `T` must hold `bitWidth` bits.
    @inline(__always)
    mutating func decode<T: FixedWidthInteger & BitwiseCopyable>(
        into target: UnsafeMutablePointer<T>, count: Int
    ) throws {
        var done = 0
        while done < count {
            if repeated == 0 && packed == 0 { try nextRun() }
            if repeated > 0 {
                let n = min(repeated, count &- done)
                (target + done).initialize(repeating: T(truncatingIfNeeded: runValue), count: n)
                repeated &-= n
                done &+= n
            } else {
                let n = min(packed, count &- done)
                unpack(into: target + done, count: n)
                packed &-= n
                done &+= n
            }
        }
    }

    @inline(__always)
    private mutating func unpack<T: FixedWidthInteger & BitwiseCopyable>(
        into target: UnsafeMutablePointer<T>, count: Int
    ) {
        let start = bytes.start
        let mask: UInt64 = (1 &<< UInt64(bitWidth)) &- 1
        var bit = packedBit
        for i in 0..<count {
            // 32 bits starting inside a byte fit the word; the page's padding makes it readable.
            let word = UInt64(
                littleEndian: start.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
            target[i] = T(truncatingIfNeeded: word &>> UInt64(bit & 7) & mask)
            bit &+= bitWidth
        }
        packedBit = bit
    }

    mutating func skip(_ count: Int) throws {
        var left = count
        while left > 0 {
            if repeated == 0 && packed == 0 { try nextRun() }
            if repeated > 0 {
                let n = min(repeated, left)
                repeated -= n
                left -= n
            } else {
                let n = min(packed, left)
                packed -= n
                packedBit += n * bitWidth
                left -= n
            }
        }
    }

    /// Sets bits `offset..<offset + count` of zeroed `words` from values of one bit; returns how
    /// many are one.
    mutating func decodeBits(
        into words: UnsafeMutablePointer<UInt64>, offset: Int, count: Int
    ) throws -> Int {
        var done = 0
        var ones = 0
        while done < count {
            if repeated == 0 && packed == 0 { try nextRun() }
            if repeated > 0 {
                let n = min(repeated, count - done)
                if runValue & 1 == 1 {
                    setBits(words, offset + done, n, { _ in ~0 })
                    ones += n
                }
                repeated -= n
                done += n
            } else {
                let n = min(packed, count - done)
                let (start, from) = (bytes.start, packedBit)
                setBits(words, offset + done, n) { done in
                    let bit = from &+ done
                    let word = UInt64(
                        littleEndian: start.loadUnaligned(
                            fromByteOffset: bit &>> 3, as: UInt64.self))
                    let low = word &>> UInt64(bit & 7)
                    if bit & 7 == 0 { return low }
                    let next = start.load(fromByteOffset: (bit &>> 3) &+ 8, as: UInt8.self)
                    return low | UInt64(next) &<< UInt64(64 &- (bit & 7))
                }
                ones += countOnes(words, offset + done, n)
                packed -= n
                packedBit += n
                done += n
            }
        }
        return ones
    }
}

/// Sets `count` bits from `offset` on to those of `source`, which gets how many are done and
/// returns the next 64.
@inline(__always)
private func setBits(
    _ words: UnsafeMutablePointer<UInt64>, _ offset: Int, _ count: Int, _ source: (Int) -> UInt64
) {
    var done = 0
    while done < count {
        let bit = offset &+ done
        let shift = bit & 63
        let n = min(64 &- shift, count &- done)
        let mask: UInt64 = n == 64 ? ~0 : (1 &<< UInt64(n)) &- 1
        words[bit &>> 6] |= (source(done) & mask) &<< UInt64(shift)
        done &+= n
    }
}

private func countOnes(_ words: UnsafeMutablePointer<UInt64>, _ offset: Int, _ count: Int) -> Int {
    var ones = 0
    var bit = offset
    let end = offset + count
    while bit < end {
        let shift = bit & 63
        let n = min(64 - shift, end - bit)
        let mask: UInt64 = n == 64 ? ~0 : (1 &<< UInt64(n)) &- 1
        ones += (words[bit >> 6] >> UInt64(shift) & mask).nonzeroBitCount
        bit += n
    }
    return ones
}

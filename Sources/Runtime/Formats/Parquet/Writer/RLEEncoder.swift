/// The run-length and bit-packing hybrid.
enum RLEEncoder {
    /// Appends `values`, each below 2^`bitWidth`.
    ///
    /// Runs of eight and more become run-length, all else bit-packed in groups of eight.
    static func encode<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeBufferPointer<T>, bitWidth: Int, to buffer: PageBuffer
    ) {
        guard let base = values.baseAddress, bitWidth > 0 else { return }
        let count = values.count
        var literal = 0
        var i = 0
        while i < count {
            let value = base[i]
            var end = i &+ 1
            while end < count && base[end] == value { end &+= 1 }
            // Bit-packed values come in eights: the run lends what the last group lacks.
            let lent = (8 &- (i &- literal) & 7) & 7
            if end &- i &- lent >= 8 {
                pack(base + literal, i &+ lent &- literal, bitWidth, buffer)
                run(UInt32(truncatingIfNeeded: value), end &- i &- lent, bitWidth, buffer)
                literal = end
            }
            i = end
        }
        pack(base + literal, count &- literal, bitWidth, buffer)
    }

    private static func run(_ value: UInt32, _ count: Int, _ bitWidth: Int, _ buffer: PageBuffer) {
        buffer.appendVarint(UInt32(truncatingIfNeeded: count << 1))
        for byte in 0..<(bitWidth + 7) / 8 {
            buffer.append(UInt8(truncatingIfNeeded: value >> UInt32(byte * 8)))
        }
    }

    private static func pack<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafePointer<T>, _ count: Int, _ bitWidth: Int, _ buffer: PageBuffer
    ) {
        guard count > 0 else { return }
        let groups = (count + 7) / 8
        buffer.appendVarint(UInt32(truncatingIfNeeded: groups << 1 | 1))
        let size = groups * bitWidth
        let start = buffer.reserve(size + 8)
        var target = start
        var word: UInt64 = 0
        var bits: UInt64 = 0
        let width = UInt64(bitWidth)
        for i in 0..<count {
            word |= UInt64(values[i]) &<< bits
            bits &+= width
            if bits >= 32 {
                target.storeBytes(
                    of: UInt32(truncatingIfNeeded: word).littleEndian, as: UInt32.self)
                target += 4
                word &>>= 32
                bits &-= 32
            }
        }
        // What the last group lacks is zero.
        while target < start + size {
            target.storeBytes(of: UInt8(truncatingIfNeeded: word), as: UInt8.self)
            word &>>= 8
            target += 1
        }
        buffer.commit(size)
    }
}

import PipelineDSL

extension StringView {
    static func converted(
        _ views: [StringView], blocks: [ByteBlock], validity: Bitmap?, _ conversion: LeafConversion
    ) throws -> ConvertedValues {
        let bytes = ByteArrays(views: views, blocks: blocks, validity: validity)
        switch conversion.kind {
        case .string, .bytes, .json:
            // Texts were checked as they were decoded: each dictionary entry only once.
            return ConvertedValues(.strings(Strings(views: views, blocks: blocks)))
        case .decimal:
            let bound = conversion.decimalBound()
            return bytes.int128s(.decimalDigits) {
                guard let value = Int128(bigEndianBytes: $0) else { return nil }
                return value <= bound && value >= -bound ? value : nil
            }
        case .uuid:
            return bytes.int128s(.width) { $0.count == 16 ? Int128(bigEndianBytes: $0) : nil }
        case .int96:
            let (instants, invalid) = bytes.map(zero: Int64(0), .timestampRange, int96Instant)
            return ConvertedValues(.int64(instants), invalid: invalid)
        case .interval:
            let (intervals, invalid) = bytes.map(
                zero: Interval(), .intervalRange, Interval.init(parquet:))
            return ConvertedValues(.intervals(intervals), invalid: invalid)
        case .float16:
            let (floats, invalid) = bytes.map(zero: Float(0), .width) {
                $0.count == 2
                    ? Float(half: UInt16(littleEndian: $0.loadUnaligned(as: UInt16.self))) : nil
            }
            let isDouble = conversion.target == .double
            return ConvertedValues(
                isDouble ? .float64(floats.map(Double.init)) : .float32(floats), invalid: invalid)
        default: throw conversion.impossible
        }
    }
}

/// Byte arrays on their way to values of a fixed size.
private struct ByteArrays {
    let views: [StringView]
    let blocks: [ByteBlock]
    let validity: Bitmap?

    @inline(__always)
    func map<R: BitwiseCopyable>(
        zero: R, _ reason: InvalidValue.Reason, _ convert: (UnsafeRawBufferPointer) -> R?
    ) -> ([R], [InvalidValue]) {
        var invalid: [InvalidValue] = []
        let converted = [R](unsafeUninitializedCapacity: views.count) { target, initialized in
            for i in 0..<views.count {
                let isNull = validity.map { !$0[i] } ?? false
                let value: R? = isNull ? .some(zero) : views[i].withBytes(blocks, convert)
                if value == nil { invalid.append(InvalidValue(row: i, reason: reason)) }
                target.initializeElement(at: i, to: value ?? zero)
            }
            initialized = views.count
        }
        return (converted, invalid)
    }

    func int128s(
        _ reason: InvalidValue.Reason, _ convert: (UnsafeRawBufferPointer) -> Int128?
    ) -> ConvertedValues {
        let (values, invalid) = map(zero: Int128(0), reason, convert)
        return ConvertedValues(.int128(values), invalid: invalid)
    }
}

extension Int128 {
    /// Two's complement, most significant byte first, of any length; `nil` if it needs more bits.
    init?(bigEndianBytes bytes: UnsafeRawBufferPointer) {
        let isNegative = bytes.first.map { $0 >= 0x80 } ?? false
        var value: Int128 = isNegative ? -1 : 0
        for (i, byte) in bytes.enumerated() {
            let isSpare = bytes.count - i > 16
            if isSpare {
                if byte != (isNegative ? 0xFF : 0) { return nil }
            } else {
                value = value << 8 | Int128(byte)
            }
        }
        if value < 0 && !isNegative || value >= 0 && isNegative && !bytes.isEmpty { return nil }
        self = value
    }
}

extension Interval {
    /// https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#interval
    fileprivate init?(parquet bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 12 else { return nil }
        func part(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        guard let months = Int32(exactly: part(0)), let days = Int32(exactly: part(4)) else {
            return nil
        }
        self.init(months: months, days: days, microseconds: Int64(part(8)) * 1000)
    }
}

/// Nanoseconds of the day, then the Julian day, whose number 2,440,588 is 1970-01-01.
private func int96Instant(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    guard bytes.count == 12 else { return nil }
    let nanoseconds = Int64(littleEndian: bytes.loadUnaligned(as: Int64.self))
    let julian = Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self))
    let microseconds = nanoseconds >= 0 ? nanoseconds / 1000 : (nanoseconds &- 999) / 1000
    // The start of a day can be out of reach where an instant later in it is not.
    let days = Int128(julian) - 2_440_588
    let instant = days * 86_400_000_000 + Int128(microseconds)
    // Spark counts from Julian day 0 in 64 bits, and lets instants after the year 287,000 wrap.
    return Int64(exactly: instant) ?? Int64(exactly: instant + (Int128(1) << 64))
}

extension Float {
    /// IEEE 754 binary16, which not every platform has as a type.
    init(half bits: UInt16) {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10 & 0x1F)
        let fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:
            // Zero or subnormal: the fraction counts 2⁻²⁴.
            let magnitude = Float(fraction) * Float(sign: .plus, exponent: -24, significand: 1)
            self = sign == 0 ? magnitude : -magnitude
        case 31: self.init(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}

import Glibc
import PipelineDSL

/// Values of one leaf, as pages and statistics need them. Made once per column chunk, so that no
/// decision about types is made per value.
protocol PlainValues {
    var count: Int { get }
    /// Bytes of a value in PLAIN encoding, at most, without what its own size adds.
    func plainBytes(_ index: Int) -> Int
    /// Bytes of all values in PLAIN encoding.
    var totalPlainBytes: Int { get }
    func appendPlain(_ range: Range<Int>, to buffer: PageBuffer) throws
    /// Distinct values, or `nil` where indices would not be smaller than the values.
    func dictionary(limitBytes: Int) -> ValueDictionary?
    /// `nil` where there are none or the type has no order; the dictionary may save the work.
    func bounds(_ range: Range<Int>, _ dictionary: ValueDictionary?) -> ValueBounds?
}

extension PlainValues {
    func dictionary(limitBytes: Int) -> ValueDictionary? { nil }
}

struct ValueBounds: Sendable {
    var min: StatisticValue
    var max: StatisticValue

    mutating func merge(_ other: ValueBounds) {
        if other.min.isBefore(min) { min = other.min }
        if max.isBefore(other.max) { max = other.max }
    }
}

extension StatisticValue {
    /// The order of the format; of values of one column, so different cases do not meet.
    package func isBefore(_ other: StatisticValue) -> Bool {
        switch (self, other) {
        case (.boolean(let a), .boolean(let b)): !a && b
        case (.integer(let a), .integer(let b)): a < b
        case (.floating(let a), .floating(let b)): a < b
        case (.decimal(let a), .decimal(let b)): a < b
        case (.bytes(let a), .bytes(let b)): a.lexicographicallyPrecedes(b)
        default: false
        }
    }
}

// MARK: Numbers

protocol FixedValue: BitwiseCopyable, Equatable {
    /// Different for different bits.
    var key: UInt64 { get }
    static func bounds(_ values: UnsafeBufferPointer<Self>) -> ValueBounds?
}

extension FixedWidthInteger where Self: BitwiseCopyable & SignedInteger {
    fileprivate static func integerBounds(_ values: UnsafeBufferPointer<Self>) -> ValueBounds? {
        guard let first = values.first else { return nil }
        var (low, high) = (first, first)
        for value in values {
            low = value < low ? value : low
            high = value > high ? value : high
        }
        return ValueBounds(min: .integer(Int64(low)), max: .integer(Int64(high)))
    }
}

extension BinaryFloatingPoint {
    /// NaN is left out. A zero bound is the wider one, as readers may not tell zeros apart.
    fileprivate static func floatingBounds(_ values: UnsafeBufferPointer<Self>) -> ValueBounds? {
        var (low, high) = (Self.infinity, -Self.infinity)
        for value in values {
            low = value < low ? value : low
            high = value > high ? value : high
        }
        if low > high {
            // Only NaN, unless there is nothing but one of the infinities.
            guard let number = values.first(where: { !$0.isNaN }) else { return nil }
            (low, high) = (number, number)
        }
        return ValueBounds(
            min: StatisticValue.floating(Double(low)).widened(isMin: true),
            max: StatisticValue.floating(Double(high)).widened(isMin: false))
    }
}

extension Int32: FixedValue {
    var key: UInt64 { UInt64(UInt32(bitPattern: self)) }
    static func bounds(_ values: UnsafeBufferPointer<Int32>) -> ValueBounds? {
        integerBounds(values)
    }
}

extension Int64: FixedValue {
    var key: UInt64 { UInt64(bitPattern: self) }
    static func bounds(_ values: UnsafeBufferPointer<Int64>) -> ValueBounds? {
        integerBounds(values)
    }
}

extension Float: FixedValue {
    var key: UInt64 { UInt64(bitPattern) }
    static func bounds(_ values: UnsafeBufferPointer<Float>) -> ValueBounds? {
        floatingBounds(values)
    }
}

extension Double: FixedValue {
    var key: UInt64 { bitPattern }
    static func bounds(_ values: UnsafeBufferPointer<Double>) -> ValueBounds? {
        floatingBounds(values)
    }
}

struct FixedValues<Value: FixedValue>: PlainValues {
    let values: [Value]
    /// The unscaled value of a decimal, not an integer.
    let isDecimal: Bool

    var count: Int { values.count }
    func plainBytes(_ index: Int) -> Int { MemoryLayout<Value>.size }
    var totalPlainBytes: Int { values.count * MemoryLayout<Value>.size }

    func appendPlain(_ range: Range<Int>, to buffer: PageBuffer) {
        values.withUnsafeBytes { bytes in
            let stride = MemoryLayout<Value>.stride
            buffer.append(
                UnsafeRawBufferPointer(
                    rebasing: bytes[range.lowerBound * stride..<range.upperBound * stride]))
        }
    }

    func bounds(_ range: Range<Int>, _ dictionary: ValueDictionary?) -> ValueBounds? {
        let bounds = values.withUnsafeBufferPointer {
            Value.bounds(UnsafeBufferPointer(rebasing: $0[range]))
        }
        guard isDecimal, let bounds, case .integer(let min) = bounds.min,
            case .integer(let max) = bounds.max
        else { return bounds }
        return ValueBounds(min: .decimal(Int128(min)), max: .decimal(Int128(max)))
    }

    func dictionary(limitBytes: Int) -> ValueDictionary? {
        values.withUnsafeBufferPointer { values in
            var builder = DictionaryBuilder(
                valueCount: values.count, plainBytes: totalPlainBytes,
                limitEntries: limitBytes / MemoryLayout<Value>.size)
            var keys: [UInt64] = []
            for i in 0..<values.count {
                let key = values[i].key
                let added = builder.append(i, hash: key) { keys[$0] == key }
                if added { keys.append(key) }
                if builder.isHopeless { return nil }
            }
            return builder.finish(entryBytes: keys.count * MemoryLayout<Value>.size)
        }
    }
}

// MARK: Booleans

struct BooleanValues: PlainValues {
    let values: [UInt8]

    var count: Int { values.count }
    func plainBytes(_ index: Int) -> Int { 1 }
    var totalPlainBytes: Int { (values.count + 7) / 8 }

    func appendPlain(_ range: Range<Int>, to buffer: PageBuffer) {
        var i = range.lowerBound
        while i < range.upperBound {
            var byte: UInt8 = 0
            for bit in 0..<min(8, range.upperBound - i) { byte |= values[i + bit] << UInt8(bit) }
            buffer.append(byte)
            i += 8
        }
    }

    func bounds(_ range: Range<Int>, _ dictionary: ValueDictionary?) -> ValueBounds? {
        guard let min = values[range].min(), let max = values[range].max() else { return nil }
        return ValueBounds(min: .boolean(min != 0), max: .boolean(max != 0))
    }
}

// MARK: Fixed-length byte arrays

/// Decimals and UUIDs, most significant byte first.
struct BigEndianValues: PlainValues {
    let values: [Int128]
    let width: Int
    let isDecimal: Bool
    let leaf: WriteLeaf

    var count: Int { values.count }
    func plainBytes(_ index: Int) -> Int { width }
    var totalPlainBytes: Int { values.count * width }

    func appendPlain(_ range: Range<Int>, to buffer: PageBuffer) throws {
        let spare = Int128(128 - width * 8)
        for value in values[range] {
            guard (value << spare) >> spare == value else { throw leaf.tooManyDigits }
            buffer.append(StatisticValue.bigEndian(value, width))
        }
    }

    func bounds(_ range: Range<Int>, _ dictionary: ValueDictionary?) -> ValueBounds? {
        if isDecimal {
            guard let min = values[range].min(), let max = values[range].max() else { return nil }
            return ValueBounds(min: .decimal(min), max: .decimal(max))
        }
        let unsigned = values[range].lazy.map(UInt128.init(bitPattern:))
        guard let min = unsigned.min(), let max = unsigned.max() else { return nil }
        return ValueBounds(
            min: .bytes(StatisticValue.bigEndian(Int128(bitPattern: min), 16)),
            max: .bytes(StatisticValue.bigEndian(Int128(bitPattern: max), 16)))
    }
}

extension StatisticValue {
    /// The low `width` bytes of two's complement, most significant first.
    static func bigEndian(_ value: Int128, _ width: Int) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { [UInt8]($0.suffix(width)) }
    }
}

extension PageBuffer {
    func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }
}

/// Months, days and milliseconds, all unsigned, which leaves out what our intervals can be besides.
struct IntervalValues: PlainValues {
    let values: [Interval]
    let leaf: WriteLeaf

    var count: Int { values.count }
    func plainBytes(_ index: Int) -> Int { 12 }
    var totalPlainBytes: Int { values.count * 12 }

    func appendPlain(_ range: Range<Int>, to buffer: PageBuffer) throws {
        for value in values[range] {
            let (milliseconds, rest) = value.microseconds.quotientAndRemainder(dividingBy: 1000)
            guard rest == 0, let months = UInt32(exactly: value.months),
                let days = UInt32(exactly: value.days), let last = UInt32(exactly: milliseconds)
            else {
                throw RunError(
                    .parquetNotWritable,
                    "`\(leaf.key)` has an interval that is negative or finer than milliseconds",
                    notes: ["Parquet's intervals are unsigned months, days and milliseconds"])
            }
            buffer.append(months)
            buffer.append(days)
            buffer.append(last)
        }
    }

    /// The format defines no order for intervals.
    func bounds(_ range: Range<Int>, _ dictionary: ValueDictionary?) -> ValueBounds? { nil }
}

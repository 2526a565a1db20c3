import PipelineDSL

/// From what the file says a leaf is to the type it is wanted as.
struct LeafConversion: Sendable {
    let kind: LeafKind
    let target: DataType

    /// What every value must be, besides bytes.
    var text: TextRule {
        switch (kind, target) {
        case (.json, .json): .json
        case (_, .json): .json
        case (_, .string): .utf8
        default: .any
        }
    }
}

struct ConvertedValues {
    var values: Column.Values
    var invalid: [InvalidValue] = []

    init(_ values: Column.Values, invalid: [InvalidValue] = []) {
        self.values = values
        self.invalid = invalid
    }
}

/// A value that the wanted type cannot hold; its row is rejected.
struct InvalidValue {
    var row: Int
    let reason: Reason

    enum Reason: String {
        case notUTF8 = "is not UTF-8 text"
        case notJSON = "is not JSON"
        case timestampRange = "is a timestamp that 64-bit microseconds cannot reach"
        case timeRange = "is not a time of day"
        case decimalDigits = "has more digits than its decimal type"
        case integerRange = "is above the largest bigint"
        case intervalRange = "is an interval beyond 32-bit months and days"
        case width = "has another length than its type"
        case null = "is null and declared `not null`"
    }
}

extension LeafConversion {
    var impossible: ParquetFailure {
        .damaged("a column's pages hold another physical type than its schema")
    }

    /// Applies `convert` to every value; `nil` is a value without a representation, which counts
    /// only at rows that are not null.
    @inline(__always)
    func map<T, R: BitwiseCopyable>(
        _ values: [T], _ validity: Bitmap?, zero: R, _ reason: InvalidValue.Reason,
        _ convert: (T) -> R?
    ) -> ([R], [InvalidValue]) {
        var invalid: [InvalidValue] = []
        let converted = [R](unsafeUninitializedCapacity: values.count) { target, initialized in
            for i in 0..<values.count {
                if let value = convert(values[i]) {
                    target.initializeElement(at: i, to: value)
                } else {
                    target.initializeElement(at: i, to: zero)
                    if validity.map({ $0[i] }) ?? true {
                        invalid.append(InvalidValue(row: i, reason: reason))
                    }
                }
            }
            initialized = values.count
        }
        return (converted, invalid)
    }

    /// Largest unscaled value of the decimal type.
    func decimalBound() -> Int128 {
        guard case .decimal(let precision, _) = target else { return 0 }
        return (0..<precision).reduce(Int128(1)) { bound, _ in bound * 10 } - 1
    }

    func decimals<T: FixedWidthInteger>(_ values: [T], _ validity: Bitmap?) -> ConvertedValues {
        let bound = decimalBound()
        let (converted, invalid) = map(values, validity, zero: Int128(0), .decimalDigits) {
            let value = Int128($0)
            return value <= bound && value >= -bound ? value : nil
        }
        return ConvertedValues(.int128(converted), invalid: invalid)
    }
}

private let microsecondsPerDay: Int64 = 86_400_000_000

extension UInt8 {
    static func converted(
        _ values: [UInt8], blocks: [ByteBlock], validity: Bitmap?, _ conversion: LeafConversion
    ) throws -> ConvertedValues {
        values.withUnsafeBufferPointer { values in
            ConvertedValues(.boolean(Bitmap(count: values.count) { values[$0] != 0 }))
        }
    }
}

extension Int32 {
    static func converted(
        _ values: [Int32], blocks: [ByteBlock], validity: Bitmap?, _ conversion: LeafConversion
    ) throws -> ConvertedValues {
        switch conversion.kind {
        case .int32, .date:
            if conversion.target == .bigint {
                return ConvertedValues(.int64(values.map(Int64.init)))
            }
            return ConvertedValues(.int32(values))
        case .uint32:
            return ConvertedValues(.int64(values.map { Int64(UInt32(bitPattern: $0)) }))
        case .time:
            let (times, invalid) = conversion.map(values, validity, zero: Int64(0), .timeRange) {
                let time = Int64($0) * 1000
                return 0..<microsecondsPerDay ~= time ? time : nil
            }
            return ConvertedValues(.int64(times), invalid: invalid)
        case .decimal: return conversion.decimals(values, validity)
        default: throw conversion.impossible
        }
    }
}

extension Int64 {
    static func converted(
        _ values: [Int64], blocks: [ByteBlock], validity: Bitmap?, _ conversion: LeafConversion
    ) throws -> ConvertedValues {
        switch conversion.kind {
        case .int64, .timestamp(.micros): return ConvertedValues(.int64(values))
        case .timestamp(.nanos):
            // Towards the past, as every other reader that drops digits below a microsecond does
            // for instants after 1970, and so that order is kept before it too.
            return ConvertedValues(.int64(values.map { flooredDivision($0, by: 1000) }))
        case .timestamp(.millis):
            let (instants, invalid) = conversion.map(
                values, validity, zero: Int64(0), .timestampRange
            ) {
                let (product, overflow) = $0.multipliedReportingOverflow(by: 1000)
                return overflow ? nil : product
            }
            return ConvertedValues(.int64(instants), invalid: invalid)
        case .time(let unit):
            let (times, invalid) = conversion.map(values, validity, zero: Int64(0), .timeRange) {
                let time = unit == .nanos ? $0 / 1000 : $0
                return 0..<microsecondsPerDay ~= time ? time : nil
            }
            return ConvertedValues(.int64(times), invalid: invalid)
        case .uint64: return unsigned(values, validity, conversion)
        case .decimal: return conversion.decimals(values, validity)
        default: throw conversion.impossible
        }
    }

    private static func unsigned(
        _ values: [Int64], _ validity: Bitmap?, _ conversion: LeafConversion
    ) -> ConvertedValues {
        guard conversion.target == .bigint else {
            return ConvertedValues(.int128(values.map { Int128(UInt64(bitPattern: $0)) }))
        }
        let (integers, invalid) = conversion.map(values, validity, zero: Int64(0), .integerRange) {
            $0 < 0 ? nil : $0
        }
        return ConvertedValues(.int64(integers), invalid: invalid)
    }
}

@inline(__always)
private func flooredDivision(_ value: Int64, by divisor: Int64) -> Int64 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}

extension Float {
    static func converted(
        _ values: [Float], blocks: [ByteBlock], validity: Bitmap?, _ conversion: LeafConversion
    ) throws -> ConvertedValues {
        if conversion.target == .double {
            return ConvertedValues(.float64(values.map(Double.init)))
        }
        return ConvertedValues(.float32(values))
    }
}

extension Double {
    static func converted(
        _ values: [Double], blocks: [ByteBlock], validity: Bitmap?, _ conversion: LeafConversion
    ) throws -> ConvertedValues {
        ConvertedValues(.float64(values))
    }
}

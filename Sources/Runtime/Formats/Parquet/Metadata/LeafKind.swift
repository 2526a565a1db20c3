import PipelineDSL

/// What the values of a leaf mean, from its physical type and annotations.
enum LeafKind: Sendable, Hashable {
    case boolean
    /// Any signed or unsigned integer that fits 32 bits signed.
    case int32
    case uint32
    case int64
    case uint64
    case float16
    case float
    case double
    case string
    case bytes
    case json
    case uuid
    case decimal(precision: Int, scale: Int)
    case date
    case time(ParquetTimeUnit)
    case timestamp(ParquetTimeUnit)
    /// Nanoseconds of the day and Julian day, in 12 bytes.
    case int96
    /// Months, days and milliseconds, in 12 bytes.
    case interval
    /// Every value is null.
    case null

    /// An annotation that does not fit the physical type is passed over, as the format advises for
    /// annotations that a reader does not know.
    init(_ element: SchemaElement) throws {
        guard let type = element.type else {
            throw ParquetFailure.unsupported("`\(element.name)` has no physical type")
        }
        if type == .fixedLengthByteArray && (element.typeLength ?? 0) <= 0 {
            throw ParquetFailure.damaged("`\(element.name)` has values of no length")
        }
        let annotation = element.logicalType ?? Self.logical(element)
        if let annotation, let kind = try Self.annotated(type, annotation, element) {
            self = kind
        } else if element.convertedType == .interval, type == .fixedLengthByteArray,
            element.typeLength == 12
        {
            self = .interval
        } else {
            self = Self.plain(type)
        }
    }

    private static func plain(_ type: ParquetPhysicalType) -> LeafKind {
        switch type {
        case .boolean: .boolean
        case .int32: .int32
        case .int64: .int64
        case .int96: .int96
        case .float: .float
        case .double: .double
        case .byteArray, .fixedLengthByteArray: .bytes
        }
    }

    private static func annotated(
        _ type: ParquetPhysicalType, _ annotation: ParquetLogicalType, _ element: SchemaElement
    ) throws -> LeafKind? {
        switch (annotation, type) {
        case (.unknown, _): return .null
        case (.decimal(let scale, let precision), _):
            return try decimal(type, scale: scale, precision: precision, element)
        case (.string, .byteArray), (.enum, .byteArray): return .string
        case (.json, .byteArray): return .json
        case (.uuid, .fixedLengthByteArray): return element.typeLength == 16 ? .uuid : nil
        case (.float16, .fixedLengthByteArray): return element.typeLength == 2 ? .float16 : nil
        case (.date, .int32): return .date
        case (.time(_, .millis), .int32): return .time(.millis)
        case (.time(_, let unit), .int64): return unit == .millis ? nil : .time(unit)
        case (.timestamp(_, let unit), .int64): return .timestamp(unit)
        case (.integer(bits: 32, signed: false), .int32): return .uint32
        case (.integer(bits: 64, signed: false), .int64): return .uint64
        default: return nil
        }
    }

    private static func decimal(
        _ type: ParquetPhysicalType, scale: Int32, precision: Int32, _ element: SchemaElement
    ) throws -> LeafKind? {
        switch type {
        case .int32, .int64, .byteArray, .fixedLengthByteArray: break
        default: return nil
        }
        guard 1...38 ~= precision, 0...precision ~= scale else {
            throw ParquetFailure.unsupported(
                "`\(element.name)` is decimal(\(precision),\(scale))",
                notes: ["decimals of 1 to 38 digits, with a scale from 0 to that, can be read"])
        }
        return .decimal(precision: Int(precision), scale: Int(scale))
    }

    private static func logical(_ element: SchemaElement) -> ParquetLogicalType? {
        switch element.convertedType {
        case .utf8: .string
        case .enum: .enum
        case .decimal: .decimal(scale: element.scale ?? 0, precision: element.precision ?? 0)
        case .date: .date
        case .timeMillis: .time(utc: true, .millis)
        case .timeMicros: .time(utc: true, .micros)
        case .timestampMillis: .timestamp(utc: true, .millis)
        case .timestampMicros: .timestamp(utc: true, .micros)
        case .uint32: .integer(bits: 32, signed: false)
        case .uint64: .integer(bits: 64, signed: false)
        case .json: .json
        default: nil
        }
    }

    /// The type that keeps every value.
    var dataType: DataType {
        switch self {
        case .boolean: .boolean
        case .int32: .integer
        case .uint32, .int64: .bigint
        case .uint64: .decimal(precision: 20, scale: 0)
        case .float16, .float: .real
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        case .json: .json
        case .uuid: .uuid
        case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
        case .date: .date
        case .time: .time
        case .timestamp, .int96: .timestamp
        case .interval: .interval
        case .null: .null
        }
    }

    /// Whether values are read as `type` without losing any silently.
    func fits(_ type: DataType) -> Bool {
        if type == dataType { return true }
        switch (self, type) {
        case (.null, _): return true
        case (.int32, .bigint), (.uint64, .bigint): return true
        case (.float16, .double), (.float, .double): return true
        case (.decimal(let precision, let scale), .decimal(let wider, let otherScale)):
            return wider >= precision && scale == otherScale
        case (.string, .json), (.string, .bytes), (.json, .string), (.json, .bytes): return true
        case (.bytes, .string), (.bytes, .json): return true
        default: return false
        }
    }
}

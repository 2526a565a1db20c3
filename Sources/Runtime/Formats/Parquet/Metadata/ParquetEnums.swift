/// Physical types of the format: how bytes are laid out.
package enum ParquetPhysicalType: Int32, Sendable {
    case boolean = 0
    case int32 = 1
    case int64 = 2
    case int96 = 3
    case float = 4
    case double = 5
    case byteArray = 6
    case fixedLengthByteArray = 7
}

enum ParquetRepetition: Int32, Sendable {
    case required = 0
    case optional = 1
    case repeated = 2
}

/// The deprecated annotations, which older files have instead of a logical type and newer ones
/// have besides it.
enum ParquetConvertedType: Int32, Sendable {
    case utf8, map, mapKeyValue, list, `enum`, decimal, date, timeMillis, timeMicros
    case timestampMillis, timestampMicros, uint8, uint16, uint32, uint64, int8, int16, int32, int64
    case json, bson, interval
}

enum ParquetTimeUnit: Sendable, Hashable {
    case millis, micros, nanos
}

enum ParquetLogicalType: Sendable, Hashable {
    case string, map, list, `enum`, date, unknown, json, bson, uuid, float16
    case decimal(scale: Int32, precision: Int32)
    case time(utc: Bool, ParquetTimeUnit)
    case timestamp(utc: Bool, ParquetTimeUnit)
    case integer(bits: Int8, signed: Bool)
    /// A type that is newer than this reader, or one it does not model: its number.
    case other(Int16)
}

/// Numbers of encodings; an unknown number stays what it is until a page needs it.
struct ParquetEncoding: RawRepresentable, Hashable, Sendable {
    let rawValue: Int32

    static let plain = Self(rawValue: 0)
    static let plainDictionary = Self(rawValue: 2)
    static let rle = Self(rawValue: 3)
    static let bitPacked = Self(rawValue: 4)
    static let deltaBinaryPacked = Self(rawValue: 5)
    static let deltaLengthByteArray = Self(rawValue: 6)
    static let deltaByteArray = Self(rawValue: 7)
    static let rleDictionary = Self(rawValue: 8)
    static let byteStreamSplit = Self(rawValue: 9)

    var name: String {
        switch self {
        case .plain: "PLAIN"
        case .plainDictionary: "PLAIN_DICTIONARY"
        case .rle: "RLE"
        case .bitPacked: "BIT_PACKED"
        case .deltaBinaryPacked: "DELTA_BINARY_PACKED"
        case .deltaLengthByteArray: "DELTA_LENGTH_BYTE_ARRAY"
        case .deltaByteArray: "DELTA_BYTE_ARRAY"
        case .rleDictionary: "RLE_DICTIONARY"
        case .byteStreamSplit: "BYTE_STREAM_SPLIT"
        default: "encoding \(rawValue)"
        }
    }
}

/// Numbers of compression codecs.
package struct ParquetCodec: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let uncompressed = Self(rawValue: 0)
    package static let snappy = Self(rawValue: 1)
    package static let gzip = Self(rawValue: 2)
    package static let lzo = Self(rawValue: 3)
    package static let brotli = Self(rawValue: 4)
    package static let lz4 = Self(rawValue: 5)
    package static let zstd = Self(rawValue: 6)
    package static let lz4Raw = Self(rawValue: 7)

    package var name: String {
        switch self {
        case .uncompressed: "UNCOMPRESSED"
        case .snappy: "SNAPPY"
        case .gzip: "GZIP"
        case .lzo: "LZO"
        case .brotli: "BROTLI"
        case .lz4: "LZ4"
        case .zstd: "ZSTD"
        case .lz4Raw: "LZ4_RAW"
        default: "codec \(rawValue)"
        }
    }
}

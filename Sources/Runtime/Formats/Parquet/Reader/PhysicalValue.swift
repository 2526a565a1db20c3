/// A value as pages hold it, once decoded.
///
/// Booleans are `UInt8`; every kind of byte array, INT96 included, is a `StringView`.
protocol PhysicalValue: BitwiseCopyable {
    /// What stands at a null row.
    static var empty: Self { get }

    /// `valueCount` is that of the page, nulls included; `width` that of fixed-length byte arrays.
    static func decoder(
        _ encoding: ParquetEncoding, _ bytes: PageBytes, valueCount: Int, width: Int
    ) throws -> any ValueDecoder<Self>

    /// Values in the layout of ``Column``, and the rows whose value has no representation there.
    static func converted(
        _ values: [Self], blocks: [ByteBlock], validity: Bitmap?, _ conversion: LeafConversion
    ) throws -> ConvertedValues
}

extension PhysicalValue {
    static func notPossible(_ encoding: ParquetEncoding) -> ParquetFailure {
        .unsupported("a page of \(Self.self) values has the encoding \(encoding.name)")
    }
}

extension UInt8: PhysicalValue {
    static let empty: UInt8 = 0

    static func decoder(
        _ encoding: ParquetEncoding, _ bytes: PageBytes, valueCount: Int, width: Int
    ) throws -> any ValueDecoder<UInt8> {
        switch encoding {
        case .plain: return PlainBooleanDecoder(bytes)
        case .rle: return try RLEBooleanDecoder(bytes)
        default: throw notPossible(encoding)
        }
    }
}

extension Int32: PhysicalValue {
    static let empty: Int32 = 0

    static func decoder(
        _ encoding: ParquetEncoding, _ bytes: PageBytes, valueCount: Int, width: Int
    ) throws -> any ValueDecoder<Int32> {
        switch encoding {
        case .plain: return PlainFixedDecoder(bytes)
        case .deltaBinaryPacked: return try DeltaIntegerDecoder(bytes)
        case .byteStreamSplit: return try SplitFixedDecoder(bytes)
        default: throw notPossible(encoding)
        }
    }
}

extension Int64: PhysicalValue {
    static let empty: Int64 = 0

    static func decoder(
        _ encoding: ParquetEncoding, _ bytes: PageBytes, valueCount: Int, width: Int
    ) throws -> any ValueDecoder<Int64> {
        switch encoding {
        case .plain: return PlainFixedDecoder(bytes)
        case .deltaBinaryPacked: return try DeltaIntegerDecoder(bytes)
        case .byteStreamSplit: return try SplitFixedDecoder(bytes)
        default: throw notPossible(encoding)
        }
    }
}

extension Float: PhysicalValue {
    static let empty: Float = 0

    static func decoder(
        _ encoding: ParquetEncoding, _ bytes: PageBytes, valueCount: Int, width: Int
    ) throws -> any ValueDecoder<Float> {
        switch encoding {
        case .plain: return PlainFixedDecoder(bytes)
        case .byteStreamSplit: return try SplitFixedDecoder(bytes)
        default: throw notPossible(encoding)
        }
    }
}

extension Double: PhysicalValue {
    static let empty: Double = 0

    static func decoder(
        _ encoding: ParquetEncoding, _ bytes: PageBytes, valueCount: Int, width: Int
    ) throws -> any ValueDecoder<Double> {
        switch encoding {
        case .plain: return PlainFixedDecoder(bytes)
        case .byteStreamSplit: return try SplitFixedDecoder(bytes)
        default: throw notPossible(encoding)
        }
    }
}

extension StringView: PhysicalValue {
    /// `width` is 0 for byte arrays of any length.
    static func decoder(
        _ encoding: ParquetEncoding, _ bytes: PageBytes, valueCount: Int, width: Int
    ) throws -> any ValueDecoder<StringView> {
        switch encoding {
        case .plain:
            return width > 0
                ? PlainFixedBytesDecoder(bytes, width: width) : PlainBytesDecoder(bytes)
        case .deltaLengthByteArray:
            return try DeltaLengthDecoder(bytes, valueCount: valueCount)
        case .deltaByteArray: return try DeltaByteArrayDecoder(bytes, valueCount: valueCount)
        case .byteStreamSplit where width > 0:
            return try SplitFixedBytesDecoder(bytes, width: width)
        default: throw notPossible(encoding)
        }
    }
}

/// The values of one column in one row group: where its pages are and what is in them.
struct ColumnChunk: Sendable {
    var filePath: String?
    var fileOffset: Int64 = 0
    var metaData: ColumnMetaData?
    var offsetIndexOffset: Int64?
    var offsetIndexLength: Int32?
    var columnIndexOffset: Int64?
    var columnIndexLength: Int32?
    var isEncrypted = false

    init() {}

    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field in
            switch field.id {
            case 1: filePath = try reader.string(field)
            case 2: fileOffset = try reader.int(field)
            case 3:
                guard field.type == .structure else { return try reader.skip(field) }
                metaData = try ColumnMetaData(&reader)
            case 4: offsetIndexOffset = try reader.int(field)
            case 5: offsetIndexLength = try reader.int(field)
            case 6: columnIndexOffset = try reader.int(field)
            case 7: columnIndexLength = try reader.int(field)
            case 8, 9:
                isEncrypted = true
                try reader.skip(field)
            default: try reader.skip(field)
            }
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.field(1, filePath)
        writer.field(2, fileOffset)
        if let metaData { writer.field(3, structure: { metaData.write(to: &$0) }) }
        writer.field(4, offsetIndexOffset)
        writer.field(5, offsetIndexLength)
        writer.field(6, columnIndexOffset)
        writer.field(7, columnIndexLength)
    }
}

struct ColumnMetaData: Sendable {
    var type: ParquetPhysicalType = .int32
    var encodings: [ParquetEncoding] = []
    var path: [String] = []
    var codec: ParquetCodec = .uncompressed
    /// Levels, nulls included.
    var valueCount: Int64 = 0
    var totalUncompressedSize: Int64 = 0
    var totalCompressedSize: Int64 = 0
    var dataPageOffset: Int64 = 0
    var dictionaryPageOffset: Int64?
    var statistics: ParquetStatistics?

    init() {}

    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field in
            switch field.id {
            case 1:
                let number = try reader.int(field, Int32.self)
                guard let type = ParquetPhysicalType(rawValue: number) else {
                    throw ParquetFailure.damaged("a column chunk has the unknown type \(number)")
                }
                self.type = type
            case 2: encodings = try reader.int32s(field).map(ParquetEncoding.init)
            case 3: path = try reader.strings(field)
            case 4: codec = ParquetCodec(rawValue: try reader.int(field))
            case 5: valueCount = try reader.int(field)
            case 6: totalUncompressedSize = try reader.int(field)
            case 7: totalCompressedSize = try reader.int(field)
            case 9: dataPageOffset = try reader.int(field)
            case 11: dictionaryPageOffset = try reader.int(field)
            case 12: statistics = try ParquetStatistics(field, &reader)
            default: try reader.skip(field)
            }
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.field(1, type.rawValue)
        writer.field(2, int32s: encodings.map(\.rawValue))
        writer.field(3, strings: path)
        writer.field(4, codec.rawValue)
        writer.field(5, valueCount)
        writer.field(6, totalUncompressedSize)
        writer.field(7, totalCompressedSize)
        writer.field(9, dataPageOffset)
        writer.field(11, dictionaryPageOffset)
        if let statistics { writer.field(12, structure: { statistics.write(to: &$0) }) }
    }
}

/// Smallest and largest value in PLAIN encoding without the length of byte arrays.
struct ParquetStatistics: Sendable {
    /// In signed order whatever the type; right only for types that have signed order.
    var deprecatedMax: [UInt8]?
    var deprecatedMin: [UInt8]?
    var nullCount: Int64?
    var max: [UInt8]?
    var min: [UInt8]?
    var isMaxExact: Bool?
    var isMinExact: Bool?

    init() {}

    init(_ field: ThriftReader.Field, _ reader: inout ThriftReader) throws {
        try reader.structure(field) { reader, field in
            switch field.id {
            case 1: deprecatedMax = try reader.binary(field)
            case 2: deprecatedMin = try reader.binary(field)
            case 3: nullCount = try reader.int(field)
            case 5: max = try reader.binary(field)
            case 6: min = try reader.binary(field)
            case 7: isMaxExact = try reader.boolean(field)
            case 8: isMinExact = try reader.boolean(field)
            default: try reader.skip(field)
            }
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.field(1, deprecatedMax)
        writer.field(2, deprecatedMin)
        writer.field(3, nullCount)
        writer.field(5, max)
        writer.field(6, min)
        writer.field(7, isMaxExact)
        writer.field(8, isMinExact)
    }
}

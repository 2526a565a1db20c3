/// What stands before the bytes of every page.
struct PageHeader: Sendable {
    enum Kind: Sendable {
        case data(DataPageHeader)
        case dataV2(DataPageHeaderV2)
        case dictionary(valueCount: Int32, encoding: ParquetEncoding)
        /// An index page or one of a kind that is not known: passed over.
        case other
    }

    var kind: Kind = .other
    var uncompressedSize: Int32 = 0
    var compressedSize: Int32 = 0
    /// CRC-32 of the bytes as they stand in the file.
    var crc: Int32?

    init(_ kind: Kind, uncompressedSize: Int32, compressedSize: Int32, crc: Int32?) {
        self.kind = kind
        self.uncompressedSize = uncompressedSize
        self.compressedSize = compressedSize
        self.crc = crc
    }

    init(_ reader: inout ThriftReader) throws {
        var type: Int32 = -1
        var data: DataPageHeader?
        var dataV2: DataPageHeaderV2?
        var dictionary: (Int32, ParquetEncoding)?
        try reader.structure { reader, field in
            switch field.id {
            case 1: type = try reader.int(field)
            case 2: uncompressedSize = try reader.int(field)
            case 3: compressedSize = try reader.int(field)
            case 4: crc = try reader.int(field)
            case 5: data = try DataPageHeader(field, &reader)
            case 7: dictionary = try Self.dictionary(field, &reader)
            case 8: dataV2 = try DataPageHeaderV2(field, &reader)
            default: try reader.skip(field)
            }
        }
        guard uncompressedSize >= 0, compressedSize >= 0 else {
            throw ParquetFailure.damaged("a page header has a negative size")
        }
        switch type {
        case 0: kind = .data(try Self.present(data))
        case 2:
            let (count, encoding) = try Self.present(dictionary)
            kind = .dictionary(valueCount: count, encoding: encoding)
        case 3: kind = .dataV2(try Self.present(dataV2))
        default: kind = .other
        }
    }

    private static func present<T>(_ header: T?) throws -> T {
        guard let header else {
            throw ParquetFailure.damaged("a page header lacks the part for its own page type")
        }
        return header
    }

    private static func dictionary(
        _ field: ThriftReader.Field, _ reader: inout ThriftReader
    ) throws -> (Int32, ParquetEncoding) {
        var count: Int32 = -1
        var encoding = ParquetEncoding.plain
        try reader.structure(field) { reader, field in
            switch field.id {
            case 1: count = try reader.int(field)
            case 2: encoding = ParquetEncoding(rawValue: try reader.int(field))
            default: try reader.skip(field)
            }
        }
        guard count >= 0 else {
            throw ParquetFailure.damaged("a dictionary page has \(count) values")
        }
        return (count, encoding)
    }

    func write(to writer: inout ThriftWriter) {
        writer.element { writer in
            switch kind {
            case .data: writer.field(1, Int32(0))
            case .dictionary: writer.field(1, Int32(2))
            case .dataV2: writer.field(1, Int32(3))
            case .other: writer.field(1, Int32(1))
            }
            writer.field(2, uncompressedSize)
            writer.field(3, compressedSize)
            writer.field(4, crc)
            switch kind {
            case .data(let header): writer.field(5, structure: { header.write(to: &$0) })
            case .dictionary(let count, let encoding):
                writer.field(
                    7,
                    structure: {
                        $0.field(1, count)
                        $0.field(2, encoding.rawValue)
                    })
            case .dataV2(let header): writer.field(8, structure: { header.write(to: &$0) })
            case .other: break
            }
        }
    }
}

struct DataPageHeader: Sendable {
    /// Levels, nulls included.
    var valueCount: Int32 = -1
    var encoding = ParquetEncoding.plain
    var definitionLevelEncoding = ParquetEncoding.rle
    var repetitionLevelEncoding = ParquetEncoding.rle

    init(valueCount: Int32, encoding: ParquetEncoding) {
        self.valueCount = valueCount
        self.encoding = encoding
    }

    init(_ field: ThriftReader.Field, _ reader: inout ThriftReader) throws {
        try reader.structure(field) { reader, field in
            switch field.id {
            case 1: valueCount = try reader.int(field)
            case 2: encoding = ParquetEncoding(rawValue: try reader.int(field))
            case 3: definitionLevelEncoding = ParquetEncoding(rawValue: try reader.int(field))
            case 4: repetitionLevelEncoding = ParquetEncoding(rawValue: try reader.int(field))
            default: try reader.skip(field)
            }
        }
        guard valueCount >= 0 else {
            throw ParquetFailure.damaged("a data page has \(valueCount) values")
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.field(1, valueCount)
        writer.field(2, encoding.rawValue)
        writer.field(3, definitionLevelEncoding.rawValue)
        writer.field(4, repetitionLevelEncoding.rawValue)
    }
}

struct DataPageHeaderV2: Sendable {
    /// Levels, nulls included.
    var valueCount: Int32 = -1
    var nullCount: Int32 = 0
    var rowCount: Int32 = 0
    var encoding = ParquetEncoding.plain
    var definitionLevelBytes: Int32 = 0
    var repetitionLevelBytes: Int32 = 0
    /// Levels are never compressed; values are unless this says otherwise.
    var isCompressed = true

    init(valueCount: Int32, nullCount: Int32, rowCount: Int32, encoding: ParquetEncoding) {
        self.valueCount = valueCount
        self.nullCount = nullCount
        self.rowCount = rowCount
        self.encoding = encoding
    }

    init(_ field: ThriftReader.Field, _ reader: inout ThriftReader) throws {
        try reader.structure(field) { reader, field in
            switch field.id {
            case 1: valueCount = try reader.int(field)
            case 2: nullCount = try reader.int(field)
            case 3: rowCount = try reader.int(field)
            case 4: encoding = ParquetEncoding(rawValue: try reader.int(field))
            case 5: definitionLevelBytes = try reader.int(field)
            case 6: repetitionLevelBytes = try reader.int(field)
            case 7: isCompressed = try reader.boolean(field)
            default: try reader.skip(field)
            }
        }
        guard valueCount >= 0, definitionLevelBytes >= 0, repetitionLevelBytes >= 0 else {
            throw ParquetFailure.damaged("a data page header has a negative count")
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.field(1, valueCount)
        writer.field(2, nullCount)
        writer.field(3, rowCount)
        writer.field(4, encoding.rawValue)
        writer.field(5, definitionLevelBytes)
        writer.field(6, repetitionLevelBytes)
        writer.field(7, isCompressed)
    }
}

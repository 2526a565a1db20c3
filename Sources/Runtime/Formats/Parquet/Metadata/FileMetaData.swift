/// The footer: schema, row groups and where their column chunks stand.
struct FileMetaData: Sendable {
    var version: Int32 = 1
    var schema: [SchemaElement] = []
    var rowCount: Int64 = 0
    var rowGroups: [RowGroupMetaData] = []
    var keyValues: [KeyValue] = []
    var createdBy: String?
    /// One per leaf: the number of the union's case, 1 for the order that the type defines.
    var columnOrders: [Int16] = []
    var isEncrypted = false

    init() {}

    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field in
            switch field.id {
            case 1: version = try reader.int(field)
            case 2: schema = try reader.structures(field, SchemaElement.init)
            case 3: rowCount = try reader.int(field)
            case 4: rowGroups = try reader.structures(field, RowGroupMetaData.init)
            case 5: keyValues = try reader.structures(field, KeyValue.init)
            case 6: createdBy = try reader.string(field)
            case 7: columnOrders = try reader.structures(field, Self.columnOrder)
            case 8:
                isEncrypted = true
                try reader.skip(field)
            default: try reader.skip(field)
            }
        }
    }

    private static func columnOrder(_ reader: inout ThriftReader) throws -> Int16 {
        var order: Int16 = 0
        try reader.structure { reader, field in
            order = field.id
            try reader.skip(field)
        }
        return order
    }

    func write(to writer: inout ThriftWriter) {
        writer.element { writer in
            writer.field(1, version)
            writer.field(2, structures: schema) { $1.write(to: &$0) }
            writer.field(3, rowCount)
            writer.field(4, structures: rowGroups) { $1.write(to: &$0) }
            writer.field(5, structures: keyValues.isEmpty ? nil : keyValues) { $1.write(to: &$0) }
            writer.field(6, createdBy)
            writer.field(7, structures: columnOrders) { writer, order in
                writer.field(order, structure: { _ in })
            }
        }
    }
}

struct KeyValue: Sendable {
    var key = ""
    var value: String?

    init(_ key: String, _ value: String?) {
        self.key = key
        self.value = value
    }

    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field in
            switch field.id {
            case 1: key = try reader.string(field)
            case 2: value = try reader.string(field)
            default: try reader.skip(field)
            }
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.field(1, key)
        writer.field(2, value)
    }
}

struct RowGroupMetaData: Sendable {
    var columns: [ColumnChunk] = []
    /// Uncompressed bytes of all column chunks.
    var totalByteSize: Int64 = 0
    var rowCount: Int64 = 0
    var fileOffset: Int64?
    var totalCompressedSize: Int64?
    var ordinal: Int16?

    init() {}

    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field in
            switch field.id {
            case 1: columns = try reader.structures(field, ColumnChunk.init)
            case 2: totalByteSize = try reader.int(field)
            case 3: rowCount = try reader.int(field)
            case 5: fileOffset = try reader.int(field)
            case 6: totalCompressedSize = try reader.int(field)
            // Writers let it overflow, and nothing here depends on it.
            default: try reader.skip(field)
            }
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.field(1, structures: columns) { $1.write(to: &$0) }
        writer.field(2, totalByteSize)
        writer.field(3, rowCount)
        writer.field(5, fileOffset)
        writer.field(6, totalCompressedSize)
        writer.field(7, ordinal)
    }
}

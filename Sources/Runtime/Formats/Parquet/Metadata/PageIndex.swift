/// Where every data page of a column chunk stands and which row it starts with.
struct OffsetIndex: Sendable {
    var pages: [PageLocation] = []

    init(pages: [PageLocation]) { self.pages = pages }

    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field in
            switch field.id {
            case 1: pages = try reader.structures(field, PageLocation.init)
            default: try reader.skip(field)
            }
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.element { $0.field(1, structures: pages) { $1.write(to: &$0) } }
    }
}

struct PageLocation: Sendable {
    /// Of the page header, from the start of the file.
    var offset: Int64 = 0
    /// Header included.
    var compressedSize: Int32 = 0
    /// In the row group.
    var firstRow: Int64 = 0

    init(offset: Int64, compressedSize: Int32, firstRow: Int64) {
        self.offset = offset
        self.compressedSize = compressedSize
        self.firstRow = firstRow
    }

    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field in
            switch field.id {
            case 1: offset = try reader.int(field)
            case 2: compressedSize = try reader.int(field)
            case 3: firstRow = try reader.int(field)
            default: try reader.skip(field)
            }
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.field(1, offset)
        writer.field(2, compressedSize)
        writer.field(3, firstRow)
    }
}

/// Smallest and largest value and number of nulls of every data page of a column chunk.
struct ColumnIndex: Sendable {
    enum BoundaryOrder: Int32, Sendable {
        case unordered = 0
        case ascending = 1
        case descending = 2
    }

    /// True for a page that has only nulls; its bounds are empty.
    var nullPages: [Bool] = []
    var mins: [[UInt8]] = []
    var maxes: [[UInt8]] = []
    var boundaryOrder = BoundaryOrder.unordered
    var nullCounts: [Int64]?

    init() {}

    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field in
            switch field.id {
            case 1: nullPages = try reader.booleans(field)
            case 2: mins = try reader.binaries(field)
            case 3: maxes = try reader.binaries(field)
            case 4: boundaryOrder = BoundaryOrder(rawValue: try reader.int(field)) ?? .unordered
            case 5: nullCounts = try reader.int64s(field)
            default: try reader.skip(field)
            }
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.element { writer in
            writer.field(1, booleans: nullPages)
            writer.field(2, binaries: mins)
            writer.field(3, binaries: maxes)
            writer.field(4, boundaryOrder.rawValue)
            writer.field(5, int64s: nullCounts)
        }
    }
}

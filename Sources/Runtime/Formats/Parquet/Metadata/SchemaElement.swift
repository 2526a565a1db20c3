/// One node of the schema, as the footer lists them: depth first, each group before its children.
struct SchemaElement: Sendable {
    var type: ParquetPhysicalType?
    var typeLength: Int32?
    var repetition: ParquetRepetition?
    var name = ""
    var childCount: Int32?
    var convertedType: ParquetConvertedType?
    var scale: Int32?
    var precision: Int32?
    var fieldID: Int32?
    var logicalType: ParquetLogicalType?

    init(name: String) { self.name = name }

    init(_ reader: inout ThriftReader) throws {
        try reader.structure { reader, field in
            switch field.id {
            case 1:
                let number = try reader.int(field, Int32.self)
                guard let type = ParquetPhysicalType(rawValue: number) else {
                    throw ParquetFailure.damaged(
                        "the schema has the unknown physical type \(number)")
                }
                self.type = type
            case 2: typeLength = try reader.int(field)
            case 3:
                let number = try reader.int(field, Int32.self)
                guard let repetition = ParquetRepetition(rawValue: number) else {
                    throw ParquetFailure.damaged("the schema has the unknown repetition \(number)")
                }
                self.repetition = repetition
            case 4: name = try reader.string(field)
            case 5: childCount = try reader.int(field)
            case 6: convertedType = ParquetConvertedType(rawValue: try reader.int(field))
            case 7: scale = try reader.int(field)
            case 8: precision = try reader.int(field)
            case 9: fieldID = try reader.int(field)
            case 10: logicalType = try ParquetLogicalType(field, &reader)
            default: try reader.skip(field)
            }
        }
    }

    func write(to writer: inout ThriftWriter) {
        writer.field(1, type?.rawValue)
        writer.field(2, typeLength)
        writer.field(3, repetition?.rawValue)
        writer.field(4, name)
        writer.field(5, childCount)
        writer.field(6, convertedType?.rawValue)
        writer.field(7, scale)
        writer.field(8, precision)
        writer.field(9, fieldID)
        if let logicalType {
            writer.field(10, structure: { logicalType.write(to: &$0) })
        }
    }
}

extension ParquetLogicalType {
    /// The union: exactly one field counts, the last one if there are several.
    init?(_ field: ThriftReader.Field, _ reader: inout ThriftReader) throws {
        var type: ParquetLogicalType?
        try reader.structure(field) { reader, field in
            switch field.id {
            case 5: type = try Self.decimal(field, &reader)
            case 7: type = try Self.temporal(field, &reader) { .time(utc: $0, $1) }
            case 8: type = try Self.temporal(field, &reader) { .timestamp(utc: $0, $1) }
            case 10: type = try Self.integer(field, &reader)
            default:
                type = Self.simple[field.id] ?? .other(field.id)
                try reader.skip(field)
            }
        }
        guard let type else { return nil }
        self = type
    }

    private static let simple: [Int16: ParquetLogicalType] = [
        1: .string, 2: .map, 3: .list, 4: .enum, 6: .date, 11: .unknown, 12: .json, 13: .bson,
        14: .uuid, 15: .float16,
    ]

    private static func decimal(
        _ field: ThriftReader.Field, _ reader: inout ThriftReader
    ) throws -> ParquetLogicalType {
        var (scale, precision): (Int32, Int32) = (0, 0)
        try reader.structure(field) { reader, field in
            switch field.id {
            case 1: scale = try reader.int(field)
            case 2: precision = try reader.int(field)
            default: try reader.skip(field)
            }
        }
        return .decimal(scale: scale, precision: precision)
    }

    private static func temporal(
        _ field: ThriftReader.Field, _ reader: inout ThriftReader,
        _ make: (Bool, ParquetTimeUnit) -> ParquetLogicalType
    ) throws -> ParquetLogicalType {
        var utc = false
        var unit: ParquetTimeUnit?
        try reader.structure(field) { reader, field in
            switch field.id {
            case 1: utc = try reader.boolean(field)
            case 2:
                try reader.structure(field) { reader, field in
                    unit = [1: .millis, 2: .micros, 3: .nanos][field.id]
                    try reader.skip(field)
                }
            default: try reader.skip(field)
            }
        }
        guard let unit else {
            throw ParquetFailure.damaged("a time in the schema has no known unit")
        }
        return make(utc, unit)
    }

    private static func integer(
        _ field: ThriftReader.Field, _ reader: inout ThriftReader
    ) throws -> ParquetLogicalType {
        var bits: Int8 = 0
        var signed = true
        try reader.structure(field) { reader, field in
            switch field.id {
            case 1: bits = try reader.int(field)
            case 2: signed = try reader.boolean(field)
            default: try reader.skip(field)
            }
        }
        return .integer(bits: bits, signed: signed)
    }

    func write(to writer: inout ThriftWriter) {
        switch self {
        case .decimal(let scale, let precision):
            writer.field(
                5,
                structure: {
                    $0.field(1, scale)
                    $0.field(2, precision)
                })
        case .time(let utc, let unit): Self.write(7, utc, unit, to: &writer)
        case .timestamp(let utc, let unit): Self.write(8, utc, unit, to: &writer)
        case .integer(let bits, let signed):
            writer.field(
                10,
                structure: {
                    $0.field(1, int8: bits)
                    $0.field(2, signed)
                })
        case .other(let number): writer.field(number, structure: { _ in })
        default:
            if let number = Self.simple.first(where: { $0.value == self })?.key {
                writer.field(number, structure: { _ in })
            }
        }
    }

    private static func write(
        _ id: Int16, _ utc: Bool, _ unit: ParquetTimeUnit, to writer: inout ThriftWriter
    ) {
        let number: Int16 = unit == .millis ? 1 : unit == .micros ? 2 : 3
        writer.field(
            id,
            structure: {
                $0.field(1, utc)
                $0.field(2, structure: { $0.field(number, structure: { _ in }) })
            })
    }
}

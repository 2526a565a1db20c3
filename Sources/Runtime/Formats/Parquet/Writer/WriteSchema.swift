import PipelineDSL

/// Our schema as a Parquet schema, and its leaves.
struct WriteSchema: Sendable {
    private(set) var elements: [SchemaElement] = []
    private(set) var columns: [WriteNode] = []
    private(set) var leaves: [WriteLeaf] = []

    private static let maxDepth = 32

    /// Throws ``RunError`` for a type that Parquet has no place for.
    init(_ schema: Schema, fieldIDs: [String: Int32]) throws {
        var root = SchemaElement(name: "schema")
        root.childCount = Int32(truncatingIfNeeded: schema.fields.count)
        elements.append(root)
        for field in schema.fields { columns.append(try add(field, Place(), fieldIDs)) }
    }

    private struct Place {
        var path: [String] = []
        /// Path as ``ParquetWriteOptions/fieldIDs`` has it: without the groups of lists and maps.
        var key = ""
        var definition = 0
        var repetition = 0
        var depth = 0

        func member(_ name: String, optional: Bool) -> Place {
            Place(
                path: path + [name], key: key.isEmpty ? name : "\(key).\(name)",
                definition: definition + (optional ? 1 : 0), repetition: repetition,
                depth: depth + 1)
        }

        func repeated(_ name: String) -> Place {
            Place(
                path: path + [name], key: key, definition: definition + 1,
                repetition: repetition + 1, depth: depth + 1)
        }
    }

    private mutating func add(
        _ field: Field, _ parent: Place, _ fieldIDs: [String: Int32]
    ) throws -> WriteNode {
        let optional = field.nullable || field.type == .null
        let place = parent.member(field.name, optional: optional)
        guard place.depth <= Self.maxDepth else {
            throw refused("`\(place.path.first ?? field.name)` is nested too deeply")
        }
        var element = SchemaElement(name: field.name)
        element.repetition = optional ? .optional : .required
        element.fieldID = fieldIDs[place.key]
        let kind: WriteNode.Kind
        switch field.type {
        case .array(let type): kind = try list(type, element, place, fieldIDs)
        case .map(let key, let value): kind = try map(key, value, element, place, fieldIDs)
        case .structure(let fields):
            guard !fields.isEmpty else {
                throw refused("`\(place.key)` is a structure without fields")
            }
            element.childCount = Int32(truncatingIfNeeded: fields.count)
            elements.append(element)
            kind = .structure(try fields.map { try add($0, place, fieldIDs) })
        default:
            let layout = WriteLeafType(field.type)
            layout.annotate(&element)
            elements.append(element)
            leaves.append(
                WriteLeaf(
                    path: place.path, key: place.key, type: field.type, layout: layout,
                    fieldID: element.fieldID, maxDefinition: place.definition,
                    maxRepetition: place.repetition))
            kind = .leaf(leaves.count - 1)
        }
        return WriteNode(name: place.key, isOptional: optional, kind: kind)
    }

    private mutating func list(
        _ type: DataType, _ element: SchemaElement, _ place: Place, _ fieldIDs: [String: Int32]
    ) throws -> WriteNode.Kind {
        var group = element
        (group.logicalType, group.convertedType, group.childCount) = (.list, .list, 1)
        let inner = addRepeated("list", children: 1, in: group, place)
        let child = try add(Field("element", type), inner, fieldIDs)
        return .list(child, repetition: UInt8(truncatingIfNeeded: inner.repetition))
    }

    private mutating func map(
        _ key: DataType, _ value: DataType, _ element: SchemaElement, _ place: Place,
        _ fieldIDs: [String: Int32]
    ) throws -> WriteNode.Kind {
        guard key != .null else { throw refused("the keys of `\(place.key)` are all null") }
        var group = element
        (group.logicalType, group.convertedType, group.childCount) = (.map, .map, 1)
        let inner = addRepeated("key_value", children: 2, in: group, place)
        let keys = try add(Field("key", key, nullable: false), inner, fieldIDs)
        let values = try add(Field("value", value), inner, fieldIDs)
        let entry = WriteNode(name: place.key, isOptional: false, kind: .structure([keys, values]))
        return .list(entry, repetition: UInt8(truncatingIfNeeded: inner.repetition))
    }

    private mutating func addRepeated(
        _ name: String, children: Int32, in group: SchemaElement, _ place: Place
    ) -> Place {
        elements.append(group)
        var repeated = SchemaElement(name: name)
        repeated.repetition = .repeated
        repeated.childCount = children
        elements.append(repeated)
        return place.repeated(name)
    }

    private func refused(_ reason: String) -> RunError {
        RunError(
            .parquetNotWritable, "\(reason), which Parquet cannot store",
            notes: ["`cast` the column to another type, or drop it before the sink"])
    }
}

/// A column or a part of one, as it is taken apart.
struct WriteNode: Sendable {
    let name: String
    let isOptional: Bool
    let kind: Kind

    indirect enum Kind: Sendable {
        /// Index among ``WriteSchema/leaves``.
        case leaf(Int)
        case structure([WriteNode])
        /// A map too, whose elements are structures of key and value.
        case list(WriteNode, repetition: UInt8)
    }
}

struct WriteLeaf: Sendable {
    let path: [String]
    let key: String
    let type: DataType
    let layout: WriteLeafType
    let fieldID: Int32?
    let maxDefinition: Int
    let maxRepetition: Int
}

/// The physical type of a leaf and its annotations.
struct WriteLeafType: Sendable {
    let physical: ParquetPhysicalType
    /// Of fixed-length byte arrays; else 0.
    let width: Int
    private let type: DataType

    init(_ type: DataType) {
        self.type = type
        switch type {
        case .boolean: (physical, width) = (.boolean, 0)
        case .integer, .date, .null: (physical, width) = (.int32, 0)
        case .bigint, .time, .timestamp: (physical, width) = (.int64, 0)
        case .real: (physical, width) = (.float, 0)
        case .double: (physical, width) = (.double, 0)
        case .decimal(...9, _): (physical, width) = (.int32, 0)
        case .decimal(...18, _): (physical, width) = (.int64, 0)
        case .decimal(let precision, _):
            (physical, width) = (.fixedLengthByteArray, Self.decimalBytes(precision))
        case .uuid: (physical, width) = (.fixedLengthByteArray, 16)
        case .interval: (physical, width) = (.fixedLengthByteArray, 12)
        case .string, .bytes, .json, .array, .map, .structure: (physical, width) = (.byteArray, 0)
        }
    }

    /// Fewest bytes whose two's complement holds every value of so many digits, as Iceberg demands.
    private static func decimalBytes(_ precision: Int) -> Int {
        let bound = (0..<min(precision, 38)).reduce(Int128(1)) { bound, _ in bound * 10 }
        return (1..<16).first { Int128(1) << Int128($0 * 8 - 1) >= bound } ?? 16
    }

    func annotate(_ element: inout SchemaElement) {
        element.type = physical
        if width > 0 { element.typeLength = Int32(truncatingIfNeeded: width) }
        switch type {
        case .string: (element.logicalType, element.convertedType) = (.string, .utf8)
        case .json: (element.logicalType, element.convertedType) = (.json, .json)
        case .date: (element.logicalType, element.convertedType) = (.date, .date)
        case .time: element.logicalType = .time(utc: false, .micros)
        case .timestamp:
            element.logicalType = .timestamp(utc: true, .micros)
            element.convertedType = .timestampMicros
        case .uuid: element.logicalType = .uuid
        case .interval: element.convertedType = .interval
        case .null: element.logicalType = .unknown
        case .decimal(let precision, let scale):
            let (p, s) = (Int32(truncatingIfNeeded: precision), Int32(truncatingIfNeeded: scale))
            element.logicalType = .decimal(scale: s, precision: p)
            (element.convertedType, element.precision, element.scale) = (.decimal, p, s)
        default: break
        }
    }
}

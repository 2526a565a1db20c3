import PipelineDSL

/// What a node of the schema is to a user: groups of lists and maps have more levels than that.
indirect enum ParquetShape: Sendable {
    case leaf(ParquetNode, LeafKind)
    case structure(ParquetNode, [ParquetColumn])
    /// `present` is the definition level of a list that is not null, `repeated` the node whose
    /// levels tell one element from the next.
    case list(element: ParquetColumn, present: Int, repeated: ParquetNode)
    case map(key: ParquetColumn, value: ParquetColumn, present: Int, entries: ParquetNode)

    var dataType: DataType {
        switch self {
        case .leaf(_, let kind): kind.dataType
        case .structure(_, let members): .structure(members.map(\.field))
        case .list(let element, _, _): .array(element.shape.dataType)
        case .map(let key, let value, _, _): .map(key.shape.dataType, value.shape.dataType)
        }
    }
}

/// A named, nullable shape.
struct ParquetColumn: Sendable {
    let name: String
    let nullable: Bool
    let fieldID: Int32?
    let shape: ParquetShape

    var field: Field { Field(name, shape.dataType, nullable: nullable) }

    /// Throws a ``ParquetFailure`` for what cannot be read.
    init(_ node: ParquetNode) throws {
        // A repeated node outside a list is a list of required elements that is never null.
        if node.repetition == .repeated {
            let element = try ParquetColumn(element: node)
            self.init(
                node, nullable: false,
                .list(element: element, present: node.maxDefinition - 1, repeated: node))
        } else {
            self.init(
                node, nullable: node.repetition == .optional, try Self.shape(node))
        }
    }

    /// The element that a repeated node itself is.
    private init(element node: ParquetNode) throws {
        self.init(node, nullable: false, try Self.shape(node))
    }

    private init(_ node: ParquetNode, nullable: Bool, _ shape: ParquetShape) {
        name = node.name
        self.nullable = nullable
        fieldID = node.element.fieldID
        self.shape = shape
    }

    private static func shape(_ node: ParquetNode) throws -> ParquetShape {
        if node.leaf != nil { return .leaf(node, try LeafKind(node.element)) }
        if let repeated = node.children.first, node.children.count == 1,
            repeated.repetition == .repeated
        {
            if node.isMap, let map = try self.map(node, entries: repeated) { return map }
            if node.isList { return try list(node, repeated: repeated) }
        }
        if node.children.isEmpty {
            throw ParquetFailure.unsupported("`\(node.name)` is a structure without fields")
        }
        return .structure(node, try node.children.map { try ParquetColumn($0) })
    }

    /// https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists, with its rules
    /// for the two-level lists of older writers.
    private static func list(_ node: ParquetNode, repeated: ParquetNode) throws -> ParquetShape {
        let isElement =
            repeated.leaf != nil || repeated.children.count != 1
            || repeated.children[0].repetition == .repeated
            || repeated.name == "array" || repeated.name == "\(node.name)_tuple"
        let element =
            isElement
            ? try ParquetColumn(element: repeated) : try ParquetColumn(repeated.children[0])
        return .list(element: element, present: node.maxDefinition, repeated: repeated)
    }

    private static func map(_ node: ParquetNode, entries: ParquetNode) throws -> ParquetShape? {
        guard entries.children.count == 2 else {
            return try list(node, repeated: entries)
        }
        return .map(
            key: try ParquetColumn(entries.children[0]),
            value: try ParquetColumn(entries.children[1]),
            present: node.maxDefinition, entries: entries)
    }
}

extension ParquetNode {
    fileprivate var isList: Bool {
        element.logicalType == .list || element.convertedType == .list
    }

    fileprivate var isMap: Bool {
        element.logicalType == .map || element.convertedType == .map
            || element.convertedType == .mapKeyValue
    }
}

/// The schema as a tree, with the levels of every node.
struct ParquetSchema: Sendable {
    /// The root's children: the columns as users see them.
    let columns: [ParquetNode]
    let leafCount: Int

    init(_ elements: [SchemaElement]) throws {
        guard let root = elements.first else {
            throw ParquetFailure.damaged("the footer has no schema")
        }
        var builder = Builder(elements: elements, next: 1)
        columns = try builder.children(of: root, path: [], definition: 0, repetition: 0, depth: 0)
        guard builder.next == elements.count else {
            throw ParquetFailure.damaged("the schema lists elements outside its tree")
        }
        leafCount = builder.leaves
    }

    private struct Builder {
        let elements: [SchemaElement]
        var next: Int
        var leaves = 0
        static let maxDepth = 48

        mutating func children(
            of parent: SchemaElement, path: [String], definition: Int, repetition: Int, depth: Int
        ) throws -> [ParquetNode] {
            guard depth < Self.maxDepth else {
                throw ParquetFailure.damaged("the schema is nested too deeply")
            }
            let count = Int(parent.childCount ?? 0)
            guard count >= 0, count <= elements.count - next else {
                throw ParquetFailure.damaged("`\(parent.name)` has more children than are listed")
            }
            var nodes: [ParquetNode] = []
            for _ in 0..<count {
                guard next < elements.count else {
                    throw ParquetFailure.damaged("`\(parent.name)` lacks listed children")
                }
                nodes.append(
                    try node(
                        path: path, definition: definition, repetition: repetition, depth: depth))
            }
            return nodes
        }

        private mutating func node(
            path: [String], definition: Int, repetition: Int, depth: Int
        ) throws -> ParquetNode {
            let element = elements[next]
            next += 1
            let kind = element.repetition ?? .required
            var node = ParquetNode(
                element: element, repetition: kind, path: path + [element.name],
                maxDefinition: definition + (kind == .required ? 0 : 1),
                maxRepetition: repetition + (kind == .repeated ? 1 : 0))
            if element.type != nil && (element.childCount ?? 0) == 0 {
                node.leaf = leaves
                leaves += 1
            } else {
                node.children = try children(
                    of: element, path: node.path, definition: node.maxDefinition,
                    repetition: node.maxRepetition, depth: depth + 1)
            }
            return node
        }
    }
}

struct ParquetNode: Sendable {
    let element: SchemaElement
    let repetition: ParquetRepetition
    let path: [String]
    /// Levels at which this node itself is present.
    let maxDefinition: Int
    let maxRepetition: Int
    var children: [ParquetNode] = []
    /// Index among the leaves, which is that of its column chunk; `nil` for a group.
    var leaf: Int?

    var name: String { element.name }

    init(
        element: SchemaElement, repetition: ParquetRepetition, path: [String], maxDefinition: Int,
        maxRepetition: Int
    ) {
        self.element = element
        self.repetition = repetition
        self.path = path
        self.maxDefinition = maxDefinition
        self.maxRepetition = maxRepetition
    }

    /// The first leaf below, whose levels tell of this node's nulls and lengths.
    var firstLeaf: Int? { leaf ?? children.lazy.compactMap(\.firstLeaf).first }
}

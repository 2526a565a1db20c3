/// Places the nodes of an acyclic graph in columns, from left to right (Sugiyama, Tagawa and Toda
/// 1981): each node right of all it reads, edges over several columns led through places of their
/// own, and the order within a column chosen so that few edges cross.
struct GraphLayout {
    struct Place: Hashable {
        var column: Int
        /// From the top of the column.
        var row: Int
    }

    /// A node, or a place where an edge passes a column.
    private enum Item: Hashable {
        case node(Int)
        case pass(edge: Int, column: Int)
    }

    let columns: Int
    /// Of the fullest column.
    let rows: Int
    /// By node.
    let places: [Place]
    /// By edge, the places it passes between its ends.
    let passes: [[Place]]

    /// - Parameter edges: pairs of node numbers; the first comes before the second.
    init(nodeCount: Int, edges: [(Int, Int)]) {
        let column = Self.columns(nodeCount, edges)
        let count = (column.max() ?? -1) + 1
        var layers = [[Item]](repeating: [], count: count)
        for node in 0..<nodeCount { layers[column[node]].append(.node(node)) }
        var left: [Item: [Item]] = [:]
        var right: [Item: [Item]] = [:]
        for (index, (from, to)) in edges.enumerated() {
            var last = Item.node(from)
            for passed in (column[from] + 1)..<max(column[from] + 1, column[to]) {
                let item = Item.pass(edge: index, column: passed)
                layers[passed].append(item)
                left[item, default: []].append(last)
                right[last, default: []].append(item)
                last = item
            }
            left[.node(to), default: []].append(last)
            right[last, default: []].append(.node(to))
        }
        Self.order(&layers, left, right)
        columns = count
        rows = layers.map(\.count).max() ?? 0
        var places = [Place](repeating: Place(column: 0, row: 0), count: nodeCount)
        var passes = [[Place]](repeating: [], count: edges.count)
        for (column, layer) in layers.enumerated() {
            for (row, item) in layer.enumerated() {
                switch item {
                case .node(let node): places[node] = Place(column: column, row: row)
                case .pass(let edge, _): passes[edge].append(Place(column: column, row: row))
                }
            }
        }
        self.places = places
        self.passes = passes
    }

    /// The longest way from a node that reads nothing. Edges lead to later nodes.
    private static func columns(_ count: Int, _ edges: [(Int, Int)]) -> [Int] {
        var column = [Int](repeating: 0, count: count)
        var incoming = [[Int]](repeating: [], count: count)
        for (from, to) in edges where from < to { incoming[to].append(from) }
        for node in 0..<count {
            column[node] = (incoming[node].map { column[$0] + 1 }.max() ?? 0)
        }
        return column
    }

    /// Sweeps to and fro, putting each item at the middle of its neighbours.
    private static func order(
        _ layers: inout [[Item]], _ left: [Item: [Item]], _ right: [Item: [Item]]
    ) {
        guard layers.count > 1 else { return }
        for round in 0..<8 {
            let isForward = round % 2 == 0
            let range = isForward
                ? Array(1..<layers.count) : Array((0..<(layers.count - 1)).reversed())
            for index in range {
                let fixed = layers[isForward ? index - 1 : index + 1]
                let position = Dictionary(
                    fixed.enumerated().map { ($0.element, Double($0.offset)) },
                    uniquingKeysWith: { first, _ in first })
                let neighbours = isForward ? left : right
                let scored = layers[index].enumerated().map { offset, item in
                    let near = (neighbours[item] ?? []).compactMap { position[$0] }
                    let middle = near.isEmpty
                        ? Double(offset) : near.reduce(0, +) / Double(near.count)
                    return (middle, offset, item)
                }
                layers[index] = scored.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
            }
        }
    }
}

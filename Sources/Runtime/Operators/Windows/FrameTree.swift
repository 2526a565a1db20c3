/// Combines any range of a partition's rows in O(log n): sixteen neighbours are combined into one of
/// the level above, and so on.
///
/// Where pieces begin depends on the row's place in its partition alone, and pieces are combined
/// from left to right, so that sums of doubles do not depend on how rows came.
struct FrameTree<Node> {
    private var levels: [[Node]]
    private let neutral: Node
    private let combine: (Node, Node) -> Node
    private static var fanOut: Int { 16 }

    init(_ leaves: [Node], neutral: Node, combine: @escaping (Node, Node) -> Node) {
        self.neutral = neutral
        self.combine = combine
        levels = [leaves]
        while let below = levels.last, below.count > Self.fanOut {
            levels.append(
                stride(from: 0, to: below.count, by: Self.fanOut).map { start in
                    below[start..<min(start + Self.fanOut, below.count)].reduce(neutral, combine)
                })
        }
    }

    func query(_ range: Range<Int>) -> Node {
        var result = neutral
        var position = range.lowerBound
        while position < range.upperBound {
            // The largest piece that begins here and ends within the range.
            var level = 0
            var width = 1
            while level + 1 < levels.count, position % (width * Self.fanOut) == 0,
                position + width * Self.fanOut <= range.upperBound
            {
                width *= Self.fanOut
                level += 1
            }
            result = combine(result, levels[level][position / width])
            position += width
        }
        return result
    }
}

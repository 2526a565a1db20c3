/// Which expected row stands for which actual one.
///
/// Patterns may fit several rows, so the pairs are a maximum matching (augmenting paths): a test
/// fails only where no assignment would let it pass.
package struct RowMatching {
    /// By expected row.
    package private(set) var actual: [Int?]
    /// By actual row.
    package private(set) var expected: [Int?]

    var openExpected: [Int] { actual.indices.filter { actual[$0] == nil } }
    var freeActual: [Int] { expected.indices.filter { expected[$0] == nil } }

    /// Above so many comparisons the first fit counts.
    private static let comparisonLimit = 4_000_000

    package init(expected expectedCount: Int, actual actualCount: Int, fits: (Int, Int) -> Bool) {
        actual = Array(repeating: nil, count: expectedCount)
        expected = Array(repeating: nil, count: actualCount)
        var open: [Int] = []
        for index in 0..<expectedCount {
            if let free = (0..<actualCount).first(where: { expected[$0] == nil && fits(index, $0) })
            {
                pair(index, free)
            } else {
                open.append(index)
            }
        }
        guard
            expectedCount.multipliedReportingOverflow(by: actualCount).partialValue
                <= Self.comparisonLimit
        else { return }
        for index in open { augment(from: index, fits) }
    }

    private mutating func pair(_ e: Int, _ a: Int) {
        actual[e] = a
        expected[a] = e
    }

    /// A breadth-first search for a free row, by way of rows whose pattern also fits another.
    private mutating func augment(from start: Int, _ fits: (Int, Int) -> Bool) {
        var cameFrom = [Int?](repeating: nil, count: expected.count)
        var queue = [start]
        var head = 0
        while head < queue.count {
            let current = queue[head]
            head += 1
            for a in expected.indices where cameFrom[a] == nil && fits(current, a) {
                cameFrom[a] = current
                guard let taken = expected[a] else { return turn(at: a, cameFrom, start) }
                queue.append(taken)
            }
        }
    }

    private mutating func turn(at end: Int, _ cameFrom: [Int?], _ start: Int) {
        var a = end
        while let e = cameFrom[a] {
            let next = actual[e]
            pair(e, a)
            if e == start { return }
            guard let next else { return }
            a = next
        }
    }
    /// Pairs what is left over, the most alike first; each row at most once, and none that has
    /// nothing in common.
    ///
    /// - Parameter likeness: how much an expected and an actual row have in common.
    func nearest(likeness: (Int, Int) -> Int) -> [Int: Int] {
        var pairs: [(likeness: Int, expected: Int, actual: Int)] = []
        // Nobody reads more than the first few.
        for e in openExpected.prefix(50) {
            for a in freeActual.prefix(2_000) {
                let likeness = likeness(e, a)
                if likeness > 0 { pairs.append((likeness, e, a)) }
            }
        }
        pairs.sort { ($1.likeness, $0.expected, $0.actual) < ($0.likeness, $1.expected, $1.actual) }
        var found: [Int: Int] = [:]
        var taken: Set<Int> = []
        for pair in pairs where found[pair.expected] == nil && !taken.contains(pair.actual) {
            found[pair.expected] = pair.actual
            taken.insert(pair.actual)
        }
        return found
    }
}

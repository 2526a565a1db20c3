/// Pairs the steps of two definitions: the most alike in the same order.
enum StepAlignment {
    struct Pair: Hashable {
        var old: DefinitionStep?
        var new: DefinitionStep?
    }

    /// Longest common subsequence by weight: steps of the same operation pair up, rather with one
    /// that is equal, or that shares settings.
    static func pairs(_ old: [DefinitionStep], _ new: [DefinitionStep]) -> [Pair] {
        let (rows, columns) = (old.count, new.count)
        var best = [[Int]](repeating: [Int](repeating: 0, count: columns + 1), count: rows + 1)
        for i in stride(from: rows - 1, through: 0, by: -1) {
            for j in stride(from: columns - 1, through: 0, by: -1) {
                let skipped = max(best[i + 1][j], best[i][j + 1])
                let likeness = likeness(old[i], new[j])
                best[i][j] = likeness > 0 ? max(skipped, best[i + 1][j + 1] + likeness) : skipped
            }
        }
        return walk(old, new, best)
    }

    private static func walk(
        _ old: [DefinitionStep], _ new: [DefinitionStep], _ best: [[Int]]
    ) -> [Pair] {
        var pairs: [Pair] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if i < old.count, j < new.count {
                let likeness = likeness(old[i], new[j])
                if likeness > 0, best[i][j] == best[i + 1][j + 1] + likeness {
                    pairs.append(Pair(old: old[i], new: new[j]))
                    i += 1
                    j += 1
                    continue
                }
            }
            if j == new.count || (i < old.count && best[i][j] == best[i + 1][j]) {
                pairs.append(Pair(old: old[i], new: nil))
                i += 1
            } else {
                pairs.append(Pair(old: nil, new: new[j]))
                j += 1
            }
        }
        return pairs
    }

    private static func likeness(_ a: DefinitionStep, _ b: DefinitionStep) -> Int {
        guard a.operation == b.operation else { return 0 }
        let shared = a.settings.count { setting in b.settings.contains(setting) }
        let isEqual = shared == a.settings.count && shared == b.settings.count
        return (isEqual ? 1000 : 1) + shared
    }
}

/// "Did you mean": the candidate nearest to what was written, if any is near enough.
///
/// Optimal string alignment distance (Damerau–Levenshtein without substrings edited twice) over
/// lower-cased scalars; a third of the length may differ. Work is bounded by comparing at most
/// the first 64 scalars of at most 2000 candidates.
public func nearName(_ written: String, among candidates: some Sequence<String>) -> String? {
    let source = Array(written.lowercased().unicodeScalars.prefix(64))
    guard !source.isEmpty else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates.prefix(2000) {
        // Lower-casing changes a name's length rarely, and then by little.
        guard abs(candidate.utf8.count - written.utf8.count) <= 64 else { continue }
        let target = Array(candidate.lowercased().unicodeScalars.prefix(64))
        let allowed = max(1, max(source.count, target.count) / 3)
        guard abs(source.count - target.count) <= allowed, candidate != written,
            let distance = alignmentDistance(source, target, limit: allowed)
        else { continue }
        if best.map({ (distance, candidate) < ($0.distance, $0.name) }) ?? true {
            best = (candidate, distance)
        }
    }
    return best?.name
}

/// `nil` as soon as it is sure to be more than `limit`.
private func alignmentDistance(
    _ a: [Unicode.Scalar], _ b: [Unicode.Scalar], limit: Int
) -> Int? {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    var row = last
    for i in 0..<a.count {
        row[0] = i + 1
        var least = row[0]
        for j in 0..<b.count {
            let substitution = last[j] + (a[i] == b[j] ? 0 : 1)
            row[j + 1] = min(row[j] + 1, last[j + 1] + 1, substitution)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
            }
            least = min(least, row[j + 1])
        }
        // A transposition reaches back two rows.
        if least > limit, (last.min() ?? 0) > limit { return nil }
        (beforeLast, last, row) = (last, row, beforeLast)
    }
    return last[b.count] <= limit ? last[b.count] : nil
}

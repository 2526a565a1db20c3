/// "Did you mean": the candidate nearest to what was written, if any is near enough.
///
/// Optimal string alignment distance (Damerau–Levenshtein without substrings edited twice) over
/// lower-cased scalars; a third of the length may differ. Work is bounded by comparing at most
/// the first 64 scalars.
public func nearName(_ written: String, among candidates: some Sequence<String>) -> String? {
    let source = Array(written.lowercased().unicodeScalars.prefix(64))
    guard !source.isEmpty else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let target = Array(candidate.lowercased().unicodeScalars.prefix(64))
        let allowed = max(1, max(source.count, target.count) / 3)
        guard abs(source.count - target.count) <= allowed else { continue }
        let distance = alignmentDistance(source, target)
        guard distance <= allowed, candidate != written else { continue }
        if best.map({ (distance, candidate) < ($0.distance, $0.name) }) ?? true {
            best = (candidate, distance)
        }
    }
    return best?.name
}

private func alignmentDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [Int](repeating: i + 1, count: b.count + 1)
        for j in 0..<b.count {
            let substitution = last[j] + (a[i] == b[j] ? 0 : 1)
            row[j + 1] = min(row[j] + 1, last[j + 1] + 1, substitution)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
            }
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}

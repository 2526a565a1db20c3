import PipelineDSL
import Planner

/// What a join does with each row, apart from the rows.
struct JoinRule: Sendable {
    let kind: JoinKind
    let isNullAware: Bool
    let residual: Predicate?
    let left: Schema
    let both: Schema

    init(_ join: Join, left: Schema, right: Schema, run: RunConstants) throws {
        kind = join.kind
        isNullAware = join.isNullAware
        self.left = left
        let both = Schema(left.fields + right.fields)
        self.both = both
        residual = try join.residual.map { try Predicate($0, input: both, run: run) }
    }

    var isFilter: Bool { kind == .semi || kind == .anti }
    /// Whether rows of the right that match nothing are said in the end.
    var keepsRight: Bool { kind == .right || kind == .full }
    /// Whether left rows that match nothing are said, with nulls on the right.
    var keepsLeft: Bool { kind == .left || kind == .full }
    /// Whether it is enough to know that there is a match.
    var needsNoPairs: Bool { isFilter && residual == nil }
}

/// The rows that a batch of the left side makes with the right one, a piece at a time.
struct JoinProbe {
    private let rule: JoinRule
    private let held: JoinRows
    private let right: (rowCount: Int, hasNullKey: Bool)
    private let batch: Batch
    private let keys: [Column]
    private let rows: [UInt32]
    /// For each row the group of its matches.
    private let groups: [UInt32]

    private var position = 0
    /// Matches of the row at hand that were said.
    private var taken = 0
    private var matched: Bitmap
    private var isAtEnd = false
    private var counts = Counts()
    /// Pairs that could not be compared.
    private(set) var rejected: [RejectedRow] = []

    /// Rows as the operator's arithmetic counts them.
    struct Counts: Sendable {
        var filtered = 0
        var produced = 0
    }

    /// - Parameters:
    ///   - batch: rows of the left without those whose keys could not be computed.
    ///   - keys: the keys of all physical rows, and `hashes` theirs.
    init(
        _ rule: JoinRule, _ table: JoinTable, _ batch: Batch, keys: [Column], hashes: [UInt64]
    ) {
        self.rule = rule
        held = table.held
        right = (table.rowCount, table.hasNullKey)
        self.batch = batch
        self.keys = keys
        rows = batch.rows
        groups = held.find(keys, batch, hashes: hashes)
        matched = Bitmap(repeating: false, count: batch.physicalCount)
    }

    /// How many pairs there are to look at.
    var pairCount: Int {
        if rule.needsNoPairs { return 0 }
        return groups.reduce(0) { $1 == GroupTable.none ? $0 : $0 + held.rows(of: $1).count }
    }

    /// The next rows, made of `limit` pairs at most; `nil` at the end.
    mutating func next(_ limit: Int) -> Batch? {
        while !isAtEnd {
            let pairs = nextPairs(max(1, limit))
            let made: Batch?
            if pairs.left.isEmpty, pairs.completed.isEmpty {
                isAtEnd = true
                made = unpaired()
                count(made?.count ?? 0)
            } else {
                made = joined(pairs)
            }
            if let made, made.count > 0 {
                emitted += made.count
                return made
            }
        }
        return nil
    }

    private var emitted = 0

    /// Once the end was reached.
    var finalCounts: Counts {
        Counts(filtered: counts.filtered, produced: counts.produced + rejected.count)
    }

    // MARK: - Pairs

    private struct Pairs {
        /// Rows of the batch, and rows of the right or `GroupTable.none`.
        var left: [UInt32] = []
        var right: [UInt32] = []
        /// Positions of the rows of which all pairs have been made with these.
        var completed = 0..<0

        mutating func append(_ row: UInt32, _ match: UInt32) {
            left.append(row)
            right.append(match)
        }
    }

    private mutating func nextPairs(_ limit: Int) -> Pairs {
        var pairs = Pairs()
        let first = position
        while position < rows.count, pairs.left.count < limit {
            let group = groups[position]
            if group == GroupTable.none || rule.needsNoPairs {
                if group != GroupTable.none { matched[Int(rows[position])] = true }
                // Where the pairs are compared, it comes in with those of which none was right.
                if rule.keepsLeft, rule.residual == nil {
                    pairs.append(rows[position], GroupTable.none)
                }
                position += 1
                continue
            }
            let matches = held.rows(of: group).dropFirst(taken)
            let part = matches.prefix(limit - pairs.left.count)
            pairs.left += repeatElement(rows[position], count: part.count)
            pairs.right += part
            taken += part.count
            if part.count == matches.count {
                position += 1
                taken = 0
            }
        }
        pairs.completed = first..<position
        return pairs
    }

    private mutating func joined(_ pairs: Pairs) -> Batch? {
        guard let residual = rule.residual else {
            for (left, right) in zip(pairs.left, pairs.right) where right != GroupTable.none {
                matched[Int(left)] = true
            }
            if rule.keepsRight { held.mark(pairs.right.filter { $0 != GroupTable.none }) }
            return rule.isFilter ? nil : rows(of: pairs)
        }
        let candidates = rows(of: pairs)
        let outcome = residual.evaluate(candidates)
        var output = RowOutput()
        _ = Rejection.errors(outcome.errors, in: candidates, schema: rule.both, into: &output)
        rejected += output.rejected
        for pair in outcome.matching { matched[Int(pairs.left[Int(pair)])] = true }
        if rule.keepsRight { held.mark(outcome.matching.map { pairs.right[Int($0)] }) }
        if rule.isFilter { return nil }
        guard rule.keepsLeft else { return candidates.selecting(outcome.matching) }
        return rows(of: withUnmatched(pairs, outcome.matching))
    }

    private func rows(of pairs: Pairs) -> Batch {
        let left = batch.gathered(pairs.left)
        return left.replacing(
            columns: left.columns + held.rows.columns.map { $0.gatherOptional(pairs.right) })
    }

    /// The matching pairs and, in their places, the rows of which no pair has matched.
    private func withUnmatched(_ pairs: Pairs, _ matching: [UInt32]) -> Pairs {
        var result = Pairs()
        var next = 0
        func takePairs(upTo row: UInt32) {
            while next < matching.count, pairs.left[Int(matching[next])] <= row {
                let pair = Int(matching[next])
                result.append(pairs.left[pair], pairs.right[pair])
                next += 1
            }
        }
        for position in pairs.completed {
            takePairs(upTo: rows[position])
            if !matched[Int(rows[position])] { result.append(rows[position], GroupTable.none) }
        }
        takePairs(upTo: .max)
        return result
    }

    // MARK: - Rows as a whole

    /// Rows of the left that the kind of join keeps or drops as they are.
    private func unpaired() -> Batch? {
        switch rule.kind {
        case .semi: return batch.selecting(batch.rows(in: matched))
        case .anti: return batch.selecting(antiRows)
        case .left, .full, .inner, .right, .cross: return nil
        }
    }

    private var antiRows: [UInt32] {
        let kept = batch.rows(in: ~matched)
        guard rule.isNullAware, right.rowCount > 0 else { return kept }
        // `x NOT IN (…)` is unknown where x is null or the list has a null.
        return right.hasNullKey
            ? [] : kept.filter { row in !keys.contains { $0.isNull(Int(row)) } }
    }

    /// A left row without a result is filtered; results past the first of a row are produced.
    private mutating func count(_ last: Int) {
        let all = emitted + last
        let surviving: Int
        switch rule.kind {
        case .left, .full: surviving = batch.count
        case .semi, .anti: surviving = all
        case .inner, .right, .cross: surviving = matched.onesCount
        }
        counts.filtered = batch.count - surviving
        counts.produced = all - surviving
    }
}

import PipelineDSL
import Planner

/// What a join of two streams compares, and how long a row waits for a partner.
struct StreamingJoinRule: Sendable {
    let kind: JoinKind
    let left: Schema
    let right: Schema
    /// Positions of the event times.
    let times: (left: Int, right: Int)
    /// Microseconds.
    let within: Int64
    let lateness: Int64
    let leftKeys: [CompiledExpression]
    let rightKeys: [CompiledExpression]
    let keyTypes: [DataType]
    /// Over the columns of both; the bound in time is part of it.
    let residual: Predicate?
    let pairs: Schema
    let definition: String

    init(
        _ join: Join, within: Int64, left: Schema, right: Schema, times: (left: Int, right: Int),
        lateness: Int64, run: RunConstants
    ) throws {
        kind = join.kind
        self.left = left
        self.right = right
        self.times = times
        self.within = within
        self.lateness = lateness
        leftKeys = try join.leftKeys.map { try CompiledExpression($0, input: left, run: run) }
        rightKeys = try join.rightKeys.map { try CompiledExpression($0, input: right, run: run) }
        keyTypes = join.leftKeys.map(\.type)
        pairs = Schema(left.fields + right.fields)
        residual = try join.residual.map { [pairs] in
            try Predicate($0, input: pairs, run: run)
        }
        let keys = zip(join.leftKeys, join.rightKeys).map { "\($0.sql(left)) = \($1.sql(right))" }
        definition =
            "\(join.kind.rawValue) join on \(keys.joined(separator: " AND ")) within "
            + QuantityText.duration(within)
    }

    /// Whether a left row without a partner is said, once none can come.
    var keepsLeft: Bool { kind == .left || kind == .full || kind == .anti }
    var keepsRight: Bool { kind == .right || kind == .full }
    /// Whether a left row is said at most once, without a right one.
    var saysLeftOnly: Bool { kind == .semi || kind == .anti }
    private var needsMatches: Bool { keepsLeft || keepsRight || kind == .semi }

    /// How far behind the watermark rows are kept on disk. Where it matters whether a row has had a
    /// partner, that is found again by its partners: twice as far.
    var reach: Int64 {
        let (reach, overflow) = within.multipliedReportingOverflow(by: needsMatches ? 2 : 1)
        return overflow ? .max : reach
    }

    /// Whether no partner can come any more for a row of this time.
    func isOver(_ time: Int64, at watermark: Int64?) -> Bool {
        let (last, overflow) = time.addingReportingOverflow(within)
        // A partner at the very end of the reach may still come.
        return !overflow && last < .max && EpochTime.isOver(last + 1, lateness, watermark)
    }
}

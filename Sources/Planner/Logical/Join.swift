import PipelineDSL

/// Joins two inputs. Columns are the left's, then the right's (only the left's for semi and anti).
/// Keys compare as `=` does: null matches nothing.
public struct Join: Hashable, Sendable, Codable {
    public enum BuildSide: String, Hashable, Sendable, Codable { case left, right }

    public var kind: JoinKind
    /// Equal keys, over the left's columns and, one to one, over the right's, of equal types. Empty
    /// for a join without an equality, which compares every pair.
    public var leftKeys: [TypedExpression]
    public var rightKeys: [TypedExpression]
    /// What must hold beside the keys, over the columns of both.
    public var residual: TypedExpression?
    /// Stream–stream bound on the difference of event times, microseconds.
    public var within: Int64?
    /// Chosen by the planner: the side held in memory.
    public var buildSide: BuildSide
    /// `NOT IN (subquery)`: an anti join in which a null on either side makes the answer unknown.
    public var isNullAware: Bool

    private enum CodingKeys: String, CodingKey {
        case kind, leftKeys = "left_keys", rightKeys = "right_keys", residual, within
        case buildSide = "build_side", isNullAware = "null_aware"
    }

    public init(
        kind: JoinKind, leftKeys: [TypedExpression], rightKeys: [TypedExpression],
        residual: TypedExpression? = nil, within: Int64? = nil, buildSide: BuildSide = .right,
        isNullAware: Bool = false
    ) {
        self.kind = kind
        self.leftKeys = leftKeys
        self.rightKeys = rightKeys
        self.residual = residual
        self.within = within
        self.buildSide = buildSide
        self.isNullAware = isNullAware
    }
}

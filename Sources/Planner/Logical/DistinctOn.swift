import PipelineDSL

/// `SELECT DISTINCT ON (…)`: the first row of each key in the order of `orderBy`.
public struct DistinctOn: Hashable, Sendable, Codable {
    public var on: [TypedExpression]
    public var orderBy: [SortKey]

    public init(on: [TypedExpression], orderBy: [SortKey]) {
        self.on = on
        self.orderBy = orderBy
    }
}

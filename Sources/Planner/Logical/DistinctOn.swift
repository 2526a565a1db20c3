import PipelineDSL

/// `SELECT DISTINCT ON (…)`: the first row of each key in the order of `orderBy`.
public struct DistinctOn: Hashable, Sendable, Codable {
    public var on: [TypedExpression]
    public var orderBy: [SortKey]

    private enum CodingKeys: String, CodingKey { case on, orderBy = "order_by" }

    public init(on: [TypedExpression], orderBy: [SortKey]) {
        self.on = on
        self.orderBy = orderBy
    }
}

import PipelineDSL

/// The newest row of each key: the greatest `order`, and of equal ones the last in source order.
public struct Latest: Hashable, Sendable, Codable {
    public var by: [Int]
    public var order: TypedExpression

    public init(by: [Int], order: TypedExpression) {
        self.by = by
        self.order = order
    }
}

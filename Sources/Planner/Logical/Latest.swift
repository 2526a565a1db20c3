import PipelineDSL

/// The newest row of each key: the greatest `order`, and of equal ones the last in source order.
public struct Latest: Hashable, Sendable, Codable {
    public var by: [Int]
    public var order: TypedExpression
    /// A key that was silent for so long in event time, microseconds, is forgotten by a stream; `nil`
    /// remembers all.
    public var within: Int64?

    public init(by: [Int], order: TypedExpression, within: Int64? = nil) {
        self.by = by
        self.order = order
        self.within = within
    }
}

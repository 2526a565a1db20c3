import PipelineDSL

/// Keeps the rows for which `predicate` is true; false and unknown are dropped and counted as
/// filtered.
public struct Filter: Hashable, Sendable, Codable {
    public var predicate: TypedExpression

    public init(predicate: TypedExpression) { self.predicate = predicate }
}

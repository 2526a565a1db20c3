import PipelineDSL

/// Yields exactly `columns`, computed from the input's.
public struct Project: Hashable, Sendable, Codable {
    public var columns: [NamedExpression]

    public init(columns: [NamedExpression]) { self.columns = columns }

    public var schema: Schema { Schema(columns.map(\.field)) }
}

import PipelineDSL

/// Constant rows.
public struct Values: Hashable, Sendable, Codable {
    /// One expression a column, without column references.
    public var rows: [[TypedExpression]]

    public init(rows: [[TypedExpression]]) { self.rows = rows }
}

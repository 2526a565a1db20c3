import PipelineDSL

/// The relation that another node yields: a source, a transform, or a stored table.
public struct Input: Hashable, Sendable, Codable {
    public var node: String
    /// Positions of its relation that are read, ascending; they alone are this operator's columns.
    /// `nil` reads all.
    public var columns: [Int]?

    public init(node: String, columns: [Int]? = nil) {
        self.node = node
        self.columns = columns
    }
}

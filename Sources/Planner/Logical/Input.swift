import PipelineDSL

/// The relation that another node yields: a source, a transform, or a stored table.
public struct Input: Hashable, Sendable, Codable {
    public var node: String

    public init(node: String) { self.node = node }
}

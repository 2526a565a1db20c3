import PipelineDSL

/// All rows of all inputs, which have the same columns, in the order of the inputs.
public struct Union: Hashable, Sendable, Codable {
    public init() {}
}

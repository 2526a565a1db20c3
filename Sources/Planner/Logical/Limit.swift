import PipelineDSL

public struct Limit: Hashable, Sendable, Codable {
    /// `nil` is all.
    public var count: Int64?
    public var offset: Int64

    public init(count: Int64?, offset: Int64 = 0) {
        self.count = count
        self.offset = offset
    }
}

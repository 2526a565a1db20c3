import PipelineDSL

/// `INTERSECT` and `EXCEPT`; `UNION` without `ALL` is a union under an aggregate without calls.
public struct SetOperation: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable { case intersect, except }
    public var kind: Kind
    public var all: Bool

    public init(kind: Kind, all: Bool) {
        self.kind = kind
        self.all = all
    }
}

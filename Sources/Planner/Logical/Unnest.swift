import PipelineDSL

/// One row for each element of a list; the element is appended as a column. A null or empty list
/// gives no row unless `keepEmpty`.
public struct Unnest: Hashable, Sendable, Codable {
    public var list: TypedExpression
    public var name: String
    /// Name of the 1-based position, appended last.
    public var ordinality: String?
    public var keepEmpty: Bool

    private enum CodingKeys: String, CodingKey {
        case list, name, ordinality, keepEmpty = "keep_empty"
    }

    public init(list: TypedExpression, name: String, ordinality: String? = nil, keepEmpty: Bool = false) {
        self.list = list
        self.name = name
        self.ordinality = ordinality
        self.keepEmpty = keepEmpty
    }
}

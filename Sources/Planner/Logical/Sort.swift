import PipelineDSL

public struct SortKey: Hashable, Sendable, Codable {
    public var expression: TypedExpression
    public var descending: Bool
    public var nullsFirst: Bool

    private enum CodingKeys: String, CodingKey {
        case expression, descending, nullsFirst = "nulls_first"
    }

    public init(_ expression: TypedExpression, descending: Bool, nullsFirst: Bool) {
        self.expression = expression
        self.descending = descending
        self.nullsFirst = nullsFirst
    }
}

/// Orders rows; equal ones keep their order. With `limit`, only the first rows are kept (top-N).
public struct Sort: Hashable, Sendable, Codable {
    public var keys: [SortKey]
    public var limit: Int64?

    public init(keys: [SortKey], limit: Int64? = nil) {
        self.keys = keys
        self.limit = limit
    }
}

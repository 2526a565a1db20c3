import PipelineDSL

/// Groups rows and computes aggregates. Columns are the groups, then the aggregates, then
/// `grouping` bits where grouping sets ask for them. Null equals null in a group. Without groups
/// there is exactly one row, even for no input.
public struct Aggregate: Hashable, Sendable, Codable {
    public struct Call: Hashable, Sendable {
        public var name: String
        /// The aggregate's name in the catalogue, `count_star` for `count(*)`.
        public var function: String
        public var arguments: [TypedExpression]
        public var isDistinct: Bool
        public var filter: TypedExpression?
        public var orderBy: [SortKey]
        public var type: DataType
        public var isNullable: Bool
        public var span: SourceSpan?

        public init(
            name: String, function: String, arguments: [TypedExpression], isDistinct: Bool = false,
            filter: TypedExpression? = nil, orderBy: [SortKey] = [], type: DataType,
            nullable: Bool, span: SourceSpan? = nil
        ) {
            self.name = name
            self.function = function
            self.arguments = arguments
            self.isDistinct = isDistinct
            self.filter = filter
            self.orderBy = orderBy
            self.type = type
            self.isNullable = nullable
            self.span = span
        }

        public static func == (a: Call, b: Call) -> Bool {
            a.name == b.name && a.function == b.function && a.arguments == b.arguments
                && a.isDistinct == b.isDistinct && a.filter == b.filter && a.orderBy == b.orderBy
                && a.type == b.type
        }
        public func hash(into hasher: inout Hasher) {
            hasher.combine(name)
            hasher.combine(function)
            hasher.combine(arguments)
        }
    }

    /// Event-time windows; the group has `window_start` and `window_end` first.
    public enum EventWindow: Hashable, Sendable {
        /// Microseconds throughout.
        case tumble(time: TypedExpression, size: Int64)
        case hop(time: TypedExpression, slide: Int64, size: Int64)
        case session(time: TypedExpression, gap: Int64)
    }

    private enum CodingKeys: String, CodingKey {
        case groups, calls, groupingSets = "grouping_sets", eventWindow = "event_window"
    }

    public var groups: [NamedExpression]
    public var calls: [Call]
    /// Positions in `groups` that each set keeps; `nil` is one set of all.
    public var groupingSets: [[Int]]?
    public var eventWindow: EventWindow?

    public init(
        groups: [NamedExpression], calls: [Call], groupingSets: [[Int]]? = nil,
        eventWindow: EventWindow? = nil
    ) {
        self.groups = groups
        self.calls = calls
        self.groupingSets = groupingSets
        self.eventWindow = eventWindow
    }
}

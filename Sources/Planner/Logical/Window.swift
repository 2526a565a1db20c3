import PipelineDSL

/// Appends one column for each window function.
public struct Window: Hashable, Sendable, Codable {
    public struct Call: Hashable, Sendable, Codable {
        public var name: String
        public var function: String
        public var arguments: [TypedExpression]
        public var filter: TypedExpression?
        public var ignoreNulls: Bool
        public var partitionBy: [TypedExpression]
        public var orderBy: [SortKey]
        public var frame: Frame
        public var type: DataType
        public var isNullable: Bool

        private enum CodingKeys: String, CodingKey {
            case name, function, arguments, filter, ignoreNulls = "ignore_nulls"
            case partitionBy = "partition_by", orderBy = "order_by", frame, type
            case isNullable = "nullable"
        }

        public init(
            name: String, function: String, arguments: [TypedExpression],
            filter: TypedExpression? = nil, ignoreNulls: Bool = false,
            partitionBy: [TypedExpression], orderBy: [SortKey], frame: Frame, type: DataType,
            nullable: Bool
        ) {
            self.name = name
            self.function = function
            self.arguments = arguments
            self.filter = filter
            self.ignoreNulls = ignoreNulls
            self.partitionBy = partitionBy
            self.orderBy = orderBy
            self.frame = frame
            self.type = type
            self.isNullable = nullable
        }
    }

    public struct Frame: Hashable, Sendable, Codable {
        public enum Unit: String, Hashable, Sendable, Codable { case rows, range, groups }
        public enum Bound: Hashable, Sendable {
            case unboundedPreceding
            case preceding(TypedExpression)
            case currentRow
            case following(TypedExpression)
            case unboundedFollowing
        }
        public var unit: Unit
        public var start: Bound
        public var end: Bound

        public init(unit: Unit, start: Bound, end: Bound) {
            self.unit = unit
            self.start = start
            self.end = end
        }
    }

    public var calls: [Call]

    public init(calls: [Call]) { self.calls = calls }
}

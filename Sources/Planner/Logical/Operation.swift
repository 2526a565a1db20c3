import PipelineDSL

/// What one relational operator does. The same values serve the logical tree and, after the
/// rewrites, the physical plan; each payload has a file of its own.
public indirect enum Operation: Hashable, Sendable {
    /// The relation that another node of the pipeline yields.
    case input(Input)
    /// The rows that came too late for another node.
    case late(Late)
    case values(Values)
    case filter(Filter)
    case project(Project)
    case validate(Validate)
    case dedupe(Dedupe)
    case lookup(Lookup)
    case join(Join)
    case aggregate(Aggregate)
    case latest(Latest)
    case distinctOn(DistinctOn)
    case window(Window)
    case unnest(Unnest)
    case sort(Sort)
    case limit(Limit)
    case union(Union)
    case setOperation(SetOperation)
}

/// A node of the logical tree.
public struct LogicalNode: Hashable, Sendable {
    public var operation: Operation
    public var inputs: [LogicalNode]
    public var schema: Schema
    /// What in the spec it comes from.
    public var span: SourceSpan?
    /// The step of the spec it was written as, where that is not the operation's own name.
    public var step: String?
    /// Where its settings stand, by the name they have in a definition (`within`).
    public var places: [String: SourceSpan]
    /// The relation of the rows that come too late for it; `nil` sends them to the dead letters.
    public var late: String?

    public init(
        _ operation: Operation, inputs: [LogicalNode] = [], schema: Schema,
        span: SourceSpan? = nil, step: String? = nil, places: [String: SourceSpan] = [:],
        late: String? = nil
    ) {
        self.late = late
        self.operation = operation
        self.inputs = inputs
        self.schema = schema
        self.span = span
        self.step = step
        self.places = places
    }
}

/// An expression with the name of the column it yields.
public struct NamedExpression: Hashable, Sendable, Codable {
    public var name: String
    public var expression: TypedExpression
    public var pii: String?

    public init(_ name: String, _ expression: TypedExpression, pii: String? = nil) {
        self.name = name
        self.expression = expression
        self.pii = pii
    }

    public var field: Field {
        Field(name, expression.type, nullable: expression.isNullable, pii: pii)
    }
}

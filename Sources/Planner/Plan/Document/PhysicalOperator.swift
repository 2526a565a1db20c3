import PipelineDSL

/// One operator of a node's body.
public struct PhysicalOperator: Hashable, Sendable {
    /// Stable under edits elsewhere: `silver.telemetry/dedupe`, `silver.telemetry/dedupe-2`. State
    /// and checkpoints are kept under it.
    public var id: String
    public var operation: Operation
    /// Operator ids, or the node's name for an `input` operation.
    public var inputs: [String]
    public var schema: Schema
    /// Bytes of state it may hold at most before it spills; `nil` where it holds none.
    public var memoryBound: Int64?
    /// The node whose relation are the rows that come too late for this operator.
    public var late: String?
    public var span: SourceSpan?

    public init(
        id: String, operation: Operation, inputs: [String], schema: Schema,
        memoryBound: Int64? = nil, late: String? = nil, span: SourceSpan? = nil
    ) {
        self.late = late
        self.id = id
        self.operation = operation
        self.inputs = inputs
        self.schema = schema
        self.memoryBound = memoryBound
        self.span = span
    }
}

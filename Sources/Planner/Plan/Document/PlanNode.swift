import PipelineDSL

/// One node of the spec as it will be executed.
public struct PlanNode: Sendable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case source
        /// A transform without a zone: computed, not stored.
        case relation
        /// A transform in a zone: stored as a table.
        case table
        case sink
    }

    public var name: String
    public var kind: Kind
    public var description: String?
    /// Names of the nodes whose relations it reads.
    public var inputs: [String]
    /// What its relation looks like; for a sink, what is written.
    public var schema: Schema
    /// What was asked for, in canonical text: what people read and what a diff compares.
    public var definition: [DefinitionStep]
    /// How it is done. From its inputs to its relation: operators come after their inputs, the last
    /// yields the relation. Empty for a source, whose relation is what its scan yields.
    public var operators: [PhysicalOperator]
    public var scan: ScanPlan?
    public var table: TablePlan?
    public var sink: SinkPlan?
    /// The contract its relation keeps.
    public var contract: String?
    /// Where it is not the plan's own.
    public var mode: Plan.Mode?
    /// How often it runs: microseconds, or a cron expression.
    public var every: Int64?
    public var cron: String?
    public var runsOn: String?
    public var span: SourceSpan?
    /// Where its settings and columns are written, by the names they have in a comparison:
    /// `sqs.queue`, `write.on`, `columns.speed_kmh`.
    public var places: [String: SourceSpan]

    public init(
        name: String, kind: Kind, description: String? = nil, inputs: [String], schema: Schema,
        definition: [DefinitionStep] = [], operators: [PhysicalOperator] = [],
        scan: ScanPlan? = nil, table: TablePlan? = nil, sink: SinkPlan? = nil,
        contract: String? = nil, mode: Plan.Mode? = nil, every: Int64? = nil, cron: String? = nil,
        runsOn: String? = nil, span: SourceSpan? = nil, places: [String: SourceSpan] = [:]
    ) {
        self.name = name
        self.kind = kind
        self.description = description
        self.inputs = inputs
        self.schema = schema
        self.definition = definition
        self.operators = operators
        self.scan = scan
        self.table = table
        self.sink = sink
        self.contract = contract
        self.mode = mode
        self.every = every
        self.cron = cron
        self.runsOn = runsOn
        self.span = span
        self.places = places
    }

    /// What it is bound to; a relation is bound to nothing.
    public var binding: BindingPlan? { scan?.binding ?? sink?.binding }
}

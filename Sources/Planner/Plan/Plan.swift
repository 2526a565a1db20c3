import PipelineDSL

/// An execution plan: a document that says everything a run does and nothing about when or where it
/// was made, so the same spec gives the same bytes.
///
/// Paths in it are relative to the project directory (that of the spec file) unless absolute. A
/// secret stands in it only as a reference.
public struct Plan: Sendable, Codable {
    public static let currentFormatVersion = 1

    public enum Mode: String, Sendable, Codable, CaseIterable { case batch, streaming }

    public var formatVersion = Plan.currentFormatVersion
    public var pipeline: String
    public var profile: String
    public var mode: Mode
    /// In an order in which every node comes after its inputs.
    public var nodes: [PlanNode]
    /// Parameters with the values the plan was made with, as text; secrets never.
    public var parameters: [String: String]
    public var deadLetters: DeadLetterPlan

    public init(
        pipeline: String, profile: String, mode: Mode, nodes: [PlanNode],
        parameters: [String: String] = [:], deadLetters: DeadLetterPlan = DeadLetterPlan()
    ) {
        self.pipeline = pipeline
        self.profile = profile
        self.mode = mode
        self.nodes = nodes
        self.parameters = parameters
        self.deadLetters = deadLetters
    }

    public subscript(name: String) -> PlanNode? { nodes.first { $0.name == name } }
}

/// One node of the spec as it will be executed.
public struct PlanNode: Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
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
    /// From its inputs to its relation. Operators come after their inputs; the last yields the
    /// relation. Empty for a source, whose relation is what its scan yields.
    public var operators: [PhysicalOperator]
    public var scan: ScanPlan?
    public var table: TablePlan?
    public var sink: SinkPlan?
    public var runsOn: String?
    public var span: SourceSpan?

    public init(
        name: String, kind: Kind, description: String? = nil, inputs: [String], schema: Schema,
        operators: [PhysicalOperator] = [], scan: ScanPlan? = nil, table: TablePlan? = nil,
        sink: SinkPlan? = nil, runsOn: String? = nil, span: SourceSpan? = nil
    ) {
        self.name = name
        self.kind = kind
        self.description = description
        self.inputs = inputs
        self.schema = schema
        self.operators = operators
        self.scan = scan
        self.table = table
        self.sink = sink
        self.runsOn = runsOn
        self.span = span
    }
}

/// One operator of a node's body.
public struct PhysicalOperator: Hashable, Sendable, Codable {
    /// Stable under edits elsewhere: `silver.telemetry/dedupe`, `silver.telemetry/dedupe-2`. State
    /// and checkpoints are kept under it.
    public var id: String
    public var operation: Operation
    /// Operator ids, or node names for `input` operations.
    public var inputs: [String]
    public var schema: Schema
    /// Bytes of state it may hold at most before it spills; `nil` where it holds none.
    public var memoryBound: Int64?
    public var span: SourceSpan?

    public init(
        id: String, operation: Operation, inputs: [String], schema: Schema,
        memoryBound: Int64? = nil, span: SourceSpan? = nil
    ) {
        self.id = id
        self.operation = operation
        self.inputs = inputs
        self.schema = schema
        self.memoryBound = memoryBound
        self.span = span
    }
}

/// A setting as a plan stores it. Secrets are references; their values are looked up by the run.
public indirect enum PlanValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case secret(String)
    case list([PlanValue])
    case object([String: PlanValue])
}

/// What a node is bound to under the plan's profile.
public struct BindingPlan: Hashable, Sendable, Codable {
    /// As written: `s3`, `dynamodb`, `files`.
    public var connector: String
    /// Whether the embedded counterpart stands in for it.
    public var isEmbedded: Bool
    public var settings: [String: PlanValue]
    /// For people: `folder .pipec/s3/fleet-lake`, `embedded key-value table telemetry`.
    public var summary: String
    public var span: SourceSpan?

    public init(
        connector: String, isEmbedded: Bool, settings: [String: PlanValue], summary: String,
        span: SourceSpan? = nil
    ) {
        self.connector = connector
        self.isEmbedded = isEmbedded
        self.settings = settings
        self.summary = summary
        self.span = span
    }
}

public struct FormatPlan: Hashable, Sendable, Codable {
    public var name: String
    public var settings: [String: PlanValue]

    public init(name: String, settings: [String: PlanValue] = [:]) {
        self.name = name
        self.settings = settings
    }
}

/// How a source is read.
public struct ScanPlan: Sendable, Codable {
    public struct EventTime: Hashable, Sendable, Codable {
        /// Position in the relation.
        public var column: Int
        /// Microseconds.
        public var watermark: Int64
        public var idleAfter: Int64?

        public init(column: Int, watermark: Int64, idleAfter: Int64? = nil) {
            self.column = column
            self.watermark = watermark
            self.idleAfter = idleAfter
        }
    }

    public var binding: BindingPlan
    public var format: FormatPlan?
    /// What the format yields, before rules: our names, contract types.
    public var fields: Schema
    /// Ours to theirs, where they differ.
    public var rename: [String: String]
    /// Positions in `fields` that anything reads; others are not decoded (but still checked where
    /// the contract asks for it).
    public var projection: [Int]
    public var metadata: [Metadata]
    public var unknownColumns: String
    public var contract: String?
    /// The contract's rules, checked on the rows as they are read.
    public var rules: [Validate.Rule]
    public var eventTime: EventTime?

    public struct Metadata: Hashable, Sendable, Codable {
        public var kind: MetadataColumn.Kind
        public var column: String

        public init(kind: MetadataColumn.Kind, column: String) {
            self.kind = kind
            self.column = column
        }
    }

    public init(
        binding: BindingPlan, format: FormatPlan?, fields: Schema, rename: [String: String] = [:],
        projection: [Int], metadata: [Metadata] = [], unknownColumns: String = "drop",
        contract: String? = nil, rules: [Validate.Rule] = [], eventTime: EventTime? = nil
    ) {
        self.binding = binding
        self.format = format
        self.fields = fields
        self.rename = rename
        self.projection = projection
        self.metadata = metadata
        self.unknownColumns = unknownColumns
        self.contract = contract
        self.rules = rules
        self.eventTime = eventTime
    }
}

/// How a table is stored and written.
public struct TablePlan: Sendable, Codable {
    public var zone: String
    /// `<zone path>/<table>` as written, `s3://…` included.
    public var location: String
    /// Where that is under the profile, relative to the project directory unless absolute.
    public var path: String
    public var format: FormatPlan
    public var mode: WriteDeclaration.Mode
    /// Key positions of a merge.
    public var on: [Int]
    /// Over the table's columns; the partition folder is `name=value`.
    public var partitionBy: [NamedExpression]
    public var archiveAfter: Int64?
    public var expireAfter: Int64?
    public var span: SourceSpan?

    public init(
        zone: String, location: String, path: String, format: FormatPlan,
        mode: WriteDeclaration.Mode, on: [Int] = [], partitionBy: [NamedExpression] = [],
        archiveAfter: Int64? = nil, expireAfter: Int64? = nil, span: SourceSpan? = nil
    ) {
        self.zone = zone
        self.location = location
        self.path = path
        self.format = format
        self.mode = mode
        self.on = on
        self.partitionBy = partitionBy
        self.archiveAfter = archiveAfter
        self.expireAfter = expireAfter
        self.span = span
    }
}

/// How a sink is written.
public struct SinkPlan: Sendable, Codable {
    public var binding: BindingPlan
    public var format: FormatPlan?
    public var batchRows: Int64?
    public var batchBytes: Int64?
    /// Microseconds.
    public var batchEvery: Int64?
    public var retries: Int64
    /// Microseconds before the first retry; doubled each time.
    public var backoff: Int64

    public init(
        binding: BindingPlan, format: FormatPlan? = nil, batchRows: Int64? = nil,
        batchBytes: Int64? = nil, batchEvery: Int64? = nil, retries: Int64 = 3,
        backoff: Int64 = 100_000
    ) {
        self.binding = binding
        self.format = format
        self.batchRows = batchRows
        self.batchBytes = batchBytes
        self.batchEvery = batchEvery
        self.retries = retries
        self.backoff = backoff
    }
}

public struct DeadLetterPlan: Hashable, Sendable, Codable {
    public var path: String

    public init(path: String = ".pipec/dead_letters") { self.path = path }
}

import PipelineDSL

/// A pipeline in which every name is resolved, every expression typed and every node's columns
/// known. Only the checker makes one, so whoever has one need not check again.
public struct CheckedPipeline: Sendable {
    public let spec: Spec
    public let profile: String
    public let mode: Plan.Mode
    /// In an order in which every node comes after what it reads.
    public let nodes: [CheckedNode]
    public let stages: [StagePlan]
    /// Values the pipeline was checked with, as text.
    public let parameters: [String: String]
    public let moved: [String: String]
    public let deadLetters: DeadLetterPlan
    public let alerts: [AlertPlan]

    init(
        spec: Spec, profile: String, mode: Plan.Mode, nodes: [CheckedNode], stages: [StagePlan],
        parameters: [String: String], moved: [String: String], deadLetters: DeadLetterPlan,
        alerts: [AlertPlan]
    ) {
        self.alerts = alerts
        self.spec = spec
        self.profile = profile
        self.mode = mode
        self.nodes = nodes
        self.stages = stages
        self.parameters = parameters
        self.moved = moved
        self.deadLetters = deadLetters
    }

    public subscript(name: String) -> CheckedNode? { nodes.first { $0.name == name } }
}

/// One node, checked.
public struct CheckedNode: Sendable {
    public let name: String
    public let kind: PlanNode.Kind
    public let description: String?
    /// The columns of its relation, with the classes of personal data in them.
    public let schema: Schema
    /// What it computes from what it reads; `nil` for a source.
    public let body: LogicalNode?
    public let scan: ScanPlan?
    public let table: TablePlan?
    public let sink: SinkPlan?
    public let contract: String?
    public let mode: Plan.Mode?
    public let every: Int64?
    public let cron: String?
    public let runsOn: String?
    /// Its event-time column.
    public let eventTime: String?
    public let span: SourceSpan
    /// Where its settings and columns are written.
    public let places: [String: SourceSpan]

    init(
        name: String, kind: PlanNode.Kind, description: String?, schema: Schema,
        body: LogicalNode? = nil, scan: ScanPlan? = nil, table: TablePlan? = nil,
        sink: SinkPlan? = nil, contract: String? = nil, mode: Plan.Mode? = nil,
        every: Int64? = nil, cron: String? = nil, runsOn: String? = nil, eventTime: String? = nil,
        span: SourceSpan, places: [String: SourceSpan] = [:]
    ) {
        self.name = name
        self.kind = kind
        self.description = description
        self.schema = schema
        self.body = body
        self.scan = scan
        self.table = table
        self.sink = sink
        self.contract = contract
        self.mode = mode
        self.every = every
        self.cron = cron
        self.runsOn = runsOn
        self.eventTime = eventTime
        self.span = span
        self.places = places
    }
}

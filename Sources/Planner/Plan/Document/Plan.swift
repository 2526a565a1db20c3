import PipelineDSL

/// An execution plan: a document that says everything a run does and nothing about when or where it
/// was made, so the same spec gives the same bytes.
///
/// Paths in it are relative to the project directory (that of the spec file) unless absolute. A
/// secret stands in it only as a reference. Only the planner makes one; one that was read from a
/// file has passed ``PlanValidator``.
public struct Plan: Sendable {
    /// Raised when a change makes older documents unreadable or means something else by them.
    public static let currentFormatVersion = 1

    public enum Mode: String, Sendable, Codable, CaseIterable { case batch, streaming }

    public var formatVersion = Plan.currentFormatVersion
    public var pipeline: String
    public var description: String?
    public var owner: String?
    public var profile: String
    public var mode: Mode
    /// In an order in which every node comes after its inputs.
    public var nodes: [PlanNode]
    /// Where and how nodes run when deployed.
    public var stages: [StagePlan]
    /// Parameters with the values the plan was made with, as text; secrets never.
    public var parameters: [String: String]
    /// Old names of nodes to their new ones, from the spec's `moved:`.
    public var moved: [String: String]
    public var deadLetters: DeadLetterPlan
    public var alerts: [AlertPlan]

    package init(
        pipeline: String, description: String? = nil, owner: String? = nil, profile: String,
        mode: Mode, nodes: [PlanNode], stages: [StagePlan] = [], parameters: [String: String] = [:],
        moved: [String: String] = [:], deadLetters: DeadLetterPlan = DeadLetterPlan(),
        alerts: [AlertPlan] = []
    ) {
        self.alerts = alerts
        self.pipeline = pipeline
        self.description = description
        self.owner = owner
        self.profile = profile
        self.mode = mode
        self.nodes = nodes
        self.stages = stages
        self.parameters = parameters
        self.moved = moved
        self.deadLetters = deadLetters
    }

    public subscript(name: String) -> PlanNode? { nodes.first { $0.name == name } }
}

/// Where rejected rows are kept.
public struct DeadLetterPlan: Hashable, Sendable, Codable {
    /// A folder, relative to the project directory unless absolute.
    public var path: String
    /// How long letters are kept, microseconds; `nil` is for ever.
    public var expireAfter: Int64?

    private enum CodingKeys: String, CodingKey { case path, expireAfter = "expire_after" }

    public init(path: String = ".pipec/dead_letters", expireAfter: Int64? = nil) {
        self.path = path
        self.expireAfter = expireAfter
    }
}

/// A deployment stage: `stream_processor: { lambda: {…} }`.
public struct StagePlan: Hashable, Sendable, Codable {
    public var name: String
    /// `lambda`, `fargate`, `glue`, …
    public var platform: String
    public var settings: [String: PlanValue]

    public init(name: String, platform: String, settings: [String: PlanValue]) {
        self.name = name
        self.platform = platform
        self.settings = settings
    }
}

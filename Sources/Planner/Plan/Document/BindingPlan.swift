import PipelineDSL

/// A setting as a plan stores it. Secrets are references; their values are looked up by the run.
public indirect enum PlanValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case secret(String)
    /// Strings and secrets, one after the other: `https://${secret:HOST}/rows`.
    case template([PlanValue])
    case list([PlanValue])
    case object([String: PlanValue])
}

extension PlanValue {
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// A whole number is one too.
    public var number: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var list: [PlanValue]? { if case .list(let values) = self { values } else { nil } }
    public var object: [String: PlanValue]? {
        if case .object(let values) = self { values } else { nil }
    }

    /// Names of the secrets in it.
    public var secrets: Set<String> {
        switch self {
        case .secret(let name): [name]
        case .template(let parts), .list(let parts): parts.reduce(into: []) { $0.formUnion($1.secrets) }
        case .object(let values): values.values.reduce(into: []) { $0.formUnion($1.secrets) }
        default: []
        }
    }
}

/// What a node is bound to under the plan's profile.
public struct BindingPlan: Hashable, Sendable {
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

    public static func == (a: Self, b: Self) -> Bool {
        a.connector == b.connector && a.isEmbedded == b.isEmbedded && a.settings == b.settings
            && a.summary == b.summary
    }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(connector)
        hasher.combine(settings)
    }
}

public struct FormatPlan: Hashable, Sendable {
    public var name: String
    public var settings: [String: PlanValue]

    public init(name: String, settings: [String: PlanValue] = [:]) {
        self.name = name
        self.settings = settings
    }
}

import PipelineDSL

/// A condition over a run's metrics, and whom to tell when it comes to hold.
public struct AlertPlan: Hashable, Sendable {
    public var name: String
    /// As it is written, parameters filled in.
    public var when: String
    /// Microseconds over which metrics are taken; `nil` is the whole run.
    public var within: Int64?
    public var notify: [BindingPlan]
    public var description: String?
    public var span: SourceSpan?

    public init(
        name: String, when: String, within: Int64?, notify: [BindingPlan],
        description: String? = nil, span: SourceSpan? = nil
    ) {
        self.name = name
        self.when = when
        self.within = within
        self.notify = notify
        self.description = description
        self.span = span
    }

    /// What ``when`` says; `nil` where it is none, which no plan that was checked has.
    public func condition(in plan: Plan) -> AlertCondition? {
        let source = SourceText(text: when, file: "plan")
        return AlertParser.parse(source, AlertParser.Names(plan)).0
    }
}

extension AlertParser.Names {
    init(_ plan: Plan) {
        sources = plan.nodes.filter { $0.kind == .source }.map(\.name)
        nodes = plan.nodes.map(\.name)
        stages = plan.stages.map(\.name)
    }
}

extension AlertPlan: Codable {
    private enum Keys: String, CodingKey { case name, when, within, notify, description, at }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(name, forKey: .name)
        try container.encode(when, forKey: .when)
        try container.encodeIfPresent(within, forKey: .within)
        try container.encode(unlessEmpty: notify, .notify)
        try container.encodeIfPresent(description, forKey: .description)
        try container.encode(place: span, .at, encoder)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            when: try container.decode(String.self, forKey: .when),
            within: try container.decodeIfPresent(Int64.self, forKey: .within),
            notify: try container.decode(.notify, default: []),
            description: try container.decodeIfPresent(String.self, forKey: .description),
            span: try container.decodePlace(.at))
    }
}

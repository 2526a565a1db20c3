import PipelineDSL

extension PlanDiff {
    /// The same comparison always gives the same bytes.
    public var json: String { PlanJSON.text(of: Document(diff: self)) }

    private struct Document: Encodable {
        var diff: PlanDiff

        enum Keys: String, CodingKey {
            case formatVersion = "format_version"
            case pipeline, summary, nodes, unchanged, pipelineChanges = "pipeline_changes"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(1, forKey: .formatVersion)
            try container.encode(diff.pipeline, forKey: .pipeline)
            try container.encode(diff.summary, forKey: .summary)
            try container.encode(diff.nodes, forKey: .nodes)
            try container.encode(diff.unchanged, forKey: .unchanged)
            try container.encode(unlessEmpty: diff.pipelineChanges, .pipelineChanges)
        }
    }
}

extension PlanDiff.Reason: Codable {
    private enum Keys: String, CodingKey { case at, node }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        switch self {
        case .place(let span): try container.encode(span.planText, forKey: .at)
        case .node(let name): try container.encode(name, forKey: .node)
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        if let span = try container.decodePlace(.at) {
            self = .place(span)
        } else {
            self = .node(try container.decode(String.self, forKey: .node))
        }
    }
}

extension PlanDiff.Change: Codable {
    private enum Keys: String, CodingKey {
        case kind, subject, name, before, after, category, because, readers, destructive, pii, advice
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(subject, forKey: .subject)
        try container.encodeIfPresent(name, forKey: .name)
        try container.encodeIfPresent(before, forKey: .before)
        try container.encodeIfPresent(after, forKey: .after)
        try container.encode(category, forKey: .category)
        try container.encodeIfPresent(because, forKey: .because)
        try container.encode(unlessEmpty: readers, .readers)
        try container.encode(ifTrue: isDestructive, .destructive)
        try container.encodeIfPresent(pii, forKey: .pii)
        try container.encodeIfPresent(advice, forKey: .advice)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            try container.decode(PlanDiff.Kind.self, forKey: .kind),
            try container.decode(String.self, forKey: .subject),
            name: try container.decodeIfPresent(String.self, forKey: .name),
            before: try container.decodeIfPresent(String.self, forKey: .before),
            after: try container.decodeIfPresent(String.self, forKey: .after),
            category: try container.decode(PlanDiff.Category.self, forKey: .category),
            because: try container.decodeIfPresent(PlanDiff.Reason.self, forKey: .because),
            readers: try container.decode(.readers, default: []),
            destructive: try container.decode(.destructive, default: false),
            pii: try container.decodeIfPresent(String.self, forKey: .pii),
            advice: try container.decodeIfPresent(String.self, forKey: .advice))
    }
}

extension PlanDiff.NodeChange: Codable {
    private enum Keys: String, CodingKey {
        case name, nodeKind = "node_kind", kind, movedFrom = "moved_from", category, changes, action
        case binding, because, destructive, advice
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(name, forKey: .name)
        try container.encode(nodeKind, forKey: .nodeKind)
        try container.encode(kind, forKey: .kind)
        try container.encodeIfPresent(movedFrom, forKey: .movedFrom)
        try container.encode(category, forKey: .category)
        try container.encode(unlessEmpty: changes, .changes)
        try container.encodeIfPresent(action, forKey: .action)
        try container.encodeIfPresent(binding, forKey: .binding)
        try container.encodeIfPresent(because, forKey: .because)
        try container.encode(ifTrue: isDestructive, .destructive)
        try container.encodeIfPresent(advice, forKey: .advice)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            nodeKind: try container.decode(PlanNode.Kind.self, forKey: .nodeKind),
            kind: try container.decode(PlanDiff.Kind.self, forKey: .kind),
            movedFrom: try container.decodeIfPresent(String.self, forKey: .movedFrom),
            category: try container.decode(PlanDiff.Category.self, forKey: .category),
            changes: try container.decode(.changes, default: []),
            action: try container.decodeIfPresent(PlanDiff.Action.self, forKey: .action),
            binding: try container.decodeIfPresent(String.self, forKey: .binding),
            because: try container.decodeIfPresent(PlanDiff.Reason.self, forKey: .because),
            destructive: try container.decode(.destructive, default: false),
            advice: try container.decodeIfPresent(String.self, forKey: .advice))
    }
}

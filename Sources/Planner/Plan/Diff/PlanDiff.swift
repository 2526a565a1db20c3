import PipelineDSL

/// What a change of the spec means for the pipeline: a comparison of two plans by meaning.
///
/// Layout, comments, the order of keys, aliases and equivalent expressions are no change, since
/// plans hold none of them. A node is matched by its name, or by `moved:`.
public struct PlanDiff: Sendable, Codable {
    public var pipeline: String
    /// In the order of the new plan; removed nodes last.
    public var nodes: [NodeChange]
    /// Nodes that are as they were.
    public var unchanged: [String]
    /// Changes of what belongs to no node: parameters that something uses show up there instead.
    public var pipelineChanges: [Change]

    public init(
        pipeline: String, nodes: [NodeChange], unchanged: [String], pipelineChanges: [Change] = []
    ) {
        self.pipeline = pipeline
        self.nodes = nodes
        self.unchanged = unchanged
        self.pipelineChanges = pipelineChanges
    }

    private enum CodingKeys: String, CodingKey {
        case pipeline, nodes, unchanged, pipelineChanges = "pipeline_changes"
    }

    public var isEmpty: Bool { nodes.isEmpty && pipelineChanges.isEmpty }

    /// How much a change matters to whoever depends on the node.
    public enum Category: String, Sendable, Codable, CaseIterable, Comparable {
        /// Descriptions and the like: no row is different.
        case metadata
        /// Rows or the way they are made differ; whatever reads the node can go on reading it.
        case nonBreaking = "non-breaking"
        /// Something that is read is gone, of a narrower type, or may be null now.
        case breaking

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
        public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
    }

    /// What has to be done beside applying the plan. Which it is follows from analyses of state and
    /// backfills; where none has looked, it is not known.
    public enum Action: String, Sendable, Codable, CaseIterable {
        case nothing, rebuild, backfill
        case migrateState = "migrate_state"
        case discardState = "discard_state"
    }

    public enum Kind: String, Sendable, Codable, CaseIterable {
        case added, removed, changed, moved
    }

    /// Why something is different.
    public enum Reason: Hashable, Sendable {
        /// It was written differently there.
        case place(SourceSpan)
        /// Another node is different.
        case node(String)
    }

    /// One difference.
    public struct Change: Hashable, Sendable {
        public var kind: Kind
        /// `column`, `step`, or the setting: `dedupe.within`.
        public var subject: String
        /// Of a column or step.
        public var name: String?
        public var before: String?
        public var after: String?
        public var category: Category
        public var because: Reason?
        /// Who reads the column.
        public var readers: [PlanLineage.Reader]
        /// Whether data that is there may be lost or left behind.
        public var isDestructive: Bool
        /// Classes of personal data that now reach a place they did not.
        public var pii: String?
        /// What to do instead.
        public var advice: String?

        public init(
            _ kind: Kind, _ subject: String, name: String? = nil, before: String? = nil,
            after: String? = nil, category: Category = .nonBreaking, because: Reason? = nil,
            readers: [PlanLineage.Reader] = [], destructive: Bool = false, pii: String? = nil,
            advice: String? = nil
        ) {
            self.kind = kind
            self.subject = subject
            self.name = name
            self.before = before
            self.after = after
            self.category = category
            self.because = because
            self.readers = readers
            isDestructive = destructive
            self.pii = pii
            self.advice = advice
        }
    }

    /// A node that is different.
    public struct NodeChange: Sendable {
        public var name: String
        public var nodeKind: PlanNode.Kind
        public var kind: Kind
        /// Its old name.
        public var movedFrom: String?
        /// The gravest of its changes.
        public var category: Category
        public var changes: [Change]
        /// `nil` where no analysis has looked.
        public var action: Action?
        /// For people, of an added or removed node: what it is bound to.
        public var binding: String?
        public var because: Reason?
        public var isDestructive: Bool
        /// What to do instead.
        public var advice: String?

        public init(
            name: String, nodeKind: PlanNode.Kind, kind: Kind, movedFrom: String? = nil,
            category: Category, changes: [Change] = [], action: Action? = nil,
            binding: String? = nil, because: Reason? = nil, destructive: Bool = false,
            advice: String? = nil
        ) {
            self.name = name
            self.nodeKind = nodeKind
            self.kind = kind
            self.movedFrom = movedFrom
            self.category = category
            self.changes = changes
            self.action = action
            self.binding = binding
            self.because = because
            isDestructive = destructive
            self.advice = advice
        }

        /// `sink idle_vehicles`, `gold.daily_activity`
        public var title: String { nodeKind.title(name) }
    }
}

extension PlanDiff {
    public struct Summary: Hashable, Sendable, Codable {
        public var add = 0
        public var change = 0
        public var move = 0
        public var remove = 0
        public var unchanged = 0
        /// Of those that change or move.
        public var breaking = 0
        /// Of those that are removed.
        public var breakingRemovals = 0
        public var destructive = 0

        private enum CodingKeys: String, CodingKey {
            case add, change, move, remove, unchanged, breaking
            case breakingRemovals = "breaking_removals", destructive
        }
    }

    public var summary: Summary {
        var summary = Summary()
        summary.unchanged = unchanged.count
        for node in nodes {
            switch node.kind {
            case .added: summary.add += 1
            case .changed: summary.change += 1
            case .moved: summary.move += 1
            case .removed: summary.remove += 1
            }
            if node.category == .breaking {
                if node.kind == .removed {
                    summary.breakingRemovals += 1
                } else {
                    summary.breaking += 1
                }
            }
            if node.isDestructive { summary.destructive += 1 }
        }
        return summary
    }
}

import PipelineDSL

/// One relational operation as it was asked for, before any rewrite: names instead of positions,
/// canonical SQL instead of trees.
///
/// Two definitions are equal exactly if nothing but layout, comments, aliases, the order of
/// commutative operands or the direction of a comparison differs. A later version of the planner
/// may execute the same definition in another way; that is no change to the pipeline.
public struct DefinitionStep: Hashable, Sendable {
    public struct Setting: Hashable, Sendable {
        /// Dotted where it is nested: `columns.distance_km`.
        public var name: String
        public var value: String
        /// Where it was written, if it has a place of its own.
        public var span: SourceSpan?

        public init(_ name: String, _ value: String, span: SourceSpan? = nil) {
            self.name = name
            self.value = value
            self.span = span
        }

        public static func == (a: Setting, b: Setting) -> Bool {
            a.name == b.name && a.value == b.value
        }
        public func hash(into hasher: inout Hasher) {
            hasher.combine(name)
            hasher.combine(value)
        }
    }

    /// `silver.telemetry/dedupe`, the id its operator has too unless a rewrite removed it.
    public var id: String
    /// `project`: one of ``Operation/Name``.
    public var operation: String
    /// The step of the spec it was written as, where that is not the operation's name: `derive`.
    public var step: String?
    /// Ids of the steps, or names of the nodes, it reads.
    public var inputs: [String]
    /// In a fixed order for the operation.
    public var settings: [Setting]
    public var span: SourceSpan?

    public init(
        id: String, operation: String, step: String? = nil, inputs: [String], settings: [Setting],
        span: SourceSpan? = nil
    ) {
        self.id = id
        self.operation = operation
        self.step = step
        self.inputs = inputs
        self.settings = settings
        self.span = span
    }

    /// What people call it: `derive`, `dedupe`.
    public var title: String { step ?? operation }

    public subscript(name: String) -> String? {
        settings.first { $0.name == name }?.value
    }

    public static func == (a: Self, b: Self) -> Bool {
        a.id == b.id && a.operation == b.operation && a.inputs == b.inputs
            && a.settings == b.settings
    }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(settings)
    }
}

import PipelineDSL

/// What a spec may name: the connectors, formats, steps and functions that are there. A value that
/// is passed in, never a global, so the planner never imports the runtime.
public struct Catalogue: Sendable {
    public var connectors: [any ConnectorSignature]
    public var formats: [any FormatSignature]
    public var steps: [any StepSignature]
    public var functions: FunctionCatalogue

    public init(
        connectors: [any ConnectorSignature], formats: [any FormatSignature],
        steps: [any StepSignature] = Steps.all, functions: FunctionCatalogue = .standard
    ) {
        self.connectors = connectors
        self.formats = formats
        self.steps = steps
        self.functions = functions
    }

    public func connector(_ name: String) -> (any ConnectorSignature)? {
        connectors.first { $0.name == name }
    }
    public func format(_ name: String) -> (any FormatSignature)? {
        formats.first { $0.name == name }
    }
    public func step(_ name: String) -> (any StepSignature)? { steps.first { $0.name == name } }
}

public enum ConnectorRole: String, Hashable, Sendable, Codable {
    case source, sink, zone
    /// Is told of alerts.
    case receiver
}

/// What the delivery analysis needs to know of a connector.
public struct ConnectorCapabilities: Hashable, Sendable {
    /// A source that can be read again from a position.
    public var isReplayable: Bool
    /// A source whose order within a partition is fixed, or a sink that keeps the order it is given.
    public var isOrdered: Bool
    /// A sink for which writing a row twice is the same as once.
    public var isIdempotent: Bool
    /// A sink whose writes appear together or not at all.
    public var isTransactional: Bool

    public init(
        replayable: Bool = false, ordered: Bool = false, idempotent: Bool = false,
        transactional: Bool = false
    ) {
        isReplayable = replayable
        isOrdered = ordered
        isIdempotent = idempotent
        isTransactional = transactional
    }
}

public protocol ConnectorSignature: Sendable {
    var name: String { get }
    /// Markdown: what it stands for, what the embedded counterpart does, its limits.
    var documentation: String { get }
    var roles: Set<ConnectorRole> { get }
    var settings: [SettingSignature] { get }
    /// Whether `format:` must stand beside it (files do, queues and key-value tables do not).
    var needsFormat: Bool { get }
    func capabilities(_ settings: Settings) -> ConnectorCapabilities
    /// What it is bound to when the profile has no account: `nil` where it needs no stand-in.
    func embedded(_ settings: Settings) -> EmbeddedBinding?
    /// What it demands of the rows it writes, such as a key column that is there and not null.
    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic]
    /// What `pipec query` calls the rows that a sink has written, where it can read them.
    ///
    /// - Parameter settings: as written.
    func tableName(_ settings: YAMLNode) -> String?
}

/// What the embedded counterpart of a cloud connector is.
public struct EmbeddedBinding: Hashable, Sendable {
    /// `folder .pipec/s3/fleet-landing`
    public var summary: String

    public init(summary: String) { self.summary = summary }
}

extension ConnectorSignature {
    public func tableName(_ settings: YAMLNode) -> String? { nil }
    public func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        []
    }
}

public protocol FormatSignature: Sendable {
    var name: String { get }
    var documentation: String { get }
    var settings: [SettingSignature] { get }
    var roles: Set<ConnectorRole> { get }
    /// Ways in which a table of this format can be written.
    var writeModes: Set<WriteDeclaration.Mode> { get }
}

extension FormatSignature {
    public var writeModes: Set<WriteDeclaration.Mode> { [.append, .overwrite, .merge] }
}

/// `parameters:` entry; the default may be overridden with `--param name=value`.
public struct ParameterDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    public var type: Spanned<DataType>
    /// As written (`180`, `"abc"`); checked against the type by the checker.
    public var defaultValue: SourceText?
    public var description: String?

    public init(
        name: Spanned<String>, type: Spanned<DataType>, defaultValue: SourceText? = nil,
        description: String? = nil
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.description = description
    }
}

public struct ColumnDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    public var type: Spanned<DataType>
    public var isNullable: Bool
    public var pii: Spanned<String>?
    public var description: String?

    public init(
        name: Spanned<String>, type: Spanned<DataType>, isNullable: Bool,
        pii: Spanned<String>? = nil, description: String? = nil
    ) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.pii = pii
        self.description = description
    }
}

public struct RuleDeclaration: Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
        /// The row goes to the dead letters.
        case reject
        /// The row passes and is counted.
        case warn
        /// The run stops.
        case fail
    }

    public var name: Spanned<String>
    public var check: SourceText
    public var severity: Severity
    public var description: String?

    public init(
        name: Spanned<String>, check: SourceText, severity: Severity = .reject,
        description: String? = nil
    ) {
        self.name = name
        self.check = check
        self.severity = severity
        self.description = description
    }
}

public struct ContractDeclaration: Hashable, Sendable {
    public enum UnknownColumns: String, Hashable, Sendable, CaseIterable {
        case reject, drop, keep
    }
    public enum Compatibility: String, Hashable, Sendable, CaseIterable {
        case backward, forward, full, none
    }

    public var name: Spanned<String>
    public var columns: [ColumnDeclaration]
    public var key: [Spanned<String>]
    public var rules: [RuleDeclaration]
    /// Microseconds.
    public var freshness: Spanned<Int64>?
    public var unknownColumns: UnknownColumns
    public var compatibility: Spanned<Compatibility>?
    public var description: String?
    public var span: SourceSpan

    public init(
        name: Spanned<String>, columns: [ColumnDeclaration], key: [Spanned<String>] = [],
        rules: [RuleDeclaration] = [], freshness: Spanned<Int64>? = nil,
        unknownColumns: UnknownColumns = .drop, compatibility: Spanned<Compatibility>? = nil,
        description: String? = nil, span: SourceSpan
    ) {
        self.name = name
        self.columns = columns
        self.key = key
        self.rules = rules
        self.freshness = freshness
        self.unknownColumns = unknownColumns
        self.compatibility = compatibility
        self.description = description
        self.span = span
    }
}

/// One connector key with its settings, still as written: the catalogue says what they may be.
public struct Binding: Hashable, Sendable {
    public var connector: Spanned<String>
    public var settings: YAMLNode

    public init(connector: Spanned<String>, settings: YAMLNode) {
        self.connector = connector
        self.settings = settings
    }
}

/// `format: csv`, or `format: { csv: {…} }`.
public struct FormatDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    public var settings: YAMLNode?

    public init(name: Spanned<String>, settings: YAMLNode? = nil) {
        self.name = name
        self.settings = settings
    }
}

public struct EventTimeDeclaration: Hashable, Sendable {
    public var column: Spanned<String>
    /// How late a row may come, microseconds.
    public var watermark: Spanned<Int64>?
    /// After which silence a partition no longer holds the watermark back, microseconds.
    public var idleAfter: Spanned<Int64>?
    /// How long after its end a window still takes late rows, microseconds.
    public var lateness: Spanned<Int64>?

    public init(
        column: Spanned<String>, watermark: Spanned<Int64>? = nil,
        idleAfter: Spanned<Int64>? = nil, lateness: Spanned<Int64>? = nil
    ) {
        self.column = column
        self.watermark = watermark
        self.idleAfter = idleAfter
        self.lateness = lateness
    }
}

/// Where a row came from, added as a column: `metadata: {file: _file, line: _line}`.
public struct MetadataColumn: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case file, line, sequence
        case partitionKey = "partition_key"
        case receivedAt = "received_at"
    }

    public var kind: Kind
    public var column: Spanned<String>

    public init(kind: Kind, column: Spanned<String>) {
        self.kind = kind
        self.column = column
    }
}

public struct SourceDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    /// `nil` where it is missing or unclear; a diagnostic says so.
    public var binding: Binding?
    public var format: FormatDeclaration?
    public var contract: Spanned<String>?
    public var columns: [ColumnDeclaration]?
    public var eventTime: EventTimeDeclaration?
    /// `rate: {records, record_size}`
    public var rate: Settings?
    public var onError: Settings?
    /// Theirs to ours.
    public var rename: [Spec.Move]
    public var metadata: [MetadataColumn]
    public var description: String?
    public var span: SourceSpan

    public init(
        name: Spanned<String>, binding: Binding?, format: FormatDeclaration? = nil,
        contract: Spanned<String>? = nil, columns: [ColumnDeclaration]? = nil,
        eventTime: EventTimeDeclaration? = nil, rate: Settings? = nil, onError: Settings? = nil,
        rename: [Spec.Move] = [], metadata: [MetadataColumn] = [], description: String? = nil,
        span: SourceSpan
    ) {
        self.name = name
        self.binding = binding
        self.format = format
        self.contract = contract
        self.columns = columns
        self.eventTime = eventTime
        self.rate = rate
        self.onError = onError
        self.rename = rename
        self.metadata = metadata
        self.description = description
        self.span = span
    }
}

public struct ZoneDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    /// A path without a scheme is relative to the spec file.
    public var path: SourceText
    public var format: FormatDeclaration?
    public var partitionBy: [SourceText]
    /// `retain: {archive_after, expire_after}`
    public var retain: Settings?
    public var encryption: Settings?
    public var compact: Settings?
    public var description: String?
    public var span: SourceSpan

    public init(
        name: Spanned<String>, path: SourceText, format: FormatDeclaration? = nil,
        partitionBy: [SourceText] = [], retain: Settings? = nil, encryption: Settings? = nil,
        compact: Settings? = nil, description: String? = nil, span: SourceSpan
    ) {
        self.name = name
        self.path = path
        self.format = format
        self.partitionBy = partitionBy
        self.retain = retain
        self.encryption = encryption
        self.compact = compact
        self.description = description
        self.span = span
    }
}

/// One step: its key and its body as written; the step's own signature says what the body may be.
public struct StepDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    public var body: YAMLNode

    public init(name: Spanned<String>, body: YAMLNode) {
        self.name = name
        self.body = body
    }
}

public struct WriteDeclaration: Hashable, Sendable {
    public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        case append, overwrite, merge, scd2
    }

    public var mode: Spanned<Mode>
    public var on: [Spanned<String>]

    public init(mode: Spanned<Mode>, on: [Spanned<String>] = []) {
        self.mode = mode
        self.on = on
    }
}

public struct TransformDeclaration: Hashable, Sendable {
    public enum Body: Hashable, Sendable {
        /// More than one `from` is a union by name.
        case steps(from: [Spanned<String>], [StepDeclaration])
        case sql(SourceText)
        /// Neither; a diagnostic says so.
        case missing
    }

    /// `zone.table`, or a name without a dot for an intermediate relation.
    public var name: Spanned<String>
    public var body: Body
    public var contract: Spanned<String>?
    public var write: WriteDeclaration?
    public var partitionBy: [SourceText]?
    public var mode: Spanned<String>?
    /// Microseconds.
    public var every: Spanned<Int64>?
    public var cron: Spanned<String>?
    public var runsOn: Spanned<String>?
    /// The relation of the rows that came too late for it.
    public var late: Spanned<String>?
    public var description: String?
    public var span: SourceSpan

    public init(
        name: Spanned<String>, body: Body, contract: Spanned<String>? = nil,
        write: WriteDeclaration? = nil, partitionBy: [SourceText]? = nil,
        mode: Spanned<String>? = nil, every: Spanned<Int64>? = nil, cron: Spanned<String>? = nil,
        runsOn: Spanned<String>? = nil, late: Spanned<String>? = nil, description: String? = nil,
        span: SourceSpan
    ) {
        self.late = late
        self.name = name
        self.body = body
        self.contract = contract
        self.write = write
        self.partitionBy = partitionBy
        self.mode = mode
        self.every = every
        self.cron = cron
        self.runsOn = runsOn
        self.description = description
        self.span = span
    }
}

/// One entry of a sink's `select:`: a column, or `{name: expr}`.
public struct SelectEntry: Hashable, Sendable {
    public var name: Spanned<String>
    public var expression: SourceText

    public init(name: Spanned<String>, expression: SourceText) {
        self.name = name
        self.expression = expression
    }
}

public struct SinkDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    public var from: Spanned<String>
    public var filter: SourceText?
    public var select: [SelectEntry]?
    public var binding: Binding?
    public var format: FormatDeclaration?
    /// `batch: {rows, bytes, every}`
    public var batch: Settings?
    /// `on_error: {retries, backoff, dead_letter}`
    public var onError: Settings?
    public var description: String?
    public var span: SourceSpan

    public init(
        name: Spanned<String>, from: Spanned<String>, filter: SourceText? = nil,
        select: [SelectEntry]? = nil, binding: Binding?, format: FormatDeclaration? = nil,
        batch: Settings? = nil, onError: Settings? = nil, description: String? = nil,
        span: SourceSpan
    ) {
        self.name = name
        self.from = from
        self.filter = filter
        self.select = select
        self.binding = binding
        self.format = format
        self.batch = batch
        self.onError = onError
        self.description = description
        self.span = span
    }
}

/// Where and how transforms execute when deployed: `lambda: {…}`, `fargate: {…}`, …
public struct StageDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    public var platform: Spanned<String>
    public var settings: Settings

    public init(name: Spanned<String>, platform: Spanned<String>, settings: Settings) {
        self.name = name
        self.platform = platform
        self.settings = settings
    }
}

public struct AlertDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    public var when: SourceText
    /// Microseconds.
    public var within: Int64?
    public var notify: [YAMLNode]
    public var description: String?
    public var span: SourceSpan

    public init(
        name: Spanned<String>, when: SourceText, within: Int64?, notify: [YAMLNode],
        description: String? = nil, span: SourceSpan
    ) {
        self.description = description
        self.name = name
        self.when = when
        self.within = within
        self.notify = notify
        self.span = span
    }
}

/// What logical nodes are bound to, here and now.
public struct ProfileDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    /// Settings of the profile itself, such as `region`.
    public var settings: [YAMLNode.Entry]
    /// Node name to its overriding binding.
    public var bindings: [NodeBinding]

    public struct NodeBinding: Hashable, Sendable {
        public var node: Spanned<String>
        public var binding: Binding
        /// `format:` beside the connector; `nil` keeps the node's own.
        public var format: FormatDeclaration?

        public init(node: Spanned<String>, binding: Binding, format: FormatDeclaration? = nil) {
            self.node = node
            self.binding = binding
            self.format = format
        }
    }

    public init(
        name: Spanned<String>, settings: [YAMLNode.Entry] = [], bindings: [NodeBinding] = []
    ) {
        self.name = name
        self.settings = settings
        self.bindings = bindings
    }
}

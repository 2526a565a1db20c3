import PipelineDSL

/// How a table is stored and written.
public struct TablePlan: Hashable, Sendable {
    public var zone: String
    /// `<zone path>/<table>` as written, `s3://…` included.
    public var location: String
    /// Where that is under the profile, relative to the project directory unless absolute. It is
    /// the location itself where the profile binds it to the real service.
    public var path: String
    public var format: FormatPlan
    public var mode: WriteDeclaration.Mode
    /// Key positions of a merge.
    public var on: [Int]
    /// Over the table's columns; the partition folder is `name=value`.
    public var partitionBy: [NamedExpression]
    /// Microseconds.
    public var archiveAfter: Int64?
    /// Microseconds.
    public var expireAfter: Int64?
    /// `aes256`, or `kms` with the key: how it is encrypted at rest where it is deployed.
    public var encryption: String?
    public var span: SourceSpan?

    public init(
        zone: String, location: String, path: String, format: FormatPlan,
        mode: WriteDeclaration.Mode, on: [Int] = [], partitionBy: [NamedExpression] = [],
        archiveAfter: Int64? = nil, expireAfter: Int64? = nil, encryption: String? = nil,
        span: SourceSpan? = nil
    ) {
        self.encryption = encryption
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

    /// Whether its files are on this machine.
    public var isLocal: Bool { !path.contains("://") }

    /// For people: `folder .pipec/s3/fleet-lake/silver/telemetry`.
    public var summary: String { isLocal ? "folder \(path)" : path }
}

/// What one setting may be: its name, its kind, whether it must be there, and its documentation.
///
/// Everything with settings declares them with these values: the parts of a spec itself, steps,
/// connectors, formats, stages. The reader checks a mapping against them, `pipec schema` writes
/// them as JSON Schema and the reference is generated from them, so the three cannot disagree.
public struct SettingSignature: Sendable {
    public var name: String
    public var kind: SettingKind
    public var isRequired: Bool
    /// As a user would write it; `nil` where leaving it out means something else than a value.
    public var defaultText: String?
    public var documentation: String

    public init(
        _ name: String, _ kind: SettingKind, required: Bool = false,
        default defaultText: String? = nil,
        _ documentation: String
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = required
        self.defaultText = defaultText
        self.documentation = documentation
    }
}

public indirect enum SettingKind: Sendable {
    case string
    case boolean
    case integer(ClosedRange<Int64>)
    case number(ClosedRange<Double>)
    /// `10 minutes`, `500 ms`
    case duration
    /// `512 MB`, `100 MiB`
    case size
    /// `2000 / second`
    case rate
    /// `1%` or `0.01`
    case fraction
    case choice([String])
    /// A scalar expression of the language, kept with its spans.
    case expression
    /// A whole `SELECT`.
    case query
    /// A column or node name.
    case name
    /// One name or a list of names.
    case names
    /// A type with optional `not null`.
    case type
    case list(SettingKind)
    /// `kind`, or a list of it.
    case oneOrMany(SettingKind)
    /// Any keys, every value of one kind, in the order written.
    case mapping(SettingKind)
    case object([SettingSignature])
    /// Exactly one key, which names the variant (`lambda: {…}`, `s3: {…}`).
    case variant([String: [SettingSignature]])
    /// The first that fits the shape of what is written (scalar, list or mapping).
    case either([SettingKind])
    /// A mapping or scalar kept as written; somebody else decodes it.
    case node
}

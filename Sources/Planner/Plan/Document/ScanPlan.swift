import PipelineDSL

/// How a source is read.
///
/// Its relation is `fields`, then the metadata columns; that is the node's schema and what every
/// position below counts in. Which of them exist at run time is up to ``projection``.
public struct ScanPlan: Hashable, Sendable {
    public struct EventTime: Hashable, Sendable, Codable {
        /// Position in the relation.
        public var column: Int
        /// Microseconds.
        public var watermark: Int64
        /// Microseconds.
        public var idleAfter: Int64?
        /// How long after its end a window still takes late rows, microseconds.
        public var lateness: Int64?

        private enum CodingKeys: String, CodingKey {
            case column, watermark, idleAfter = "idle_after", lateness = "allowed_lateness"
        }

        public init(
            column: Int, watermark: Int64, idleAfter: Int64? = nil, lateness: Int64? = nil
        ) {
            self.column = column
            self.watermark = watermark
            self.idleAfter = idleAfter
            self.lateness = lateness
        }
    }

    /// What is done where a file cannot be read.
    public struct OnError: Hashable, Sendable, Codable {
        /// How often opening it is tried again.
        public var retries: Int64
        /// Microseconds before the first retry; doubled each time.
        public var backoff: Int64
        /// Whether it then goes to the dead letters, as one row, instead of ending the run.
        public var keepsDeadLetters: Bool
        /// The folder of this source's dead letters; `nil` is its name.
        public var deadLetterFolder: String?

        private enum CodingKeys: String, CodingKey {
            case retries, backoff, keepsDeadLetters = "dead_letter"
            case deadLetterFolder = "dead_letter_folder"
        }

        public init(
            retries: Int64 = 0, backoff: Int64 = 100_000, keepsDeadLetters: Bool = false,
            deadLetterFolder: String? = nil
        ) {
            self.retries = retries
            self.backoff = backoff
            self.keepsDeadLetters = keepsDeadLetters
            self.deadLetterFolder = deadLetterFolder
        }
    }

    public struct Metadata: Hashable, Sendable, Codable {
        public var kind: MetadataColumn.Kind
        public var column: String

        public init(kind: MetadataColumn.Kind, column: String) {
            self.kind = kind
            self.column = column
        }
    }

    public var binding: BindingPlan
    public var format: FormatPlan?
    /// What the format yields, before rules: our names, contract types.
    public var fields: Schema
    /// Theirs to ours, where they differ. Several of theirs may mean one of ours.
    public var rename: [String: String]
    /// Positions in `fields` that a reader of the relation asks for, ascending. Columns that only
    /// the rules read are not among them. The others need not be decoded, but a row in which one
    /// does not fit its type is still rejected: what is rejected never depends on who reads.
    public var projection: [Int]
    public var metadata: [Metadata]
    /// `reject`, `drop` or `keep`
    public var unknownColumns: String
    public var contract: String?
    /// The contract's rules, checked on the rows as they are read.
    public var rules: [Validate.Rule]
    public var eventTime: EventTime?
    /// `nil` where the spec says nothing: what cannot be read ends the run.
    public var onError: OnError?
    /// Rows a second that it is declared to bring; what a stream remembers follows from it.
    public var rowsPerSecond: Double?

    public init(
        binding: BindingPlan, format: FormatPlan?, fields: Schema, rename: [String: String] = [:],
        projection: [Int], metadata: [Metadata] = [], unknownColumns: String = "drop",
        contract: String? = nil, rules: [Validate.Rule] = [], eventTime: EventTime? = nil,
        onError: OnError? = nil, rowsPerSecond: Double? = nil
    ) {
        self.rowsPerSecond = rowsPerSecond
        self.binding = binding
        self.format = format
        self.fields = fields
        self.rename = rename
        self.projection = projection
        self.metadata = metadata
        self.unknownColumns = unknownColumns
        self.contract = contract
        self.rules = rules
        self.eventTime = eventTime
        self.onError = onError
    }
}

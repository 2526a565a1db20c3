import PipelineDSL

/// How a sink is written.
public struct SinkPlan: Hashable, Sendable, Codable {
    public var binding: BindingPlan
    public var format: FormatPlan?
    public var batchRows: Int64?
    public var batchBytes: Int64?
    /// Microseconds.
    public var batchEvery: Int64?
    public var retries: Int64
    /// Microseconds before the first retry; doubled each time.
    public var backoff: Int64
    /// A folder of its own for the rows this sink cannot write.
    public var deadLetter: String?

    private enum CodingKeys: String, CodingKey {
        case binding, format, batchRows = "batch_rows", batchBytes = "batch_bytes"
        case batchEvery = "batch_every", retries, backoff, deadLetter = "dead_letter"
    }

    public init(
        binding: BindingPlan, format: FormatPlan? = nil, batchRows: Int64? = nil,
        batchBytes: Int64? = nil, batchEvery: Int64? = nil, retries: Int64 = 3,
        backoff: Int64 = 100_000, deadLetter: String? = nil
    ) {
        self.binding = binding
        self.format = format
        self.batchRows = batchRows
        self.batchBytes = batchBytes
        self.batchEvery = batchEvery
        self.retries = retries
        self.backoff = backoff
        self.deadLetter = deadLetter
    }
}

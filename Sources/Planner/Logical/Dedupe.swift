import PipelineDSL

/// Keeps one row a key, in source order. Null equals null here.
public struct Dedupe: Hashable, Sendable, Codable {
    public enum Keep: String, Hashable, Sendable, Codable, CaseIterable { case first, last }
    public enum Method: Hashable, Sendable {
        case exact
        case bloom(falsePositiveRate: Double)
    }

    /// Column positions.
    public var on: [Int]
    public var keep: Keep
    /// Two rows are duplicates only when their event times differ by at most this, microseconds;
    /// `nil` compares the whole input.
    public var within: Int64?
    /// Position of the event-time column `within` looks at.
    public var eventTime: Int?
    public var method: Method

    private enum CodingKeys: String, CodingKey {
        case on, keep, within, eventTime = "event_time", method
    }

    public init(
        on: [Int], keep: Keep = .first, within: Int64? = nil, eventTime: Int? = nil,
        method: Method = .exact
    ) {
        self.on = on
        self.keep = keep
        self.within = within
        self.eventTime = eventTime
        self.method = method
    }
}

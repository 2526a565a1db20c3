import PipelineDSL

/// What has to be so for an alert to fire: comparisons of a run's metrics.
public indirect enum AlertCondition: Hashable, Sendable {
    case compare(AlertTerm, Comparison, AlertTerm)
    case all([AlertCondition])
    case any([AlertCondition])

    public enum Comparison: String, Hashable, Sendable, CaseIterable {
        case greater = ">"
        case greaterOrEqual = ">="
        case less = "<"
        case lessOrEqual = "<="
        case equal = "="
        case different = "<>"
    }
}

/// A number with a unit.
public indirect enum AlertTerm: Hashable, Sendable {
    case constant(Double, AlertUnit)
    /// `target`: a node or stage, where the metric wants one.
    case metric(AlertMetric, target: String?)
    case calculation(AlertTerm, Calculation, AlertTerm)

    public enum Calculation: String, Hashable, Sendable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
    }
}

/// What a number counts. Only like is compared with like.
public enum AlertUnit: String, Hashable, Sendable {
    case number
    /// Microseconds.
    case duration
    /// Bytes.
    case size

    /// With an example.
    var expected: String {
        switch self {
        case .number: "a number such as `5` or `1%`"
        case .duration: "a duration such as `60 s`"
        case .size: "a size such as `512 MB`"
        }
    }
}

/// A metric of a run, as a condition names it.
public enum AlertMetric: String, Hashable, Sendable, CaseIterable {
    case errors, deadLetters = "dead_letters", rowsRead = "rows_read", rowsWritten = "rows_written"
    case lateRows = "late_rows", duplicates, epochs
    case iteratorAge = "iterator_age", watermarkLag = "watermark_lag", backlog, freshness
    case epochDuration = "epoch_duration", stateRows = "state_rows", stateBytes = "state_bytes"
    case memory

    public enum Target: Hashable, Sendable { case none, node, source, stage }

    /// What may stand in the brackets; nothing at all where it is empty.
    public var targets: Set<Target> {
        switch self {
        case .errors, .deadLetters: [.none, .node, .stage]
        case .rowsRead, .rowsWritten, .lateRows, .duplicates: [.node]
        case .iteratorAge, .watermarkLag, .backlog: [.source]
        case .freshness, .stateRows, .stateBytes: [.node]
        case .epochs, .epochDuration, .memory: [.none]
        }
    }

    public var unit: AlertUnit {
        switch self {
        case .iteratorAge, .watermarkLag, .freshness, .epochDuration: .duration
        case .stateBytes, .memory: .size
        default: .number
        }
    }

    /// Whether it is counted over the time of the alert's `within`. The others are as they are, or
    /// the largest in that time.
    public var isCounter: Bool {
        switch self {
        case .errors, .deadLetters, .rowsRead, .rowsWritten, .lateRows, .duplicates, .epochs: true
        default: false
        }
    }

    public var documentation: String {
        switch self {
        case .errors: "attempts of a stage that failed, and rows rejected in it"
        case .deadLetters: "rows a node, or a stage's nodes, put into the dead letters"
        case .rowsRead: "rows that came into a node"
        case .rowsWritten: "rows that left a node"
        case .lateRows: "rows that came after the watermark had passed them"
        case .duplicates: "rows that were there already"
        case .epochs: "epochs that were committed"
        case .iteratorAge: "how long the oldest record a source has not read has been there"
        case .watermarkLag: "how far a source's watermark is behind the clock"
        case .backlog: "records of a source that were not read"
        case .freshness: "how long ago a node last wrote a row"
        case .epochDuration: "how long the last epoch took"
        case .stateRows: "rows that a node remembers"
        case .stateBytes: "bytes that a node remembers"
        case .memory: "what the run holds"
        }
    }
}

import PipelineDSL

/// What is known of a relation that is computed epoch by epoch.
public struct StreamedRelation: Sendable, Hashable {
    /// Columns that bound the event time of their rows: where such a column has the value v, the row
    /// happened before v + slack. The event time itself has the least slack there is.
    public var times: [Int: EventTimeSlack] = [:]
    /// Where a row may take the place of an earlier one: the columns that identify it. `nil` for
    /// rows that are only ever added.
    public var updates: [Int]?
    /// Whether rows that take the place of earlier ones are versions that came in as they are: of a
    /// merged table. Whoever passes them on one by one may do so; who adds them up may not.
    public var isVersioned = false
    /// Columns of which no two rows have the same values, whenever they come.
    public var unique: [Int]?
    /// The streamed sources that its rows come from.
    public var sources: Set<String> = []

    public init() {}

    /// The event time itself.
    public var eventTime: Int? {
        times.filter { $0.value == .exact }.keys.min()
    }
}

/// How far behind a value the event times that belong to it may reach, microseconds.
public struct EventTimeSlack: Sendable, Hashable, Comparable {
    public var microseconds: Int64

    /// The value is the event time.
    public static let exact = EventTimeSlack(microseconds: 1)
    static let day = EventTimeSlack(microseconds: 86_400_000_000)

    public static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }

    /// Of an expression over columns of which some have slack; `nil` where it says nothing about
    /// when a row happened.
    public init?(of expression: TypedExpression, over times: [Int: EventTimeSlack]) {
        switch expression.kind {
        case .column(let index):
            guard let slack = times[index] else { return nil }
            self = slack
        case .cast(let operand, isTry: false) where expression.type == .date:
            guard let slack = EventTimeSlack(of: operand, over: times) else { return nil }
            self = max(slack, .day)
        case .call("date", let arguments) where arguments.count == 1:
            guard let slack = EventTimeSlack(of: arguments[0], over: times) else { return nil }
            self = max(slack, .day)
        case .call("date_trunc", let arguments) where arguments.count == 2:
            guard case .literal(.string(let unit)) = arguments[0].kind,
                let length = EventTimeSlack.longest[unit.lowercased()],
                let slack = EventTimeSlack(of: arguments[1], over: times)
            else { return nil }
            self = max(slack, EventTimeSlack(microseconds: length))
        default: return nil
        }
    }

    init(microseconds: Int64) { self.microseconds = microseconds }

    /// Of a unit of the calendar, its longest: a group is then forgotten later, never too early.
    private static let longest: [String: Int64] = {
        let day = EventTimeSlack.day.microseconds
        return [
            "millisecond": 1_000, "milliseconds": 1_000, "second": 1_000_000,
            "minute": 60_000_000, "hour": 3_600_000_000, "day": day, "week": 7 * day,
            "month": 31 * day, "quarter": 92 * day, "year": 366 * day,
        ]
    }()
}

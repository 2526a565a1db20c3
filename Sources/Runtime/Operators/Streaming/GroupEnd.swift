import PipelineDSL
import Planner

/// When the groups of a streamed aggregate are complete: groups that end together are one pane.
enum GroupEnd: Hashable, Sendable {
    /// An event-time window: columns of the input hold its start and its end.
    case window(start: Int, size: Int64)
    /// A group that bounds the event time, as `date(recorded_at)` does: no row of it happens
    /// `slack` microseconds after its value or later.
    case time(group: Int, slack: Int64)
    /// Without groups there is one, which never ends.
    case never

    /// The aggregate's groups that are keys within a pane: the bounds of a window are not.
    func keys(_ aggregate: Aggregate) -> [NamedExpression] {
        if case .window = self { return Array(aggregate.groups.dropFirst(2)) }
        return aggregate.groups
    }

    /// Whether a group is said as soon as it changes, or when it is complete.
    var saysChanges: Bool { if case .window = self { false } else { true } }

    /// The pane of each row.
    func panes(_ batch: Batch, keys: [Column]) -> PaneColumn {
        switch self {
        case .never: return PaneColumn(values: .one(0), column: nil)
        case .window(let start, _):
            let column = batch.columns[start]
            guard case .int64(let starts) = column.values else {
                return PaneColumn(values: .one(Self.none), column: nil)
            }
            return PaneColumn(values: .many(starts), column: column)
        case .time(let group, _):
            let column = keys[group]
            switch column.values {
            case .int64(let times): return PaneColumn(values: .many(times), column: column)
            case .int32(let days):
                return PaneColumn(
                    values: .many(days.map { Int64($0) &* 86_400_000_000 }), column: column)
            default: return PaneColumn(values: .one(Self.none), column: nil)
            }
        }
    }

    /// The pane of rows without a time; it never ends.
    static let none = Int64.min

    /// The first event time that is after all of a pane.
    func end(of pane: Int64) -> Int64 {
        let length: Int64
        switch self {
        case .never: return .max
        case .window(_, let size): length = size
        case .time(_, let slack): length = slack
        }
        guard pane != Self.none else { return .max }
        let (end, overflow) = pane.addingReportingOverflow(length)
        return overflow ? .max : end
    }
}

/// Which pane each physical row of a batch belongs to.
struct PaneColumn: Sendable {
    enum Values: Sendable {
        case one(Int64)
        case many([Int64])
    }

    var values: Values
    /// Says which rows have none.
    var column: Column?

    subscript(_ row: UInt32) -> Int64 {
        switch values {
        case .one(let pane): pane
        case .many(let panes):
            column?.isNull(Int(row)) == true ? GroupEnd.none : panes[Int(row)]
        }
    }
}

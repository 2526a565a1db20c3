import PipelineDSL
import Planner

/// An aggregate by sessions as operators that there are: a window function that gives each row the
/// start of its session, an aggregate by that, and a projection that adds the gap to the last time.
struct EventSessions {
    let time: TypedExpression
    /// The rows with their time behind them.
    let timed: Schema
    let starts: Window
    /// And with the start of their session.
    let started: Schema
    let grouped: Aggregate
    let project: Project

    init(_ aggregate: Aggregate, time: TypedExpression, gap: Int64, input: Schema) {
        self.time = time
        timed = Schema(input.fields + [Field("session_time", .timestamp, nullable: false)])
        let at = TypedExpression.column(input.fields.count, of: timed)
        let whole = Window.Frame(unit: .range, start: .unboundedPreceding, end: .currentRow)
        let start = Window.Call(
            name: SessionStart.name, function: SessionStart.name,
            arguments: [at, .literal(.integer(gap), .bigint)],
            partitionBy: aggregate.groups.map(\.expression),
            orderBy: [SortKey(at, descending: false, nullsFirst: false)], frame: whole,
            type: .timestamp, nullable: false)
        starts = Window(calls: [start])
        started = Schema(timed.fields + [Field(start.name, .timestamp, nullable: false)])
        let session = TypedExpression.column(timed.fields.count, of: started)
        let last = Aggregate.Call(
            name: "session_last", function: "max", arguments: [at], type: .timestamp,
            nullable: true)
        grouped = Aggregate(
            groups: [NamedExpression("window_start", session)] + aggregate.groups,
            calls: aggregate.calls + [last])
        project = Self.project(grouped, aggregate, gap: gap)
    }

    /// Start, end, groups, calls.
    private static func project(_ grouped: Aggregate, _ whole: Aggregate, gap: Int64) -> Project {
        let schema = grouped.outputSchema
        let last = TypedExpression.column(schema.fields.count - 1, of: schema)
        let length = TypedExpression.literal(
            .interval(Interval(microseconds: gap)), .interval)
        let end = TypedExpression(
            .call("add", [last, length]), type: .timestamp, nullable: true, fallible: true)
        let names = whole.outputSchema.names
        var columns = [
            NamedExpression(names[0], .column(0, of: schema)), NamedExpression(names[1], end),
        ]
        for index in 1..<max(1, schema.fields.count - 1) {
            columns.append(NamedExpression(names[index + 1], .column(index, of: schema)))
        }
        return Project(columns: columns)
    }
}

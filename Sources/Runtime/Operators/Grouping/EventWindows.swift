import PipelineDSL
import Planner

/// Windows of one size that start at multiples of the slide since 1970-01-01, UTC. Tumbling windows
/// slide by their size.
struct EventWindows: Sendable {
    let time: TypedExpression
    /// Microseconds, as `size`; both greater than 0.
    let slide: Int64
    let size: Int64

    private static let bounds = ["window_start", "window_end"].map {
        Field($0, .timestamp, nullable: false)
    }

    /// The rows with the bounds of their window behind them.
    func schema(over input: Schema) -> Schema { Schema(input.fields + Self.bounds) }

    /// The aggregate over such rows, with the window as its first groups.
    func grouped(_ aggregate: Aggregate, over input: Schema) -> Aggregate {
        let schema = schema(over: input)
        let bounds = Self.bounds.indices.map { index in
            NamedExpression(
                Self.bounds[index].name, .column(input.fields.count + index, of: schema))
        }
        return Aggregate(groups: bounds + aggregate.groups, calls: aggregate.calls)
    }

    /// The starts of the windows that a time is in, ascending; `nil` where the bounds of one are no
    /// timestamps.
    func starts(_ time: Int64) -> StrideTo<Int128>? {
        let (slide, size, time) = (Int128(slide), Int128(size), Int128(time))
        func floor(_ value: Int128) -> Int128 {
            let rest = value % slide
            return value - (rest < 0 ? rest + slide : rest)
        }
        // The first that ends after the time, up to the last that has begun.
        let first = floor(time - size) + slide
        let last = floor(time)
        guard Int64(exactly: first) != nil, Int64(exactly: last + size) != nil else { return nil }
        return stride(from: first, to: last + slide, by: Int(self.slide))
    }
}

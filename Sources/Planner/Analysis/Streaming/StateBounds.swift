import PipelineDSL

/// What the operators of a stream remember at most, in memory: as many rows as their sources are
/// declared to bring (`rate:`) in the time for which rows are remembered.
///
/// Where a source declares no rate, or the number of rows does not follow from it (after `unnest`
/// or a join, for sessions, which may go on for ever), there is no bound.
enum StateBounds {
    static func apply(to plan: inout Plan) {
        let analysis = StreamAnalysis(plan)
        var rates = Rates(plan)
        for n in plan.nodes.indices {
            let node = plan.nodes[n]
            for o in node.operators.indices {
                let op = node.operators[o]
                guard op.operation.remembersRows else { continue }
                // One row, however many come.
                if case .aggregate(let all) = op.operation, all.groups.isEmpty,
                    all.eventWindow == nil
                {
                    continue
                }
                let incoming = op.inputs.map { rates.rate(of: $0, in: node) }
                let rate = incoming.reduce(Double?.some(0)) { sum, rate in
                    sum.flatMap { sum in rate.map { sum + $0 } }
                }
                let remembered = Remembered(op, node, analysis, plan)
                plan.nodes[n].operators[o].memoryBound = rate.flatMap {
                    remembered?.bytes(rate: $0)
                }
            }
        }
    }
}

/// How many rows a second a relation has at most; `nil` where that is not known.
private struct Rates {
    private let plan: Plan
    private var known: [String: Double?] = [:]

    init(_ plan: Plan) { self.plan = plan }

    /// - Parameter name: of an operator of the node, or of a node.
    mutating func rate(of name: String, in node: PlanNode) -> Double? {
        if let known = known[name] { return known }
        // Until it is known, so that nothing asks in circles.
        known[name] = .some(nil)
        let rate: Double?
        if let op = node.operators.first(where: { $0.id == name }) {
            rate = self.rate(of: op, in: node)
        } else if let other = plan[name] {
            rate =
                other.scan.map(\.rowsPerSecond)
                ?? other.operators.last.flatMap { self.rate(of: $0.id, in: other) }
        } else {
            rate = nil
        }
        known[name] = .some(rate)
        return rate
    }

    private mutating func rate(of op: PhysicalOperator, in node: PlanNode) -> Double? {
        switch op.operation {
        case .unnest, .join, .values, .setOperation: return nil
        // The looked-up side brings no rows.
        case .lookup: return op.inputs.first.flatMap { rate(of: $0, in: node) }
        default:
            var sum = 0.0
            for input in op.inputs {
                guard let rate = rate(of: input, in: node) else { return nil }
                sum += rate
            }
            return sum
        }
    }
}

/// What an operator remembers of its rows, and for how long.
private struct Remembered {
    /// Microseconds of event time.
    private var time: Int64
    /// Of each row.
    private var bytesEach: Int64
    /// Of each row, in how many groups it is.
    private var copies: Int64 = 1

    /// Beside the values themselves: slots of hash tables at their emptiest, arrays that have just
    /// grown, the time. Ten million keys were measured at 38 to 69 bytes each with eight of key.
    private static let overhead: Int64 = 112

    /// `nil` for an operator whose memory does not follow from the rate.
    init?(_ op: PhysicalOperator, _ node: PlanNode, _ analysis: StreamAnalysis, _ plan: Plan) {
        func input(_ index: Int) -> Schema {
            guard op.inputs.indices.contains(index) else { return Schema() }
            let name = op.inputs[index]
            return node.operators.first { $0.id == name }?.schema ?? plan[name]?.schema ?? Schema()
        }
        func width(_ types: [DataType]) -> Int64 {
            Int64(types.reduce(0) { $0 + MemoryBounds.width($1) })
        }
        let relation = analysis.relations[op.id] ?? StreamedRelation()
        let delay =
            relation.sources.compactMap { plan[$0]?.scan?.eventTime }.map {
                $0.watermark.addingReportingOverflow($0.lateness ?? 0)
            }.map { $0.overflow ? Int64.max : $0.partialValue }.max() ?? 0
        switch op.operation {
        case .dedupe(let dedupe):
            guard let within = dedupe.within else { return nil }
            time = within
            bytesEach = Self.overhead + width(dedupe.on.map { input(0).fields[$0].type })
            // A slice of a Bloom filter, with room for what it may grow by.
            if case .bloom(let rate) = dedupe.method {
                let bits = max(1, -1.44 * Self.log2(max(rate, 1e-12)))
                bytesEach = Int64((bits / 8 * 4).rounded(.up))
            }
        case .latest(let latest):
            guard let within = latest.within else { return nil }
            time = within
            bytesEach = Self.overhead + width(latest.by.map { input(0).fields[$0].type })
        case .aggregate(let aggregate):
            guard let length = Self.length(aggregate, op, analysis) else { return nil }
            (time, copies) = length
            bytesEach =
                Self.overhead + width(aggregate.groups.map(\.expression.type))
                + aggregate.calls.reduce(0) { $0 + 16 + width([$1.type]) }
        case .join(let join):
            guard let within = join.within else { return nil }
            let (both, overflow) = within.multipliedReportingOverflow(by: 2)
            time = overflow ? .max : both
            bytesEach =
                Self.overhead
                + max(width(input(0).fields.map(\.type)), width(input(1).fields.map(\.type)))
        default: return nil
        }
        // And an epoch, until it has been committed.
        let (later, overflow) = time.addingReportingOverflow(delay)
        time = overflow ? .max : later
    }

    /// Of groups: for how long one is open, and in how many a row is.
    private static func length(
        _ aggregate: Aggregate, _ op: PhysicalOperator, _ analysis: StreamAnalysis
    ) -> (Int64, Int64)? {
        switch aggregate.eventWindow {
        case .tumble(_, let size): return (size, 1)
        case .hop(_, let slide, let size): return (size, max(1, (size + slide - 1) / max(1, slide)))
        case .session: return nil
        case nil:
            let input = op.inputs.first.flatMap { analysis.relations[$0] } ?? StreamedRelation()
            let slack = aggregate.groups.compactMap {
                EventTimeSlack(of: $0.expression, over: input.times)
            }.min()
            return slack.map { ($0.microseconds, 1) }
        }
    }

    /// - Parameter rate: rows a second.
    /// - Returns: `nil` beyond what can be counted.
    func bytes(rate: Double) -> Int64? {
        let second = 1.0
        let rows = rate * (Double(time) / 1e6 + second)
        let bytes = rows * Double(copies) * Double(bytesEach) + 1e6
        return bytes < 9e18 ? Int64(bytes) : nil
    }

    private static func log2(_ value: Double) -> Double {
        // By its exponent and a line between powers of two: near enough, and never too small.
        Double(value.exponent) + (value.significand - 1)
    }
}

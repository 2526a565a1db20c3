import PipelineDSL
import Planner

/// One grouping set of an aggregate: an aggregate over its own groups, and how its rows become rows
/// of the whole, where the groups it leaves out are null.
struct GroupingSet {
    /// Groups and calls of the set.
    let aggregate: Aggregate
    /// From a row of it to a row of the whole.
    let project: Project

    /// - Parameter kept: positions in the groups of the whole.
    init(_ whole: Aggregate, kept: [Int]) throws {
        var own = Aggregate(
            groups: kept.filter { whole.groups.indices.contains($0) }.map { whole.groups[$0] },
            calls: whole.calls.filter { $0.function != "grouping" },
            eventWindow: whole.eventWindow)
        // Names only tell columns apart here.
        for index in own.groups.indices { own.groups[index].name = "group\(index)" }
        for index in own.calls.indices { own.calls[index].name = "call\(index)" }
        aggregate = own
        let schema = own.outputSchema
        // The bounds of an event-time window stand before the groups.
        let bounds = whole.eventWindow == nil ? 0 : 2
        var columns = (0..<bounds).map {
            NamedExpression(schema.fields[$0].name, .column($0, of: schema))
        }
        for (index, group) in whole.groups.enumerated() {
            let place = kept.firstIndex(of: index)
            columns.append(
                NamedExpression(
                    group.name,
                    place.map { .column(bounds + $0, of: schema) }
                        ?? .literal(.null, group.expression.type), pii: group.pii))
        }
        var next = bounds + own.groups.count
        for call in whole.calls {
            if call.function == "grouping" {
                let bits = try GroupingSet.bits(call, whole, kept)
                columns.append(NamedExpression(call.name, .literal(.integer(bits), call.type)))
            } else {
                columns.append(NamedExpression(call.name, .column(next, of: schema)))
                next += 1
            }
        }
        project = Project(columns: columns)
    }

    /// `grouping(a, b)`: a bit for each argument, the last one's the least; 1 where the set leaves
    /// it out.
    private static func bits(_ call: Aggregate.Call, _ whole: Aggregate, _ kept: [Int]) throws
        -> Int64
    {
        var bits: Int64 = 0
        for argument in call.arguments {
            guard let group = whole.groups.firstIndex(where: { $0.expression == argument }) else {
                throw RunError(
                    .noKernel, "the plan asks `grouping` about what is no group", at: call.span)
            }
            bits = bits << 1 | (kept.contains(group) ? 0 : 1)
        }
        return bits
    }
}

/// Gives its rows to several readers. Each but the first reads them once more, which the node's
/// arithmetic must know.
struct ForkOperator: RowOperator {
    let readers: Int

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        context.metrics.copied.add(batch.count * (readers - 1))
        output.batches.append(batch)
    }
}

import PipelineDSL
import Planner

/// Which sources of a plan are streamed, and whether its nodes can run epoch by epoch.
struct StreamTopology {
    /// Read in slices.
    private(set) var streamed: Set<String> = []
    /// Read whole in every epoch, because rows are looked up in them.
    private(set) var tables: Set<String> = []
    /// The streamed sources that the rows of a node come from.
    private(set) var sources: [String: Set<String>] = [:]

    /// - Throws: ``RunError`` where a node needs all of its input at once.
    init(_ plan: Plan, selection: Set<String>?) throws {
        var wanted: [String] = []
        for node in plan.nodes where selection.map({ $0.contains(node.name) }) ?? true {
            if node.kind == .table || node.kind == .sink { wanted.append(node.name) }
        }
        for name in wanted { _ = try visit(name, plan) }
        if let both = streamed.intersection(tables).min() {
            throw RunError(
                .streamingUnsupported,
                "`\(both)` is streamed, and rows are looked up in it as well", at: plan[both]?.span,
                notes: ["declare the same files a second time, as a source to look up in"])
        }
    }

    /// The streamed sources of a node.
    private mutating func visit(_ name: String, _ plan: Plan) throws -> Set<String> {
        if let known = sources[name] { return known }
        guard let node = plan[name] else { return [] }
        var found: Set<String> = []
        if node.scan != nil {
            streamed.insert(name)
            found = [name]
        } else if node.operators.isEmpty {
            for input in node.inputs { found.formUnion(try visit(input, plan)) }
        } else {
            found = try operators(node, plan)
        }
        if let table = node.table { try check(table, node) }
        sources[name] = found
        return found
    }

    private mutating func operators(_ node: PlanNode, _ plan: Plan) throws -> Set<String> {
        var origins: [String: Set<String>] = [:]
        var last: Set<String> = []
        // What is only looked up in is not streamed.
        var sides: Set<String> = []
        for op in node.operators {
            if case .lookup = op.operation, op.inputs.count > 1 { sides.insert(op.inputs[1]) }
        }
        for op in node.operators {
            var own: Set<String> = []
            switch op.operation {
            case .input(let input):
                if sides.contains(op.id) {
                    tables.formUnion(StreamTopology.scans(input.node, plan))
                } else {
                    own = try visit(input.node, plan)
                }
            default:
                for (index, id) in op.inputs.enumerated() {
                    if case .lookup = op.operation, index == 1, origins[id] == nil {
                        tables.formUnion(StreamTopology.scans(id, plan))
                        continue
                    }
                    own.formUnion(try origins[id] ?? visit(id, plan))
                }
                try check(op, node)
            }
            origins[op.id] = own
            last = own
        }
        return last
    }

    /// All sources that a relation reads.
    private static func scans(_ name: String, _ plan: Plan) -> Set<String> {
        var found: Set<String> = []
        var pending = [name]
        var seen: Set<String> = []
        while let next = pending.popLast() {
            guard seen.insert(next).inserted, let node = plan[next] else { continue }
            if node.scan != nil { found.insert(next) }
            pending += node.inputs
        }
        return found
    }

    private func check(_ op: PhysicalOperator, _ node: PlanNode) throws {
        switch op.operation {
        case .filter, .project, .validate, .lookup, .unnest, .union, .input: return
        case .dedupe(let dedupe)
        where dedupe.within != nil && dedupe.eventTime != nil && dedupe.keep == .first:
            return
        default:
            throw RunError(
                .streamingUnsupported,
                "`\(node.name)` cannot be computed epoch by epoch yet (\(op.id))",
                at: op.span ?? node.span,
                notes: ["run the rest: `--select` with the other nodes; or run in batch mode"])
        }
    }

    private func check(_ table: TablePlan, _ node: PlanNode) throws {
        guard table.mode == .overwrite else { return }
        throw RunError(
            .streamingUnsupported,
            "`\(node.name)` is overwritten by each run, and a stream has no end",
            at: table.span ?? node.span,
            notes: ["`write: { mode: append }` or `write: { mode: merge, on: […] }`"])
    }
}

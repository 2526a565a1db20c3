import PipelineDSL

/// What a plan means when it is run continuously: which sources are streamed, which are tables that
/// rows are looked up in, how each operator bounds what it remembers, and whose rows take the place
/// of earlier ones.
///
/// A plan that would need all of its input at once, or remember something of every row for ever, is
/// refused here, by name, before a row is read.
public struct StreamAnalysis: Sendable {
    /// Read in slices.
    public private(set) var streamed: Set<String> = []
    /// Read whole, because rows are looked up in them.
    public private(set) var tables: Set<String> = []
    /// By operator, and by node.
    public private(set) var relations: [String: StreamedRelation] = [:]
    /// Why it cannot be run so; empty where it can.
    public private(set) var diagnostics: [Diagnostic] = []

    private let plan: Plan
    private var visiting: Set<String> = []

    /// - Parameter selection: the nodes that are run; `nil` is all.
    public init(_ plan: Plan, selection: Set<String>? = nil) {
        self.plan = plan
        for node in plan.nodes where selection.map({ $0.contains(node.name) }) ?? true {
            if node.kind == .table || node.kind == .sink { _ = relation(node.name) }
        }
        for both in streamed.intersection(tables).sorted() {
            refuse(
                "`\(both)` is streamed, and rows are looked up in it as well", at: plan[both]?.span,
                "declare the same files a second time, as a source to look up in")
        }
    }

    // MARK: - Nodes

    private mutating func relation(_ name: String) -> StreamedRelation {
        if let known = relations[name] { return known }
        guard let node = plan[name], visiting.insert(name).inserted else { return .init() }
        var found = StreamedRelation()
        if let scan = node.scan {
            streamed.insert(name)
            found.sources = [name]
            if let time = scan.eventTime { found.times[time.column] = .exact }
        } else if node.operators.isEmpty {
            if let input = node.inputs.first { found = relation(input) }
        } else {
            found = operators(of: node)
        }
        if let table = node.table {
            check(table, of: node, found)
            if table.mode == .merge, found.updates == nil,
                !(found.unique.map { Set($0).isSubset(of: table.on) } ?? false)
            {
                found.updates = table.on
                found.isVersioned = true
            }
        }
        if let sink = node.sink { check(sink, of: node, found) }
        relations[name] = found
        return found
    }

    private mutating func operators(of node: PlanNode) -> StreamedRelation {
        let sides = sideInputs(node)
        var last = StreamedRelation()
        for op in node.operators where !sides.contains(op.id) {
            let inputs = op.inputs.filter { !sides.contains($0) }.map { id in
                relations[id] ?? relation(id)
            }
            last = operation(op, inputs, of: node)
            relations[op.id] = last
        }
        return last
    }

    /// Operators of a node, and nodes, that are read whole: the second inputs of lookups and what
    /// only they read.
    private mutating func sideInputs(_ node: PlanNode) -> Set<String> {
        var sides: Set<String> = []
        for op in node.operators {
            guard case .lookup = op.operation, op.inputs.count > 1 else { continue }
            var pending = [op.inputs[1]]
            while let next = pending.popLast() {
                guard sides.insert(next).inserted else { continue }
                guard let inner = node.operators.first(where: { $0.id == next }) else {
                    tables.formUnion(scans(next))
                    continue
                }
                if let node = inner.operation.nodeRead {
                    tables.formUnion(scans(node))
                } else {
                    pending += inner.inputs
                }
            }
        }
        return sides
    }

    /// All sources that a relation reads.
    private func scans(_ name: String) -> Set<String> {
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

    // MARK: - Operators

    private mutating func operation(
        _ op: PhysicalOperator, _ inputs: [StreamedRelation], of node: PlanNode
    ) -> StreamedRelation {
        var output = inputs.first ?? StreamedRelation()
        for other in inputs.dropFirst() { output.sources.formUnion(other.sources) }
        switch op.operation {
        case .input(let input):
            let whole = relation(input.node)
            return input.columns.map { whole.columns($0) } ?? whole
        case .late(let late):
            // They are behind the watermark: no window could count on them.
            output.sources = relation(late.node).sources
            return output
        case .validate, .lookup: return output
        case .filter(let filter):
            if let keys = output.updates, !output.isVersioned,
                !Set(filter.predicate.columns).isSubset(of: keys)
            {
                refuseUpdates(op, node, "keeps some of")
            }
            return output
        case .project(let project): return self.project(project, output, op, node)
        case .unnest:
            if output.updates != nil, !output.isVersioned {
                refuseUpdates(op, node, "takes apart")
            }
            output.updates = nil
            output.unique = nil
            return output
        case .union:
            if inputs.contains(where: { $0.updates != nil && !$0.isVersioned }) {
                refuseUpdates(op, node, "unites")
            }
            output.updates = nil
            output.isVersioned = inputs.contains(where: \.isVersioned)
            output.unique = nil
            for column in output.times.keys {
                let all = inputs.compactMap { $0.times[column] }
                output.times[column] = all.count == inputs.count ? all.max() : nil
            }
            return output
        case .dedupe(let dedupe):
            if output.isReplacing { refuseUpdates(op, node, "compares") }
            check(dedupe, op, node)
            // Rows of one key and one time come within reach of each other, or too late.
            if let time = dedupe.eventTime, dedupe.on.contains(time), dedupe.method == .exact {
                output.unique = dedupe.on
            }
            return output
        case .aggregate(let aggregate): return self.aggregate(aggregate, output, op, node)
        case .latest(let latest): return self.latest(latest, output, op, node)
        case .join(let join): return self.join(join, inputs, op, node)
        case .values, .sort, .limit, .window, .distinctOn, .setOperation:
            refuse(
                "`\(node.name)` cannot be computed epoch by epoch (\(op.id)): it needs all of its "
                    + "input", at: op.span ?? node.span,
                "run the rest: `--select` with the other nodes; or run in batch mode")
            return output
        }
    }

    private mutating func project(
        _ project: Project, _ input: StreamedRelation, _ op: PhysicalOperator, _ node: PlanNode
    ) -> StreamedRelation {
        var output = StreamedRelation()
        output.sources = input.sources
        for (index, column) in project.columns.enumerated() {
            output.times[index] = EventTimeSlack(of: column.expression, over: input.times)
        }
        if let keys = input.updates {
            let kept = keys.compactMap { key in
                project.columns.firstIndex { $0.expression.columnIndex == key }
            }
            if kept.count < keys.count, !input.isVersioned {
                refuseUpdates(op, node, "loses a key of")
            }
            output.updates = kept.count < keys.count ? nil : kept
            output.isVersioned = input.isVersioned
        }
        output.unique = input.unique.flatMap { unique in
            let kept = unique.compactMap { column in
                project.columns.firstIndex { $0.expression.columnIndex == column }
            }
            return kept.count == unique.count ? kept : nil
        }
        return output
    }

    private mutating func check(_ dedupe: Dedupe, _ op: PhysicalOperator, _ node: PlanNode) {
        if dedupe.within == nil || dedupe.eventTime == nil {
            unbounded(
                op, node, "every key it has seen", "`within: 1 day` bounds what it remembers")
        } else if dedupe.keep == .last {
            refuse(
                "`keep: last` of `\(node.name)` cannot be known while more rows may come",
                at: op.span ?? node.span, "`keep: first`; or `latest: { by: […] }`, which updates")
        }
    }

    private mutating func aggregate(
        _ aggregate: Aggregate, _ input: StreamedRelation, _ op: PhysicalOperator, _ node: PlanNode
    ) -> StreamedRelation {
        var output = StreamedRelation()
        output.sources = input.sources
        if input.isReplacing { refuseUpdates(op, node, "adds up") }
        if aggregate.groupingSets != nil {
            refuse(
                "`\(node.name)` groups by several sets, which cannot be computed epoch by epoch",
                at: op.span ?? node.span, "write one transform for each set")
            return output
        }
        let isWindowed = aggregate.eventWindow != nil
        let shift = isWindowed ? 2 : 0
        for (index, group) in aggregate.groups.enumerated() {
            output.times[index + shift] = EventTimeSlack(of: group.expression, over: input.times)
        }
        if let window = aggregate.eventWindow {
            guard let time = EventTimeSlack(of: window.time, over: input.times) else {
                refuse(
                    "the windows of `\(node.name)` are not over the event time, so it is not known "
                        + "when one is complete", at: op.span ?? node.span,
                    "declare `event_time` on the source, and pass the column on unchanged")
                return output
            }
            // What happened in a window happened before its end.
            output.times[1] = time
            let lateness = input.sources.compactMap { plan[$0]?.scan?.eventTime?.lateness }.max()
            // The start of a window says which it is.
            let keys = [0] + aggregate.groups.indices.map { $0 + shift }
            output.unique = keys
            // A session waits for late rows instead: it is written once.
            if case .session = window { return output }
            if (lateness ?? 0) > 0 {
                output.updates = keys
            }
        } else {
            if !aggregate.groups.isEmpty,
                !aggregate.groups.indices.contains(where: { output.times[$0] != nil })
            {
                unbounded(
                    op, node, "every group there ever was",
                    "group by an event-time window, or by the day: `date(…)` of the event time")
            }
            output.updates = Array(aggregate.groups.indices)
        }
        return output
    }

    private mutating func latest(
        _ latest: Latest, _ input: StreamedRelation, _ op: PhysicalOperator, _ node: PlanNode
    ) -> StreamedRelation {
        var output = input
        output.updates = latest.by
        output.unique = nil
        output.isVersioned = false
        if input.updates != nil, !input.isVersioned { refuseUpdates(op, node, "compares") }
        if latest.within == nil {
            unbounded(
                op, node, "the newest row of every key",
                "`within: 30 days` forgets keys that were silent for so long")
        } else if latest.order.columnIndex.flatMap({ input.times[$0] }) != .exact {
            refuse(
                "`latest` of `\(node.name)` is not ordered by the event time, so a key cannot be "
                    + "forgotten", at: op.span ?? node.span, "leave `order` out")
        }
        return output
    }

    private mutating func join(
        _ join: Join, _ inputs: [StreamedRelation], _ op: PhysicalOperator, _ node: PlanNode
    ) -> StreamedRelation {
        var output = StreamedRelation()
        for input in inputs { output.sources.formUnion(input.sources) }
        guard inputs.count == 2 else { return output }
        if inputs.contains(where: \.isReplacing) { refuseUpdates(op, node, "joins") }
        guard let within = join.within else {
            unbounded(
                op, node, "every row of both sides",
                "`within: 10 minutes` bounds it; for a small relation use `lookup`")
            return output
        }
        guard inputs.allSatisfy({ $0.eventTime != nil }) else {
            refuse(
                "`within` of `\(node.name)` needs the event times of both sides",
                at: op.span ?? node.span,
                "declare `event_time` on both sources, and pass the columns on unchanged")
            return output
        }
        if join.leftKeys.isEmpty || join.isNullAware {
            refuse(
                "`\(node.name)` joins without an equality", at: op.span ?? node.span,
                "two streams are joined on equal columns, within a time")
        }
        // A row comes out when its partner is there: not earlier than either.
        let slack = EventTimeSlack.exact.microseconds.addingReportingOverflow(within)
        if join.kind != .right, join.kind != .full, let left = inputs[0].eventTime, !slack.overflow
        {
            output.times[left] = EventTimeSlack(microseconds: slack.partialValue)
        }
        return output
    }

    // MARK: - What is written

    private mutating func check(
        _ table: TablePlan, of node: PlanNode, _ relation: StreamedRelation
    ) {
        guard let keys = relation.updates, !relation.isVersioned else {
            if table.mode == .overwrite {
                refuse(
                    "`\(node.name)` is overwritten by each run, and a stream has no end",
                    at: table.span ?? node.span,
                    "`write: { mode: append }` or `write: { mode: merge, on: […] }`")
            }
            return
        }
        if table.mode == .merge && Set(table.on) == Set(keys) { return }
        let names = keys.filter(node.schema.fields.indices.contains)
            .map { node.schema.fields[$0].name }.joined(separator: ", ")
        refuse(
            "rows of `\(node.name)` take the place of earlier ones, which "
                + "`\(table.mode.rawValue)` does not do by their key", at: table.span ?? node.span,
            names.isEmpty ? "leave `write` out" : "`write: { mode: merge, on: [\(names)] }`")
    }

    private mutating func check(
        _ sink: SinkPlan, of node: PlanNode, _ relation: StreamedRelation
    ) {
        guard let keys = relation.updates, !relation.isVersioned,
            sink.binding.connector != "dynamodb",
            sink.binding.connector != "redis"
        else { return }
        if sink.binding.settings["mode"]?.string == "merge" {
            let on = (sink.binding.settings["on"]?.list ?? []).compactMap(\.string)
            if Set(on.compactMap { node.schema.index(of: $0) }) == Set(keys) { return }
        }
        let names = keys.filter(node.schema.fields.indices.contains)
            .map { node.schema.fields[$0].name }
        refuse(
            "rows of `\(node.name)` take the place of earlier ones, which "
                + "`\(sink.binding.connector)` cannot do",
            at: sink.binding.span ?? node.span,
            "group by an event-time window, whose rows are written once; or write them to a table "
                + "with the key \(names.joined(separator: ", "))")
    }

    // MARK: - Refusals

    private mutating func refuse(_ message: String, at span: SourceSpan?, _ note: String) {
        let diagnostic = Diagnostic(.streamingUnsupported, message, at: span, notes: [note])
        if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
    }

    private mutating func refuseUpdates(
        _ op: PhysicalOperator, _ node: PlanNode, _ verb: String
    ) {
        refuse(
            "`\(node.name)` \(verb) rows that take the place of earlier ones (\(op.id))",
            at: op.span ?? node.span,
            "group by an event-time window: its rows are complete when they come")
    }

    private mutating func unbounded(
        _ op: PhysicalOperator, _ node: PlanNode, _ what: String, _ note: String
    ) {
        diagnostics.append(
            Diagnostic(
                .unboundedState, "`\(node.name)` would remember \(what) (\(op.id))",
                at: op.span ?? node.span, notes: ["a stream has no end: \(note)"]))
    }
}

extension StreamedRelation {
    fileprivate var isReplacing: Bool { updates != nil || isVersioned }

    /// Only some columns of it.
    fileprivate func columns(_ positions: [Int]) -> StreamedRelation {
        var part = self
        part.times = [:]
        for (index, position) in positions.enumerated() { part.times[index] = times[position] }
        part.updates = updates.map { keys in keys.compactMap { positions.firstIndex(of: $0) } }
        part.unique = unique.flatMap { unique in
            let kept = unique.compactMap { positions.firstIndex(of: $0) }
            return kept.count == unique.count ? kept : nil
        }
        return part
    }
}

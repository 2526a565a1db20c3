import PipelineDSL
import Planner

/// Operators whose state outlives an epoch.
extension OperatorFactory {
    private func relation(_ epoch: EpochContext) -> StreamedRelation {
        epoch.analysis.relations[op.id] ?? StreamedRelation()
    }

    private func input(_ index: Int, _ epoch: EpochContext) -> StreamedRelation {
        guard op.inputs.indices.contains(index) else { return StreamedRelation() }
        return epoch.analysis.relations[op.inputs[index]] ?? StreamedRelation()
    }

    private func time(_ epoch: EpochContext) -> EpochTime {
        epoch.time(of: relation(epoch).sources)
    }

    private func unbounded(_ note: String) -> RunError {
        RunError(
            .streamingUnsupported, "\(op.id) has no bound in event time", at: op.span,
            notes: [note])
    }

    // MARK: - One row a key

    func streaming(
        _ dedupe: Dedupe, _ epoch: EpochContext
    ) throws -> any SerialOperator {
        guard let within = dedupe.within, let eventTime = dedupe.eventTime else {
            throw unbounded("`within: 1 day` bounds what it remembers")
        }
        let time = time(epoch)
        if case .bloom(let rate) = dedupe.method {
            let state = try epoch.states.state(op.id) {
                BloomState(
                    dedupe, rate: rate, schema: input, within: within, eventTime: eventTime,
                    memory: epoch.stateMemory)
            }
            try state.advance(to: time)
            return BloomDedupeOperator(
                dedupe, eventTime: eventTime, schema: input, state: state, span: op.span)
        }
        let state = try epoch.states.state(op.id) {
            DedupeState(
                dedupe, schema: input, within: within, eventTime: eventTime,
                memory: epoch.stateMemory)
        }
        try state.advance(to: time)
        return StreamingDedupeOperator(
            dedupe, eventTime: eventTime, schema: input, state: state, span: op.span)
    }

    func streaming(_ latest: Latest, _ epoch: EpochContext) throws -> StreamingLatestOperator {
        guard let within = latest.within, let order = latest.order.columnIndex else {
            throw unbounded("`within: 30 days` forgets keys that were silent for so long")
        }
        let state = try epoch.states.state(op.id) {
            LatestState(
                latest.by, order: order, within: within, schema: input, memory: epoch.stateMemory)
        }
        try state.advance(to: time(epoch))
        return StreamingLatestOperator(
            state, schema: input, memory: memory, directory: builder.project.temporary,
            span: op.span)
    }

    // MARK: - Aggregates

    /// Groups that say their changes at the end of each epoch.
    func changing(
        _ aggregate: Aggregate, _ epoch: EpochContext, _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        let times = input(0, epoch).times
        // The group that ends first.
        let bound = aggregate.groups.indices.compactMap { index in
            EventTimeSlack(of: aggregate.groups[index].expression, over: times).map { (index, $0) }
        }.min { $0.1 < $1.1 }
        let end: GroupEnd
        if let (group, slack) = bound {
            end = .time(group: group, slack: slack.microseconds)
        } else if aggregate.groups.isEmpty {
            end = .never
        } else {
            throw unbounded("group by an event-time window, or by the day of the event time")
        }
        return serial(
            try streaming(aggregate, end, over: input, epoch), inputs, isEntry, &parts)
    }

    func streaming(
        _ aggregate: Aggregate, _ end: GroupEnd, over schema: Schema, _ epoch: EpochContext
    ) throws -> StreamingAggregateOperator {
        let time = time(epoch)
        let calls = try aggregate.calls.map {
            try CompiledAggregate($0, input: schema, run: builder.run)
        }
        let groups = try epoch.states.state(op.id) {
            TimedGroups(
                aggregate, calls: calls, end: end, lateness: time.lateness, input: schema,
                watermark: time.start, memory: epoch.stateMemory)
        }
        return try StreamingAggregateOperator(
            aggregate, calls: calls, groups: groups, time: time, input: schema, run: builder.run,
            span: op.span)
    }

    /// Holds rows back until their session is complete.
    func openSessions(
        _ sessions: EventSessions, of operation: Operation, _ epoch: EpochContext
    ) throws -> OpenSessionsOperator {
        guard case .aggregate(let aggregate) = operation,
            case .session(_, let gap) = aggregate.eventWindow
        else { throw unbounded("a session needs a gap") }
        let time = time(epoch)
        let state = try epoch.states.state(op.id) {
            try OpenSessions(
                keys: aggregate.groups, gap: gap, lateness: time.lateness, schema: sessions.timed,
                run: builder.run, watermark: time.start, memory: epoch.stateMemory)
        }
        return OpenSessionsOperator(state, time: time, schema: sessions.timed, span: op.span)
    }

    // MARK: - Joins

    func streaming(_ join: Join, _ epoch: EpochContext) throws -> StreamingJoinOperator {
        guard let within = join.within, let left = input(0, epoch).eventTime,
            let right = input(1, epoch).eventTime
        else { throw unbounded("`within: 10 minutes` bounds what a join of two streams remembers") }
        let time = time(epoch)
        let rule = try StreamingJoinRule(
            join, within: within, left: schemas[0], right: schemas[1], times: (left, right),
            lateness: time.lateness, run: builder.run)
        let held = try StreamingJoinSide.Name.allCases.map { side in
            try epoch.states.state("\(op.id)-\(side.rawValue)") {
                StreamingJoinSide(side, rule, watermark: time.start, memory: epoch.stateMemory)
            }
        }
        return try StreamingJoinOperator(
            rule, left: held[0], right: held[1], time: time, span: op.span)
    }

    // MARK: - Lookups

    func lookup(
        _ lookup: Lookup, _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        if let table = builder.epoch?.lookups.table(op.id) {
            return row(
                LookupOperator(lookup, table: table, schema: input), inputs, isEntry, &parts)
        }
        let table = LookupTable(
            lookup, schema: schemas[1], memory: builder.epoch?.stateMemory ?? memory, span: op.span)
        let build = builder.makeVertex(id("table"), node: node.name)
        let gate = builder.attach(serial: table, to: build, inputs: [inputs[1]])
        let probe = builder.complete(gate, before: inputs[0], schema: input, node: node.name)
        if probe !== inputs[0] { builder.enter(&parts, probe, isEntry: isEntry[0]) }
        builder.epoch?.lookups.add(table, op.id, refresh: lookup.refresh)
        return row(
            LookupOperator(lookup, table: table, schema: input), [probe],
            [isEntry[0] && probe === inputs[0]], &parts)
    }
}

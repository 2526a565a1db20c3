import PipelineDSL
import Planner

/// Aggregates by several grouping sets and by event-time windows, made of aggregates by one set of
/// groups.
extension OperatorFactory {
    func aggregate(
        _ aggregate: Aggregate, _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices, part: String? = nil
    ) throws -> Vertex {
        func name(_ text: String) -> String { part.map { "\($0)/\(text)" } ?? text }
        if let sets = aggregate.groupingSets {
            return try groupingSets(aggregate, sets, inputs, isEntry, &parts)
        }
        switch aggregate.eventWindow {
        case nil:
            if let epoch = builder.epoch, part == nil {
                return try changing(aggregate, epoch, inputs, isEntry, &parts)
            }
            return try groups(
                aggregate, of: input, aggregate.outputSchema, inputs, isEntry, &parts, part)
        case .tumble(let time, let size):
            let windows = EventWindows(time: time, slide: size, size: size)
            return try fixed(windows, aggregate, inputs, isEntry, &parts, part, name("windows"))
        case .hop(let time, let slide, let size):
            let windows = EventWindows(time: time, slide: slide, size: size)
            return try fixed(windows, aggregate, inputs, isEntry, &parts, part, name("windows"))
        case .session(let time, let gap):
            return try sessions(
                EventSessions(aggregate, time: time, gap: gap, input: input), inputs, isEntry,
                &parts, part, name)
        }
    }

    private func groups(
        _ aggregate: Aggregate, of input: Schema, _ output: Schema, _ inputs: [Vertex],
        _ isEntry: [Bool], _ parts: inout ExecutionGraph.NodeVertices, _ part: String?
    ) throws -> Vertex {
        serial(
            try AggregateOperator(
                aggregate, input: input, output: output, run: builder.run, memory: memory.share(),
                directory: builder.project.temporary), inputs, isEntry, &parts, part: part)
    }

    /// An aggregate for each set, and their rows one set after the other.
    private func groupingSets(
        _ aggregate: Aggregate, _ sets: [[Int]], _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        guard !sets.isEmpty else {
            throw RunError(.noKernel, "the plan groups by no grouping set", at: op.span)
        }
        let fork = row(
            ForkOperator(readers: sets.count), inputs, isEntry, &parts, part: "sets")
        let outputs = try sets.enumerated().map { index, kept in
            let set = try GroupingSet(aggregate, kept: kept)
            let groups = try self.aggregate(
                set.aggregate, [fork], [false], &parts, part: "set\(index + 1)")
            return row(
                try ProjectOperator(
                    set.project, input: set.aggregate.outputSchema, run: builder.run), [groups],
                [false], &parts, part: "set\(index + 1)/columns")
        }
        let union = UnionOperator(
            portCount: outputs.count, types: types, memory: memory,
            directory: builder.project.temporary)
        return serial(union, outputs, outputs.map { _ in false }, &parts)
    }

    /// Each row once for every window it is in, then grouped by the window, too.
    private func fixed(
        _ windows: EventWindows, _ aggregate: Aggregate, _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices, _ part: String?, _ name: String
    ) throws -> Vertex {
        let assign = row(
            try EventWindowOperator(windows, input: input, run: builder.run, span: op.span), inputs,
            isEntry, &parts, part: name)
        if let epoch = builder.epoch {
            let schema = windows.schema(over: input)
            let end = GroupEnd.window(start: input.fields.count, size: windows.size)
            return serial(
                try streaming(windows.grouped(aggregate, over: input), end, over: schema, epoch),
                [assign], [false], &parts, part: part)
        }
        return try groups(
            windows.grouped(aggregate, over: input), of: windows.schema(over: input),
            aggregate.outputSchema, [assign], [false], &parts, part)
    }

    /// Rows get the start of their session, are grouped by it, and the end follows from the last.
    private func sessions(
        _ sessions: EventSessions, _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices, _ part: String?, _ name: (String) -> String
    ) throws -> Vertex {
        let timed = row(
            try EventTimeOperator(sessions.time, input: input, run: builder.run), inputs, isEntry,
            &parts, part: name("times"))
        var complete = timed
        if let epoch = builder.epoch {
            complete = serial(
                try openSessions(sessions, of: op.operation, epoch), [timed], [false], &parts,
                part: name("open"))
        }
        let starts = serial(
            try WindowOperator(
                sessions.starts, input: sessions.timed, run: builder.run, memory: memory,
                directory: builder.project.temporary, span: op.span), [complete], [false],
            &parts, part: name("starts"))
        let grouped = sessions.grouped.outputSchema
        let groups = try groups(
            sessions.grouped, of: sessions.started, grouped, [starts], [false], &parts,
            name("groups"))
        return row(
            try ProjectOperator(sessions.project, input: grouped, run: builder.run), [groups],
            [false], &parts, part: part)
    }
}

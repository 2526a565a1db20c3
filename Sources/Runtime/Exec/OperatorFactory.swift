import PipelineDSL
import Planner

/// Makes the vertex of one operator of a plan.
struct OperatorFactory {
    let builder: GraphBuilder
    let node: PlanNode
    let op: PhysicalOperator
    /// Of the inputs.
    let schemas: [Schema]
    /// The operator's part of the memory.
    let memory: MemoryBudget

    init(builder: GraphBuilder, node: PlanNode, op: PhysicalOperator, schemas: [Schema]) {
        self.builder = builder
        self.node = node
        self.op = op
        self.schemas = schemas
        memory = op.operation.holdsRows ? builder.memory.share() : builder.memory
    }

    var types: [DataType] { op.schema.fields.map(\.type) }
    var input: Schema { schemas.first ?? Schema() }

    func make(
        _ inputs: [Vertex], isEntry: [Bool], _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        let run = builder.run
        switch op.operation {
        case .filter(let filter):
            return row(try FilterOperator(filter, input: input, run: run), inputs, isEntry, &parts)
        case .project(let project):
            return row(
                try ProjectOperator(project, input: input, run: run), inputs, isEntry, &parts)
        case .validate(let validate):
            return row(
                try ValidateOperator(validate, input: input, run: run), inputs, isEntry, &parts)
        case .dedupe(let dedupe) where builder.epoch == nil && dedupe.keep == .last:
            return serial(
                DedupeLastOperator(
                    dedupe, schema: input, memory: memory,
                    directory: builder.project.temporary), inputs, isEntry, &parts)
        case .dedupe(let dedupe):
            if let epoch = builder.epoch {
                return serial(try streaming(dedupe, epoch), inputs, isEntry, &parts)
            }
            return serial(
                try DedupeOperator(
                    dedupe, schema: input, memory: memory,
                    directory: builder.project.temporary), inputs, isEntry, &parts)
        case .lookup(let lookup): return try self.lookup(lookup, inputs, isEntry, &parts)
        case .join(let join): return try self.join(join, inputs, isEntry, &parts)
        case .aggregate(let aggregate):
            return try self.aggregate(aggregate, inputs, isEntry, &parts)
        case .sort(let sort):
            return serial(
                try SortOperator(
                    sort, input: input, run: run, memory: memory,
                    directory: builder.project.temporary), inputs, isEntry, &parts)
        case .latest(let latest):
            if let epoch = builder.epoch {
                return serial(try streaming(latest, epoch), inputs, isEntry, &parts)
            }
            return serial(
                try LatestOperator(
                    latest, schema: input, run: run, memory: memory,
                    directory: builder.project.temporary),
                inputs, isEntry, &parts)
        case .limit(let limit): return serial(LimitOperator(limit), inputs, isEntry, &parts)
        case .union:
            return serial(
                UnionOperator(
                    portCount: inputs.count, types: types, memory: memory,
                    directory: builder.project.temporary), inputs, isEntry, &parts)
        case .values(let values):
            let vertex = builder.addSource(
                try ValuesReader(values, schema: op.schema, run: run), id: op.id, node: node.name)
            builder.enter(&parts, vertex, isEntry: true)
            return vertex
        case .window(let window):
            return serial(
                try WindowOperator(
                    window, input: input, run: run, memory: memory,
                    directory: builder.project.temporary, span: op.span), inputs, isEntry, &parts)
        case .unnest(let unnest):
            return row(try UnnestOperator(unnest, input: input, run: run), inputs, isEntry, &parts)
        case .distinctOn(let distinct):
            return try distinctOn(distinct, inputs, isEntry, &parts)
        case .setOperation(let operation):
            return try setOperation(operation, inputs, isEntry, &parts)
        case .input, .late:
            throw RunError(
                .cannotRun, "\(op.id): what a node reads is none of its operators",
                at: op.span)
        }
    }

    /// - Parameter part: names the vertex where the operator is made of several.
    func row(
        _ row: any RowOperator, _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices, part: String? = nil
    ) -> Vertex {
        let vertex = builder.makeVertex(id(part), node: node.name)
        builder.attach(row: row, to: vertex, input: inputs[0])
        builder.enter(&parts, vertex, isEntry: isEntry.first ?? false)
        return vertex
    }

    func serial(
        _ serial: any SerialOperator, _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices, part: String? = nil
    ) -> Vertex {
        let findsLateRows = op.late != nil && serial is any LateRowFinder
        let vertex = builder.makeVertex(
            id(part), node: node.name, late: findsLateRows ? LateOutput() : nil)
        if findsLateRows, let late = op.late { builder.lateProducers[late] = vertex }
        builder.attach(serial: serial, to: vertex, inputs: inputs)
        builder.enter(&parts, vertex, isEntry: isEntry.contains(true))
        return vertex
    }

    func id(_ part: String?) -> String { part.map { "\(op.id)/\($0)" } ?? op.id }

    private func join(
        _ join: Join, _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        if let epoch = builder.epoch {
            return serial(try streaming(join, epoch), inputs, isEntry, &parts)
        }
        let table = try JoinTable(
            join, schema: schemas[1], run: builder.run, memory: memory,
            directory: builder.project.temporary, span: op.span)
        let build = builder.makeVertex("\(op.id)/build", node: node.name)
        let gate = builder.attach(serial: table, to: build, inputs: [inputs[1]])
        // What other nodes yield is looked up in; what this node has computed went into its rows.
        if !isEntry[1] { builder.enter(&parts, build, isEntry: false) }
        let probe = builder.complete(gate, before: inputs[0], schema: input, node: node.name)
        if probe !== inputs[0] { builder.enter(&parts, probe, isEntry: isEntry[0]) }
        return serial(
            try JoinOperator(
                join, table: table, left: input, right: schemas[1], run: builder.run,
                memory: memory, directory: builder.project.temporary), [probe],
            [isEntry[0] && probe === inputs[0]], &parts)
    }
}

extension Operation {
    /// Whether it needs memory that grows with its input.
    fileprivate var holdsRows: Bool {
        switch self {
        case .input, .late, .values, .filter, .project, .validate, .unnest, .limit: false
        case .dedupe, .lookup, .join, .aggregate, .latest, .distinctOn, .window, .sort, .union,
            .setOperation:
            true
        }
    }
}

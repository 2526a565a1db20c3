import PipelineDSL
import Planner

/// Builds the graph of a plan: one vertex for each operator, edges where one's output is another's
/// input.
final class GraphBuilder {
    let plan: Plan
    let project: ProjectDirectory
    let settings: RunSettings
    let memory: MemoryBudget
    let deadLetters: any DeadLetterSink
    let token: String
    let run: RunConstants
    /// In a streaming run, which builds a graph for each epoch.
    let epoch: EpochContext?
    var graph = ExecutionGraph()

    /// The vertex whose output is a node's relation.
    private var relations: [String: Vertex] = [:]
    /// By the relation of late rows the vertex that finds them.
    var lateProducers: [String: Vertex] = [:]
    /// For every vertex the sources (as positions in `graph.sources`) its rows stem from.
    private var origins: [ObjectIdentifier: Set<Int>] = [:]
    /// Pairs of sources: the first is read to its end before the second starts.
    private var before: [(first: Int, second: Int)] = []

    init(
        plan: Plan, project: ProjectDirectory, settings: RunSettings, memory: MemoryBudget,
        deadLetters: any DeadLetterSink, token: String, epoch: EpochContext? = nil
    ) {
        self.plan = plan
        self.epoch = epoch
        self.project = project
        self.settings = settings
        self.memory = memory
        self.deadLetters = deadLetters
        self.token = token
        run = RunConstants(now: settings.now)
    }

    func build() throws -> ExecutionGraph {
        for node in plan.nodes where isWanted(node) {
            switch node.kind {
            case .table, .sink: _ = try relation(node)
            case .source, .relation: break
            }
        }
        try addStages()
        return finish()
    }

    /// A graph that computes one node's relation and hands it to `receiver`.
    func build(result name: String, receiver: any SerialOperator) throws -> ExecutionGraph {
        guard let node = plan[name] else {
            throw RunError(.cannotRun, "the plan has no node \(name)")
        }
        let input = try relation(node)
        let vertex = makeVertex("\(name)/result", node: name)
        attach(serial: receiver, to: vertex, inputs: [input])
        return finish()
    }

    private func isWanted(_ node: PlanNode) -> Bool {
        settings.selection.map { $0.contains(node.name) } ?? true
    }

    // MARK: - Nodes

    private func relation(_ node: PlanNode) throws -> Vertex {
        if let known = relations[node.name] { return known }
        let vertex = try buildNode(node)
        relations[node.name] = vertex
        return vertex
    }

    func relation(named name: String) throws -> Vertex {
        guard let node = plan[name] else {
            throw RunError(.cannotRun, "the plan has no node \(name)")
        }
        return try relation(node)
    }

    private func buildNode(_ node: PlanNode) throws -> Vertex {
        if node.kind == .table, !isWanted(node), let table = node.table {
            return try storedTable(node, table)
        }
        var parts = ExecutionGraph.NodeVertices(node: node)
        var output: Vertex
        if let scan = node.scan {
            output = try source(node, scan, &parts)
        } else {
            output = try operators(node, &parts)
        }
        if let table = node.table { output = try self.table(node, table, output, &parts) }
        if let sink = node.sink { try self.sink(node, sink, output, &parts) }
        graph.nodes.append(parts)
        return output
    }

    private func operators(
        _ node: PlanNode, _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        var built: [String: Vertex] = [:]
        var last: Vertex?
        let cached = cachedSides(node)
        for op in node.operators where !cached.contains(op.id) {
            if case .input(let input) = op.operation {
                var vertex = try relation(named: input.node)
                if let columns = input.columns {
                    let all = vertex
                    vertex = makeVertex(op.id, node: node.name)
                    attach(row: ColumnsOperator(columns: columns), to: vertex, input: all)
                }
                built[op.id] = vertex
                last = vertex
                continue
            }
            if case .late(let late) = op.operation {
                let vertex = try self.late(late, op, of: node)
                built[op.id] = vertex
                last = vertex
                continue
            }
            let inputIDs = op.inputs.filter { !cached.contains($0) }
            let inputs = try inputIDs.map { id -> Vertex in
                if let vertex = built[id] { return vertex }
                return try relation(named: id)
            }
            let schemas = op.inputs.map { id in
                node.operators.first { $0.id == id }?.schema ?? plan[id]?.schema ?? Schema()
            }
            let isEntry = inputs.enumerated().map { index, _ in
                let id = inputIDs[index]
                guard let inner = node.operators.first(where: { $0.id == id }) else { return true }
                if case .input = inner.operation { return true }
                return false
            }
            let vertex = try OperatorFactory(builder: self, node: node, op: op, schemas: schemas)
                .make(inputs, isEntry: isEntry, &parts)
            built[op.id] = vertex
            last = vertex
        }
        if let last {
            if parts.result == nil { parts.result = last }
            return last
        }
        guard let input = node.inputs.first else {
            throw RunError(.cannotRun, "\(node.name) reads nothing", at: node.span)
        }
        return try relation(named: input)
    }

    /// What is looked up in and still known from an earlier epoch is not read again.
    private func cachedSides(_ node: PlanNode) -> Set<String> {
        guard let epoch else { return [] }
        var sides: Set<String> = []
        for op in node.operators {
            guard case .lookup = op.operation, op.inputs.count > 1,
                epoch.lookups.table(op.id) != nil
            else { continue }
            var pending = [op.inputs[1]]
            while let next = pending.popLast() {
                guard sides.insert(next).inserted else { continue }
                pending += node.operators.first { $0.id == next }?.inputs ?? []
            }
        }
        return sides
    }

    // MARK: - Sources

    private func source(
        _ node: PlanNode, _ scan: ScanPlan, _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        var vertex = addSource(try reader(node, scan), id: node.name, node: node.name)
        parts.entries.append(vertex)
        parts.operators.append(vertex)
        parts.result = vertex
        if !scan.rules.isEmpty {
            let rules = Validate(contract: scan.contract ?? node.name, rules: scan.rules)
            let validate = makeVertex("\(node.name)/validate", node: node.name)
            attach(
                row: try ValidateOperator(rules, input: node.schema, run: run), to: validate,
                input: vertex)
            parts.operators.append(validate)
            vertex = validate
        }
        // After the rules: a row that is rejected does not move the time, however wrong it is.
        if let time = scan.eventTime, let clock = epoch?.clocks.bySource[node.name] {
            let seen = makeVertex("\(node.name)/event-time", node: node.name)
            let isPartitioned = epoch?.slices[node.name]?.isPartitioned ?? false
            attach(
                row: EventClockOperator(
                    clock: clock, column: time.column, isPartitioned: isPartitioned),
                to: seen, input: vertex)
            parts.operators.append(seen)
            vertex = seen
        }
        parts.result = vertex
        return vertex
    }

    private func reader(_ node: PlanNode, _ scan: ScanPlan) throws -> any SourceReader {
        guard let epoch, epoch.isStreamed(node.name) else {
            if let bench = settings.bench {
                return try bench.reader(
                    node, scan, settings: settings, mayCrash: epoch == nil)
            }
            return try SourceOpener(project: project, settings: settings).open(node, scan)
        }
        return epoch.slices[node.name]?.reader ?? EmptyReader()
    }

    private func storedTable(_ node: PlanNode, _ table: TablePlan) throws -> Vertex {
        let reader =
            try settings.bench?.tableReader(node.name)
            ?? StoredTable(folder: project.resolve(table.path), node: node, format: table.format)
            .reader(columns: node.schema.fields)
        return addSource(reader, id: "\(node.name)/stored", node: node.name)
    }

    func addSource(_ reader: any SourceReader, id: String, node: String) -> Vertex {
        let vertex = makeVertex(id, node: node)
        vertex.body = .source
        origins[ObjectIdentifier(vertex)] = [graph.sources.count]
        graph.sources.append(SourceScan(vertex: vertex, reader: reader))
        return vertex
    }

    // MARK: - Vertices

    func makeVertex(_ id: String, node: String, late: LateOutput? = nil) -> Vertex {
        let vertex = Vertex(
            id: id,
            context: OperatorContext(
                metrics: OperatorMetrics(), node: node, operatorID: id, deadLetters: deadLetters,
                batchRows: settings.batchRows, memory: memory, late: late))
        graph.vertices.append(vertex)
        return vertex
    }

    func attach(row: any RowOperator, to vertex: Vertex, input: Vertex) {
        vertex.body = .row(row)
        input.outputs.append(Vertex.Edge(vertex: vertex, port: 0))
        origins[ObjectIdentifier(vertex)] = origins[ObjectIdentifier(input)]
    }

    func attach(row: any RowOperator, to vertex: Vertex, late: LateOutput, of input: Vertex) {
        vertex.body = .row(row)
        late.outputs.append(Vertex.Edge(vertex: vertex, port: 0))
        origins[ObjectIdentifier(vertex)] = origins[ObjectIdentifier(input)]
    }

    @discardableResult
    func attach(serial: any SerialOperator, to vertex: Vertex, inputs: [Vertex]) -> Gate {
        let gate = Gate(vertex: vertex, serial: serial)
        vertex.body = .serial(gate)
        var all: Set<Int> = []
        for (port, input) in inputs.enumerated() {
            input.outputs.append(Vertex.Edge(vertex: vertex, port: port))
            all.formUnion(origins[ObjectIdentifier(input)] ?? [])
        }
        origins[ObjectIdentifier(vertex)] = all
        graph.gates.append(gate)
        return gate
    }

    /// Sees to it that `build` has ended before a row of `probe` goes on: by the order in which
    /// sources are read where that is possible, with a spool where it is not.
    func complete(_ build: Gate, before probe: Vertex, schema: Schema, node: String) -> Vertex {
        let first = origins[ObjectIdentifier(build.vertex)] ?? []
        let second = origins[ObjectIdentifier(probe)] ?? []
        let mayOrder =
            first.isDisjoint(with: second)
            && !first.contains { f in second.contains { s in mustPrecede(s, f) } }
        if mayOrder {
            for f in first { for s in second { before.append((f, s)) } }
            for s in second { graph.sources[s].waitsFor.append(build) }
            return probe
        }
        let vertex = makeVertex("\(build.vertex.id)/spool", node: node)
        let spool = SpoolOperator(
            types: schema.fields.map(\.type), memory: memory, directory: project.temporary)
        attach(serial: spool, to: vertex, inputs: [probe]).waitsFor.append(build)
        return vertex
    }

    /// Whether source `a` is already known to be read before `b`.
    private func mustPrecede(_ a: Int, _ b: Int) -> Bool {
        var pending = [a]
        var seen: Set<Int> = []
        while let current = pending.popLast() {
            if current == b { return true }
            guard seen.insert(current).inserted else { continue }
            pending += before.filter { $0.first == current }.map(\.second)
        }
        return false
    }

    // MARK: - Completion

    private func finish() -> ExecutionGraph {
        for scan in graph.sources { scan.stream = Stream(roots: scan.vertex.outputs) }
        for gate in graph.gates where !gate.vertex.outputs.isEmpty {
            gate.vertex.stream = Stream(roots: gate.vertex.outputs)
        }
        for gate in graph.gates { gate.vertex.context.late?.connect() }
        for scan in graph.sources { scan.stream.findGates() }
        for gate in graph.gates {
            gate.vertex.stream?.findGates()
            gate.vertex.context.late?.stream?.findGates()
        }
        graph.sources = orderedSources()
        return graph
    }

    /// What is looked up in first; otherwise in the order of the plan.
    private func orderedSources() -> [SourceScan] {
        var remaining = Array(graph.sources.indices)
        var ordered: [SourceScan] = []
        while !remaining.isEmpty {
            let free =
                remaining.first { candidate in
                    !remaining.contains { other in
                        before.contains { $0.first == other && $0.second == candidate }
                    }
                } ?? remaining[0]
            remaining.removeAll { $0 == free }
            ordered.append(graph.sources[free])
        }
        return ordered
    }
}

import PipelineDSL
import Planner

/// Lets transforms run as their stage says: what they do to rows without remembering any becomes one
/// piece of work a batch.
extension GraphBuilder {
    /// After all vertices are connected, before streams are made of them.
    func addStages() throws {
        for index in graph.nodes.indices {
            let node = graph.nodes[index].node
            guard let policy = plan.policy(of: node), policy.shapesBatches else { continue }
            let workers = policy.scale.map { scale in
                graph.stageWorkers = min(64, max(graph.stageWorkers, scale.most))
                return stageWorkers(policy.stage, scale)
            }
            for chain in chains(of: node) {
                insert(chain, policy, workers, &graph.nodes[index])
            }
        }
    }

    /// Transforms on one stage share its workers.
    private func stageWorkers(_ stage: String, _ scale: StagePolicy.Scale) -> StageWorkers {
        if let known = graph.workersByStage[stage] { return known }
        let workers = StageWorkers(scale)
        graph.workersByStage[stage] = workers
        return workers
    }

    /// Operators without state that follow each other and nobody else reads in between.
    private func chains(of node: PlanNode) -> [[Vertex]] {
        let own = graph.vertices.filter { $0.context.node == node.name && $0.isRow }
        let members = Set(own.map(ObjectIdentifier.init))
        func next(_ vertex: Vertex) -> Vertex? {
            guard vertex.outputs.count == 1, let edge = vertex.outputs.first,
                members.contains(ObjectIdentifier(edge.vertex))
            else { return nil }
            return edge.vertex
        }
        let followers = Set(own.compactMap { next($0).map(ObjectIdentifier.init) })
        return own.filter { !followers.contains(ObjectIdentifier($0)) }.map { head in
            Array(sequence(first: head, next: next))
        }
    }

    private func insert(
        _ chain: [Vertex], _ policy: StagePolicy, _ workers: StageWorkers?,
        _ parts: inout ExecutionGraph.NodeVertices
    ) {
        guard let head = chain.first, let last = chain.last else { return }
        let schema = inputSchema(of: head, parts.node)
        let stop = graph.stopSignal
        let isBatched = policy.batchRows != nil || policy.batchBytes != nil
        let stage = makeVertex("\(head.id)/stage", node: parts.node.name)
        var attempts = BatchAttempts(
            retries: policy.retries ?? 0, bisects: policy.bisects, backoff: policy.backoff,
            clock: settings.clock, goesOn: { !stop.isRaised })
        let links = chain.compactMap { vertex -> StageChain.Link? in
            guard case .row(let row) = vertex.body else { return nil }
            return StageChain.Link(vertex: vertex, row: row)
        }
        attempts.failures = stage.metrics.failedAttempts
        stage.body = .stage(
            StageChain(
                links, policy: policy, attempts: attempts, workers: workers,
                countsArrivals: !isBatched, schema: schema, span: parts.node.places["runs_on"]))
        moveLast(before: head)
        var entry = stage
        if isBatched {
            entry = makeVertex("\(head.id)/batches", node: parts.node.name)
            let batcher = StageBatcher(
                rows: policy.batchRows, bytes: policy.batchBytes,
                types: schema.fields.map(\.type), workers: workers)
            let gate = Gate(vertex: entry, serial: batcher)
            entry.body = .serial(gate)
            entry.outputs = [Vertex.Edge(vertex: stage, port: 0)]
            graph.gates.append(gate)
            moveLast(before: stage)
        }
        for vertex in graph.vertices where vertex !== entry {
            for e in vertex.outputs.indices where vertex.outputs[e].vertex === head {
                vertex.outputs[e] = Vertex.Edge(vertex: entry, port: 0)
            }
        }
        stage.outputs = last.outputs
        for vertex in chain { vertex.outputs = [] }
        for e in parts.entries.indices where parts.entries[e] === head { parts.entries[e] = stage }
        parts.operators.append(stage)
    }

    /// Dead letters are put in the order of the vertices.
    private func moveLast(before other: Vertex) {
        guard let place = graph.vertices.firstIndex(where: { $0 === other }) else { return }
        graph.vertices.insert(graph.vertices.removeLast(), at: place)
    }

    private func inputSchema(of vertex: Vertex, _ node: PlanNode) -> Schema {
        guard let op = node.operators.first(where: { $0.id == vertex.id }) else {
            return Schema()
        }
        let input: String?
        if case .input(let reference) = op.operation {
            input = reference.node
        } else {
            input = op.inputs.first
        }
        guard let input else { return Schema() }
        return node.operators.first { $0.id == input }?.schema ?? plan[input]?.schema ?? Schema()
    }
}

extension StagePolicy {
    /// Whether it has something to say about how rows are worked on.
    fileprivate var shapesBatches: Bool {
        batchRows != nil || batchBytes != nil || memory != nil || timeout != nil || keepsFailures
            || scale != nil
    }
}

extension Vertex {
    fileprivate var isRow: Bool { if case .row = body { true } else { false } }
}

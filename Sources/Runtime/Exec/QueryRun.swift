import PipelineDSL
import Planner

/// Computes one node's relation and hands its rows, in order, to a receiver. Writes nothing.
package final class QueryRun: @unchecked Sendable {
    private let plan: Plan
    private let project: ProjectDirectory
    private let settings: RunSettings
    private let monitor = Monitor()
    private var engine: Engine?

    /// - Parameter plan: with the node to compute. Tables it reads are taken from storage.
    package init(plan: Plan, project: ProjectDirectory, settings: RunSettings) {
        self.plan = plan
        self.project = project
        var settings = settings
        settings.selection = []
        settings.looksOnly = true
        self.settings = settings
    }

    package func cancel() { monitor.locked { engine?.cancel() } }

    /// - Parameter limit: stops once this many rows were received; `nil` is all.
    /// - Throws: ``RunError``; also for the first row that cannot be computed, which is named.
    package func rows(
        of node: String, limit: Int? = nil, receive: @escaping (Batch) throws -> Void
    ) throws {
        try Files.makeDirectory(project.temporary)
        let reading = try Recovery(project).beginReading(now: settings.now)
        defer { withExtendedLifetime(reading) {} }
        let memory = MemoryBudget(limit: settings.memoryLimit)
        let builder = GraphBuilder(
            plan: plan, project: project, settings: settings, memory: memory,
            deadLetters: QueryErrors(), token: "query")
        let receiver = ResultReceiver(limit: limit, receive: receive)
        let graph = try builder.build(result: node, receiver: receiver)
        let engine = Engine(graph: graph, settings: settings)
        monitor.locked { self.engine = engine }
        do { try engine.run() } catch is ResultReceiver.Enough {}
    }
}

/// In a query a row that cannot be computed is an error that names it, not a dead letter.
private final class QueryErrors: DeadLetterSink {
    func write(_ rows: [RejectedRow], node: String, operatorID: String) throws {
        guard let row = rows.first else { return }
        let place = row.object.isEmpty ? "" : "\(row.object)\(row.line.map { ":\($0)" } ?? "")"
        var notes: [String] = []
        if !place.isEmpty { notes.append("the row: \(place)") }
        if let raw = row.raw {
            notes.append("its values: \(String(decoding: raw.prefix(400), as: UTF8.self))")
        }
        notes.append("`TRY_CAST` and `NULLIF` give null where there is no value")
        throw RunError(
            Diagnostic(row.code, row.message, at: row.span, notes: notes))
    }
}

private final class ResultReceiver: SerialOperator, @unchecked Sendable {
    struct Enough: Error {}

    private var left: Int?
    private let receive: (Batch) throws -> Void

    init(limit: Int?, receive: @escaping (Batch) throws -> Void) {
        left = limit
        self.receive = receive
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(var batch, _) = payload else { return }
        if let left {
            if batch.count > left { batch = batch.selecting(Array(batch.rows.prefix(left))) }
            self.left = left - batch.count
        }
        context.metrics.output.add(batch.count)
        if batch.count > 0 { try receive(batch) }
        if left == 0 { throw Enough() }
    }
}

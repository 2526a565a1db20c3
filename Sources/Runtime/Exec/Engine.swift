import PipelineDSL
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A payload on its way from a stream's start through the operators without state.
struct Task: Sendable {
    var stream: Stream
    var sequence: Int
    var payload: Payload
    var ticket: Ticket?
}

/// Something that yields units: a source, or a finished operator with something left to say.
final class Driver: @unchecked Sendable {
    enum Kind {
        case source(SourceScan)
        case drain(Gate)
    }
    let kind: Kind
    var isBusy = false
    /// What must have ended before: the tables that its rows will be looked up in.
    let waitsFor: [Gate]

    init(_ kind: Kind) {
        self.kind = kind
        switch kind {
        case .source(let scan): waitsFor = scan.waitsFor
        case .drain(let gate): waitsFor = gate.waitsFor
        }
    }

    var mayStart: Bool { waitsFor.allSatisfy(\.hasEnded) }
}

/// A source in the running graph: its reader, its stream and its counters.
final class SourceScan: @unchecked Sendable {
    let vertex: Vertex
    let reader: any SourceReader
    /// Set while the graph is built, then constant.
    var stream: Stream!
    var waitsFor: [Gate] = []
    var nextSequence = 0

    init(vertex: Vertex, reader: any SourceReader) {
        self.vertex = vertex
        self.reader = reader
    }
}

/// Runs a graph of operators on a fixed number of worker threads.
///
/// Workers prefer tasks that are already in flight; only when there are none do they read on, and
/// only while there are tickets. Sources are read one after the other in the order given (what is
/// looked up in comes first), each by all workers.
final class Engine: @unchecked Sendable {
    private let monitor = Monitor()
    /// A finished entry is `nil`, so that its ticket is not held by the queue.
    private var ready: [Task?] = []
    private var readyHead = 0
    private var drains: [Driver] = []
    private var sources: [Driver]
    private var sourceIndex = 0
    private var openVertices: Int
    private var failure: (any Error)?
    private var isDone = false
    private let stopping = Atomic<Bool>(false)
    private var tickets: TicketPool!
    private let workerCount: Int
    private let batchRows: Int
    private let stopSignal: StopSignal

    /// Workers' stacks hold the recursion over expressions, whose depth the parser bounds.
    private static let stackBytes = 16 << 20

    init(graph: ExecutionGraph, settings: RunSettings) {
        sources = graph.sources.map { Driver(.source($0)) }
        openVertices = graph.gates.count
        workerCount =
            settings.workers > 0
            ? settings.workers : max(graph.stageWorkers, 1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        stopSignal = graph.stopSignal
        batchRows = max(1, settings.batchRows)
        // Enough that no worker is idle while one unit waits for its turn; each is about a
        // megabyte of input.
        tickets = TicketPool(count: workerCount * 2 + 2) { [monitor] in
            monitor.locked { monitor.signalOne() }
        }
    }

    /// Whether the run was cancelled or has failed; long loops may look.
    var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// Stops at the next batch; ``run`` then throws ``RunInterrupted``.
    func cancel() { fail(RunInterrupted()) }

    func run() throws {
        if openVertices == 0 && sources.isEmpty { return }
        var threads: [pthread_t] = []
        for _ in 0..<workerCount {
            if let thread = startWorker() { threads.append(thread) }
        }
        if threads.isEmpty { work() }
        for thread in threads { pthread_join(thread, nil) }
        if let failure { throw failure }
    }

    private func startWorker() -> pthread_t? {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Engine.stackBytes)
        let context = Unmanaged.passRetained(self)
        #if canImport(Glibc)
            var thread = pthread_t()
            let result = pthread_create(
                &thread, &attributes,
                { argument in
                    Unmanaged<Engine>.fromOpaque(argument!).takeRetainedValue().work()
                    return nil
                }, context.toOpaque())
            guard result == 0 else {
                context.release()
                return nil
            }
            return thread
        #else
            var thread: pthread_t?
            let result = pthread_create(
                &thread, &attributes,
                { argument in
                    Unmanaged<Engine>.fromOpaque(argument).takeRetainedValue().work()
                    return nil
                }, context.toOpaque())
            guard result == 0 else {
                context.release()
                return nil
            }
            return thread
        #endif
    }

    // MARK: - Called by gates

    func submit(_ task: Task) {
        monitor.locked {
            ready.append(task)
            monitor.signalOne()
        }
    }

    func startDrain(_ gate: Gate) {
        monitor.locked {
            drains.append(Driver(.drain(gate)))
            monitor.signalOne()
        }
    }

    func ended(_ gate: Gate) {
        monitor.locked {
            gate.hasEnded = true
            openVertices -= 1
            if openVertices == 0 { isDone = true }
            monitor.signalAll()
        }
    }

    func fail(_ error: any Error) {
        monitor.locked {
            if failure == nil { failure = error }
            stopping.store(true, ordering: .relaxed)
            stopSignal.raise()
            isDone = true
            monitor.signalAll()
        }
    }

    // MARK: - Workers

    private enum Job {
        case task(Task)
        case drain(Driver, Ticket)
        case read(Driver, Ticket)
        case finished
    }

    private func nextJob() -> Job {
        monitor.locked {
            while true {
                if isDone { return .finished }
                if readyHead < ready.count {
                    let task = ready[readyHead].take()!
                    readyHead += 1
                    if readyHead > 64 && readyHead * 2 > ready.count {
                        ready.removeFirst(readyHead)
                        readyHead = 0
                    }
                    return .task(task)
                }
                if let driver = drains.first(where: { !$0.isBusy && $0.mayStart }),
                    let ticket = tickets.issue()
                {
                    driver.isBusy = true
                    return .drain(driver, ticket)
                }
                if sourceIndex < sources.count, !sources[sourceIndex].isBusy,
                    sources[sourceIndex].mayStart, let ticket = tickets.issue()
                {
                    sources[sourceIndex].isBusy = true
                    return .read(sources[sourceIndex], ticket)
                }
                monitor.wait()
            }
        }
    }

    private func work() {
        while true {
            do {
                switch nextJob() {
                case .finished: return
                case .task(let task): try execute(task)
                case .drain(let driver, let ticket): try drain(driver, ticket)
                case .read(let driver, let ticket): try read(driver, ticket)
                }
            } catch {
                fail(error)
            }
        }
    }

    private func drain(_ driver: Driver, _ ticket: Ticket) throws {
        guard case .drain(let gate) = driver.kind else { return }
        let more = try gate.drainOne(ticket: ticket, self)
        monitor.locked {
            driver.isBusy = false
            if !more { drains.removeAll { $0 === driver } }
            monitor.signalOne()
        }
    }

    private func read(_ driver: Driver, _ ticket: Ticket) throws {
        guard case .source(let scan) = driver.kind else { return }
        guard let unit = try scan.vertex.timed({ try scan.reader.next() }) else {
            monitor.locked {
                sourceIndex += 1
                monitor.signalAll()
            }
            try scan.stream.close(total: scan.nextSequence, engine: self)
            return
        }
        let sequence = scan.nextSequence
        scan.nextSequence += 1
        monitor.locked {
            driver.isBusy = false
            monitor.signalOne()
        }
        scan.vertex.metrics.bytes.add(unit.byteCount)
        var deliveries = Deliveries(scan.stream)
        try unit.decode(batchRows: batchRows) { decoded in
            if isStopping { throw RunInterrupted() }
            let metrics = scan.vertex.metrics
            metrics.input.add(decoded.rowsRead)
            metrics.output.add(decoded.batch.count)
            deliveries.reject(decoded.rejected, scan.vertex)
            guard decoded.batch.count > 0 else { return }
            for root in scan.stream.roots {
                try push(.rows(decoded.batch, hashes: nil), to: root, &deliveries)
            }
        }
        try deliver(deliveries, scan.stream, sequence, ticket)
    }

    private func execute(_ task: Task) throws {
        var deliveries = Deliveries(task.stream)
        for root in task.stream.roots { try push(task.payload, to: root, &deliveries) }
        try deliver(deliveries, task.stream, task.sequence, task.ticket)
    }

    /// What one number of a stream leaves at each of the stream's gates, and what it rejected.
    private struct Deliveries {
        let gates: [(gate: Gate, port: Int)]
        var payloads: [[Payload]]
        var rejected: [RejectedRows] = []

        init(_ stream: Stream) {
            gates = stream.gates
            payloads = Array(repeating: [], count: gates.count)
        }

        mutating func append(_ payload: Payload, _ gate: Gate, _ port: Int) {
            for i in gates.indices where gates[i].gate === gate && gates[i].port == port {
                payloads[i].append(payload)
                return
            }
        }

        mutating func reject(_ rows: [RejectedRow], _ vertex: Vertex) {
            if !rows.isEmpty { rejected.append(RejectedRows(vertex: vertex, rows: rows)) }
        }
    }

    private func push(
        _ payload: Payload, to edge: Vertex.Edge, _ deliveries: inout Deliveries
    ) throws {
        let vertex = edge.vertex
        vertex.metrics.input.add(payload.rowCount)
        switch vertex.body! {
        case .source: return
        case .serial(let gate):
            let prepared = try vertex.timed { try gate.serial.prepare(payload, port: edge.port) }
            deliveries.append(prepared, gate, edge.port)
        case .stage(let chain):
            guard case .rows(let batch, _) = payload else { return }
            let outcome = try vertex.timed { try chain.run(batch) }
            deliveries.rejected += outcome.rejected
            deliveries.reject(outcome.failed, vertex)
            vertex.metrics.output.add(batch.count - outcome.failed.count)
            for batch in outcome.outputs {
                for next in vertex.outputs {
                    try push(.rows(batch, hashes: nil), to: next, &deliveries)
                }
            }
        case .row(let row):
            guard case .rows(let batch, _) = payload else { return }
            var output = RowOutput()
            try vertex.timed { try row.process(batch, vertex.context, into: &output) }
            deliveries.reject(output.rejected, vertex)
            for batch in output.batches where batch.count > 0 {
                vertex.metrics.output.add(batch.count)
                for next in vertex.outputs {
                    try push(.rows(batch, hashes: nil), to: next, &deliveries)
                }
            }
        }
    }

    private func deliver(
        _ deliveries: Deliveries, _ stream: Stream, _ sequence: Int, _ ticket: Ticket?
    ) throws {
        try stream.rejects.deliver(deliveries.rejected, sequence: sequence)
        for (index, target) in stream.gates.enumerated() {
            try target.gate.deliver(
                Gate.Delivery(payloads: deliveries.payloads[index], ticket: ticket),
                port: target.port, sequence: sequence, engine: self)
        }
    }
}

/// Thrown by a run that was cancelled: nothing was committed.
package struct RunInterrupted: Error { package init() {} }

import PipelineDSL
import Synchronization

/// One operator in the running graph.
final class Vertex: @unchecked Sendable {
    enum Body {
        case source
        case row(any RowOperator)
        case serial(Gate)
        case stage(StageChain)
    }

    let id: String
    let context: OperatorContext
    var metrics: OperatorMetrics { context.metrics }
    /// Set while the graph is built, then constant.
    var body: Body!
    var outputs: [Edge] = []
    /// The numbered stream of what a serial operator emits.
    var stream: Stream?

    struct Edge {
        var vertex: Vertex
        var port: Int
    }

    init(id: String, context: consuming OperatorContext) {
        self.id = id
        self.context = context
    }

    func timed<R>(_ body: () throws -> R) rethrows -> R {
        let start = ContinuousClock.now
        defer {
            let elapsed = ContinuousClock.now - start
            metrics.busyNanoseconds.add(
                Int(elapsed.components.seconds) &* 1_000_000_000
                    &+ Int(elapsed.components.attoseconds / 1_000_000_000))
        }
        return try body()
    }
}

/// A numbered sequence of payloads, from a source or out of a serial operator, and the gates it
/// reaches through operators without state. Every number reaches every gate, if only empty.
final class Stream: @unchecked Sendable {
    let roots: [Vertex.Edge]
    private(set) var gates: [(gate: Gate, port: Int)] = []
    let rejects = RejectOrder()

    init(roots: [Vertex.Edge]) {
        self.roots = roots
    }

    /// After the graph is complete.
    func findGates() {
        var found: [(Gate, Int)] = []
        var seen: Set<ObjectIdentifier> = []
        func visit(_ edge: Vertex.Edge) {
            switch edge.vertex.body! {
            case .source: return
            case .serial(let gate):
                if !found.contains(where: { $0.0 === gate && $0.1 == edge.port }) {
                    found.append((gate, edge.port))
                }
            case .row, .stage:
                guard seen.insert(ObjectIdentifier(edge.vertex)).inserted else { return }
                for next in edge.vertex.outputs { visit(next) }
            }
        }
        for root in roots { visit(root) }
        gates = found
    }

    func close(total: Int, engine: Engine) throws {
        for (gate, port) in gates { try gate.close(port: port, total: total, engine: engine) }
    }
}

/// Held by everything that stems from one unit of a source; when the last of it is done, the next
/// unit may be read. This alone bounds what is in flight: no worker ever waits for another.
final class Ticket: Sendable {
    private let pool: TicketPool
    init(_ pool: TicketPool) { self.pool = pool }
    deinit { pool.giveBack() }
}

final class TicketPool: Sendable {
    private let free: Atomic<Int>
    private let onRelease: @Sendable () -> Void

    init(count: Int, onRelease: @escaping @Sendable () -> Void) {
        free = Atomic(count)
        self.onRelease = onRelease
    }

    func issue() -> Ticket? {
        var current = free.load(ordering: .relaxed)
        while current > 0 {
            let (exchanged, original) = free.compareExchange(
                expected: current, desired: current - 1, ordering: .acquiringAndReleasing)
            if exchanged { return Ticket(self) }
            current = original
        }
        return nil
    }

    fileprivate func giveBack() {
        free.wrappingAdd(1, ordering: .acquiringAndReleasing)
        onRelease()
    }
}

/// Rows that one operator rejected out of one unit.
struct RejectedRows: Sendable {
    var vertex: Vertex
    var rows: [RejectedRow]
}

/// Writes the rows that a stream's parallel operators reject in the order of the stream.
final class RejectOrder: @unchecked Sendable {
    private let monitor = Monitor()
    private var next = 0
    private var waiting: [Int: [RejectedRows]] = [:]
    private var isWriting = false

    func deliver(_ rejected: [RejectedRows], sequence: Int) throws {
        monitor.locked { waiting[sequence] = rejected }
        while let batch = takeNext() {
            defer { monitor.locked { isWriting = false } }
            for part in batch { try part.vertex.context.reject(part.rows) }
        }
    }

    private func takeNext() -> [RejectedRows]? {
        monitor.locked {
            guard !isWriting, let batch = waiting.removeValue(forKey: next) else { return nil }
            next += 1
            isWriting = true
            return batch
        }
    }
}

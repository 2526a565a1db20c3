/// Puts what parallel workers deliver back into order before a ``SerialOperator``.
///
/// Each port receives deliveries numbered 0, 1, 2, …, from any worker, in any order. The worker
/// that finds the gate free and the next number present runs the operator, for as long as there is
/// a next number; the others leave their delivery and go on. So a serial operator never occupies a
/// worker that waits, and two of them run side by side.
final class Gate: @unchecked Sendable {
    let vertex: Vertex
    let serial: any SerialOperator
    private let monitor = Monitor()
    private var ports: [Port]
    private var isRunning = false
    private var openPorts: Int
    private var outputSequence = 0
    /// What must have ended before this operator says what it holds.
    var waitsFor: [Gate] = []
    /// Written and read under the engine's lock.
    var hasEnded = false

    struct Delivery: Sendable {
        var payloads: [Payload]
        var ticket: Ticket?
    }

    private struct Port {
        var next = 0
        var waiting: [Int: Delivery] = [:]
        /// The number of deliveries there will be, once known.
        var total: Int?
        var isFinished = false
    }

    init(vertex: Vertex, serial: any SerialOperator) {
        self.vertex = vertex
        self.serial = serial
        ports = Array(repeating: Port(), count: serial.portCount)
        openPorts = serial.portCount
    }

    func deliver(_ delivery: Delivery, port: Int, sequence: Int, engine: Engine) throws {
        monitor.locked { ports[port].waiting[sequence] = delivery }
        try run(engine)
    }

    func close(port: Int, total: Int, engine: Engine) throws {
        monitor.locked { ports[port].total = total }
        try run(engine)
    }

    private enum Work {
        case delivery(Delivery, port: Int)
        case end(port: Int)
    }

    /// Takes the next piece of work if there is one and nobody else is at it.
    private func take(continuing: Bool) -> Work? {
        monitor.locked {
            if !continuing && isRunning { return nil }
            for port in ports.indices where !ports[port].isFinished {
                if let delivery = ports[port].waiting.removeValue(forKey: ports[port].next) {
                    ports[port].next += 1
                    isRunning = true
                    return .delivery(delivery, port: port)
                }
                if ports[port].total == ports[port].next {
                    ports[port].isFinished = true
                    isRunning = true
                    return .end(port: port)
                }
            }
            isRunning = false
            return nil
        }
    }

    private func run(_ engine: Engine) throws {
        var work = take(continuing: false)
        while let current = work {
            if engine.isStopping { return }
            switch current {
            case .delivery(let delivery, let port):
                for payload in delivery.payloads {
                    try vertex.timed {
                        try serial.process(payload, port: port, vertex.context) {
                            emit($0, ticket: delivery.ticket, engine)
                        }
                    }
                    vertex.context.late?.submit(ticket: delivery.ticket, engine)
                }
            case .end(let port):
                try vertex.timed {
                    try serial.finish(port: port, vertex.context) { emit($0, ticket: nil, engine) }
                }
                openPorts -= 1
                if openPorts == 0 { engine.startDrain(self) }
            }
            work = take(continuing: true)
        }
    }

    private func emit(_ payload: Payload, ticket: Ticket?, _ engine: Engine) {
        vertex.metrics.output.add(payload.rowCount)
        guard !vertex.outputs.isEmpty else { return }
        engine.submit(
            Task(stream: vertex.stream!, sequence: outputSequence, payload: payload, ticket: ticket)
        )
        outputSequence += 1
    }

    /// One more piece of what the finished operator holds; `false` when that was all.
    func drainOne(ticket: Ticket?, _ engine: Engine) throws -> Bool {
        guard
            let payload = try vertex.timed({ try serial.drain(vertex.context) })
        else {
            try vertex.stream?.close(total: outputSequence, engine: engine)
            try vertex.context.late?.close(engine)
            engine.ended(self)
            return false
        }
        emit(payload, ticket: ticket, engine)
        return true
    }
}

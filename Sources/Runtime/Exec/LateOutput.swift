import Planner

/// An operator that calls ``OperatorContext/rejectLate(_:of:letter:)``, with batches whose first
/// columns are those of the plan's operator's input.
protocol LateRowFinder: SerialOperator {}

extension StreamingAggregateOperator: LateRowFinder {}
extension OpenSessionsOperator: LateRowFinder {}
extension BloomDedupeOperator: LateRowFinder {}
extension StreamingDedupeOperator: LateRowFinder {}
extension StreamingLatestOperator: LateRowFinder {}

/// Rows that were too late for an operator, on their way to the relation of such rows.
///
/// The operator's gate is the only one that touches it: what the operator leaves here during a
/// call goes on after the call, as a stream beside that of the operator's own rows.
final class LateOutput: @unchecked Sendable {
    /// Whether a node reads them.
    var isRead = false
    var rows: [Batch] = []
    var outputs: [Vertex.Edge] = []
    private(set) var stream: Stream?
    private var sequence = 0

    /// After the graph is complete.
    func connect() { if isRead { stream = Stream(roots: outputs) } }

    func submit(ticket: Ticket?, _ engine: Engine) {
        guard let stream, !rows.isEmpty else { return }
        for batch in rows {
            engine.submit(
                Task(
                    stream: stream, sequence: sequence, payload: .rows(batch, hashes: nil),
                    ticket: ticket))
            sequence += 1
        }
        rows = []
    }

    func close(_ engine: Engine) throws { try stream?.close(total: sequence, engine: engine) }
}

extension GraphBuilder {
    /// The vertex of the rows that come too late for another node.
    func late(_ late: Late, _ op: PhysicalOperator, of node: PlanNode) throws -> Vertex {
        let vertex = makeVertex(op.id, node: node.name)
        let columns = ColumnsOperator(columns: Array(op.schema.fields.indices))
        _ = try relation(named: late.node)
        guard let producer = lateProducers[node.name], let output = producer.context.late else {
            // A batch run, or a table that is read as it is stored: no row is late.
            let none = addSource(EmptyReader(), id: "\(node.name)/none", node: node.name)
            attach(row: columns, to: vertex, input: none)
            return vertex
        }
        output.isRead = true
        attach(row: columns, to: vertex, late: output, of: producer)
        return vertex
    }
}

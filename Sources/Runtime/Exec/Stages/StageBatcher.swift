import PipelineDSL

/// Cuts rows into the batches of a stage, in their order: full ones, and what is left of an object or
/// partition, since a batch is of one.
final class StageBatcher: SerialOperator, @unchecked Sendable {
    private let most: Int
    private let mostBytes: Int
    private let types: [DataType]
    private let workers: StageWorkers?
    private var waiting: [Batch] = []
    private var waitingRows = 0
    private var waitingBytes = 0

    /// - Parameters:
    ///   - rows: of a batch, at most; `nil` where only `bytes` counts.
    ///   - workers: are told what arrives.
    init(rows: Int?, bytes: Int?, types: [DataType], workers: StageWorkers?) {
        most = max(1, rows ?? .max)
        mostBytes = max(1, bytes ?? .max)
        self.types = types
        self.workers = workers
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let batch, _) = payload, batch.count > 0 else { return }
        if let last = waiting.last, last.origin?.source.object != batch.origin?.source.object {
            try flush(emit)
        }
        let bytesEach = max(1, batch.byteCount / max(1, batch.physicalCount))
        let rows = batch.rows
        var start = 0
        while start < rows.count {
            let room = min(most - waitingRows, max(0, mostBytes - waitingBytes) / bytesEach)
            guard room > 0 || waiting.isEmpty else {
                try flush(emit)
                continue
            }
            let end = start + min(rows.count - start, max(1, room))
            let part = batch.selecting(Array(rows[start..<end])).compacted()
            waiting.append(part)
            waitingRows += part.count
            waitingBytes += part.count * bytesEach
            start = end
            if waitingRows >= most || waitingBytes >= mostBytes { try flush(emit) }
        }
    }

    private func flush(_ emit: (Payload) throws -> Void) throws {
        guard let payload = take() else { return }
        try emit(payload)
    }

    private func take() -> Payload? {
        guard !waiting.isEmpty else { return nil }
        var batch = waiting[0]
        if waiting.count > 1 {
            batch = Batch.concatenated(waiting, types: types)
            batch.origin = JoinedOrigin.origin(waiting)
        }
        waiting = []
        waitingRows = 0
        waitingBytes = 0
        workers?.arrived(batch.count)
        return .rows(batch, hashes: nil)
    }

    func drain(_ context: borrowing OperatorContext) throws -> Payload? { take() }
}

/// Where the rows of several batches of one object stood.
private struct JoinedOrigin: RowOrigin {
    private let parts: [Batch.Origin]
    /// Of each part the row after its last.
    private let ends: [Int]

    /// `nil` where some of the batches come from nowhere.
    static func origin(_ batches: [Batch]) -> Batch.Origin? {
        let parts = batches.compactMap(\.origin)
        guard parts.count == batches.count else { return nil }
        var end = 0
        let ends = batches.map { batch in
            end += batch.physicalCount
            return end
        }
        return Batch.Origin(JoinedOrigin(parts: parts, ends: ends))
    }

    private func place(_ row: Int) -> (source: any RowOrigin, row: Int) {
        let index = ends.firstIndex { row < $0 } ?? ends.count - 1
        let start = index > 0 ? ends[index - 1] : 0
        return (parts[index].source, parts[index].row(row - start))
    }

    var source: String { parts[0].source.source }
    var object: String { parts[0].source.object }
    func line(_ row: Int) -> Int64? {
        let place = place(row)
        return place.source.line(place.row)
    }
    func offset(_ row: Int) -> Int64 {
        let place = place(row)
        return place.source.offset(place.row)
    }
    func raw(_ row: Int) -> [UInt8]? {
        let place = place(row)
        return place.source.raw(place.row)
    }
}

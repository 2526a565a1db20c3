import PipelineDSL

/// `first_value`, `last_value` and `nth_value`: the value of one row of the frame.
struct FrameValues {
    private let call: WindowCall
    private let chunk: WindowChunk
    private let frames: WindowFrames

    init(_ call: WindowCall, _ chunk: WindowChunk, _ frames: WindowFrames) {
        self.call = call
        self.chunk = chunk
        self.frames = frames
    }

    func evaluate() -> Evaluation {
        let values = call.column(0, chunk)
        let eligible = EligibleRows(
            call.ignoresNulls ? values.presence : nil, count: chunk.count)
        var sources = [UInt32](repeating: GroupTable.none, count: chunk.count)
        var wrong: [UInt32] = []
        for row in 0..<chunk.count {
            guard let place = place(row) else { continue }
            guard let n = place.n else {
                wrong.append(UInt32(truncatingIfNeeded: row))
                continue
            }
            sources[row] = eligible.row(n, of: frames[row]) ?? GroupTable.none
        }
        return Evaluation(
            column: values.gatherOptional(sources).withType(call.type),
            errors: call.errors(wrong, .badArgument, "nth_value counts rows from 1"))
    }

    /// Which eligible row of the frame is meant, from 0; `nil` for none, with a `nil` in it for a
    /// number that is no place.
    private func place(_ row: Int) -> (n: Int?, Void)? {
        switch call.function {
        case "first_value": return (0, ())
        case "last_value": return (-1, ())
        default:
            let numbers = call.column(1, chunk)
            guard !numbers.isNull(row), case .int64(let values) = numbers.values else { return nil }
            return (values[row] > 0 ? Int(clamping: values[row] - 1) : nil, ())
        }
    }
}

import PipelineDSL

/// The first time of the session a row belongs to: rows in order of time are one session as long as
/// each is less than the gap after the one before. Not a function of the catalogue: what event-time
/// sessions are grouped by.
enum SessionStart {
    static let name = "session_start"

    static func evaluate(_ chunk: WindowChunk, _ call: WindowCall) -> Column {
        guard case .int64(let times) = call.column(0, chunk).values,
            case .int64(let gaps) = call.column(1, chunk).values
        else { return .nulls(.timestamp, count: chunk.count) }
        var starts = times
        for index in 0..<chunk.partitions {
            for row in chunk.partition(index).dropFirst() {
                let (pause, overflow) = times[row].subtractingReportingOverflow(times[row - 1])
                if !overflow, pause < gaps[row] { starts[row] = starts[row - 1] }
            }
        }
        return Column(.timestamp, .int64(starts))
    }
}

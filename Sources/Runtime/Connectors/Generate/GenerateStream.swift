import PipelineDSL
import Planner

/// Generated rows as they become due.
///
/// A position is the number of the next row and the time at which the first was due; a run that goes
/// on later owes what has become due in between.
package final class GenerateStream: StreamingSource {
    private let table: GeneratedTable
    private let clock: @Sendable () -> Int64
    /// When the first row was due, where nothing was committed yet.
    private var began: Int64?
    private var reached: Int64 = 0

    private static let row = "row"
    private static let start = "start"

    /// - Parameter clock: microseconds since 1970, now.
    package init(_ table: GeneratedTable, clock: @escaping @Sendable () -> Int64) {
        self.table = table
        self.clock = clock
    }

    package func slice(after position: SourcePosition?, limit: SliceLimit) throws -> SourceSlice? {
        let now = clock()
        let start = position?.next[Self.start] ?? began ?? now
        began = start
        let first = max(0, position?.next[Self.row] ?? 0)
        reached = max(reached, first)
        let end = min(due(now, since: start), first.saturatingAdd(most(limit)))
        guard end > first else { return nil }
        reached = end
        return SourceSlice(
            reader: GenerateReader(table.starting(at: start), rows: first..<end),
            end: SourcePosition(next: [Self.row: end, Self.start: start]),
            rows: Int(clamping: end - first))
    }

    package var hasEnded: Bool { table.pace.total.map { reached >= $0 } ?? false }

    /// Rows that are due, of all there will be. They come in groups: the last of the rows may be a
    /// smaller one.
    private func due(_ now: Int64, since start: Int64) -> Int64 {
        let total = table.pace.total ?? .max
        guard let rate = table.pace.rate else { return total }
        let passed = max(0, now.saturatingAdd(start == .min ? .max : -start))
        let rows = Int64(saturating: Double(passed) * rate / 1e6).saturatingAdd(1)
        if rows >= total { return total }
        return rows / table.pace.batch * table.pace.batch
    }

    private func most(_ limit: SliceLimit) -> Int64 {
        let width = max(1, table.schema.fields.count) * 8
        return Int64(max(1, min(limit.rows, limit.bytes / width)))
    }
}

import PipelineDSL

/// Merges sorted runs; of equal rows those of the earlier run come first.
final class RunMerge {
    private struct Cursor {
        var batch: Batch
        var keys: [Column]
        var row = 0
    }

    private let runs: [SpillFile]
    private let keys: [RowComparator.Key]
    private let positions: [Int]
    private let types: [DataType]
    /// The rows at hand of each run; `nil` at its end.
    private var cursors: [Cursor?] = []
    /// A heap of the runs that have rows, the one with the first row at its top.
    private var heap: [Int] = []

    init(
        _ runs: [SpillFile], keys: [RowComparator.Key], positions: [Int], types: [DataType]
    ) throws {
        self.runs = runs
        self.keys = keys
        self.positions = positions
        self.types = types
        for run in runs {
            run.rewind()
            cursors.append(try cursor(run))
        }
        heap = cursors.indices.filter { cursors[$0] != nil }
        for place in heap.indices.reversed() { sink(place) }
    }

    private func cursor(_ run: SpillFile) throws -> Cursor? {
        guard let batch = try run.next() else { return nil }
        return Cursor(batch: batch, keys: positions.map { batch.columns[$0] })
    }

    /// The next rows: `count`, or fewer where a run's batch ends.
    func next(_ count: Int) throws -> Batch? {
        var picks: [(run: Int, row: UInt32)] = []
        while picks.count < count, let run = heap.first {
            guard let row = cursors[run]?.row, let length = cursors[run]?.batch.count else { break }
            picks.append((run, UInt32(truncatingIfNeeded: row)))
            cursors[run]?.row += 1
            guard row + 1 == length else {
                sink(0)
                continue
            }
            // Its batch goes, so what was picked from it must be taken out first.
            let batch = gather(picks)
            cursors[run] = try cursor(runs[run])
            if cursors[run] == nil {
                heap[0] = heap[heap.count - 1]
                heap.removeLast()
            }
            sink(0)
            return batch
        }
        return picks.isEmpty ? nil : gather(picks)
    }

    // MARK: - Heap

    private func sink(_ start: Int) {
        var place = start
        while true {
            var first = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
                if isBefore(heap[child], heap[first]) { first = child }
            }
            if first == place { return }
            heap.swapAt(place, first)
            place = first
        }
    }

    private func isBefore(_ a: Int, _ b: Int) -> Bool {
        guard let x = cursors[a], let y = cursors[b] else { return cursors[a] != nil }
        let order = RowComparator.compare(x.keys, x.row, y.keys, y.row, keys: keys)
        return order != 0 ? order < 0 : a < b
    }

    // MARK: - Rows

    /// The picked rows in order: taken out of each run, then interleaved.
    private func gather(_ picks: [(run: Int, row: UInt32)]) -> Batch {
        var rows = [[UInt32]](repeating: [], count: cursors.count)
        for pick in picks { rows[pick.run].append(pick.row) }
        var starts = [UInt32](repeating: 0, count: cursors.count)
        var parts: [Batch] = []
        var total: UInt32 = 0
        for run in cursors.indices where !rows[run].isEmpty {
            guard let cursor = cursors[run] else { continue }
            starts[run] = total
            total += UInt32(truncatingIfNeeded: rows[run].count)
            parts.append(cursor.batch.gathered(rows[run]))
        }
        if parts.count == 1 { return parts[0] }
        let order = picks.map { pick -> UInt32 in
            defer { starts[pick.run] += 1 }
            return starts[pick.run]
        }
        return Batch.concatenated(parts, types: types).gathered(order)
    }
}

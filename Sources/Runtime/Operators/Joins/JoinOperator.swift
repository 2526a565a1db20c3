import PipelineDSL
import Planner

/// Finds the rows of the held side for each row of the other.
///
/// That is done in parallel (`prepare`) as long as the held side is in memory and a batch makes no more
/// rows than may be in flight. Otherwise the left rows wait: with the held side on disk by partitions
/// of their keys, else in order; what they make is then said a piece at a time.
final class JoinOperator: SerialOperator, @unchecked Sendable {
    private let rule: JoinRule
    private let table: JoinTable
    private let keys: [CompiledExpression]
    private let directory: String
    private let waiting: Spool
    private var partitions: SpillPartitions?
    private var pending: [(left: SpillFile?, right: SpillFile, level: Int)] = []

    /// Pairs that a batch may make at once: several batches are in flight.
    private let maximumPairs: Int

    /// What is said at the end: of left rows, then right rows without a match.
    private enum Phase {
        case waiting
        case partition(left: SpillFile?, level: Int)
        case unmatched(rows: [UInt32], said: Int)
        case next
    }
    private var phase = Phase.waiting
    private var probe: JoinProbe?

    private struct Prepared: Sendable {
        /// Left rows with sound keys.
        var batch: Batch
        var hashes: [UInt64]
        var rejected: [RejectedRow]
        /// `nil` where the batch must wait.
        var joined: Joined?
    }

    private struct Joined: Sendable {
        var batches: [Batch] = []
        var rejected: [RejectedRow] = []
        var counts = JoinProbe.Counts()
    }

    init(
        _ join: Join, table: JoinTable, left: Schema, right: Schema, run: RunConstants,
        memory: MemoryBudget, directory: String
    ) throws {
        rule = try JoinRule(join, left: left, right: right, run: run)
        self.table = table
        self.directory = directory
        maximumPairs = min(max(memory.limit >> 12, 16_384), 1 << 20)
        keys = try join.leftKeys.map { try CompiledExpression($0, input: left, run: run) }
        waiting = Spool(memory: memory, directory: directory, types: left.fields.map(\.type))
    }

    // MARK: - In parallel

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let rows, _) = payload else { return payload }
        var output = RowOutput()
        let all = rows.compacted()
        let (columns, errors) = JoinKeys.evaluate(keys, all)
        let batch = Rejection.errors(errors, in: all, schema: rule.left, into: &output)
        let hashes = hashRows(columns, count: batch.physicalCount)
        var prepared = Prepared(batch: batch, hashes: hashes, rejected: output.rejected)
        if table.spilled == nil {
            prepared.joined = joined(batch, columns, hashes, pieces: max(1, all.count))
        }
        return .prepared(prepared, rowCount: rows.count)
    }

    private func joined(
        _ batch: Batch, _ columns: [Column], _ hashes: [UInt64], pieces: Int
    ) -> Joined? {
        var probe = JoinProbe(rule, table, batch, keys: columns, hashes: hashes)
        guard probe.pairCount <= maximumPairs else { return nil }
        var joined = Joined()
        while let piece = probe.next(max(pieces, 1024)) { joined.batches.append(piece) }
        joined.rejected = probe.rejected
        joined.counts = probe.finalCounts
        return joined
    }

    // MARK: - In order

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .prepared(let content, _) = payload, let prepared = content as? Prepared else {
            return
        }
        try context.reject(prepared.rejected)
        guard prepared.batch.count > 0 else { return }
        if table.spilled != nil {
            try putAside(prepared.batch, prepared.hashes, level: 0)
        } else if let joined = prepared.joined, waiting.rowCount == 0 {
            try context.reject(joined.rejected)
            count(joined.counts, context)
            for batch in joined.batches { try emit(.rows(batch, hashes: nil)) }
        } else {
            // Behind one that waits all others do, or they would be out of order.
            try waiting.append(prepared.batch)
        }
    }

    private func putAside(_ batch: Batch, _ hashes: [UInt64], level: Int) throws {
        if partitions == nil {
            partitions = try SpillPartitions(
                directory: directory, types: rule.left.fields.map(\.type), level: level)
        }
        try partitions?.append(batch, rows: batch.rows, hashes: hashes)
    }

    private func count(_ counts: JoinProbe.Counts, _ context: borrowing OperatorContext) {
        context.metrics.filtered.add(counts.filtered)
        context.metrics.produced.add(counts.produced)
    }

    // MARK: - At the end

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        while true {
            if let piece = try nextPiece(context) { return .rows(piece, hashes: nil) }
            switch phase {
            case .waiting:
                if let batch = try waiting.next() {
                    start(batch)
                } else {
                    endOfTable()
                }
            case .partition(let left, let level):
                guard let batch = try left?.next() else {
                    endOfTable()
                    continue
                }
                if table.spilled == nil {
                    start(batch)
                } else {
                    let (columns, _) = JoinKeys.evaluate(keys, batch)
                    try putAside(
                        batch, hashRows(columns, count: batch.physicalCount), level: level)
                }
            case .unmatched(let rows, let said):
                guard said < rows.count else {
                    phase = .next
                    continue
                }
                let part = Array(rows[said..<min(rows.count, said + context.batchRows)])
                phase = .unmatched(rows: rows, said: said + part.count)
                context.metrics.produced.add(part.count)
                return .rows(unmatched(part), hashes: nil)
            case .next:
                guard try nextPartition() else { return nil }
            }
        }
    }

    private func start(_ batch: Batch) {
        let (columns, _) = JoinKeys.evaluate(keys, batch)
        probe = JoinProbe(
            rule, table, batch, keys: columns,
            hashes: hashRows(columns, count: batch.physicalCount))
    }

    private func nextPiece(_ context: borrowing OperatorContext) throws -> Batch? {
        guard var current = probe else { return nil }
        // The one reference, or every piece would copy what the probe has marked.
        probe = nil
        if let piece = current.next(context.batchRows) {
            probe = current
            return piece
        }
        try context.reject(current.rejected)
        count(current.finalCounts, context)
        return nil
    }

    /// All left rows have been looked up in the rows that the table holds.
    private func endOfTable() {
        guard let spilled = table.spilled else {
            phase = .unmatched(rows: rule.keepsRight ? table.held.unmatched : [], said: 0)
            return
        }
        // Partitions without left rows matter where right rows are kept.
        for (index, right) in spilled.files.enumerated().reversed() {
            let left = partitions?.files[index]
            if left?.isEmpty ?? true, right.isEmpty || !rule.keepsRight { continue }
            pending.append((left, right, spilled.level + 1))
        }
        partitions = nil
        phase = .next
    }

    private func nextPartition() throws -> Bool {
        guard let part = pending.popLast() else { return false }
        try table.refill(part.right, level: part.level)
        phase = .partition(left: part.left, level: part.level)
        return true
    }

    private func unmatched(_ rows: [UInt32]) -> Batch {
        let nulls = rule.left.fields.map { Column.nulls($0.type, count: rows.count) }
        return Batch(
            columns: nulls + table.held.rows.columns.map { $0.gather(rows) }, count: rows.count)
    }
}

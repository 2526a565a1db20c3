import PipelineDSL
import Planner

/// Readers one after the other.
final class ContentsReader: SourceReader {
    private var readers: [any SourceReader]
    private var index = 0

    init(_ readers: [any SourceReader]) { self.readers = readers }

    func next() throws -> (any SourceUnit)? {
        while index < readers.count {
            if let unit = try readers[index].next() { return unit }
            index += 1
        }
        return nil
    }
}

/// Rows that are there already.
final class SingleUnitReader: SourceReader {
    private var batch: Batch?

    init(_ batch: Batch) { self.batch = batch.count > 0 ? batch : nil }

    func next() throws -> (any SourceUnit)? {
        defer { batch = nil }
        return batch.map { BatchUnit(batch: $0) }
    }
}

/// Yields rows until the run is to die, then throws: what came before is well on its way through the
/// pipeline by then.
final class CrashingReader: SourceReader {
    private let reader: any SourceReader
    private let bench: TestBench
    private let batchRows: Int
    private var waiting: [SourceBatch] = []
    private var isCut = false

    init(_ reader: any SourceReader, _ bench: TestBench, batchRows: Int) {
        self.reader = reader
        self.bench = bench
        self.batchRows = batchRows
    }

    func next() throws -> (any SourceUnit)? {
        if isCut || bench.rowsBeforeCrash == 0 { throw TestCrash() }
        while waiting.isEmpty {
            guard let unit = try reader.next() else { return nil }
            try unit.decode(batchRows: batchRows) { waiting.append($0) }
        }
        let next = waiting.removeFirst()
        let count = bench.rowsToCome(of: next.rowsRead)
        guard count < next.rowsRead else { return DecodedUnit(rows: next) }
        isCut = true
        let rows = min(count, next.batch.count)
        return DecodedUnit(
            rows: SourceBatch(
                batch: next.batch.selecting(Array(next.batch.rows.prefix(rows))).compacted(),
                rejected: Array(next.rejected.prefix(count - rows))))
    }
}

private struct DecodedUnit: SourceUnit {
    let rows: SourceBatch
    var byteCount: Int { 0 }
    var endPosition: Int64 { 0 }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws { try emit(rows) }
}

extension SourceReader {
    func withMetadata(_ scan: ScanPlan) -> any SourceReader {
        scan.metadata.isEmpty ? self : MetadataReader(self, kinds: scan.metadata.map(\.kind))
    }
}

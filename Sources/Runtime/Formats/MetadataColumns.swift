import PipelineDSL
import Planner

/// Adds to what another reader yields where each row came from.
final class MetadataReader: SourceReader {
    private let reader: any SourceReader
    private let kinds: [MetadataColumn.Kind]

    /// - Parameter kinds: of the columns to append.
    init(_ reader: any SourceReader, kinds: [MetadataColumn.Kind]) {
        self.reader = reader
        self.kinds = kinds
    }

    var acknowledgement: (any CommittableSink, Commit.Step)? { reader.acknowledgement }

    func next() throws -> (any SourceUnit)? {
        try reader.next().map { MetadataUnit(unit: $0, kinds: kinds) }
    }
}

private struct MetadataUnit: SourceUnit {
    let unit: any SourceUnit
    let kinds: [MetadataColumn.Kind]

    var byteCount: Int { unit.byteCount }
    var endPosition: Int64 { unit.endPosition }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        try unit.decode(batchRows: batchRows) { decoded in
            var decoded = decoded
            let batch = decoded.batch
            decoded.batch = batch.replacing(
                columns: batch.columns + kinds.map { column($0, batch) })
            try emit(decoded)
        }
    }

    private func column(_ kind: MetadataColumn.Kind, _ batch: Batch) -> Column {
        let (type, count) = (kind.type, batch.physicalCount)
        guard let origin = batch.origin else { return .nulls(type, count: count) }
        switch kind {
        case .file:
            let name = Column(.string, .strings(Strings([origin.source.object])))
            return name.gather([UInt32](repeating: 0, count: count))
        case .line: return integers(count) { origin.source.line(origin.row($0)) }
        case .sequence, .partitionKey, .receivedAt:
            // What only streams and queues have: nobody numbered or received the rows of a file.
            guard let records = origin.source as? RecordOrigin else {
                return .nulls(type, count: count)
            }
            return column(kind, records, (0..<count).map(origin.row))
        }
    }

    private func column(_ kind: MetadataColumn.Kind, _ records: RecordOrigin, _ rows: [Int])
        -> Column
    {
        switch kind {
        case .sequence: Column(.string, .strings(Strings(rows.map { String(records.offset($0)) })))
        case .partitionKey:
            Column(.string, .strings(Strings(rows.map { records.partitionKey($0) ?? "" })))
        default: Column(.timestamp, .int64(rows.map { records.arrival($0) ?? 0 }))
        }
    }

    private func integers(_ count: Int, _ value: (Int) -> Int64?) -> Column {
        let values = (0..<count).map(value)
        let present = Bitmap(count: count) { values[$0] != nil }
        return Column(
            .bigint, .int64(values.map { $0 ?? 0 }), validity: present.allOnes ? nil : present)
    }
}

import PipelineDSL

/// Of what another reader yields, only the rows whose dead letters go back.
final class RedriveReader: SourceReader {
    private let reader: any SourceReader
    private let unit: RedriveUnit.Wanted

    /// - Parameter places: offsets by object.
    init(
        _ reader: any SourceReader, source: String, places: [String: RedrivePlaces],
        seen: RedriveProgress
    ) {
        self.reader = reader
        unit = RedriveUnit.Wanted(source: source, places: places, seen: seen)
    }

    func next() throws -> (any SourceUnit)? {
        try reader.next().map { RedriveUnit(unit: $0, wanted: unit) }
    }
}

private struct RedriveUnit: SourceUnit {
    struct Wanted: Sendable {
        let source: String
        let places: [String: RedrivePlaces]
        let seen: RedriveProgress
    }

    let unit: any SourceUnit
    let wanted: Wanted

    var byteCount: Int { unit.byteCount }
    var endPosition: Int64 { unit.endPosition }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        try unit.decode(batchRows: batchRows) { decoded in
            let batch = rows(decoded.batch)
            let rejected = decoded.rejected.filter { row in
                guard let offset = row.offset,
                    wanted.places[row.object]?.contains(offset, row.raw) == true
                else { return false }
                wanted.seen.add([offset], wanted.source, row.object)
                return true
            }
            if batch.count > 0 || !rejected.isEmpty {
                try emit(SourceBatch(batch: batch, rejected: rejected))
            }
        }
    }

    private func rows(_ batch: Batch) -> Batch {
        guard let origin = batch.origin, let places = wanted.places[origin.source.object] else {
            return batch.selecting([])
        }
        var found: [Int64] = []
        let rows = batch.rows.filter { row in
            let row = origin.row(Int(row))
            let offset = origin.source.offset(row)
            guard places.offsets.contains(offset), places.contains(offset, origin.source.raw(row))
            else { return false }
            found.append(offset)
            return true
        }
        wanted.seen.add(found, wanted.source, origin.source.object)
        return batch.selecting(rows)
    }
}

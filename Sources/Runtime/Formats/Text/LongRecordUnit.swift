import PipelineDSL

/// A record longer than the bound, which the reader has already passed over.
struct LongRecordUnit: SourceUnit {
    let fields: [Field]
    let rejected: RejectedRow
    let start: Int64
    let endPosition: Int64

    var byteCount: Int { Int(clamping: endPosition - start) }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        let columns = fields.map { Column.nulls($0.type, count: 0) }
        try emit(SourceBatch(batch: Batch(columns: columns, count: 0), rejected: [rejected]))
    }

    /// Rule, code and message of a record that is too long, whichever way that was found.
    static func reason(maxRecordBytes: Int) -> (String, DiagnosticCode, String) {
        ("record_too_long", .recordTooLong, "the record is longer than \(maxRecordBytes) bytes")
    }
}

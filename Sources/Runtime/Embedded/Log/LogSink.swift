import PipelineDSL

/// Writes rows as records of a ``PartitionedLog``, each record's data one JSON object.
final class LogSink: SinkWriter, @unchecked Sendable {
    private let log: PartitionedLog
    private let epoch: String
    private let now: Int64
    private let names: [[UInt8]]
    private let times: JSONTimes
    /// `nil`: the record's number within the epoch is its partition key.
    private let keyColumn: Int?
    private let keyName: String?
    private let staging: LogStaging
    private var written: Int64 = 0

    init(
        log: PartitionedLog, token: String, node: String, now: Int64, schema: Schema,
        keyColumn: Int?, json: JSONOptions
    ) throws {
        self.log = log
        self.now = now
        self.keyColumn = keyColumn
        keyName = keyColumn.map { schema.fields[$0].name }
        epoch = LogSink.epoch(token, node)
        names = schema.names.map(JSONWriter.key)
        times = JSONTimes(timestamp: json.timestampFormat, date: json.dateFormat)
        try log.discardStaged(exceptPrefix: LogSink.epoch(token, ""))
        staging = try log.stage(epoch)
    }

    /// Two sinks of a run may write to one stream.
    static func epoch(_ token: String, _ node: String) -> String { token + "/" + node }

    func write(_ batch: Batch) throws -> [SinkRefusal] {
        var refusals: [SinkRefusal] = []
        var text: [UInt8] = []
        let columns = batch.columns.map(times.spelled)
        for row in batch.rows {
            let row = Int(row)
            text.removeAll(keepingCapacity: true)
            JSONWriter.appendObject(names, columns, row, to: &text)
            try withKey(batch, row) { key in
                try text.withUnsafeBytes { data in
                    if let failure = PartitionedLog.refusal(key: key, data: data) {
                        refusals.append(refusal(row, failure))
                    } else {
                        try staging.add(key: key, data: data)
                        written += 1
                    }
                }
            }
        }
        return refusals
    }

    private func withKey(
        _ batch: Batch, _ row: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let keyColumn else {
            var number = String(written)
            return try number.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
        }
        let column = batch.columns[keyColumn]
        if case .strings(let v) = column.values, !column.isNull(row) {
            return try v.views[row].withBytes(v.blocks) { try body($0) }
        }
        var text = column.isNull(row) ? "" : column.text(row)
        try text.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
    }

    private func refusal(_ row: Int, _ failure: LogPutFailure) -> SinkRefusal {
        switch failure {
        case .recordTooLarge(let bytes):
            SinkRefusal(
                row: row, rule: "record_size",
                message: "the record has \(bytes) bytes with its partition key; "
                    + "\(PartitionedLog.recordLimitBytes) are the limit")
        case .invalidPartitionKey, .provisionedThroughputExceeded:
            SinkRefusal(
                row: row, rule: "partition_key",
                message: "the partition key is null, empty or longer than "
                    + "\(PartitionedLog.keyLimitCharacters) characters",
                column: keyName)
        }
    }

    func prepare() throws { try staging.close() }
    func commit() throws { try log.commit(epoch, now: now) }
    func abort() throws { log.discardStaged(epoch: epoch) }
}

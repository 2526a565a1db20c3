import PipelineDSL

/// `pipec feed` and `pipec peek` of a stream.
struct StreamFeed {
    let node: String
    let settings: KinesisSettings
    let project: ProjectDirectory

    /// Each line that is not blank is a record.
    func put(_ bytes: [UInt8], now: Int64) throws -> String {
        let log = try settings.open(project)
        var batch = LogBatch()
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            batch.add(key: key(line), data: line)
        }
        try check(batch)
        let bounds = try (0..<log.shardCount).map { try log.bounds($0).upperBound }
        try send(batch, to: log, now: now)
        let touched = try (0..<log.shardCount).filter {
            try log.bounds($0).upperBound > bounds[$0]
        }
        return "\(node): \(grouped(batch.count)) records to \(touched.count) of "
            + "\(log.shardCount) shards"
    }

    /// Before any is appended: all of a file is, or nothing.
    private func check(_ batch: LogBatch) throws {
        var number = 0
        try batch.forEach { key, data in
            number += 1
            switch PartitionedLog.refusal(key: key, data: data) {
            case nil, .provisionedThroughputExceeded: return
            case .recordTooLarge(let bytes):
                throw RunError(
                    .embeddedLimit,
                    "record \(number) has \(bytes) bytes with its partition key; "
                        + "\(PartitionedLog.recordLimitBytes) are the limit")
            case .invalidPartitionKey:
                throw RunError(
                    .embeddedLimit,
                    "the partition key of record \(number) is longer than "
                        + "\(PartitionedLog.keyLimitCharacters) characters")
            }
        }
    }

    /// Records beyond a shard's throughput are sent again, as a producer does.
    private func send(_ batch: LogBatch, to log: PartitionedLog, now: Int64) throws {
        var (batch, now) = (batch, now)
        while batch.count > 0 {
            let refused = try log.append(batch, now: now).enumerated()
                .compactMap { index, result in
                    if case .failure = result { index } else { nil }
                }
            if refused.isEmpty { return }
            batch = batch.selecting(refused)
            let wait = 1_000_000 - now % 1_000_000
            sleepMilliseconds(UInt32(clamping: wait / 1000 + 1))
            now += wait
        }
    }

    /// The value of the setting's key in the object; else the record's hash, which spreads them.
    private func key(_ line: ArraySlice<UInt8>) -> [UInt8] {
        if let name = settings.partitionKey, let object = try? JSONValue.parse(Array(line)) {
            if let text = object[name]?.keyText, !text.isEmpty { return Array(text.utf8) }
        }
        return line.withUnsafeBytes { bytes in
            var text: [UInt8] = []
            ByteText.appendHex(MD5.digest(bytes), to: &text)
            return text
        }
    }

    /// The oldest records that are kept, shard after shard.
    func peek(_ limit: Int, now: Int64) throws -> ([String], String) {
        let log = try settings.open(project)
        try log.expire(now: now)
        var lines: [String] = []
        var total: Int64 = 0
        for shard in 0..<log.shardCount {
            let bounds = try log.bounds(shard)
            total += bounds.upperBound - bounds.lowerBound
            for record in try log.read(
                shard, from: bounds.lowerBound, limit: max(0, limit - lines.count))
            {
                lines.append(line(record))
            }
        }
        return (lines, "\(grouped(Int(clamping: total))) records in \(log.shardCount) shards")
    }

    private func line(_ record: PartitionedLog.Record) -> String {
        let key = String(decoding: record.key, as: UTF8.self)
        let data = String(decoding: record.data, as: UTF8.self)
        return "\(LogShard.name(record.shard)) \(record.sequence)  \(key)  \(data)"
    }
}

import Foundation
import TestSupport
import Testing

/// `examples/event-stream` does what the document it is made from says of its components. Each test
/// quotes the sentences that it checks; what is expected is computed anew from what one run left.
@Suite(.serialized) struct EventStreamTests {
    private static let shared: Result<EventStreamScene, any Error> = Result {
        try EventStreamScene()
    }

    private let scene: EventStreamScene

    init() throws { scene = try Self.shared.get() }

    // MARK: 1. Data Producer

    @Test("Multiple event types (user_action, transaction, metric, system_event)")
    func producerMakesFourKinds() {
        let kinds = Set(scene.raw.compactMap { $0.json["event_type"].text })
        #expect(kinds == ["user_action", "transaction", "metric", "system_event"])
    }

    @Test("Configurable event generation rate; batch sending for efficiency; statistics tracking")
    func producerIsConfigured() {
        let sent = EventStreamScene.rate * EventStreamScene.seconds
        #expect(scene.report["nodes"].named("producer")["written"] == .number(Double(sent)))
        #expect(scene.stream.count == sent + EventStreamScene.sentByHand.count)
        // "rate: 10", "duration: 60", "batch_size: 10" where nothing else is said.
        for (name, value) in ["rate": "10", "duration": "60", "batch_size": "10"] {
            #expect(scene.plan["parameters"][name] == .text(value))
        }
        let generate = node("producer")["scan"]["binding"]["settings"]
        #expect(generate["batch"] == .number(10))
        #expect(generate["duration"] == .number(60_000_000))
    }

    // MARK: 2. Kinesis Data Stream

    @Test("Shard Count: 2; Retention: 24 hours")
    func streamHasTwoShards() {
        #expect(scene.shardFolders == ["shardId-000000000000", "shardId-000000000001"])
        let settings = node("events")["scan"]["binding"]["settings"]
        #expect(settings["shards"] == .number(2))
        #expect(settings["retention"] == .number(24 * 3600e6))
        for shard in scene.shardFolders {
            let numbers = scene.stream.map(\.place).filter { $0.shard == shard }.map(\.number)
            #expect(numbers.sorted() == Array(0..<numbers.count))
            // Keys spread: no shard has less than a third.
            #expect(numbers.count > scene.stream.count / 3)
        }
        let shardsOfKeys = Dictionary(grouping: scene.stream, by: \.key)
            .mapValues { Set($0.map(\.place.shard)).count }
        #expect(shardsOfKeys.values.allSatisfy { $0 == 1 })
    }

    // MARK: 3. Kinesis Stream Processor

    @Test("Memory: 512 MB; Timeout: 60 seconds; Batch: 100 records, 5s window")
    func processorIsConfigured() {
        let settings = scene.plan["stages"].named("stream_processor")["settings"]
        #expect(settings["memory"] == .number(512e6))
        #expect(settings["timeout"] == .number(60e6))
        #expect(settings["batch"]["rows"] == .number(100))
        #expect(settings["batch"]["every"] == .number(5e6))
        #expect(node("landing.raw")["runs_on"] == .text("stream_processor"))
    }

    @Test("Retry failed records up to 3 times; bisect batch on function error")
    func processorRetries() {
        let settings = scene.plan["stages"].named("stream_processor")["settings"]
        #expect(settings["retries"] == .number(3))
        #expect(settings["bisect_on_error"] == .boolean(true))
    }

    @Test("Parse JSON payload; validate required fields and data types; write to S3")
    func whatIsValidIsWrittenOnce() {
        let valid = scene.stream.filter { Self.isValid($0.event ?? .null) }.map(\.place)
        let written = scene.raw.compactMap { Self.place(of: $0.json) }
        #expect(written.count == scene.raw.count)
        #expect(Set(written).count == written.count, "a record was written twice")
        #expect(Set(written) == Set(valid))
        #expect(valid.count < scene.stream.count, "the producer sent nothing invalid")
    }

    @Test("Invalid records logged; not written to S3; counted in statistics")
    func whatIsInvalidIsKept() {
        let invalid = scene.stream.filter { !Self.isValid($0.event ?? .null) }.map(\.place)
        let kept = scene.letters.compactMap { letter -> StreamPlace? in
            guard let shard = letter["object"].text, let offset = letter["offset"].number else {
                return nil
            }
            return StreamPlace(shard: shard, number: Int(offset))
        }
        #expect(kept.count == scene.letters.count)
        #expect(Set(kept).count == kept.count)
        #expect(Set(kept) == Set(invalid))
        #expect(scene.raw.count + scene.letters.count == scene.stream.count)
        let nodes = scene.report["nodes"]
        let counted = ["events", "landing.raw"].map { nodes.named($0)["rejected"].number ?? 0 }
        #expect(Int(counted[0] + counted[1]) == invalid.count)
    }

    @Test func eachMistakeIsNamed() {
        func rules(_ mark: String) -> [String?] {
            scene.letters.filter { $0["raw"].text?.contains(mark) == true }
                .map { $0["rule"].text }
        }
        #expect(rules("hand-5") == ["expression_error"])
        #expect(rules("hand-6") == ["known_type"])
        #expect(rules("2024-01-15T10:30:06Z") == ["has_id"])
        #expect(rules("hand-8") == ["expression_error"])
        #expect(scene.letters.filter { $0["rule"].text == "invalid_json" }.count == 1)
    }

    @Test("Add Kinesis metadata (sequence number, partition key)")
    func recordsTellWhereTheyStood() throws {
        let sent = Dictionary(uniqueKeysWithValues: scene.stream.map { ($0.place, $0) })
        for line in scene.raw {
            let place = try #require(Self.place(of: line.json))
            let message = try #require(sent[place])
            #expect(line.json["partition_key"] == .text(message.key))
            let event = try #require(message.event)
            for (name, value) in event.members where line.json[name] != value {
                Issue.record("\(name) was \(value), is \(line.json[name]) in \(line.key)")
            }
        }
    }

    @Test("Partition data by event_type and timestamp")
    func rawRecordsLieInTheirPartitions() {
        for line in scene.raw where line.folder != "raw/" + Self.partition(of: line.json) {
            Issue.record("\(line.json) lies in \(line.folder)")
        }
        // The document's own example.
        let hour = "event_type=user_action/year=2024/month=01/day=15/hour=10"
        #expect(scene.raw.contains { $0.folder == "raw/" + hour })
    }

    // MARK: 4. Raw Data Bucket

    @Test("Versioning enabled")
    func anObjectKeepsWhatItWas() {
        let lines = scene.versions.split(separator: "\n").filter { $0.contains("again.jsonl") }
        #expect(lines.count == 2)
        #expect(lines.filter { $0.hasSuffix("current") }.count == 1)
    }

    @Test("Lifecycle policy: Glacier after 90 days")
    func oldObjectsAreArchived() {
        let archived = scene.storage.split(separator: "\n").filter { $0.hasSuffix("archive") }
        #expect(archived.count == 1)
        #expect(node("landing.raw")["table"]["archive_after"] == .number(90 * 86400e6))
    }

    // MARK: 5. Data Transformer

    @Test("Trigger: S3 ObjectCreated events on raw/*.json; every record is transformed once")
    func everyRawRecordIsProcessedOnce() {
        let raw = scene.raw.compactMap { Self.place(of: $0.json) }
        let processed = scene.processed.compactMap { Self.place(of: $0.json["original_data"]) }
        #expect(processed.count == scene.processed.count)
        #expect(Set(processed).count == processed.count)
        #expect(Set(processed) == Set(raw))
        let settings = scene.plan["stages"].named("transformer")["settings"]
        #expect(settings["memory"] == .number(512e6))
        #expect(settings["timeout"] == .number(60e6))
        #expect(node("analytics.processed")["runs_on"] == .text("transformer"))
    }

    @Test("Add transaction_date; categorize amount; flag high-value transactions (>$1000)")
    func transactionsAreEnriched() throws {
        for data in enriched("transaction") {
            let amount = try #require(data["amount"].number)
            #expect(data["transaction_date"] == Self.date(of: data))
            let category =
                amount < 10 ? "micro" : amount < 100 ? "small" : amount < 1000 ? "medium" : "large"
            #expect(data["amount_category"] == .text(category))
            #expect(data["is_high_value"] == .boolean(amount > 1000))
        }
        let found = Set(enriched("transaction").compactMap { $0["amount_category"].text })
        #expect(found == ["micro", "small", "medium", "large"])
        #expect(enriched("transaction").contains { $0["is_high_value"] == .boolean(true) })
    }

    @Test("Add action_date; categorize session duration (short/medium/long)")
    func actionsAreEnriched() throws {
        for data in enriched("user_action") {
            let seconds = try #require(data["session_seconds"].number)
            #expect(data["action_date"] == Self.date(of: data))
            let category = seconds < 60 ? "short" : seconds < 600 ? "medium" : "long"
            #expect(data["session_category"] == .text(category))
        }
        let found = Set(enriched("user_action").compactMap { $0["session_category"].text })
        #expect(found == ["short", "medium", "long"])
    }

    @Test("Add metric_date; categorize value range; detect anomalies (values outside normal range)")
    func metricsAreEnriched() throws {
        for data in enriched("metric") {
            let value = try #require(data["value"].number)
            #expect(data["metric_date"] == Self.date(of: data))
            let range =
                value < 0 ? "negative" : value < 10 ? "low" : value <= 100 ? "normal" : "high"
            #expect(data["value_range"] == .text(range))
            #expect(data["is_anomaly"] == .boolean(range != "normal"))
        }
        let found = Set(enriched("metric").compactMap { $0["value_range"].text })
        #expect(found == ["negative", "low", "normal", "high"])
    }

    @Test("Generate unique record_id (SHA-256 hash)")
    func recordsHaveTheirHash() throws {
        let found = scene.processed.compactMap { $0.json["record_id"].text }
        #expect(Set(found).count == scene.processed.count)
        for line in scene.processed {
            let identity = EventStreamScene.identity(line.json["original_data"])
            #expect(line.json["record_id"].text == scene.hashes[identity])
        }
    }

    @Test("Preserve original data")
    func originalsAreKept() {
        let partitions: Set = ["year", "month", "day", "hour"]
        let originals = Set(scene.raw.map { $0.json.without(partitions) })
        #expect(Set(scene.processed.map { $0.json["original_data"] }) == originals)
        // Beside what is computed, the enriched data have all that the event had.
        for line in scene.processed {
            let enriched = line.json["enriched_data"]
            let ofStream: Set = ["shard_id", "sequence_number", "partition_key", "received_at"]
            for (name, value) in line.json["original_data"].without(ofStream).members {
                #expect(enriched[name] == value)
            }
        }
    }

    @Test("Add processing timestamp; add metadata (source, version, stage); Output Format")
    func recordsHaveTheOutputFormat() throws {
        // Partition columns stand in the files, too.
        let partitions: Set = ["event_type", "year", "month", "day", "hour"]
        let members: Set = [
            "original_data", "enriched_data", "record_id", "processed_timestamp", "metadata",
        ]
        let metadata = try JSON(
            line: #"{"source":"kinesis-stream","processing_stage":"transformed","version":"1.0"}"#)
        for line in scene.processed {
            #expect(Set(line.json.members.keys) == members.union(partitions))
            #expect(line.json["metadata"] == metadata)
            let processed = try #require(Self.seconds(line.json["processed_timestamp"]))
            let received = try #require(Self.seconds(line.json["original_data"]["received_at"]))
            // "Total Latency: ~30 seconds end-to-end"
            let latency = processed - received
            #expect(latency >= 0 && latency <= 30)
        }
    }

    // MARK: 6. Processed Data Bucket

    @Test("Partitioning: Same as raw bucket")
    func processedRecordsLieInTheSamePartitions() {
        for line in scene.processed {
            let partition = Self.partition(of: line.json["original_data"])
            #expect(line.folder == "processed/" + partition)
        }
    }

    // MARK: 7. DynamoDB

    @Test("Primary Key: batch_id (String); Sort Key: processed_at (String); attributes (Number)")
    func batchesHaveTheSchema() throws {
        let keys = scene.batches.compactMap { $0["batch_id"].text }
        #expect(keys.count == scene.batches.count && Set(keys).count == keys.count)
        for batch in scene.batches {
            let processed = try #require(Self.seconds(batch["processed_at"]))
            #expect(scene.shardFolders.contains(batch["shard_id"].text ?? ""))
            for name in ["total_records", "success_records", "failed_records", "partitions_count"] {
                #expect(batch[name].number != nil)
            }
            // "ttl (Number) - 30 days"
            let ttl = try #require(batch["ttl"].number)
            #expect(abs(ttl - processed - 30 * 86400) <= 1)
        }
        let settings = node("batch_metadata")["sink"]["binding"]["settings"]
        #expect(settings["expires_at"] == .text("ttl"))
    }

    @Test("total_records, success_records, failed_records, partitions_count of each batch")
    func batchesAreCountedTruly() {
        // A record belongs to a hundred of its shard and to five seconds in which it was received.
        let raw = Dictionary(grouping: scene.raw.map(\.json)) { Self.batch(of: $0) }
        let batches = ofProcessor(true)
        for batch in batches {
            let written = raw[batch["batch_id"].text ?? ""] ?? []
            #expect(batch["success_records"] == .number(Double(written.count)))
            let partitions = Set(written.map { Self.partition(of: $0) }).count
            #expect(batch["partitions_count"] == .number(Double(partitions)))
            let total = batch["total_records"].number ?? -1
            let failed = batch["failed_records"].number ?? -1
            #expect(total == failed + Double(written.count))
            #expect(total >= 1 && total <= 100, "Batch Size: 100 records")
        }
        func sum(_ name: String) -> Int {
            Int(batches.reduce(0.0) { $0 + ($1[name].number ?? 0) })
        }
        // Only what is no JSON at all is in no batch.
        let unreadable = scene.stream.filter { $0.event == nil }.count
        #expect(unreadable == 1)
        #expect(sum("total_records") == scene.stream.count - unreadable)
        #expect(sum("success_records") == scene.raw.count)
        #expect(sum("failed_records") == scene.letters.count - unreadable)
    }

    @Test("Writes to S3 processed bucket; updates DynamoDB metadata")
    func transformedBatchesAreCountedTruly() {
        let raw = Dictionary(grouping: scene.raw.map(\.json)) { Self.batch(of: $0) }
        var found: [String: Int] = [:]
        for batch in ofProcessor(false) {
            found[batch["batch_id"].text ?? ""] = Int(batch["success_records"].number ?? -1)
            #expect(batch["failed_records"] == .number(0))
        }
        var expected: [String: Int] = [:]
        for (batch, records) in raw { expected["transformed-" + batch] = records.count }
        #expect(found == expected)
    }

    @Test("ShardIndex (GSI): Query by shard_id")
    func batchesAreFoundByShard() {
        #expect(scene.indexed.count == 2)
        for (shard, found) in scene.indexed {
            #expect(Set(found) == Set(scene.batches.filter { $0["shard_id"] == .text(shard) }))
            let times = found.compactMap { $0["processed_at"].text }
            #expect(times == times.sorted())
        }
    }

    // MARK: 8. and 9. Alarms and dead-letter queues

    @Test("High Lambda error rate (>5 errors in 2 minutes)")
    func errorsRaiseAnAlarm() {
        let alarm = scene.plan["alerts"].named("processor_errors")
        #expect(alarm["when"] == .text("errors(stream_processor) > 5"))
        #expect(alarm["within"] == .number(120e6))
        #expect(scene.letters.count > 6)
        #expect(isFiring("processor_errors"))
    }

    @Test("High Kinesis iterator age (>60 seconds)")
    func iteratorAgeIsWatched() {
        let alarm = scene.plan["alerts"].named("iterator_age")
        #expect(alarm["when"] == .text("iterator_age(events) > 60 s"))
    }

    @Test("kinesis-processor-dlq; CloudWatch alarm on message count")
    func deadLettersRaiseAnAlarm() {
        #expect(scene.letterFolders.contains("kinesis-processor-dlq"))
        let events = node("events")["scan"]["on_error"]
        #expect(events["dead_letter_folder"] == .text("kinesis-processor-dlq"))
        let objects = node("raw_objects")["scan"]["on_error"]
        #expect(objects["dead_letter_folder"] == .text("s3-transformer-dlq"))
        #expect(isFiring("processor_dlq"))
        #expect(scene.plan["alerts"].named("transformer_dlq") != .null)
    }
}

extension EventStreamTests {
    private func node(_ name: String) -> JSON { scene.plan["nodes"].named(name) }

    private func isFiring(_ alert: String) -> Bool {
        scene.notices.contains {
            $0["alert"] == .text(alert) && $0["state"] == .text("firing")
        }
    }

    private func enriched(_ kind: String) -> [JSON] {
        scene.processed.map { $0.json["enriched_data"] }.filter { $0["event_type"] == .text(kind) }
    }

    /// Batches of the stream processor, or those of the transformer.
    private func ofProcessor(_ isProcessor: Bool) -> [JSON] {
        scene.batches.filter {
            $0["batch_id"].text?.hasPrefix("transformed-") == !isProcessor
        }
    }

    /// What the contract says, once more.
    private static func isValid(_ event: JSON) -> Bool {
        guard event["event_id"].text != nil, seconds(event["timestamp"]) != nil else {
            return false
        }
        switch event["event_type"].text {
        case "user_action": return event["action"].text != nil
        case "transaction": return event["amount"].number != nil
        case "metric": return event["value"].number != nil
        case "system_event": return true
        default: return false
        }
    }

    private static func place(of record: JSON) -> StreamPlace? {
        guard let shard = record["shard_id"].text,
            let number = record["sequence_number"].text.flatMap(Int.init)
        else { return nil }
        return StreamPlace(shard: shard, number: number)
    }

    /// `2024-01-15T10:30:00Z` → 1705314600; parts of a second are left out.
    private static func seconds(_ time: JSON) -> Double? {
        guard let text = time.text, text.hasSuffix("Z") else { return nil }
        let date = try? Date(String(text.prefix(19)) + "Z", strategy: .iso8601)
        return date?.timeIntervalSince1970
    }

    private static func date(of record: JSON) -> JSON {
        .text(String(record["timestamp"].text?.prefix(10) ?? ""))
    }

    private static func partition(of record: JSON) -> String {
        let time = Array(record["timestamp"].text ?? "")
        guard time.count > 13 else { return "" }
        let (year, month) = (String(time[0..<4]), String(time[5..<7]))
        let (day, hour) = (String(time[8..<10]), String(time[11..<13]))
        return "event_type=\(record["event_type"].text ?? "")/"
            + "year=\(year)/month=\(month)/day=\(day)/hour=\(hour)"
    }

    /// The batch that a record belongs to, as its key says it: shard, five seconds, hundred.
    private static func batch(of record: JSON) -> String {
        let time = record["received_at"].text ?? ""
        guard let place = place(of: record), let second = Int(time.dropFirst(17).prefix(2)) else {
            return ""
        }
        let start = second / 5 * 5
        let window = String(time.prefix(17)) + (start < 10 ? "0" : "") + "\(start)Z"
        return "\(place.shard)-\(window)-\(place.number / 100)"
    }
}

import Foundation
import TestSupport
import Testing

/// A value of JSON, as Foundation reads it.
enum JSON: Decodable, Hashable, Sendable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let boolean = try? value.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let members = try? value.decode([String: JSON].self) {
            self = .object(members)
        } else {
            self = .array(try value.decode([JSON].self))
        }
    }

    init(line: some StringProtocol) throws {
        self = try JSONDecoder().decode(JSON.self, from: Data(line.utf8))
    }

    /// A member of an object; null where there is none.
    subscript(name: String) -> JSON { members[name] ?? .null }

    var members: [String: JSON] { if case .object(let members) = self { members } else { [:] } }
    var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }

    /// An object without the members of these names, and without those that are null.
    func without(_ names: Set<String>) -> JSON {
        .object(members.filter { !names.contains($0.key) && $0.value != .null })
    }

    /// The element of an array that has this name.
    func named(_ name: String) -> JSON {
        elements.first { $0["name"].text == name } ?? .null
    }
}

/// Where a record stood in the stream.
struct StreamPlace: Hashable, Sendable {
    var shard: String
    var number: Int
}

/// One run of `examples/event-stream`, and what it left.
struct EventStreamScene: Sendable {
    struct Message: Sendable {
        var place: StreamPlace
        var key: String
        /// `nil` where it is no JSON.
        var event: JSON?
    }

    /// A line of an object.
    struct Line: Sendable {
        /// Of the object, within its bucket.
        var key: String
        var json: JSON

        var folder: String { (key as NSString).deletingLastPathComponent }
    }

    static let rate = 400
    static let seconds = 2

    /// Sent beside what the producer makes: three events to know the results of, and five that are
    /// invalid, each in its own way.
    static let sentByHand = [
        #"{"event_id":"hand-1","timestamp":"2024-01-15T10:30:00Z","event_type":"transaction","user_id":"user-1","amount":1000.01,"currency":"USD"}"#,
        #"{"event_id":"hand-2","timestamp":"2024-01-15T10:30:01Z","event_type":"user_action","user_id":"user-2","action":"login","session_seconds":59}"#,
        #"{"event_id":"hand-3","timestamp":"2024-01-15T10:30:02Z","event_type":"metric","user_id":"user-3","metric":"cpu","value":-3}"#,
        #"{"event_id":"hand-4","timestamp":"2024-01-15T10:30:03Z","#,
        #"{"event_id":"hand-5","timestamp":"2024-01-15T10:30:04Z","event_type":"transaction","user_id":"user-5","amount":"a lot"}"#,
        #"{"event_id":"hand-6","timestamp":"2024-01-15T10:30:05Z","event_type":"holiday","user_id":"user-6"}"#,
        #"{"timestamp":"2024-01-15T10:30:06Z","event_type":"system_event","user_id":"user-7"}"#,
        #"{"event_id":"hand-8","timestamp":"yesterday","event_type":"system_event","user_id":"user-8"}"#,
    ]

    let plan: JSON
    let report: JSON
    let shardFolders: [String]
    let stream: [Message]
    let raw: [Line]
    let processed: [Line]
    let letters: [JSON]
    let letterFolders: Set<String>
    let batches: [JSON]
    /// What the index finds, by shard.
    let indexed: [String: [JSON]]
    let notices: [JSON]
    /// SHA-256 in hexadecimal by text, as the system's own tool computes it.
    let hashes: [String: String]
    /// What `peek` says of the raw bucket once one of its objects is 91 days old.
    let storage: String
    /// What it says once another was written twice.
    let versions: String

    init() throws {
        let root =
            FileManager.default.temporaryDirectory.path + "/pipec-events-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        func pipec(_ arguments: String...) throws -> String {
            let result = try PipecBinary.run(arguments, in: root)
            try #require(result.status == 0, "\(arguments): \(result.output)\(result.errors)")
            return result.output
        }
        func lines(_ arguments: String...) throws -> [Substring] {
            let result = try PipecBinary.run(arguments, in: root)
            try #require(result.status == 0, "\(arguments): \(result.output)\(result.errors)")
            return result.output.split(separator: "\n")
        }

        try FileManager.default.copyItem(
            atPath: TestRun.root.path + "/examples/event-stream/pipec.yaml",
            toPath: root + "/pipec.yaml")
        try Self.sentByHand.joined(separator: "\n")
            .write(toFile: root + "/sent.txt", atomically: true, encoding: .utf8)
        _ = try pipec("feed", "events", "sent.txt")
        _ = try pipec(
            "run", "--mode", "streaming", "--until-idle", "--drain", "--quiet",
            "--param", "rate=\(Self.rate)", "--param", "duration=\(Self.seconds)",
            "--report", "report.json")

        plan = try JSON(line: try pipec("plan", "--mode", "streaming", "--format", "json"))
        report = try JSON(line: try String(contentsOfFile: root + "/report.json", encoding: .utf8))
        let shards = try FileManager.default
            .contentsOfDirectory(atPath: root + "/.pipec/kinesis/events")
            .filter { $0.hasPrefix("shardId-") }.sorted()
        shardFolders = shards
        stream = try lines("peek", "stream", "--limit", "1000000").map(Self.message)
        let raw = try Self.objects(in: root + "/.pipec/s3/event-raw")
        self.raw = raw
        processed = try Self.objects(in: root + "/.pipec/s3/event-processed")
        letters = try lines("dlq", "show", "--run", "all", "--limit", "0", "--json")
            .map { try JSON(line: $0) }
        letterFolders = Set(
            try FileManager.default.contentsOfDirectory(atPath: root + "/.pipec/dead_letters")
                .filter { !$0.hasPrefix(".") })
        batches = try lines("peek", "batch_metadata", "--limit", "1000000")
            .map { try JSON(line: $0) }
        var indexed: [String: [JSON]] = [:]
        for shard in shards {
            let found = try lines(
                "peek", "batch_metadata", "--index", "shard_index", "--key", shard,
                "--limit", "1000000")
            indexed[shard] = try found.map { try JSON(line: $0) }
        }
        self.indexed = indexed
        var notices: [JSON] = []
        for alert in ["processor_errors", "processor_dlq"] {
            notices += try lines("peek", alert).map { try JSON(line: $0)["notice"] }
        }
        self.notices = notices
        hashes = try Self.hashes(of: raw.map { Self.identity($0.json) }, in: root + "/hashes")

        let oldest = try #require(raw.first).key
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -91 * 86400)],
            ofItemAtPath: root + "/.pipec/s3/event-raw/" + oldest)
        storage = try pipec("peek", "landing.raw", "--limit", "1000000")
        for _ in 0..<2 { _ = try pipec("feed", "raw_objects", "sent.txt", "--name", "again.jsonl") }
        versions = try pipec("peek", "raw_objects", "--versions", "--limit", "1000000")
    }

    /// `shardId-000000000000 17  user-4711  {"event_id": …`
    private static func message(_ line: Substring) throws -> Message {
        let parts = line.split(separator: " ", maxSplits: 3)
        try #require(parts.count == 4, "\(line)")
        return Message(
            place: StreamPlace(shard: String(parts[0]), number: try #require(Int(parts[1]))),
            key: String(parts[2]), event: try? JSON(line: parts[3]))
    }

    /// Every line of every object, in the order of their keys.
    private static func objects(in bucket: String) throws -> [Line] {
        try FileManager.default.subpathsOfDirectory(atPath: bucket)
            .filter { $0.hasSuffix(".jsonl") }.sorted()
            .flatMap { key in
                try String(contentsOfFile: bucket + "/" + key, encoding: .utf8)
                    .split(separator: "\n").map { Line(key: key, json: try JSON(line: $0)) }
            }
    }

    /// What the example makes `record_id` of.
    static func identity(_ record: JSON) -> String {
        ["event_id", "shard_id", "sequence_number"].map { record[$0].text ?? "" }
            .joined(separator: "|")
    }

    private static func hashes(of texts: [String], in folder: String) throws -> [String: String] {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        for (index, text) in texts.enumerated() {
            try text.write(toFile: "\(folder)/\(index)", atomically: false, encoding: .utf8)
        }
        let sums = try PipecBinary.execute(
            "/bin/sh", ["-c", "sha256sum * 2>/dev/null || shasum -a 256 *"], in: folder)
        var found: [String: String] = [:]
        for line in sums.output.split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let index = Int(parts[1]), texts.indices.contains(index) else {
                continue
            }
            found[texts[index]] = String(parts[0])
        }
        return found
    }
}

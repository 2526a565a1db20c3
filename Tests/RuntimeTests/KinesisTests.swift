import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// Streams as sources and sinks of pipelines.
@Suite struct KinesisTests {
    static let now: Int64 = 1_767_225_600_000_000

    static func source(_ settings: String = "", more: String = "") -> String {
        """
        sources:
          events:
            kinesis: { stream: events, partition_key: user\(settings) }
            format: json
            columns: { user: string not null, n: integer not null }
        \(more)
        """
    }

    static let copy = """
        sinks:
          out: { from: events, files: { path: out.jsonl }, format: jsonl }

        """

    static func lines(_ numbers: some Sequence<Int>) -> [UInt8] {
        Array(numbers.map { #"{"user":"u\#($0 % 5)","n":\#($0)}"# + "\n" }.joined().utf8)
    }

    static func feed(
        _ project: SpecProject, _ spec: String, _ bytes: [UInt8], node: String = "events",
        now: Int64 = now
    ) throws -> String {
        try Feed(node: node, plan: try project.plan(spec), project: project.directory)
            .put(bytes, name: "stdin", now: now)
    }

    // MARK: - Batch

    @Test(arguments: [16_384, 2])
    func whatIsFedIsRead(batchRows: Int) throws {
        let project = try SpecProject()
        let spec =
            Self.source(
                more:
                    "    metadata: { sequence: seq, partition_key: key, received_at: at, file: shard }\n"
            )
            + Self.copy
        #expect(
            try Self.feed(project, spec, Self.lines(0..<20))
                == "events: 20 records to 2 of 2 shards")
        let bad = "\n  \n{\"user\":\"u1\",\n[1]\r\n{\"user\":null,\"n\":1}\nnope"
        _ = try Self.feed(project, spec, Array(bad.utf8))
        let report = try project.run(spec, batchRows: batchRows)
        #expect(report.nodes.first?.read == 24)
        #expect(report.nodes.first?.rejected == 4)
        #expect(report.nodes.last?.written == 20)
        let rows = try project.text("out.jsonl").split(separator: "\n").map {
            try JSONValue.parse(String($0))
        }
        #expect(Set(rows.compactMap { $0["n"]?.int }) == Set(0..<20))
        for row in rows {
            #expect(row["key"]?.string == row["user"]?.string)
            #expect(row["at"]?.string?.hasPrefix("2026-01-01") == true)
        }
        // Sequence numbers are dense within a shard, the bad records' included.
        let letters = try project.deadLetters
        #expect(letters.count == 4)
        var places = rows.map { "\($0["shard"]?.string ?? "") \($0["seq"]?.string ?? "")" }
        places += letters.map { "\($0.object) \($0.offset ?? -1)" }
        #expect(Set(places).count == 24)
        #expect(letters.allSatisfy { $0.object.hasPrefix("shardId-00000000000") && $0.line == nil })
        #expect(letters.contains { $0.raw == "nope" })
        let (shown, summary) = try Feed(
            node: "events", plan: project.plan(spec), project: project.directory
        ).peek(3, now: Self.now)
        #expect(shown.count == 3 && shown[0].hasPrefix("shardId-000000000000 0  u"))
        #expect(summary == "24 records in 2 shards")
    }

    @Test func recordsAreWholeObjects() throws {
        let project = try SpecProject()
        let spec = Self.source(", shards: 1") + Self.copy
        var options = PartitionedLog.Options()
        options.shards = 1
        let stream = try PartitionedLog(project.root + "/.pipec/kinesis/events", options)
        var batch = LogBatch()
        for text in [
            "{\n  \"user\": \"a\",\n  \"n\": 1\n}\n", "", " \n ", "{\"user\":\"a\nb\",\"n\":2}",
            "{\"user\":\"c\",\"n\":3}{\"user\":\"d\",\"n\":4}", "\u{FEFF}{}",
            "{\"user\":\"e\",\"n\":5}",
        ] { batch.add(key: "k".utf8, data: text.utf8) }
        _ = try stream.append(batch, now: Self.now)
        let report = try project.run(spec)
        #expect(report.closes)
        #expect(
            try project.text("out.jsonl")
                == "{\"user\":\"a\",\"n\":1}\n{\"user\":\"e\",\"n\":5}\n")
        #expect(Set(try project.deadLetters.compactMap(\.offset)) == [1, 2, 3, 4, 5])
    }

    @Test func whereARunBegins() throws {
        let project = try SpecProject()
        _ = try Self.feed(project, Self.source() + Self.copy, Self.lines(0..<10))
        _ = try Self.feed(
            project, Self.source() + Self.copy, Self.lines(10..<15), now: Self.now + 60_000_000)
        for (start, count) in [
            ("earliest", 15), ("latest", 0), ("\"2026-01-01T00:00:30Z\"", 5),
            ("trim_horizon", 15), ("\"0:5\"", -5), ("\"2026-01-01\"", 15), ("\"2027-01-01\"", 0),
        ] {
            let report = try project.run(Self.source(", start: \(start)") + Self.copy)
            // The five first ones of a shard are left out; the keys share both.
            #expect(report.nodes.first?.read == (count < 0 ? 15 + count : count), "\(start)")
        }
    }

    // MARK: - Sinks

    static let relay = """
        sinks:
          out:
            from: events
            kinesis: { stream: relay, shards: 3, partition_key: user }
            format: json

        """

    @Test func aSinkAppendsWhenTheRunCommits() throws {
        let project = try SpecProject()
        let spec = Self.source() + Self.relay
        _ = try Self.feed(project, spec, Self.lines(0..<100))
        try project.run(spec)
        let log = try PartitionedLog(project.root + "/.pipec/kinesis/relay")
        func records() throws -> [PartitionedLog.Record] {
            try (0..<3).flatMap { try log.read($0, from: 0, limit: .max) }
        }
        #expect(try records().count == 100)
        #expect(
            try records().allSatisfy {
                String(decoding: $0.data, as: UTF8.self).hasPrefix(
                    #"{"user":"\#(String(decoding: $0.key, as: UTF8.self))","n":"#)
            })
        // A key stays in order.
        let numbers = try records().filter { $0.key == Array("u3".utf8) }.compactMap {
            try JSONValue.parse($0.data)["n"]?.int
        }
        #expect(numbers == numbers.sorted() && numbers.count == 20)
        try project.run(spec)
        #expect(try records().count == 200)
        #expect(Files.list(project.root + "/.pipec/kinesis/relay/staged").isEmpty)
    }

    @Test func whatASinkCannotTakeIsRejected() throws {
        let large = String(repeating: "x", count: 1 << 20)
        let project = try SpecProject(files: [
            "in.jsonl": """
            {"user":"a","text":"small"}
            {"user":null,"text":"no key"}
            {"user":"","text":"no key"}
            {"user":"b","text":"\(large)"}

            """
        ])
        let report = try project.run(
            """
            sources:
              things:
                files: { path: in.jsonl }
                format: jsonl
                columns: { user: string, text: string }
            sinks:
              out: { from: things, kinesis: { stream: s, partition_key: user }, format: json }

            """)
        #expect(report.closes)
        #expect(report.nodes.last?.rejected == 3)
        #expect(
            Set(try project.deadLetters.map(\.rule)) == ["partition_key", "record_size"])
    }

    // MARK: - Settings

    @Test(arguments: [
        (", start: lastest", "`start` cannot be `lastest`"),
        (", retention: 5 minutes", "so long or so short"),
        (", shards: 0", "from 1 to 256"), (", shards: 5000", "from 1 to 256"),
    ])
    func wrongSettingsAreSaid(settings: String, message: String) throws {
        let (checked, diagnostics) = try SpecProject().check(Self.source(settings) + Self.copy)
        #expect(checked == nil || diagnostics.contains { $0.severity == .error })
        let found = try #require(diagnostics.first { $0.severity == .error })
        #expect(found.message.contains(message))
        #expect(found.primary != nil)
    }

    @Test func wrongUsesAreSaid() throws {
        let project = try SpecProject()
        let csv = Self.source().replacingOccurrences(of: "format: json", with: "format: csv")
        let error = #expect(throws: RunError.self) { try project.run(csv + Self.copy) }
        #expect(error?.diagnostic.code == .embeddedSettings)
        let start = Self.relay.replacingOccurrences(of: "shards: 3", with: "start: latest")
        let (_, diagnostics) = project.check(Self.source() + start)
        #expect(diagnostics.contains { $0.code == .embeddedSettings })
    }
}

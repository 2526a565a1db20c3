import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// Records that cannot be worked on, in a stream: each is isolated and kept with its place, everything
/// else goes through, and a restart does not meet it again.
@Suite struct PoisonTests {
    static let spec = """
        sources:
          events:
            kinesis: { stream: events, shards: 2, partition_key: id }
            format: json
            columns: { id: bigint not null, note: string }
        zones: { out: { path: out, format: jsonl } }
        transforms:
          out.events:
            from: events
            runs_on: cleaners
            steps: [ { derive: { length: length(note) } } ]
          out.all: { from: events }
        sinks:
          messages:
            from: events
            sqs: { queue: messages }
        stages:
          cleaners:
            lambda: { memory: 128 MB, batch: { rows: 100, bytes: 6 MB }, retries: 2, bisect_on_error: true }
        """

    static func record(_ id: Int) -> String { "{\"id\":\(id),\"note\":\"n\(id)\"}" }

    /// A message of 300 KB is a record of a stream and none of a queue.
    static let large = "{\"id\":333,\"note\":\"" + String(repeating: "x", count: 300_000) + "\"}"

    private func feed(_ stream: StreamScript, _ lines: [String]) throws {
        _ = try Feed(node: "events", plan: stream.plan, project: stream.project.directory).put(
            Array((lines.joined(separator: "\n") + "\n").utf8), name: "x", now: stream.clock.now)
    }

    /// Where each record stands: the name of its shard, and its number there.
    private func places(_ project: SpecProject) throws -> [String: (String, Int64)] {
        let log = try PartitionedLog(project.root + "/.pipec/kinesis/events")
        var places: [String: (String, Int64)] = [:]
        for shard in 0..<log.shardCount {
            for record in try log.read(shard, from: 0, limit: .max) {
                let text = String(decoding: record.data, as: UTF8.self)
                places[text] = ("shardId-00000000000\(shard)", record.sequence)
            }
        }
        return places
    }

    @Test func eachKindIsIsolatedWithItsPlace() throws {
        // Less memory than a batch with the large record takes, and more than one without.
        let spec = Self.spec.replacingOccurrences(
            of: "lambda: { memory: 128 MB, batch: { rows: 100, bytes: 6 MB }, retries: 2",
            with: "flink: { memory: 200 KB, batch: { rows: 100 }")
        let stream = try StreamScript(spec)
        let poison = ["{\"id\":222,\"note\":", "{\"note\":\"no id\"}", Self.large]
        let good = (0..<1000).filter { $0 != 333 }.map(Self.record)
        try feed(stream, Array(good[..<500]) + poison + good[500...])
        while try stream.step() {}
        try check(stream, poison, good)
        // Neither this process nor the next one meets them again.
        let letters = try stream.project.deadLetters.count
        stream.restart()
        let more = (1000..<1100).map(Self.record)
        try feed(stream, more)
        while try stream.step() {}
        #expect(try stream.project.deadLetters.count == letters)
        try check(stream, poison, good + more)
    }

    private func check(_ stream: StreamScript, _ poison: [String], _ good: [String]) throws {
        let letters = try stream.project.deadLetters
        let places = try places(stream.project)
        for (record, rule) in zip(poison, ["invalid_json", "not_null", "stage"]) {
            // Of a large record its beginning is kept.
            let found = letters.filter {
                $0.raw?.prefix(40) == record.prefix(40) && $0.rule == rule
            }
            #expect(found.count == 1, "\(record.prefix(40)): \(letters.map(\.rule))")
            let place = try #require(places[record])
            #expect(found.first?.object == place.0 && found.first?.offset == place.1)
        }
        // The stage gave up one record, after it had been alone; the queue would not have it either.
        let given = letters.filter { $0.rule == "stage" }
        #expect(given.count == 1 && given.first?.stage == "cleaners")
        #expect(given.first?.code == DiagnosticCode.stageMemory.description)
        #expect((given.first?.attempt ?? 0) > 1)
        #expect(letters.filter { $0.rule == "message_size" }.map(\.node) == ["messages"])
        #expect(letters.count == 4, "\(letters.map(\.rule))")
        // Everything else is everywhere it should be, once.
        let rows = try stream.rows("out.events")
        #expect(Set(rows).count == good.count && rows.count == good.count)
        let all = try stream.rows("out.all")
        #expect(Set(all) == Set(good + [Self.large]) && all.count == good.count + 1)
        let queue = try MessageQueue(
            path: stream.project.root + "/.pipec/sqs/messages.sqlite", isFIFO: false)
        #expect(try queue.peek(.max).map(\.body).sorted() == good.sorted())
    }
}

import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// Epochs of a stream that merge rows into a table leave files alone that they cannot concern.
@Suite struct MergedTableTests {
    static func spec(partition: String = "") -> String {
        """
        sources:
          events:
            files: { path: "events/*.csv" }
            format: csv
            columns: { id: bigint not null, at: timestamp not null, name: string, n: bigint }
            event_time: { column: at, watermark: 0 seconds }
        zones: { out: { path: out, format: parquet } }
        transforms:
          out.t:
            from: events
            write: { mode: merge, on: [id, at] }
            \(partition)
        """
    }

    static func rows(day: Int, _ ids: some Sequence<Int>, n: Int) -> String {
        ids.reduce(into: "id,at,name,n\n") { text, id in
            text += "\(id),2026-01-0\(day)T00:00:00Z,v\(id),\(n)\n"
        }
    }

    static func files(_ stream: StreamScript) -> Set<String> {
        Set(stream.project.walk("out/t").filter { $0.hasSuffix(".parquet") })
    }

    /// Two days of 70,000 rows each, then changes of the second day alone.
    @Test func filesOfATimeThatIsOverStay() throws {
        let stream = try StreamScript(Self.spec())
        try stream.project.write(Self.rows(day: 1, 0..<70_000, n: 1), to: "events/1.csv")
        try stream.step()
        let first = Self.files(stream)
        try stream.project.write(Self.rows(day: 2, 0..<70_000, n: 2), to: "events/2.csv")
        try stream.step()
        #expect(Self.files(stream).isSuperset(of: first))
        #expect(Self.files(stream).count == 2)
        stream.restart()
        for round in 3..<9 {
            try stream.project.write(
                Self.rows(day: 2, [round, 10 * round, 70_000 + round], n: round),
                to: "events/\(round).csv")
            try stream.step()
            #expect(Self.files(stream).isSuperset(of: first))
            // The day that is over, the day that is not, and what has just changed.
            #expect(Self.files(stream).count == 3)
        }
        let rows = try stream.rows("out.t")
        #expect(rows.count == 140_006)
        func value(_ day: Int, _ id: Int) -> String {
            "{\"id\":\(id),\"at\":\"2026-01-0\(day)T00:00:00Z\",\"name\":\"v\(id)\",\"n\":"
        }
        let found = Set(rows)
        for round in 3..<9 {
            #expect(found.contains(value(2, round) + "\(round)}"))
            #expect(found.contains(value(2, 10 * round) + "\(round)}"))
            #expect(found.contains(value(2, 70_000 + round) + "\(round)}"))
            #expect(found.contains(value(1, round) + "1}"))
        }
        #expect(found.contains(value(2, 69_999) + "2}"))
    }

    /// Random changes over many epochs give what one merge of all gives, however files are cut.
    @Test(arguments: ["", "partition_by: [\"date(at)\"]"])
    func manyEpochsAreOneMerge(partition: String) throws {
        var random = SplitMix(seed: 5)
        let stream = try StreamScript(Self.spec(partition: partition))
        var expected: [String: Int] = [:]
        for round in 0..<40 {
            let day = min(4, 1 + round / 10 + random.below(2))
            let ids = Set((0..<random.below(60)).map { _ in random.below(200) })
            try stream.project.write(
                Self.rows(day: day, ids.sorted(), n: round), to: "events/\(100 + round).csv")
            for id in ids { expected["\(id) \(day)"] = round }
            try stream.step()
            if random.below(5) == 0 { stream.restart() }
        }
        let wanted = expected.map { key, n in
            let parts = key.split(separator: " ")
            return "{\"id\":\(parts[0]),\"at\":\"2026-01-0\(parts[1])T00:00:00Z\","
                + "\"name\":\"v\(parts[0])\",\"n\":\(n)}"
        }
        #expect(try stream.rows("out.t") == wanted.sorted())
        #expect(Self.files(stream).count <= (partition.isEmpty ? 9 : 16))
    }
}

import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// What a streaming run has written when time ends is what a batch run makes of the same rows, however
/// they were cut into epochs and however often it was stopped and started between them.
@Suite struct StreamEqualsBatchTests {
    static let sources = """
        sources:
          events:
            files: { path: "events/*.csv" }
            format: csv
            columns: { id: bigint not null, vehicle: string, at: timestamp not null, value: double }
            event_time: { column: at, watermark: 2 minutes }
          clicks:
            files: { path: "clicks/*.csv" }
            format: csv
            columns: { click: bigint not null, vehicle: string, clicked_at: timestamp not null }
            event_time: { column: clicked_at, watermark: 2 minutes }
          vehicles:
            files: { path: vehicles.csv }
            format: csv
            columns: { vehicle: string not null, depot: string }
        zones: { out: { path: out, format: parquet } }

        """

    /// Each is one table `out.t` and, where rows take the place of earlier ones, how.
    static let transforms: [(name: String, body: String)] = [
        (
            "tumble",
            """
            sql: |
              SELECT window_start, window_end, vehicle, count(*) AS n, sum(value) AS total,
                     avg(value) AS mean, string_agg(CAST(id AS string), '+') AS ids
              FROM events GROUP BY tumble(at, INTERVAL '5 minutes'), vehicle
            """
        ),
        (
            "hop",
            """
            sql: |
              SELECT window_start, vehicle, count(DISTINCT id % 7) AS n, max(value) AS most
              FROM events GROUP BY hop(at, INTERVAL '2 minutes', INTERVAL '6 minutes'), vehicle
            """
        ),
        (
            "session",
            """
            sql: |
              SELECT window_start, window_end, vehicle, count(*) AS n, sum(value) AS total
              FROM events GROUP BY session(at, INTERVAL '90 seconds'), vehicle
            """
        ),
        (
            "by hour, updated",
            """
            sql: |
              SELECT vehicle, date_trunc('hour', at) AS hour, count(*) AS n, min(value) AS least,
                     arg_max(id, at) AS last
              FROM events GROUP BY vehicle, date_trunc('hour', at)
            """
        ),
        ("all, updated", "sql: SELECT count(*) AS n, sum(value) AS total FROM events"),
        (
            "windows of windows",
            """
            sql: |
              WITH minutes AS (
                SELECT window_start AS minute, window_end AS until, count(*) AS n FROM events
                GROUP BY tumble(at, INTERVAL '1 minute'))
              SELECT date_trunc('hour', until) AS hour, sum(n) AS n, max(n) AS busiest
              FROM minutes GROUP BY date_trunc('hour', until)
            """
        ),
        (
            "dedupe",
            """
            from: events
                steps:
                  - dedupe: { on: [vehicle, value], within: 10 minutes }
            """
        ),
        (
            "bloom",
            """
            from: events
                steps:
                  - dedupe: { on: [id, at], within: 10 minutes, method: bloom, false_positive_rate: 0.0001% }
            """
        ),
        (
            "latest",
            """
            from: events
                steps:
                  - latest: { by: [vehicle], within: 1 day }
            """
        ),
        (
            "lookup",
            """
            from: events
                steps:
                  - lookup: { in: vehicles, on: vehicle, take: [depot] }
                  - where: value > 3
            """
        ),
    ]

    static let joins = ["inner", "left", "right", "full", "semi", "anti"]

    static func spec(_ body: String) -> String {
        sources + "transforms:\n  out.t:\n    "
            + body.replacingOccurrences(of: "\n", with: "\n    ")
            .replacingOccurrences(of: "        steps", with: "    steps")
            .replacingOccurrences(of: "          - ", with: "      - ") + "\n"
    }

    static func join(_ kind: String) -> String {
        """
        from: events
        steps:
          - rename: { vehicle: truck }
          - join: { with: clicks, on: "input.truck = clicks.vehicle", type: \(kind), within: 45 seconds }
        """
    }

    @Test(arguments: transforms.map(\.name))
    func transform(_ name: String) throws {
        let body = try #require(Self.transforms.first { $0.name == name }).body
        try compare(Self.spec(body), seed: 7)
    }

    @Test(arguments: joins)
    func join(_ kind: String) throws {
        try compare(Self.spec(Self.join(kind)), seed: 11)
    }

    private func compare(_ spec: String, seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let input = Input(&random)
        let whole = try SpecProject(files: input.all)
        try whole.run(spec)
        let expected = try whole.rows("out.t", of: spec).sorted()
        #expect(expected.count > 0)

        let stream = try StreamScript(spec, files: ["vehicles.csv": input.vehicles])
        for (name, text) in input.files {
            try stream.project.write(text, to: name)
            if random.below(3) > 0 { while try stream.step() {} }
            if random.below(4) == 0 { stream.restart() }
        }
        try stream.drain()
        let found = try stream.rows("out.t")
        #expect(stream.reports.count > 10)
        #expect(stream.reports.allSatisfy { $0.nodes.allSatisfy { $0.late == 0 } })
        #expect(found.count == expected.count)
        #expect(found == expected, "\(difference(found, expected))")
        #expect(try stream.project.deadLetters.isEmpty)
    }

    private func difference(_ found: [String], _ expected: [String]) -> String {
        let (found, expected) = (Set(found), Set(expected))
        return "only streamed: \(found.subtracting(expected).sorted().prefix(3)), "
            + "only batch: \(expected.subtracting(found).sorted().prefix(3))"
    }

    /// Rows of two sources over a few hours, each up to two minutes out of order, in small files.
    struct Input {
        var files: [(String, String)] = []
        var all: [String: String] = [:]
        let vehicles = "vehicle,depot\nA,north\nB,south\nC,\n"

        init(_ random: inout SplitMix) {
            let start = 1_767_225_600
            var number = 0
            for file in 0..<40 {
                var events = "id,vehicle,at,value\n"
                var clicks = "click,vehicle,clicked_at\n"
                for _ in 0..<30 {
                    // Silences, so that sessions end.
                    let time = start + number * 9 + number / 100 * 240 - random.below(110)
                    let vehicle = ["A", "B", "C", "D", ""][random.below(5)]
                    let value = random.below(6) == 0 ? "" : "\(Double(random.below(90)) / 10)"
                    events += "\(number),\(vehicle),\(Self.text(time)),\(value)\n"
                    if random.below(3) == 0 {
                        let clicked = start + number * 9 + number / 100 * 240 - random.below(110)
                        clicks += "\(number),\(vehicle),\(Self.text(clicked))\n"
                    }
                    number += 1
                }
                let name = String(format: "%03d", file)
                add("events/\(name).csv", events)
                add("clicks/\(name).csv", clicks)
            }
            all["vehicles.csv"] = vehicles
        }

        private mutating func add(_ name: String, _ text: String) {
            files.append((name, text))
            all[name] = text
        }

        private static func text(_ seconds: Int) -> String {
            Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        }
    }
}

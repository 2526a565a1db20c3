import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// Event time in streaming runs: what closes a window, what comes too late, and what a plan must bound.
@Suite struct StreamTimeTests {
    static func spec(_ time: String, _ transforms: String, write: String = "") -> String {
        """
        sources:
          events:
            files: { path: "events/*.csv" }
            format: csv
            columns: { id: bigint not null, at: timestamp not null, value: double }
            event_time: { column: at, \(time) }
        zones: { out: { path: out, format: parquet } }
        transforms:
          out.t:
            sql: |
              \(transforms)
        \(write)
        """
    }

    static let minutes =
        "SELECT window_start, count(*) AS n FROM events GROUP BY tumble(at, INTERVAL '1 minute')"

    static func rows(_ times: String...) -> String {
        "id,at,value\n"
            + times.enumerated().map { "\($0),2026-01-01T00:\($1)Z,1\n" }.joined()
    }

    static func window(_ minute: String, _ count: Int) -> String {
        "{\"window_start\":\"2026-01-01T00:\(minute):00Z\",\"n\":\(count)}"
    }

    @Test func aWindowIsWrittenOnceTimeHasPassedIt() throws {
        let stream = try StreamScript(Self.spec("watermark: 30 seconds", Self.minutes))
        try stream.project.write(Self.rows("00:10", "00:50", "01:20"), to: "events/1.csv")
        try stream.step()
        // 01:20 - 30 s is before the end of the first minute.
        #expect(try stream.rows("out.t") == [])
        try stream.project.write(Self.rows("00:59", "01:30"), to: "events/2.csv")
        try stream.step()
        #expect(try stream.rows("out.t") == [Self.window("00", 3)])
        try stream.drain()
        #expect(try stream.rows("out.t") == [Self.window("00", 3), Self.window("01", 2)])
        #expect(stream.late("out.t") == 0)
    }

    @Test func whatComesAfterItsWindowIsADeadLetter() throws {
        let stream = try StreamScript(Self.spec("watermark: 0 seconds", Self.minutes))
        try stream.project.write(Self.rows("00:10", "01:00"), to: "events/1.csv")
        try stream.step()
        stream.restart()
        try stream.project.write(Self.rows("00:59", "01:10"), to: "events/2.csv")
        try stream.drain()
        #expect(try stream.rows("out.t") == [Self.window("00", 1), Self.window("01", 2)])
        #expect(stream.late("out.t") == 1)
        let letter = try #require(try stream.project.deadLetters.first)
        #expect(letter.rule == "late" && letter.node == "out.t")
        #expect(letter.object.hasSuffix("2.csv") && letter.line == 2)
    }

    /// The table is then merged by the window: a late row changes what was written.
    @Test func allowedLatenessWritesAWindowAnew() throws {
        let stream = try StreamScript(
            Self.spec("watermark: 0 seconds, allowed_lateness: 2 minutes", Self.minutes))
        #expect(stream.plan["out.t"]?.table?.mode == .merge)
        try stream.project.write(Self.rows("00:10", "01:00"), to: "events/1.csv")
        try stream.step()
        #expect(try stream.rows("out.t") == [Self.window("00", 1)])
        stream.restart()
        try stream.project.write(Self.rows("00:20"), to: "events/2.csv")
        try stream.step()
        #expect(try stream.rows("out.t") == [Self.window("00", 2)])
        try stream.project.write(Self.rows("03:00"), to: "events/3.csv")
        try stream.step()
        try stream.project.write(Self.rows("00:30"), to: "events/4.csv")
        try stream.step()
        #expect(stream.late("out.t") == 1)
        #expect(try stream.rows("out.t").first == Self.window("00", 2))
    }

    /// A row that breaks a rule of the contract must not push time forward, however wrong its time is.
    @Test func rejectedRowsDoNotMoveTime() throws {
        let spec = """
            contracts:
              event:
                columns: { id: bigint not null, at: timestamp not null, value: double }
                rules: { in_time: "at < TIMESTAMP '2027-01-01 00:00:00'" }
            sources:
              events:
                files: { path: "events/*.csv" }
                format: csv
                contract: event
                event_time: { column: at, watermark: 0 seconds }
            zones: { out: { path: out, format: parquet } }
            transforms:
              out.t:
                sql: "\(Self.minutes)"
            """
        let stream = try StreamScript(spec)
        try stream.project.write(
            "id,at,value\n1,2026-01-01T00:00:10Z,1\n2,2099-01-01T00:00:00Z,1\n",
            to: "events/1.csv")
        try stream.step()
        #expect(try stream.rows("out.t") == [])
        try stream.project.write(Self.rows("00:20"), to: "events/2.csv")
        try stream.drain()
        #expect(try stream.rows("out.t") == [Self.window("00", 2)])
    }

    /// The slowest of two sources decides, until it has been silent for long.
    @Test func aSilentSourceHoldsTimeBackOnlyForAWhile() throws {
        let source = """
            files: { path: "%/*.csv" }
                format: csv
                columns: { id: bigint not null, at: timestamp not null, value: double }
                event_time: { column: at, watermark: 0 seconds, idle_after: 10 seconds }
            """
        let spec = """
            sources:
              a:
                \(source.replacingOccurrences(of: "%", with: "a"))
              b:
                \(source.replacingOccurrences(of: "%", with: "b"))
            zones: { out: { path: out, format: parquet } }
            transforms:
              both: { from: [a, b] }
              out.t:
                sql: "\(Self.minutes.replacingOccurrences(of: "FROM events", with: "FROM both"))"
            """
        let stream = try StreamScript(spec)
        try stream.project.write(Self.rows("00:10", "05:00"), to: "a/1.csv")
        try stream.project.write(Self.rows("00:20"), to: "b/1.csv")
        try stream.step()
        #expect(try stream.rows("out.t") == [])
        #expect(try !stream.step())
        stream.clock.advance(by: 5_000_000)
        try stream.project.write(Self.rows("06:00"), to: "a/2.csv")
        try stream.step()
        #expect(try stream.rows("out.t") == [])
        stream.clock.advance(by: 6_000_000)
        // Nothing new has come, but time has passed: an epoch without rows.
        #expect(try stream.step())
        #expect(try stream.rows("out.t") == [Self.window("00", 2), Self.window("05", 1)])
        // What b says now is behind what was written.
        try stream.project.write(Self.rows("00:30", "06:10"), to: "b/2.csv")
        try stream.drain()
        #expect(stream.late("out.t") == 1)
        #expect(try stream.rows("out.t").last == Self.window("06", 2))
    }

    /// Changes of the spec: what is still meant the same is kept, what is not is refused.
    @Test func stateOfAnotherDefinitionIsRefused() throws {
        let stream = try StreamScript(Self.spec("watermark: 30 seconds", Self.minutes))
        try stream.project.write(Self.rows("00:10", "00:50"), to: "events/1.csv")
        try stream.step()
        stream.restart()
        func run(_ sql: String, moved: String = "") throws -> RunError? {
            let plan = try stream.project.plan(
                Self.spec("watermark: 30 seconds", sql) + moved, mode: .streaming)
            let session = try StreamSession(
                plan, stream.project.directory, stream.settings, clock: stream.clock)
            session.endTime()
            do { _ = try session.epoch([:]).work() } catch let error as RunError { return error }
            return nil
        }
        let other = try run(
            "SELECT window_start, count(*) AS n FROM events "
                + "GROUP BY tumble(at, INTERVAL '2 minutes')")
        #expect(other?.diagnostic.code == .checkpointMismatch)
        #expect(other?.diagnostic.notes.contains { $0.contains("windows of 1 minute") } == true)
        #expect(try run(Self.minutes.replacingOccurrences(of: " AS n", with: " AS rows")) == nil)
    }

    @Test(arguments: [
        ("SELECT id, count(*) AS n FROM events GROUP BY id", "PIPE0431", "every group"),
        ("SELECT id, at FROM events ORDER BY at LIMIT 3", "PIPE0580", "needs all of its input"),
        (
            "SELECT a.id, b.value FROM events a JOIN events b ON a.id = b.id", "PIPE0431",
            "both sides"
        ),
        ("SELECT value, rank() OVER (ORDER BY at) AS r FROM events", "PIPE0580", "all of its"),
        (
            "SELECT n, count(*) AS m FROM (SELECT date(at) AS day, count(*) AS n FROM events "
                + "GROUP BY date(at)) GROUP BY n", "PIPE0580", "adds up rows that take the place"
        ),
    ])
    func unboundedPlansAreRefusedByName(_ sql: String, _ code: String, _ text: String) throws {
        let project = try SpecProject()
        let plan = try project.plan(
            Self.spec("watermark: 1 minute", sql), mode: .streaming)
        let found = StreamAnalysis(plan).diagnostics
        #expect(
            found.contains {
                $0.code.description == code && $0.message.contains("out.t")
                    && $0.message.contains(text)
            }, "\(found.map { ($0.code, $0.message) })")
    }

    @Test func groupsOfADayMayChangeUntilItIsOver() throws {
        let stream = try StreamScript(
            Self.spec(
                "watermark: 0 seconds",
                "SELECT date(at) AS day, count(*) AS n FROM events GROUP BY date(at)"))
        #expect(stream.plan["out.t"]?.table?.mode == .merge)
        try stream.project.write(Self.rows("00:10"), to: "events/1.csv")
        try stream.step()
        #expect(try stream.rows("out.t") == ["{\"day\":\"2026-01-01\",\"n\":1}"])
        stream.restart()
        try stream.project.write(
            "id,at,value\n1,2026-01-01T23:00:00Z,\n2,2026-01-02T00:00:00Z,\n", to: "events/2.csv")
        try stream.step()
        #expect(
            try stream.rows("out.t") == [
                "{\"day\":\"2026-01-01\",\"n\":2}", "{\"day\":\"2026-01-02\",\"n\":1}",
            ])
        try stream.project.write(Self.rows("00:20"), to: "events/3.csv")
        try stream.step()
        #expect(stream.late("out.t") == 1)
    }

    /// Many epochs of many groups: rows are put together, and replaced by a snapshot.
    @Test func stateOnDiskStaysAboutAsLargeAsWhatItSays() throws {
        let stream = try StreamScript(
            Self.spec(
                "watermark: 1 hour",
                "SELECT window_start, id, count(*) AS n, sum(value) AS total FROM events "
                    + "GROUP BY tumble(at, INTERVAL '1 day'), id"))
        for file in 0..<40 {
            var text = "id,at,value\n"
            for row in 0..<4000 {
                text += "\(row % 100),2026-01-01T0\(file / 10):00:00Z,\(Double(row) / 7)\n"
            }
            try stream.project.write(text, to: "events/\(100 + file).csv")
            try stream.step()
            if file % 13 == 12 { stream.restart() }
        }
        let names = stream.project.walk(".pipec/state/test/operators")
        #expect(names.count <= 32, "\(names)")
        #expect(names.contains { $0.hasSuffix(".snapshot") })
        try stream.drain()
        let rows = try stream.rows("out.t")
        #expect(rows.count == 100 && rows.allSatisfy { $0.contains("\"n\":1600,") })
    }

    /// A table is there from the first epoch on; an object without anything in it is not.
    @Test func anEpochWithoutRowsMakesNoObject() throws {
        let stream = try StreamScript(
            Self.spec("watermark: 30 seconds", Self.minutes)
                .replacingOccurrences(of: "format: parquet", with: "format: jsonl"))
        try stream.project.write(Self.rows("00:10"), to: "events/1.csv")
        try stream.step()
        #expect(try stream.rows("out.t") == [])
        #expect(stream.project.walk("out/t").filter { $0.hasSuffix(".jsonl") } == [])
        try stream.drain()
        #expect(try stream.rows("out.t") == [Self.window("00", 1)])
    }

    /// Sources that only flow together, with nothing that waits for both, come to rest.
    @Test func aUnionOfWindowsComesToRest() throws {
        func source(_ name: String) -> String {
            """
              \(name):
                files: { path: "\(name)/*.csv" }
                format: csv
                columns: { id: bigint not null, at: timestamp not null, value: double }
                event_time: { column: at, watermark: 0 seconds }

            """
        }
        func counts(_ name: String) -> String {
            "  counts_\(name): { sql: \"SELECT window_start, count(*) AS n FROM \(name) "
                + "GROUP BY tumble(at, INTERVAL '1 minute')\" }\n"
        }
        let spec =
            "sources:\n" + source("a") + source("b")
            + "zones: { out: { path: out, format: jsonl } }\n"
            + "transforms:\n" + counts("a") + counts("b")
            + "  out.counts: { from: [counts_a, counts_b] }\n"
        let stream = try StreamScript(spec)
        for name in ["a", "b"] {
            try stream.project.write(Self.rows("00:10", "01:10", "02:10"), to: "\(name)/1.csv")
        }
        #expect(try stream.step())
        stream.clock.advance(by: 60_000_000)
        var rounds = 0
        while rounds < 10, try stream.step() { rounds += 1 }
        #expect(rounds < 3)
        try stream.drain()
        #expect(try stream.rows("out.counts").count == 6)
        #expect(try !stream.step())
    }
}

/// The filter behind `method: bloom`.
@Suite struct ScalingBloomFilterTests {
    @Test(arguments: [0.05, 0.01, 0.001])
    func itErrsAtMostAtItsRate(_ rate: Double) {
        var random = SplitMix(seed: 3)
        var filter = ScalingBloomFilter(rate: rate)
        // Through several of its doublings.
        let members = (0..<50_000).map { _ in random.next() }
        for member in members { filter.insert(member) }
        #expect(members.allSatisfy { filter.contains($0) })
        let tries = 200_000
        let wrong = (0..<tries).count { _ in filter.contains(random.next()) }
        let measured = Double(wrong) / Double(tries)
        #expect(measured <= rate, "\(measured) of the others")
        #expect(measured > 0 || rate < 0.0001)
        print(
            "bloom: rate \(rate), measured \(measured), \(filter.byteCount * 8 / 50_000) bits a key"
        )
    }
}

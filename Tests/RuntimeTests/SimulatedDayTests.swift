import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// A day on the virtual clock: hourly windows, shards that fall silent, expiry, retention and
/// schedules, with counts that the test works out by itself.
@Suite struct SimulatedDayTests {
    static let minute: Int64 = 60_000_000
    static let hour: Int64 = 60 * minute
    /// 2026-01-01T00:00:00Z
    static let newYear: Int64 = 1_767_225_600_000_000
    static let tick = 5 * minute

    static let spec = """
        sources:
          readings:
            kinesis: { stream: readings, shards: 3, partition_key: device, retention: 2 hours }
            format: json
            columns: { id: bigint not null, device: string not null, at: timestamp not null, value: bigint not null }
            event_time: { column: at, watermark: 10 minutes, idle_after: 15 minutes }
        zones: { out: { path: out, format: parquet } }
        transforms:
          out.readings: { from: readings }
          out.fresh:
            from: readings
            steps: [ { dedupe: { on: id, within: 30 minutes } } ]
          out.hourly:
            sql: |
              SELECT window_start, device, count(*) AS n, sum(value) AS total FROM readings
              GROUP BY tumble(at, INTERVAL '1 hour'), device
          out.reports:
            every: 1 hour
            sql: SELECT count(*) AS n FROM out.readings
            write: { mode: append }
          out.nightly:
            runs_on: night
            sql: SELECT count(*) AS n FROM out.readings
            write: { mode: append }
        sinks:
          latest: { from: out.fresh, dynamodb: { table: latest, partition_key: device, ttl: 3 hours } }
          high: { from: out.fresh, where: value >= 90, sqs: { queue: high, retention: 4 hours } }
        stages:
          night: { glue: { cron: "30 2 * * *" } }
        """

    private struct Reading {
        var id: Int
        var device: String
        /// Microseconds since 1970.
        var at: Int64
        var value: Int

        var json: String {
            "{\"id\":\(id),\"device\":\"\(device)\",\"at\":\"\(RunClock.text(at))\","
                + "\"value\":\(value)}\n"
        }
    }

    /// What is sent, and what it should come to.
    private struct Day {
        var random = SplitMix(seed: 24)
        var next = 0
        var sent: [Reading] = []
        /// By when it was sent.
        var sentAt: [Int64] = []
        var repeated: Set<Int> = []
        var late = 0
        /// Of the last ten minutes, to be sent again.
        var recent: [Reading] = []

        mutating func readings(until now: Int64, of devices: [String]) -> [Reading] {
            var batch: [Reading] = []
            for at in stride(from: now - tick, to: now, by: 30_000_000) {
                for device in devices {
                    batch.append(
                        Reading(id: next, device: device, at: at, value: random.below(100)))
                    next += 1
                }
            }
            let fresh = batch
            if let again = recent.first, random.below(2) == 0 { batch.append(again) }
            // Long past its window.
            if random.below(4) == 0, now > newYear + 4 * hour {
                late += 1
                let at = now - 3 * hour - Int64(random.below(600)) * 1_000_000
                batch.append(Reading(id: next, device: devices[0], at: at, value: 1))
                next += 1
            }
            sent += batch
            sentAt += Array(repeating: now, count: batch.count)
            recent = fresh
            return batch
        }
    }

    @Test func aDayGoesByInSeconds() throws {
        let began = ContinuousClock.now
        let project = try SpecProject()
        let plan = try project.plan(Self.spec, mode: .streaming, schemas: .pinning)
        let clock = VirtualPipelineClock(now: Self.newYear)
        let devices = try Self.devices(project, plan)
        var day = Day()
        var rowsAtHour: [Int] = []
        var options = StreamingRun.Options()
        options.clock = clock
        var settings = RunSettings(now: Self.newYear)
        settings.clock = clock
        nonisolated(unsafe) var running: StreamingRun?
        let feed = try Feed(node: "readings", plan: plan, project: project.directory)
        options.between = {
            if clock.now >= Self.newYear + 24 * Self.hour {
                running?.cancel()
                return
            }
            clock.advance(by: Self.tick)
            let now = clock.now
            if now % Self.hour == 0 { rowsAtHour.append(day.sent.count) }
            // All devices of a shard fall silent at ten.
            let silent = now > Self.newYear + 10 * Self.hour ? devices[2] : []
            let live = devices.joined().filter { !silent.contains($0) }
            let batch = day.readings(until: now, of: live)
            _ = try feed.put(Array(batch.map(\.json).joined().utf8), name: "x", now: now)
            // Windows close although one shard is silent.
            if [6, 12, 18].map({ $0 * Self.hour + 30 * Self.minute }).contains(now - Self.newYear) {
                let windows = try project.rows("out.hourly", of: Self.spec)
                let expected = Self.windows(day, before: now - 30 * Self.minute)
                #expect(windows.count == expected.count, "at \(RunClock.text(now))")
            }
        }
        let run = StreamingRun(
            plan: plan, project: project.directory, settings: settings, options: options)
        running = run
        _ = try run.execute()
        try check(project, day, devices, rowsAtHour)
        print("a day: \(day.sent.count) rows in \(ContinuousClock.now - began)")
    }

    /// Of each of the three shards, two devices.
    private static func devices(_ project: SpecProject, _ plan: Plan) throws -> [[String]] {
        var options = PartitionedLog.Options()
        options.shards = 3
        options.retention = 2 * hour
        let log = try PartitionedLog(project.root + "/.pipec/kinesis/readings", options)
        var devices = Array(repeating: [String](), count: 3)
        for number in 0..<200 {
            let name = "device-\(number)"
            let shard = Array(name.utf8).withUnsafeBytes { log.shard(of: $0) }
            if devices[shard].count < 2 { devices[shard].append(name) }
        }
        return devices
    }

    /// Rows of windows that end at `end` or earlier, by window and device.
    private static func windows(_ day: Day, before end: Int64) -> [String: (n: Int, total: Int)] {
        var found: [String: (n: Int, total: Int)] = [:]
        for (reading, sent) in zip(day.sent, day.sentAt) {
            let start = reading.at / hour * hour
            guard start + hour <= end, sent - reading.at < 2 * hour else { continue }
            var entry = found["\(start) \(reading.device)"] ?? (0, 0)
            entry.n += 1
            entry.total += reading.value
            found["\(start) \(reading.device)"] = entry
        }
        return found
    }

    private func check(
        _ project: SpecProject, _ day: Day, _ devices: [[String]], _ rowsAtHour: [Int]
    ) throws {
        let end = Self.newYear + 24 * Self.hour
        func rows(_ table: String) throws -> [JSONValue] {
            try project.rows(table, of: Self.spec).map { try JSONValue.parse(Array($0.utf8)) }
        }
        // Everything arrived, each id once where it is wanted once; the late ones are kept apart.
        #expect(try rows("out.readings").count == day.sent.count)
        let fresh = try rows("out.fresh").compactMap { $0["id"]?.int }
        #expect(fresh.count == day.next - day.late && Set(fresh).count == fresh.count)
        let letters = try project.deadLetters
        #expect(letters.allSatisfy { $0.rule == "late" })
        #expect(letters.filter { $0.node == "out.hourly" }.count == day.late)
        #expect(letters.filter { $0.node == "out.fresh" }.count == day.late)
        // All hours but the last, which has not been over for ten minutes yet.
        let expected = Self.windows(day, before: end - Self.hour)
        let hourly = try rows("out.hourly")
        #expect(hourly.count == expected.count && hourly.count == 6 * 10 + 4 * 13)
        for row in hourly {
            let start = try #require(row["window_start"]?.string)
            let at = try #require(RunClock.microseconds(start))
            let entry = expected["\(at) \(row["device"]?.string ?? "")"]
            #expect(row["n"]?.int == entry?.n && row["total"]?.int == entry?.total)
        }
        // Once an hour, and once in the night, with what was there then.
        #expect(try rows("out.reports").compactMap { $0["n"]?.int } == rowsAtHour)
        #expect(rowsAtHour.count == 24)
        let night = day.sentAt.count { $0 < Self.newYear + 150 * Self.minute }
        #expect(try rows("out.nightly").compactMap { $0["n"]?.int } == [night])
        // What has not been written for three hours is gone.
        let latest = try KeyValueTable(path: project.root + "/.pipec/dynamodb/latest.sqlite")
        let items = try latest.items(limit: .max, now: end).map {
            try JSONValue.parse(Array($0.utf8))["device"]?.string ?? ""
        }
        #expect(items.sorted() == (devices[0] + devices[1]).sorted())
        try checkRetention(project, day, end)
    }

    private func checkRetention(_ project: SpecProject, _ day: Day, _ end: Int64) throws {
        // Messages of the last four hours.
        let queue = try MessageQueue(
            path: project.root + "/.pipec/sqs/high.sqlite", isFIFO: false)
        var seen: Set<Int> = []
        let high = zip(day.sent, day.sentAt).count { reading, sent in
            seen.insert(reading.id).inserted && reading.value >= 90
                && sent > end - 4 * Self.hour
        }
        #expect(try queue.counts(now: end).visible == high)
        // Records of the last two hours, and of the segment that is being written.
        let log = try PartitionedLog(project.root + "/.pipec/kinesis/readings")
        try log.expire(now: end)
        for shard in 0..<2 {
            let bounds = try log.bounds(shard)
            let first = try #require(
                try log.read(shard, from: bounds.lowerBound, limit: 1).first)
            #expect(first.arrival > end - 2 * Self.hour - Self.hour / 2)
            #expect(first.arrival <= end - 2 * Self.hour + Self.hour / 2)
        }
    }
}

import Foundation
import PipelineDSL
import Planner
import Runtime
import Synchronization
import TestSupport
import Testing

/// The time of day is set while a stream runs, or between two runs: back, and far ahead.
@Suite struct ClockJumpTests {
    static let second: Int64 = 1_000_000
    static let minute = 60 * second
    static let hour = 60 * minute
    static let years = 10 * 365 * 24 * hour
    /// 2026-01-01T00:00:00Z
    static let newYear: Int64 = 1_767_225_600_000_000

    /// What clocks show, which a test moves.
    private final class Hands: Sendable {
        let wall = Atomic<Int64>(newYear)
        let steady = Atomic<Int64>(0)

        var now: Int64 { wall.load(ordering: .relaxed) }

        func pass(_ microseconds: Int64) {
            wall.add(microseconds, ordering: .relaxed)
            steady.add(microseconds, ordering: .relaxed)
        }

        func jump(_ microseconds: Int64) { wall.add(microseconds, ordering: .relaxed) }

        var clock: SystemPipelineClock {
            SystemPipelineClock(
                wall: { self.wall.load(ordering: .relaxed) },
                steady: { self.steady.load(ordering: .relaxed) })
        }
    }

    static let spec = """
        sources:
          events:
            kinesis: { stream: events, shards: 2, partition_key: id }
            format: json
            columns: { id: bigint not null, at: timestamp not null }
            event_time: { column: at, watermark: 1 minute, idle_after: 20 s }
          jobs:
            sqs: { queue: jobs.fifo, group_by: id }
            columns: { id: bigint not null }
        zones: { out: { path: out, format: jsonl } }
        transforms:
          out.windows:
            sql: |
              SELECT window_start, count(*) AS n FROM events
              GROUP BY tumble(at, INTERVAL '1 minute')
          out.fresh:
            from: events
            steps: [ { dedupe: { on: id, within: 10 minutes } } ]
          out.jobs: { from: jobs }
          out.report:
            every: 10 minutes
            sql: SELECT count(*) AS n FROM out.fresh
        sinks:
          hop: { from: out.fresh, sqs: { queue: jobs.fifo, group_by: id } }
          cache: { from: out.fresh, redis: { key: id, ttl: 1 hour } }
        """

    /// Rows come all the time, two seconds of event time apart, some of them twice.
    private final class Sender {
        var next = 0
        private var random = SplitMix(seed: 5)

        func lines() -> [UInt8] {
            var text = ""
            for _ in 0..<10 {
                for id in random.below(4) == 0 && next > 0 ? [next, next - 1] : [next] {
                    text +=
                        "{\"id\":\(id),\"at\":\"\(RunClock.text(newYear + Int64(id) * 2 * second))\"}\n"
                }
                next += 1
            }
            return Array(text.utf8)
        }
    }

    /// Jumps of the wall clock within a run, and before the next one.
    struct Jumps: Sendable {
        var within: [Int64] = []
        var after: Int64 = 0
    }

    @Test(arguments: [
        Jumps(within: [-minute]), Jumps(within: [-2 * hour]), Jumps(within: [years]),
        Jumps(within: [years, -years]), Jumps(within: [-years, years]), Jumps(after: -minute),
        Jumps(after: -2 * hour), Jumps(after: -years), Jumps(within: [years], after: -years),
        Jumps(within: [hour, -2 * hour], after: hour),
    ])
    func aStreamGoesOn(_ jumps: Jumps) throws {
        let project = try SpecProject()
        let plan = try project.plan(Self.spec, mode: .streaming, schemas: .pinning)
        let (hands, sender) = (Hands(), Sender())
        var sent = 0
        for part in 0..<2 {
            sent += try run(project, plan, hands, sender, part == 0 ? jumps.within : [])
            hands.jump(part == 0 ? jumps.after : 0)
        }
        // Time goes on, and with it what waits for time.
        _ = try run(project, plan, hands, nil, [])
        try check(project, sender.next, sent)
    }

    /// - Returns: how many records were sent.
    private func run(
        _ project: SpecProject, _ plan: Plan, _ hands: Hands, _ sender: Sender?, _ jumps: [Int64]
    ) throws -> Int {
        let clock = hands.clock
        var settings = RunSettings(now: clock.now)
        settings.clock = clock
        var options = StreamingRun.Options()
        options.clock = clock
        let feed = try Feed(node: "events", plan: plan, project: project.directory)
        var (rounds, sent) = (0, 0)
        nonisolated(unsafe) var running: StreamingRun?
        options.between = {
            rounds += 1
            hands.pass(200_000)
            if rounds % 8 == 4, rounds / 8 < jumps.count { hands.jump(jumps[rounds / 8]) }
            if sender == nil, rounds == 4 { hands.pass(3 * Self.hour) }
            // What nobody has read when ten years pass is older than any retention.
            if (2...4).contains(rounds % 8) { return }
            if let sender, rounds <= 24 {
                let lines = sender.lines()
                sent += lines.count { $0 == UInt8(ascii: "\n") }
                _ = try feed.put(lines, name: "x", now: hands.now)
            } else if rounds > 28 {
                running?.cancel()
            }
        }
        let run = StreamingRun(
            plan: plan, project: project.directory, settings: settings, options: options)
        running = run
        _ = try run.execute()
        return sent
    }

    private func check(_ project: SpecProject, _ ids: Int, _ sent: Int) throws {
        func values(_ table: String, _ column: String) throws -> [Int] {
            try project.rows(table, of: Self.spec).compactMap {
                try JSONValue.parse(Array($0.utf8))[column]?.int
            }
        }
        #expect(try values("out.fresh", "id").sorted() == Array(0..<ids))
        #expect(try values("out.jobs", "id").sorted() == Array(0..<ids))
        #expect(try project.deadLetters.isEmpty)
        // Minutes that are over: all but those that the last of the rows may still change.
        let windows = try values("out.windows", "n")
        let last = (ids - 1) * 2 - 60
        #expect(windows.count == last / 60)
        #expect(windows.reduce(0, +) <= sent && windows.allSatisfy { $0 >= 30 })
        // What is scheduled has neither stood still nor been left behind.
        #expect(try values("out.report", "n") == [ids])
    }

    // MARK: - What is embedded

    @Test func aQueueHidesNothingUntilAClockIsBackWhereItWas() throws {
        let project = try SpecProject()
        func queue(_ name: String, _ isFIFO: Bool) throws -> MessageQueue {
            try MessageQueue(path: "\(project.root)/\(name).sqlite", isFIFO: isFIFO)
        }
        for (name, isFIFO) in [("a", false), ("b", true)] {
            let ahead = try queue(name, isFIFO)
            let future = Self.newYear + Self.years
            try ahead.send(
                [
                    MessageQueue.Entry("sent", group: "g", deduplicationID: "1"),
                    MessageQueue.Entry("delayed", group: "h", delay: Self.minute),
                ], now: future)
            #expect(try ahead.receive(1, now: future).map(\.body) == ["sent"])
            let back = try queue(name, isFIFO)
            let received = try back.receive(9, now: Self.newYear).map(\.body)
            #expect(received.sorted() == ["delayed", "sent"])
            // An id that was seen in the future is none of the last five minutes.
            let again = MessageQueue.Entry("again", group: "i", deduplicationID: "1")
            #expect(try back.send([again], now: Self.newYear) == 1)
            if isFIFO { #expect(try back.send([again], now: Self.newYear - Self.minute) == 0) }
        }
    }

    @Test func theLimitsOfAShardGoOn() throws {
        let project = try SpecProject()
        var options = PartitionedLog.Options()
        options.shards = 1
        options.hasLimits = true
        let log = try PartitionedLog(project.root + "/log", options)
        var batch = LogBatch()
        for number in 0..<1200 { batch.add(key: "k".utf8, data: "\(number)".utf8) }
        func taken(_ now: Int64) throws -> Int {
            try log.append(batch, now: now).count { (try? $0.get()) != nil }
        }
        #expect(try taken(Self.newYear + Self.years) == 1000)
        // The clock is set back: the second of those records does not last for ten years.
        #expect(try taken(Self.newYear) == 1000)
        #expect(try taken(Self.newYear) == 0)
        #expect(try taken(Self.newYear + Self.second) == 1000)
        let records = try log.read(0, from: 0, limit: .max)
        #expect(records.count == 3000)
        #expect(zip(records, records.dropFirst()).allSatisfy { $0.arrival <= $1.arrival })
    }

    /// A small step back fires nothing twice, a large one does not stop the schedule.
    @Test(arguments: [(-30 * minute, [40]), (-5 * hour, [10]), (-years, [10]), (years, [0, 10])])
    func aScheduleGoesOn(_ jump: Int64, _ expected: [Int64]) throws {
        let spec = """
            sources:
              rows: { files: { path: a.csv }, format: csv, columns: { id: bigint } }
            zones: { out: { path: out, format: jsonl } }
            transforms: { out.report: { from: rows, every: 20 minutes, steps: [ { where: id > 0 } ] } }
            """
        let project = try SpecProject(files: ["a.csv": "id\n1\n"])
        let plan = try project.plan(spec)
        func runs(_ clock: VirtualPipelineClock) throws -> ScheduledRuns {
            var settings = RunSettings(now: clock.now)
            settings.clock = clock
            return try ScheduledRuns(
                plan: plan, SchedulePlan(plan), project: project.directory, settings: settings)
        }
        let before = VirtualPipelineClock(now: Self.newYear)
        let first = try runs(before)
        before.advance(by: 50 * Self.minute)
        #expect(try first.runDue().count == 1)
        // Ten minutes before the next one.
        let after = VirtualPipelineClock(now: Self.newYear + 50 * Self.minute + jump)
        let second = try runs(after)
        var fired: [Int64] = []
        for minute in 0..<80 {
            if try !second.runDue().isEmpty { fired.append(Int64(minute)) }
            if fired.count == expected.count { break }
            after.advance(by: Self.minute)
        }
        #expect(fired == expected)
    }
}

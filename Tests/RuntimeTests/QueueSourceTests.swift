import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// Queues as sources of pipelines.
@Suite struct QueueSourceTests {
    static let now: Int64 = 1_767_225_600_000_000

    static func spec(_ settings: String = "", queue: String = "orders") -> String {
        """
        sources:
          orders:
            sqs: { queue: \(queue)\(settings) }
            columns: { id: string not null, n: integer not null }
            metadata: { sequence: seq, partition_key: grp, received_at: at }
        sinks:
          out:
            from: orders
            kinesis: { stream: out, shards: 1 }
            format: json

        """
    }

    static func lines(_ numbers: some Sequence<Int>) -> [UInt8] {
        Array(numbers.map { #"{"id":"o\#($0 % 3)","n":\#($0)}"# + "\n" }.joined().utf8)
    }

    /// The numbers that the sink got, in order.
    static func out(_ project: SpecProject) throws -> [Int64] {
        let log = try PartitionedLog(project.root + "/.pipec/kinesis/out")
        return try log.read(0, from: 0, limit: .max).compactMap {
            try JSONValue.parse($0.data)["n"]?.int.map { Int64($0) }
        }
    }

    static func feed(
        _ project: SpecProject, _ spec: String, _ bytes: [UInt8], now: Int64 = RunClock.now()
    ) throws -> String {
        try Feed(node: "orders", plan: project.plan(spec), project: project.directory)
            .put(bytes, name: "stdin", now: now)
    }

    static func stream(_ project: SpecProject, _ spec: String) throws -> RunReport {
        var options = StreamingRun.Options()
        options.untilIdle = true
        return try StreamingRun(
            plan: project.plan(spec), project: project.directory,
            settings: RunSettings(now: RunClock.now()), options: options
        ).execute()
    }

    static func counts(_ project: SpecProject, _ queue: String = "orders") throws
        -> MessageQueue.Counts
    {
        try MessageQueue(
            path: "\(project.root)/.pipec/sqs/\(queue).sqlite", isFIFO: queue.hasSuffix(".fifo")
        ).counts(now: RunClock.now())
    }

    static let empty = MessageQueue.Counts(visible: 0, inFlight: 0, delayed: 0)

    @Test(arguments: [false, true])
    func messagesAreDeletedWithTheCommit(isStreaming: Bool) throws {
        let project = try SpecProject()
        // The clock of a batch run stands where its settings say.
        let now = isStreaming ? RunClock.now() : Self.now
        #expect(
            try Self.feed(project, Self.spec(), Self.lines(0..<50), now: now)
                == "orders: 50 messages")
        _ = try Self.feed(project, Self.spec(), Array("nope\n\n{\"id\":null}\n".utf8), now: now)
        let report =
            isStreaming
            ? try Self.stream(project, Self.spec()) : try project.run(Self.spec())
        #expect(report.nodes.first?.read == 52 && report.nodes.first?.rejected == 2)
        #expect(try Self.out(project) == (0..<50).map { Int64($0) })
        #expect(try Self.counts(project) == Self.empty)
        let letters = try project.deadLetters
        #expect(letters.map(\.object) == ["orders", "orders"])
        #expect(letters.map(\.offset) == [51, 52])
        // Nothing is left to read.
        _ = try isStreaming ? Self.stream(project, Self.spec()) : project.run(Self.spec())
        #expect(try Self.out(project).count == 50)
    }

    @Test func aFIFOQueueComesInOrder() throws {
        let project = try SpecProject()
        let spec = Self.spec(", group_by: id, deduplicate_by: n", queue: "orders.fifo")
        _ = try Self.feed(project, spec, Self.lines(0..<20))
        #expect(
            try Self.feed(project, spec, Self.lines(10..<30))
                == "orders: 10 messages, 10 duplicates")
        _ = try Self.stream(project, spec)
        #expect(try Self.out(project) == (0..<30).map { Int64($0) })
        #expect(try Self.counts(project, "orders.fifo") == Self.empty)
    }

    @Test func aQueryOnlyLooks() throws {
        let project = try SpecProject()
        _ = try Self.feed(project, Self.spec(), Self.lines(0..<5))
        for _ in 0..<2 { #expect(try project.rows("orders", of: Self.spec()).count == 5) }
        #expect(try Self.counts(project).visible == 5)
    }

    /// An epoch that died before it was decided is received again; one that died after it is
    /// completed.
    @Test func anEpochThatDiedIsReceivedAgainOrDeleted() throws {
        let project = try SpecProject()
        _ = try Self.feed(project, Self.spec(), Self.lines(0..<6))
        let queue = try MessageQueue(
            path: project.root + "/.pipec/sqs/orders.sqlite", isFIFO: false)
        let limit = SliceLimit(rows: 3, bytes: .max)
        #expect(try queue.claim("orders/dead-1", limit: limit, now: RunClock.now()) == 3)
        #expect(try queue.claim("orders/dead-2", limit: limit, now: RunClock.now()) == 3)
        // The record of the first one stands.
        let state = project.root + "/" + ".pipec/state/test"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        let record = """
            {"token":"t","steps":[{"acknowledge":{"claim":"orders/dead-1","connector":"sqs",\
            "name":"orders"}}]}
            """
        try project.write(record, to: ".pipec/state/test/commit.json")
        _ = try Self.stream(project, Self.spec())
        #expect(try Self.out(project) == [3, 4, 5])
        #expect(try Self.counts(project) == Self.empty)
    }

    @Test func whatFailsTooOftenIsSetAside() throws {
        let project = try SpecProject()
        let spec = Self.spec(", max_receives: 2")
        _ = try Self.feed(project, spec, Self.lines(0..<2))
        let queue = try MessageQueue(
            path: project.root + "/.pipec/sqs/orders.sqlite", isFIFO: false)
        for _ in 0..<2 {
            _ = try queue.claim(
                "orders/x", limit: SliceLimit(rows: 1, bytes: .max), now: RunClock.now())
            try queue.release(claims: "orders/")
        }
        _ = try Self.stream(project, spec)
        #expect(try Self.out(project) == [1])
        let feed = try Feed(
            node: "orders", plan: project.plan(spec), project: project.directory)
        var options = Feed.PeekOptions()
        options.deadLetters = true
        let now = RunClock.now()
        #expect(try feed.peek(9, options, now: now).0 == [#"{"id":"o0","n":0}"#])
        #expect(
            try feed.peek(9, now: now).1 == "0 messages visible, 0 in flight, 1 in orders-dlq")
        #expect(try feed.redrive(now: now) == "orders: 1 messages redriven")
        _ = try Self.stream(project, spec)
        #expect(try Self.out(project) == [1, 0])
    }

    /// What the disk, or Ctrl-C, ends is no fault of the messages; what a kill ends may be.
    @Test func aReceiptInVainIsGivenBack() throws {
        let project = try SpecProject()
        let spec = Self.spec(", max_receives: 2")
        _ = try Self.feed(project, spec, Self.lines(0..<3))
        let queue = try MessageQueue(
            path: project.root + "/.pipec/sqs/orders.sqlite", isFIFO: false)
        let limit = SliceLimit(rows: 9, bytes: .max)
        for number in 0..<5 {
            #expect(try queue.claim("orders/\(number)", limit: limit, now: RunClock.now()) == 3)
            try queue.giveBack(claim: "orders/\(number)")
        }
        #expect(try queue.peek(9).map(\.receiveCount) == [0, 0, 0])
        _ = try queue.claim("orders/x", limit: limit, now: RunClock.now())
        try queue.release(claims: "orders/")
        #expect(try queue.peek(9).map(\.receiveCount) == [1, 1, 1])
        _ = try Self.stream(project, spec)
        #expect(try Self.out(project) == [0, 1, 2])
    }

    @Test(arguments: [
        (", delay: 20 minutes", "`delay` of a queue"), (", visibility: 0 s", "`visibility`"),
        (", retention: 30 days", "`retention`"), (", dead_letter_queue: x", "nothing would move"),
        (", max_receives: 3, dead_letter_queue: orders", "its own dead-letter queue"),
        (", max_receives: 3, dead_letter_queue: x.fifo", "both FIFO"),
        (", deduplicate_by: n", "only a FIFO queue"), (", group_by: m", "no column"),
    ])
    func wrongSettingsAreSaid(settings: String, message: String) throws {
        let (_, diagnostics) = try SpecProject().check(Self.spec(settings))
        let found = try #require(diagnostics.first { $0.severity == .error })
        #expect(found.message.contains(message), "\(found.message)")
        #expect(found.primary != nil)
    }
}

import Foundation
import PipelineDSL
import Runtime
import TestSupport
import Testing

/// The queue by itself. Time is what the tests say.
@Suite struct MessageQueueTests {
    static let now: Int64 = 1_767_225_600_000_000
    static let second: Int64 = 1_000_000

    final class Folder: Sendable {
        let path = FileManager.default.temporaryDirectory.path + "/pipec-sqs-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func queue(
            _ name: String = "q", _ attributes: MessageQueue.Attributes = .init()
        ) throws -> MessageQueue {
            try MessageQueue(
                path: "\(path)/\(name).sqlite", isFIFO: name.hasSuffix(".fifo"),
                attributes: attributes)
        }
    }

    static func send(
        _ queue: MessageQueue, _ bodies: [String], group: String? = nil, at time: Int64 = now
    ) throws {
        try queue.send(bodies.map { MessageQueue.Entry($0, group: group) }, now: time)
    }

    // MARK: - Receiving

    @Test func aReceivedMessageIsInvisibleForATime() throws {
        let queue = try Folder().queue()
        try Self.send(queue, ["a", "b", "c"])
        let first = try queue.receive(2, now: Self.now)
        #expect(first.map(\.body) == ["a", "b"])
        #expect(first.map(\.receiveCount) == [1, 1])
        #expect(try queue.counts(now: Self.now) == .init(visible: 1, inFlight: 2, delayed: 0))
        #expect(try queue.receive(10, now: Self.now).map(\.body) == ["c"])
        #expect(try queue.receive(10, now: Self.now + 29 * Self.second).isEmpty)
        // A is deleted; B is held longer; C comes again.
        #expect(try queue.delete(receipt: first[0].receipt, now: Self.now))
        #expect(
            try queue.changeVisibility(
                receipt: first[1].receipt, to: 60 * Self.second, now: Self.now))
        let again = try queue.receive(10, now: Self.now + 30 * Self.second)
        #expect(again.map(\.body) == ["c"] && again[0].receiveCount == 2)
        #expect(try queue.receive(10, now: Self.now + 60 * Self.second).map(\.body) == ["b", "c"])
    }

    @Test func onlyTheLatestReceiptDeletes() throws {
        let queue = try Folder().queue()
        try Self.send(queue, ["a"])
        let first = try queue.receive(1, now: Self.now)[0]
        let later = Self.now + 31 * Self.second
        let second = try queue.receive(1, now: later)[0]
        #expect(first.receipt != second.receipt)
        #expect(try !queue.delete(receipt: first.receipt, now: later))
        #expect(try queue.delete(receipt: second.receipt, now: later + 3600 * Self.second))
        #expect(try !queue.delete(receipt: second.receipt, now: later))
        #expect(try queue.peek(10).isEmpty)
    }

    @Test func aLateReceiptOfAFIFOQueueIsNone() throws {
        let queue = try Folder().queue("q.fifo")
        try Self.send(queue, ["a"], group: "g")
        let message = try queue.receive(1, now: Self.now)[0]
        let later = Self.now + 31 * Self.second
        #expect(try !queue.delete(receipt: message.receipt, now: later))
        #expect(
            try !queue.changeVisibility(receipt: message.receipt, to: Self.second, now: later))
    }

    @Test func delayedMessagesWait() throws {
        let queue = try Folder().queue()
        try queue.send(
            [MessageQueue.Entry("late", delay: 10 * Self.second), MessageQueue.Entry("now")],
            now: Self.now)
        #expect(try queue.counts(now: Self.now) == .init(visible: 1, inFlight: 0, delayed: 1))
        #expect(try queue.receive(9, now: Self.now).map(\.body) == ["now"])
        #expect(try queue.receive(9, now: Self.now + 10 * Self.second).map(\.body) == ["late"])
    }

    @Test func oldMessagesGo() throws {
        var attributes = MessageQueue.Attributes()
        attributes.retention = 60 * Self.second
        let queue = try Folder().queue("q", attributes)
        try Self.send(queue, ["old"])
        try Self.send(queue, ["young"], at: Self.now + 30 * Self.second)
        let later = Self.now + 60 * Self.second
        #expect(try queue.counts(now: later).visible == 1)
        #expect(try queue.receive(9, now: later).map(\.body) == ["young"])
        #expect(try queue.peek(9).map(\.body) == ["young"])
        // The clock goes back: nothing that is gone returns, nothing in flight is hidden until the
        // clock is there again, and nothing traps.
        #expect(try queue.receive(9, now: 0).map(\.body) == ["young"])
        #expect(try queue.receive(9, now: .max).isEmpty)
    }

    @Test func largeMessagesAreRefused() throws {
        let queue = try Folder().queue()
        let most = String(repeating: "x", count: MessageQueue.bodyLimitBytes)
        try Self.send(queue, [most])
        let error = #expect(throws: RunError.self) { try Self.send(queue, ["ok", most + "x"]) }
        #expect(error?.diagnostic.code == .embeddedLimit)
        #expect(try queue.peek(9).count == 1)
    }

    // MARK: - FIFO

    @Test func aGroupIsBlockedWhileOneOfItIsInFlight() throws {
        let queue = try Folder().queue("q.fifo")
        try queue.send(
            ["a1", "b1", "a2", "b2", "a3"].map {
                MessageQueue.Entry($0, group: String($0.prefix(1)))
            }, now: Self.now)
        #expect(try queue.receive(1, now: Self.now).map(\.body) == ["a1"])
        let b = try queue.receive(9, now: Self.now)
        #expect(b.map(\.body) == ["b1", "b2"])
        #expect(try queue.receive(9, now: Self.now).isEmpty)
        // One of two is deleted: the other still blocks.
        #expect(try queue.delete(receipt: b[0].receipt, now: Self.now))
        try Self.send(queue, ["b3"], group: "b")
        #expect(try queue.receive(9, now: Self.now).isEmpty)
        #expect(try queue.delete(receipt: b[1].receipt, now: Self.now))
        #expect(try queue.receive(9, now: Self.now).map(\.body) == ["b3"])
        // What was not deleted comes again, before what came after it.
        #expect(
            try queue.receive(9, now: Self.now + 30 * Self.second).map(\.body)
                == ["a1", "a2", "a3", "b3"])
    }

    @Test func nothingOvertakesADelayedMessageOfItsGroup() throws {
        let queue = try Folder().queue("q.fifo")
        try queue.send(
            [
                MessageQueue.Entry("1", group: "g"),
                MessageQueue.Entry("2", group: "g", delay: 5 * Self.second),
                MessageQueue.Entry("3", group: "g"), MessageQueue.Entry("x", group: "h"),
            ], now: Self.now)
        let first = try queue.receive(9, now: Self.now)
        #expect(first.map(\.body) == ["1", "x"])
        for message in first { _ = try queue.delete(receipt: message.receipt, now: Self.now) }
        #expect(
            try queue.receive(9, now: Self.now + 5 * Self.second).map(\.body) == ["2", "3"])
    }

    @Test func duplicatesOfFiveMinutesAreAcceptedAndNotStored() throws {
        let queue = try Folder().queue("q.fifo")
        func send(_ id: String, _ time: Int64) throws -> Int {
            try queue.send(
                [MessageQueue.Entry(id, group: "g", deduplicationID: id)], now: time)
        }
        #expect(try send("a", Self.now) == 1)
        #expect(try send("a", Self.now + 299 * Self.second) == 0)
        #expect(try send("b", Self.now + 299 * Self.second) == 1)
        // Also where it was received and deleted meanwhile.
        for message in try queue.receive(9, now: Self.now) {
            #expect(try queue.delete(receipt: message.receipt, now: Self.now))
        }
        #expect(try send("a", Self.now + 299 * Self.second) == 0)
        #expect(try send("a", Self.now + 300 * Self.second) == 1)
        #expect(try send("b", Self.now + 300 * Self.second) == 0)
    }

    // MARK: - Dead letters

    static func redriving(_ name: String) -> MessageQueue.Attributes {
        var attributes = MessageQueue.Attributes()
        attributes.maxReceives = 2
        attributes.deadLetterQueue = name
        return attributes
    }

    @Test(arguments: ["q", "q.fifo"])
    func whatIsNeverDeletedMovesToTheDeadLetterQueue(name: String) throws {
        let folder = Folder()
        let dead = name == "q" ? "q-dlq" : "q-dlq.fifo"
        let queue = try folder.queue(name, Self.redriving(dead))
        try Self.send(queue, ["poison"], group: "g")
        try Self.send(queue, ["good"], group: "g")
        for round in 0..<2 {
            let time = Self.now + Int64(round) * 30 * Self.second
            let received = try queue.receive(9, now: time)
            #expect(received.first?.body == "poison" && received[0].receiveCount == round + 1)
            if round == 0 {
                #expect(try queue.delete(receipt: received[1].receipt, now: time))
            }
        }
        // The attributes are the queue's, whoever opens it.
        let reopened = try folder.queue(name)
        #expect(try reopened.receive(9, now: Self.now + 60 * Self.second).isEmpty)
        #expect(try reopened.deadLetters(9).map(\.body) == ["poison"])
        #expect(try reopened.deadLetterCount(now: Self.now + 60 * Self.second) == 1)
        #expect(try reopened.redrive(now: Self.now + 61 * Self.second) == 1)
        #expect(try reopened.redrive(now: Self.now + 61 * Self.second) == 0)
        let back = try reopened.receive(9, now: Self.now + 61 * Self.second)
        #expect(back.map(\.body) == ["poison"] && back[0].receiveCount == 1)
        #expect(back[0].group == (name == "q" ? nil : "g"))
    }

    @Test func aMoveThatWasCutShortIsNotRepeated() throws {
        let folder = Folder()
        let queue = try folder.queue("q", Self.redriving("q-dlq"))
        try Self.send(queue, ["poison"])
        for round in 0..<2 {
            _ = try queue.receive(1, now: Self.now + Int64(round) * 30 * Self.second)
        }
        // The state before the move, put back after it: as a crash between its two halves leaves it.
        try queue.checkpoint()
        let before = try Data(contentsOf: URL(fileURLWithPath: queue.path))
        let time = Self.now + 60 * Self.second
        #expect(try queue.receive(1, now: time).isEmpty)
        let other = Folder()
        try FileManager.default.createDirectory(
            atPath: other.path, withIntermediateDirectories: true)
        try before.write(to: URL(fileURLWithPath: other.path + "/q.sqlite"))
        let letters = try #require(queue.deadLetterPath)
        try folder.queue("q-dlq").checkpoint()
        try FileManager.default.copyItem(atPath: letters, toPath: other.path + "/q-dlq.sqlite")
        let crashed = try other.queue()
        #expect(try crashed.receive(1, now: time).isEmpty)
        #expect(try crashed.deadLetters(9).map(\.body) == ["poison"])
        #expect(try crashed.peek(9).isEmpty)
    }

    // MARK: - Claims

    @Test func aClaimIsDeletedOrReleasedWhole() throws {
        let queue = try Folder().queue()
        try Self.send(queue, (0..<10).map { "\($0)" })
        let limit = SliceLimit(rows: 4, bytes: .max)
        #expect(try queue.claim("n/1", limit: limit, now: Self.now) == 4)
        #expect(try queue.claim("n/2", limit: limit, now: Self.now) == 4)
        #expect(try queue.receive(9, now: Self.now).map(\.body) == ["8", "9"])
        try queue.acknowledge(claim: "n/1")
        try queue.acknowledge(claim: "n/1")
        try queue.release(claims: "other/")
        #expect(try queue.counts(now: Self.now).visible == 0)
        try queue.release(claims: "n/")
        #expect(try queue.receive(9, now: Self.now).map(\.body) == ["4", "5", "6", "7"])
        // By bytes, at least one.
        try Self.send(queue, ["xx", "yy", "zz"])
        #expect(try queue.claim("n/3", limit: SliceLimit(rows: 9, bytes: 3), now: Self.now) == 2)
        #expect(try queue.claim("n/4", limit: SliceLimit(rows: 9, bytes: 0), now: Self.now) == 1)
        #expect(try queue.claim("n/5", limit: limit, now: Self.now) == 0)
    }

    @Test func whatSomebodyElseReceivedSinceStays() throws {
        let queue = try Folder().queue()
        try Self.send(queue, ["a", "b"])
        _ = try queue.claim("n/1", limit: SliceLimit(rows: 9, bytes: .max), now: Self.now)
        #expect(try queue.receive(1, now: Self.now + 31 * Self.second).map(\.body) == ["a"])
        try queue.acknowledge(claim: "n/1")
        #expect(try queue.peek(9).map(\.body) == ["a"])
    }
}

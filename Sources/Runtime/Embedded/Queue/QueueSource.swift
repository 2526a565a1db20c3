import PipelineDSL
import Planner

/// A queue as a source: what can be received becomes the rows of an epoch and is deleted with its
/// commit.
///
/// Messages are received under a claim whose deletion is a step of the epoch's commit record. So a
/// message is deleted if and only if its epoch is decided, also where the process dies in between:
/// what was decided is deleted by the next start before it receives, and what was not is visible
/// again at once. The one way to get a message twice is the queue's own: an epoch that takes longer
/// than the visibility timeout while somebody else receives from the queue.
final class QueueSource: StreamingSource, LaggingSource {
    private let queue: MessageQueue
    private let name: String
    private let node: String
    private let options: RecordOptions
    private var count = 0
    private let clock: @Sendable () -> Int64

    init(
        _ queue: MessageQueue, name: String, node: String, _ options: RecordOptions,
        clock: @escaping @Sendable () -> Int64
    ) throws {
        self.queue = queue
        self.name = name
        self.node = node
        self.options = options
        self.clock = clock
        // Of an epoch that never committed: one that was decided was completed before.
        try queue.release(claims: claimPrefix)
    }

    /// What is received and not read would be invisible until its time is out.
    var mayBeAskedAgain: Bool { false }

    private var claimPrefix: String { node + "/" }

    func slice(after position: SourcePosition?, limit: SliceLimit) throws -> SourceSlice? {
        let limit = SliceLimit(
            rows: min(limit.rows, MessageQueue.inFlightLimit), bytes: limit.bytes)
        guard let (reader, count) = try claim(limit) else { return nil }
        var end = position ?? SourcePosition()
        end.next[name, default: 0] += Int64(count)
        var rows: any SourceReader = reader
        if !options.metadata.isEmpty { rows = MetadataReader(rows, kinds: options.metadata) }
        return SourceSlice(reader: rows, end: end)
    }

    /// What can be received now, for a run that ends.
    func everything() throws -> any SourceReader {
        try claim(SliceLimit(rows: .max, bytes: .max))?.0 ?? EmptyReader()
    }

    /// The same without receiving it: for who only looks.
    func glance() -> any SourceReader { QueueReader(queue, name: name, claim: nil, options) }

    /// What is in the queue, whatever was read of it: what an epoch has read it deletes.
    func lag(after position: SourcePosition?) throws -> SourceLag {
        let counts = try queue.counts(now: clock())
        return SourceLag(
            records: counts.visible + counts.delayed + counts.inFlight,
            oldestArrival: try queue.peek(1).first?.sentAt)
    }

    private func claim(_ limit: SliceLimit) throws -> (QueueReader, Int)? {
        let now = clock()
        count += 1
        // Names of one process differ by the count, those of two by the time.
        let claim = "\(claimPrefix)\(now)-\(count)"
        let claimed = try queue.claim(claim, limit: limit, now: now)
        guard claimed > 0 else { return nil }
        return (QueueReader(queue, name: name, claim: claim, options), claimed)
    }
}

/// Decodes messages, each body one JSON object.
///
/// Dead letters name the queue as the object and the message's number as the offset.
final class QueueReader: SourceReader {
    private let queue: MessageQueue
    private let name: String
    private let claim: String?
    private let options: RecordOptions
    private let plan: JSONPlan
    private var isChecked = false
    private var last: Int64 = 0
    /// Of the page in hand, last first.
    private var messages: [MessageQueue.Message] = []

    private static let pageRows = 1024

    /// - Parameter claim: of the messages to read; `nil` reads all there are.
    init(_ queue: MessageQueue, name: String, claim: String?, _ options: RecordOptions) {
        self.queue = queue
        self.name = name
        self.claim = claim
        self.options = options
        plan = options.plan(object: name)
    }

    var acknowledgement: (any CommittableSink, Commit.Step)? {
        claim.map {
            (
                QueueReceipt(queue: queue, claim: $0),
                .acknowledge(connector: "sqs", name: name, claim: $0)
            )
        }
    }

    func next() throws -> (any SourceUnit)? {
        if !isChecked { try plan.checkTypes() }
        isChecked = true
        let block = RecordBlock(
            plan, keepsMetadata: !options.metadata.isEmpty,
            recordLimitBytes: MessageQueue.bodyLimitBytes)
        while !block.isFull, let message = try nextMessage() {
            var (body, group) = (message.body, message.group ?? "")
            body.withUTF8 { body in
                group.withUTF8 { group in
                    block.add(
                        UnsafeRawBufferPointer(body), sequence: message.id,
                        arrival: message.sentAt, key: UnsafeRawBufferPointer(group))
                }
            }
        }
        return block.isEmpty ? nil : block.unit(endPosition: last)
    }

    private func nextMessage() throws -> MessageQueue.Message? {
        if messages.isEmpty { messages = try page().reversed() }
        guard let message = messages.popLast() else { return nil }
        last = message.id
        return message
    }

    private func page() throws -> [MessageQueue.Message] {
        guard let claim else { return try queue.peek(QueueReader.pageRows, after: last) }
        return try queue.claimed(claim, after: last, limit: QueueReader.pageRows)
    }
}

/// What was received and can be as if it had never been.
protocol ReturnableReceipt: AnyObject {
    /// The epoch failed for reasons that its rows have no part in. Where this fails, too, a receipt is
    /// counted that was in vain.
    func giveBack()
}

/// Deletes what an epoch received.
private final class QueueReceipt: CommittableSink, ReturnableReceipt {
    private let queue: MessageQueue
    private let claim: String

    init(queue: MessageQueue, claim: String) {
        self.queue = queue
        self.claim = claim
    }

    func commit() throws { try queue.acknowledge(claim: claim) }
    func giveBack() { try? queue.giveBack(claim: claim) }
}

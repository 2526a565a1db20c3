import Foundation
import PipelineDSL
import Planner

/// Collects rows in batches, each the body of one request, and posts them once the epoch is committed.
final class WebhookSink: SinkWriter, DeliveringSink, @unchecked Sendable {
    private let outbox: WebhookOutbox
    private let node: String
    private let token: String
    private let secrets: SecretValues
    private let names: [[UInt8]]
    private let batchRows: Int
    private let batchBytes: Int
    private var file: FileWriter
    private var body: [UInt8] = []
    private var rows = 0

    static let defaultBatchRows = 100
    static let defaultBatchBytes = 1 << 20
    /// Of one row.
    private static let rowLimitBytes = 4 << 20

    init(
        _ node: PlanNode, _ sink: SinkPlan, project: ProjectDirectory, token: String,
        secrets: SecretValues
    ) throws {
        outbox = WebhookOutbox(project, node: node.name)
        self.node = node.name
        self.token = token
        self.secrets = secrets
        names = node.schema.names.map(JSONWriter.key)
        batchRows = max(1, sink.batchRows.map { Int(clamping: $0) } ?? Self.defaultBatchRows)
        batchBytes = max(1, sink.batchBytes.map { Int(clamping: $0) } ?? Self.defaultBatchBytes)
        try Files.makeDirectory(outbox.folder)
        outbox.discardStaged()
        file = try FileWriter(outbox.stagedPath(token))
        let address = WebhookOutbox.Address(
            settings: sink.binding.settings, retries: Int(clamping: min(sink.retries, 1000)),
            backoff: sink.backoff)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try write([UInt8](try encoder.encode(address)))
    }

    private func write(_ line: [UInt8]) throws {
        try (line + [UInt8(ascii: "\n")]).withUnsafeBytes { try file.write($0) }
    }

    func write(_ batch: Batch) throws -> [SinkRefusal] {
        var refusals: [SinkRefusal] = []
        for row in batch.rows {
            let start = body.count
            body.append(UInt8(ascii: rows == 0 ? "[" : ","))
            JSONWriter.appendObject(names, batch.columns, Int(row), to: &body)
            if body.count - start > Self.rowLimitBytes {
                refusals.append(tooLarge(Int(row), body.count - start))
                body.removeSubrange(start...)
                continue
            }
            rows += 1
            if rows >= batchRows || body.count >= batchBytes { try endBatch() }
        }
        return refusals
    }

    private func tooLarge(_ row: Int, _ bytes: Int) -> SinkRefusal {
        SinkRefusal(
            row: row, rule: "row_size",
            message: "the row has \(bytes) bytes; \(Self.rowLimitBytes) are the limit")
    }

    private func endBatch() throws {
        guard rows > 0 else { return }
        body.append(UInt8(ascii: "]"))
        try write(body)
        body.removeAll(keepingCapacity: true)
        rows = 0
    }

    func prepare() throws {
        try endBatch()
        try file.close(sync: true)
        Files.syncDirectory(outbox.folder)
    }

    func commit() throws { try outbox.commit(token) }
    func abort() throws { outbox.discardStaged() }

    func deliver() throws {
        try outbox.deliver(node: node, secrets: secrets) { WebhookSink.sleep($0) }
    }

    static func sleep(_ microseconds: Int64) -> Bool {
        sleepMilliseconds(UInt32(clamping: microseconds / 1000))
        return true
    }
}

/// What the sinks of a plan still have to deliver from runs that ended before they could.
struct PendingDeliveries {
    let plan: Plan
    let project: ProjectDirectory
    let settings: RunSettings

    func deliver() throws {
        guard settings.bench == nil else { return }
        let secrets = SecretValues(settings.environment)
        for node in plan.nodes where node.sink?.binding.connector == "webhook" {
            if let selection = settings.selection, !selection.contains(node.name) { continue }
            try WebhookOutbox(project, node: node.name)
                .deliver(node: node.name, secrets: secrets) { WebhookSink.sleep($0) }
        }
    }
}

import PipelineDSL
import Planner

/// What a binding to `sqs` says.
struct SQSSettings {
    let queue: String
    let groupBy: String?
    let deduplicateBy: String?
    /// Microseconds.
    let delay: Int64
    private let attributes: MessageQueue.Attributes

    init(_ binding: BindingPlan, node: String) {
        let settings = Settings(binding.settings, signatures: SQSConnector().settings)
        let queue = settings.string("queue") ?? node
        self.queue = queue
        groupBy = settings.string("group_by")
        deduplicateBy = settings.string("deduplicate_by")
        delay = settings.duration("delay") ?? 0
        var attributes = MessageQueue.Attributes()
        attributes.visibility = settings.duration("visibility")
        attributes.retention = settings.duration("retention")
        attributes.maxReceives = settings.integer("max_receives").map { Int(clamping: $0) }
        attributes.deadLetterQueue =
            settings.string("dead_letter_queue")
            ?? attributes.maxReceives.map { _ in SQSSettings.deadLetterQueue(of: queue) }
        self.attributes = attributes
    }

    var isFIFO: Bool { SQSSettings.isFIFO(queue) }

    static func isFIFO(_ queue: String) -> Bool { queue.hasSuffix(".fifo") }

    /// A FIFO queue's is one, too.
    static func deadLetterQueue(of queue: String) -> String {
        isFIFO(queue) ? queue.dropLast(5) + "-dlq.fifo" : queue + "-dlq"
    }

    func open(_ project: ProjectDirectory) throws -> MessageQueue {
        try MessageQueue(
            path: project.resolve(EmbeddedPaths.queue(queue)), isFIFO: isFIFO,
            attributes: attributes)
    }
}

extension QueueSource {
    /// The queue of a source node.
    convenience init(
        _ node: PlanNode, _ scan: ScanPlan, _ project: ProjectDirectory,
        clock: @escaping @Sendable () -> Int64
    ) throws {
        let settings = SQSSettings(scan.binding, node: node.name)
        try self.init(
            settings.open(project), name: settings.queue, node: node.name,
            RecordOptions(
                node, scan, json: RecordOptions.json(scan.format, scan.binding)), clock: clock)
    }
}

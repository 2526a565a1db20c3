import PipelineDSL
import Planner

/// Access from outside to what stands for a node's cloud resource: put records in, look at what is
/// there.
package struct Feed {
    private enum Target {
        case objects(ObjectFeed)
        case queue(QueueFeed)
        case items(TableFeed)
        case warehouse(ObjectFeed)
        case alert(AlertArchive)
        case stream(StreamFeed)
    }

    private let node: String
    private let project: ProjectDirectory
    private let target: Target

    package init(node name: String, plan: Plan, project: ProjectDirectory) throws {
        if plan[name] == nil, plan.alerts.contains(where: { $0.name == name }) {
            self.node = name
            self.project = project
            target = .alert(AlertArchive(project, plan.pipeline, name))
            return
        }
        guard let node = plan[name] else {
            let near = nearName(name, among: plan.nodes.map(\.name))
            throw RunError(
                .unknownNode, "`\(name)` is not a node of this pipeline",
                notes: [
                    near.map { "did you mean `\($0)`?" }
                        ?? "nodes: \(plan.nodes.map(\.name).joined(separator: ", "))"
                ])
        }
        self.node = name
        self.project = project
        if let table = node.table, table.isLocal {
            target = .objects(ObjectFeed(table, node: name, project))
            return
        }
        guard let binding = node.scan?.binding ?? node.sink?.binding else {
            throw Feed.isComputed(name)
        }
        target = try Feed.target(node, binding, project)
    }

    private static func target(
        _ node: PlanNode, _ binding: BindingPlan, _ project: ProjectDirectory
    ) throws -> Target {
        let name = node.name
        switch binding.connector {
        case "files",
            "s3" where binding.isEmbedded || binding.connector == "files":
            return .objects(try ObjectFeed(node, binding, project))
        case "sqs" where binding.isEmbedded:
            return .queue(
                QueueFeed(node: name, settings: SQSSettings(binding, node: name), project: project))
        case "kinesis" where binding.isEmbedded, "http" where binding.isEmbedded:
            return .stream(
                StreamFeed(
                    node: name, settings: KinesisSettings(binding, node: name), project: project))
        case "redshift" where binding.isEmbedded:
            return .warehouse(ObjectFeed(RedshiftSettings(binding), node: name, project))
        case "dynamodb" where binding.isEmbedded:
            let settings = DynamoDBSettings(binding, node: name)
            let items = settings.layout(node.schema).map {
                TableFeed.Items(schema: node.schema, layout: $0)
            }
            return .items(TableFeed(node: name, items: items) { try settings.open(project) })
        case "redis" where binding.isEmbedded:
            let settings = RedisSettings(binding)
            let items = settings.layout(node.schema).map {
                TableFeed.Items(schema: node.schema, layout: $0)
            }
            return .items(
                TableFeed(node: name, prefix: settings.prefix, items: items) {
                    try RedisSettings.open(project)
                })
        default:
            throw RunError(
                .cannotRun,
                "`\(name)` is bound to `\(binding.connector)`, which is not embedded here",
                notes: ["use a profile in which it is, such as `local`"])
        }
    }

    static func isComputed(_ name: String) -> RunError {
        RunError(
            .cannotRun, "`\(name)` is a transform: it is computed, not fed",
            notes: ["`pipec query 'SELECT * FROM \(name)'` shows a table"])
    }

    /// - Returns: what was done, for people.
    package func put(_ bytes: [UInt8], name: String, now: Int64) throws -> String {
        switch target {
        case .objects(let objects): return try objects.put(bytes, name: name)
        case .queue(let queue): return try queue.put(bytes, now: now)
        case .stream(let stream): return try stream.put(bytes, now: now)
        case .alert:
            throw RunError(.cannotRun, "`\(node)` is an alert: only a run writes it")
        case .warehouse:
            throw RunError(
                .cannotRun, "`\(node)` is a table of the warehouse: only a run writes it",
                notes: ["a sink writes it: `redshift: { schema: …, table: … }`"])
        case .items(let table): return try table.put(bytes, name: name, now: now)
        }
    }

    /// Puts what is in the node's dead-letter queue back.
    ///
    /// - Returns: what was done, for people.
    package func redrive(now: Int64) throws -> String {
        guard case .queue(let queue) = target else {
            throw hasNone("dead-letter queue", "rows that a run rejected: `pipec dlq redrive`")
        }
        return try queue.redrive(now: now)
    }

    /// What is shown instead of the plain contents.
    package struct PeekOptions: Sendable {
        /// Of a queue: its dead-letter queue.
        package var deadLetters = false
        /// Of a key-value table: by this index instead of its own key.
        package var index: String?
        /// Of a key-value table: the items of one partition, or entry.
        package var key: String?
        /// Of a bucket: earlier versions, too.
        package var versions = false

        package init() {}
    }

    /// - Returns: records as lines, and a summary.
    package func peek(
        _ limit: Int, _ options: PeekOptions = PeekOptions(), now: Int64
    ) throws -> ([String], String) {
        try check(options)
        try Recovery(project).completeBeforeReading(now: now)
        switch target {
        case .objects(let objects), .warehouse(let objects):
            return try objects.peek(limit, versions: options.versions, now: now)
        case .queue(let queue):
            return try queue.peek(limit, deadLetters: options.deadLetters, now: now)
        case .stream(let stream): return try stream.peek(limit, now: now)
        case .items(let table): return try table.peek(limit, options, now: now)
        case .alert(let archive):
            let (lines, count) = archive.lines(limit)
            return (lines, count == 1 ? "1 notice" : "\(grouped(count)) notices")
        }
    }

    private func check(_ options: PeekOptions) throws {
        if options.deadLetters {
            guard case .queue = target else {
                throw hasNone("dead-letter queue", "rows that a run rejected: `pipec dlq list`")
            }
        }
        if options.index != nil || options.key != nil {
            guard case .items = target else {
                throw hasNone("keys", "key-value tables and caches have them")
            }
        }
        if options.versions {
            guard case .objects = target else { throw hasNone("versions", "objects have them") }
        }
    }

    private func hasNone(_ what: String, _ note: String) -> RunError {
        RunError(.cannotRun, "`\(node)` has no \(what)", notes: [note])
    }
}

import PipelineDSL
import Planner

/// Access from outside to what stands for a node's cloud resource: put records in, look at what is
/// there.
package struct Feed {
    private enum Target {
        /// A folder, absolute, and what is read of it.
        case folder(String, pattern: String)
        /// The folder or file that a sink writes, absolute.
        case output(String)
        case queue(QueueFeed)
        case table(String)
        case stream(StreamFeed)
    }

    private let node: String
    private let project: ProjectDirectory
    private let target: Target

    package init(node name: String, plan: Plan, project: ProjectDirectory) throws {
        guard let node = plan[name] else {
            let near = nearName(name, among: plan.nodes.map(\.name))
            throw RunError(
                .unknownNode, "`\(name)` is not a node of this pipeline",
                notes: [
                    near.map { "did you mean `\($0)`?" }
                        ?? "nodes: \(plan.nodes.map(\.name).joined(separator: ", "))"
                ])
        }
        guard let binding = node.scan?.binding ?? node.sink?.binding else {
            throw RunError(
                .cannotRun, "`\(name)` is a transform: it is computed, not fed",
                notes: ["`pipec query 'SELECT * FROM \(name)'` shows a table"])
        }
        self.node = name
        self.project = project
        let resource = SinkOpener.resource(binding, node: name)
        switch binding.connector {
        case _ where node.kind == .sink && SinkOpener.writesFiles(binding):
            target = .output(try FileTarget(binding, node: name).resolved(project))
        case "files": target = .folder(project.resolve(Feed.fixed(resource)), pattern: resource)
        case "s3" where binding.isEmbedded:
            var bucket = ""
            if case .string(let text) = binding.settings["bucket"] { bucket = text }
            let path = try EmbeddedPaths.object(bucket: bucket, key: resource)
            target = .folder(project.resolve(Feed.fixed(path)), pattern: resource)
        case "sqs" where binding.isEmbedded:
            target = .queue(
                QueueFeed(node: name, settings: SQSSettings(binding, node: name), project: project))
        case "kinesis" where binding.isEmbedded, "http" where binding.isEmbedded:
            target = .stream(
                StreamFeed(
                    node: name, settings: KinesisSettings(binding, node: name), project: project))
        case "dynamodb" where binding.isEmbedded: target = .table(resource)
        default:
            throw RunError(
                .cannotRun,
                "`\(name)` is bound to `\(binding.connector)`, which is not embedded here",
                notes: ["use a profile in which it is, such as `local`"])
        }
    }

    /// The folder of a pattern: everything before its first wildcard.
    private static func fixed(_ pattern: String) -> String {
        let parts = pattern.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let plain = parts.prefix { !Glob.isPattern($0) }
        let folder = plain.count == parts.count ? plain.dropLast() : plain
        return folder.joined(separator: "/")
    }

    /// - Returns: what was done, for people.
    package func put(_ bytes: [UInt8], name: String, now: Int64) throws -> String {
        switch target {
        case .folder(let folder, let pattern):
            guard !name.contains("/"), EmbeddedPaths.keyFault(name) == nil else {
                throw RunError(.unsafeName, "`\(name)` is no name for a file in \(folder)")
            }
            let place = Feed.fixed(pattern)
            guard !Glob.select(pattern, from: [place.isEmpty ? name : "\(place)/\(name)"]).isEmpty
            else {
                throw RunError(
                    .nothingMatched, "`\(node)` would not read a file called `\(name)`",
                    notes: ["it reads \(pattern)", "`--name` gives a file another name"])
            }
            try Files.makeDirectory(folder)
            let path = "\(folder)/\(name)"
            try Files.write(bytes, to: path)
            return "\(node): \(name) (\(bytes.count.readableBytes))"
        case .queue(let queue): return try queue.put(bytes, now: now)
        case .stream(let stream): return try stream.put(bytes, now: now)
        case .output(let path):
            throw RunError(
                .cannotRun, "`\(node)` is a sink: only a run writes \(path)",
                notes: ["feed the source its rows come from"])
        case .table:
            throw RunError(
                .cannotRun, "`\(node)` is a key-value table: only a run writes it",
                notes: ["feed the source its rows come from"])
        }
    }

    /// Puts what is in the node's dead-letter queue back.
    ///
    /// - Returns: what was done, for people.
    package func redrive(now: Int64) throws -> String {
        guard case .queue(let queue) = target else {
            throw RunError(
                .cannotRun, "`\(node)` has no dead-letter queue",
                notes: ["rows that a run rejected go back with `pipec dlq redrive`"])
        }
        return try queue.redrive(now: now)
    }

    /// What is shown beside the plain contents.
    package struct PeekOptions: Sendable {
        /// Of a queue: its dead-letter queue instead.
        package var deadLetters = false

        package init() {}
    }

    /// - Returns: records as lines, and a summary.
    package func peek(
        _ limit: Int, _ options: PeekOptions = PeekOptions(), now: Int64
    ) throws -> ([String], String) {
        if options.deadLetters {
            guard case .queue = target else {
                throw RunError(
                    .cannotRun, "`\(node)` has no dead-letter queue",
                    notes: ["`pipec dlq list` shows the rows that runs rejected"])
            }
        }
        try Recovery(project).completeBeforeReading(now: now)
        switch target {
        case .output(let path):
            let files =
                Files.isDirectory(path)
                ? Files.walk(path).filter { $0 != TableManifest.fileName } : []
            let lines = files.prefix(limit).map {
                "\($0)  \((Files.size(path + "/" + $0) ?? 0).clamped.readableBytes)"
            }
            let single = Files.size(path).map { "1 file, \($0.clamped.readableBytes): \(path)" }
            return (
                Array(lines),
                Files.isDirectory(path)
                    ? "\(files.count) files in \(path)" : single ?? "nothing at \(path) yet"
            )
        case .folder(let folder, let pattern):
            let files = Files.walk(folder)
            let lines = files.prefix(limit).map {
                "\($0)  \((Files.size(folder + "/" + $0) ?? 0).clamped.readableBytes)"
            }
            return (Array(lines), "\(files.count) files in \(folder) (read: \(pattern))")
        case .queue(let queue):
            return try queue.peek(limit, deadLetters: options.deadLetters, now: now)
        case .stream(let stream): return try stream.peek(limit, now: now)
        case .table(let name):
            let table = try KeyValueTable(path: project.resolve(EmbeddedPaths.keyValueTable(name)))
            return (
                try table.items(limit: limit, now: now),
                "\(grouped(try table.count(now: now))) items"
            )
        }
    }
}

extension Int64 {
    fileprivate var clamped: Int { Int(clamping: self) }
}

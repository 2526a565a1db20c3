import PipelineDSL
import Planner

/// What a binding to `kinesis` says, or one to `http` of the log behind its listener.
struct KinesisSettings {
    let stream: String
    let start: LogSource.Start
    let partitionKey: String?
    private let options: PartitionedLog.Options
    private let path: String

    init(_ binding: BindingPlan, node: String) {
        let settings = Settings(binding.settings, signatures: KinesisConnector().settings)
        stream = settings.string("stream") ?? node
        path =
            binding.connector == "http"
            ? EmbeddedPaths.ingest(node) : EmbeddedPaths.stream(stream)
        start = settings.string("start").flatMap(KinesisSettings.start) ?? .earliest
        partitionKey = settings.string("partition_key")
        var options = PartitionedLog.Options()
        options.shards = settings.integer("shards").map { Int(clamping: $0) }
        options.retention = settings.duration("retention")
        options.hasLimits = settings.boolean("shard_limits") ?? false
        self.options = options
    }

    /// `nil` where the text is none of them.
    static func start(_ text: String) -> LogSource.Start? {
        switch text {
        case "earliest", "trim_horizon": .earliest
        case "latest": .latest
        default: RunClock.microseconds(text).map { .time($0) } ?? sequences(text)
        }
    }

    /// `0:4711, 1:42`: of each shard that is named, by number or as Kinesis calls it, the record to
    /// begin with.
    private static func sequences(_ text: String) -> LogSource.Start? {
        var found: [String: Int64] = [:]
        for part in text.split(separator: ",") {
            let pair = part.split(separator: ":", maxSplits: 1).map {
                $0.trimmingPrefix(while: \.isWhitespace)
            }
            guard pair.count == 2, let sequence = Int64(pair[1]), sequence >= 0 else { return nil }
            let number = pair[0].hasPrefix("shardId-") ? pair[0].dropFirst(8) : pair[0][...]
            guard let shard = Int(number), (0..<PartitionedLog.mostShards).contains(shard) else {
                return nil
            }
            found[LogShard.name(shard)] = sequence
        }
        return found.isEmpty ? nil : .sequences(found)
    }

    func open(_ project: ProjectDirectory) throws -> PartitionedLog {
        try PartitionedLog(project.resolve(path), options)
    }
}

extension LogSource {
    /// The stream of a source node.
    ///
    /// - Parameter start: instead of the setting.
    convenience init(
        _ node: PlanNode, _ scan: ScanPlan, _ project: ProjectDirectory, now: Int64,
        start: Start? = nil
    ) throws {
        let settings = KinesisSettings(scan.binding, node: node.name)
        let options = RecordOptions(
            node, scan, json: try RecordOptions.json(scan.format, scan.binding))
        let log = try settings.open(project)
        try log.expire(now: now)
        try self.init(log, start: start ?? settings.start, options)
    }
}

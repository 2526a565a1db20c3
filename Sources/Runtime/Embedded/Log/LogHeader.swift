import Foundation
import PipelineDSL

/// What a stream is, as `stream.json` in its folder keeps it.
struct LogHeader: Codable, Hashable {
    private static let formatVersion = 1
    private static let fileName = "stream.json"

    private var format = LogHeader.formatVersion
    let shards: Int
    /// Microseconds.
    private(set) var retention: Int64

    private init(shards: Int, retention: Int64) {
        self.shards = shards
        self.retention = retention
    }

    /// Only under the stream's lock.
    static func open(_ folder: String, _ options: PartitionedLog.Options) throws -> LogHeader {
        let path = folder + "/" + fileName
        guard let bytes = Files.read(path) else {
            let made = LogHeader(
                shards: min(
                    max(options.shards ?? PartitionedLog.defaultShards, 1),
                    PartitionedLog.mostShards),
                retention: max(1, options.retention ?? PartitionedLog.defaultRetention))
            try made.write(path)
            return made
        }
        guard var header = try? JSONDecoder().decode(LogHeader.self, from: Data(bytes)),
            header.format == formatVersion, (1...PartitionedLog.mostShards).contains(header.shards),
            header.retention > 0
        else {
            throw RunError(
                .logDamaged, "\(path) is not what this version of pipec writes",
                notes: ["restore it, or remove the stream's folder and its records with it"])
        }
        if let shards = options.shards, shards != header.shards {
            throw RunError(
                .embeddedSettings,
                "the stream \(folder) has \(header.shards) shards, not \(shards)",
                notes: ["say `shards: \(header.shards)`, or give another `stream` name"])
        }
        if let retention = options.retention, retention != header.retention {
            header.retention = max(1, retention)
            try header.write(path)
        }
        return header
    }

    private func write(_ path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try Files.write([UInt8](try encoder.encode(self)), to: path)
    }
}

import Foundation
import PipelineDSL

/// What a streaming run knows between two epochs: how far its sources were read, how far event time
/// has come, and what its operators remember.
///
/// It takes the place of the one before as one step of the epoch's commit, so positions, state and
/// output move together or not at all.
package struct Checkpoint: Codable, Sendable {
    package static let currentFormatVersion = 1

    package var formatVersion = Checkpoint.currentFormatVersion
    /// How many epochs were committed.
    package var epoch = 0
    package var positions: [String: SourcePosition] = [:]
    /// By source, and by sources that are waited for together (`a+b`): no row before it is expected
    /// any more, microseconds since 1970.
    package var watermarks: [String: Int64] = [:]
    /// By source and partition: the latest event time, microseconds since 1970.
    package var eventTimes: [String: [String: Int64]] = [:]
    /// By operator.
    package var states: [String: StateFiles] = [:]

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case formatVersion = "format_version"
        case epoch, positions, watermarks, states
        case eventTimes = "event_times"
    }

    static func path(_ project: ProjectDirectory, pipeline: String) -> String {
        project.state(pipeline) + "/checkpoint.json"
    }

    /// - Returns: `nil` where the pipeline has not streamed yet.
    package static func load(_ project: ProjectDirectory, pipeline: String) throws -> Checkpoint? {
        let path = path(project, pipeline: pipeline)
        guard Files.exists(path) else { return nil }
        func unreadable(_ why: String) -> RunError {
            RunError(
                .checkpointUnreadable, "the checkpoint of `\(pipeline)` cannot be read: \(why)",
                notes: [
                    "it is \(path)",
                    "restore it, or remove the folder it is in: everything is then read anew",
                ])
        }
        guard let bytes = Files.read(path) else { throw unreadable(lastErrorText()) }
        struct Version: Codable { var format_version: Int }
        guard let version = try? JSONDecoder().decode(Version.self, from: Data(bytes)),
            version.format_version == currentFormatVersion
        else { throw unreadable("it is not of version \(currentFormatVersion)") }
        do { return try JSONDecoder().decode(Checkpoint.self, from: Data(bytes)) } catch {
            throw unreadable("it is not what pipec writes")
        }
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try Files.write([UInt8](try encoder.encode(self)), to: path)
    }
}

/// The state of one operator on disk: perhaps all of it as it once was, then the rows that were added
/// since, in segments in their order.
package struct StateFiles: Codable, Sendable, Hashable {
    package struct Segment: Codable, Sendable, Hashable {
        /// In the folder of the operator.
        package var name: String
        package var rows: Int
        package var bytes: Int
        /// The latest event time among its rows; with it a segment is known to be out of date
        /// without being read.
        package var latest: Int64
        /// All that was remembered, not only rows that were added; stands before those.
        package var isSnapshot: Bool?
    }

    /// What the state is of: where it changes, the state cannot be used.
    package var definition: String
    /// Its folder, where that is still called after the operator's earlier name.
    package var folder: String?
    package var segments: [Segment] = []

    package var rows: Int { segments.reduce(0) { $0 + $1.rows } }
}

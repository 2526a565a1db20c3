import Foundation
import PipelineDSL

/// `pipec.lock`: what was inferred once and holds from then on. It lies beside the spec, is kept
/// with it, and is the same bytes for the same content.
package struct SchemaLock: Codable, Sendable, Equatable {
    package struct Source: Codable, Sendable, Equatable {
        /// `vehicle_id: string`, in the order of the data.
        package var columns: [Field]
        /// Names in the data to those of the columns, where they differ.
        package var rename: [String: String]?
    }

    /// Several specs of one folder share the lock.
    package struct Pipeline: Codable, Sendable, Equatable {
        package var sources: [String: Source]
    }

    package static let fileName = "pipec.lock"
    package static let currentFormatVersion = 1

    package var formatVersion = SchemaLock.currentFormatVersion
    package var pipelines: [String: Pipeline] = [:]

    private enum CodingKeys: String, CodingKey { case formatVersion = "format_version", pipelines }

    package init() {}

    /// From the bytes of a file; empty where there are none.
    package init(_ bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { return }
        struct Version: Codable { var format_version: Int }
        if let version = try? JSONDecoder().decode(Version.self, from: Data(bytes)),
            version.format_version > SchemaLock.currentFormatVersion
        {
            throw SchemaLock.unreadable("it is of version \(version.format_version)")
        }
        do { self = try JSONDecoder().decode(SchemaLock.self, from: Data(bytes)) } catch {
            throw SchemaLock.unreadable("it is not what pipec writes")
        }
    }

    private static func unreadable(_ why: String) -> RunError {
        RunError(
            .lockUnreadable, "\(fileName) cannot be read: \(why)",
            notes: ["restore it, or remove it to take the columns from the data again"])
    }

    /// Empty where there is no lock.
    package static func load(_ project: ProjectDirectory) throws -> SchemaLock {
        let path = project.resolve(fileName)
        guard Files.exists(path) else { return SchemaLock() }
        guard let bytes = Files.read(path) else { throw unreadable(lastErrorText()) }
        if bytes.isEmpty { throw unreadable("it is empty") }
        return try SchemaLock(bytes)
    }

    package func save(_ project: ProjectDirectory) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let text = [UInt8](try encoder.encode(self)) + [UInt8(ascii: "\n")]
        try Files.write(text, to: project.resolve(SchemaLock.fileName))
    }
}

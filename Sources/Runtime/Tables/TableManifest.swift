import Foundation
import PipelineDSL
import Planner

/// What a table's folder holds: the schema and the files that are the table now, in `_pipec.json`.
/// Replacing this file is what makes an append visible.
package struct TableManifest: Codable, Sendable {
    package struct File: Codable, Sendable, Hashable {
        /// Relative to the table's folder.
        package var path: String
        package var rows: Int
        package var bytes: Int
        /// Values of the partition columns, as the folder name spells them.
        package var partition: [String: String]?
        /// Of a table that is merged in a stream: what the columns of its key lie within, one to
        /// one; `nil` where that is not known.
        package var keys: [KeyRange?]?

        package init(
            path: String, rows: Int, bytes: Int, partition: [String: String]? = nil,
            keys: [KeyRange?]? = nil
        ) {
            self.keys = keys
            self.path = path
            self.rows = rows
            self.bytes = bytes
            self.partition = partition
        }
    }

    package static let fileName = "_pipec.json"

    package var formatVersion = 1
    /// The epoch that wrote it.
    package var token: String
    package var format: String
    /// Of the format, where they are not what it says by itself: how the files are to be read.
    package var settings: [String: PlanValue]?
    package var schema: Schema
    package var files: [File]

    package init(
        token: String, format: String, settings: [String: PlanValue] = [:], schema: Schema,
        files: [File]
    ) {
        self.token = token
        self.format = format
        self.settings = settings.isEmpty ? nil : settings
        self.schema = schema
        self.files = files
    }

    package var rowCount: Int { files.reduce(0) { $0 + $1.rows } }

    package static func load(_ folder: String) -> TableManifest? {
        guard let bytes = Files.read(folder + "/" + fileName) else { return nil }
        return try? JSONDecoder().decode(TableManifest.self, from: Data(bytes))
    }

    package func save(in folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try Files.write(
            [UInt8](try encoder.encode(self)), to: folder + "/" + TableManifest.fileName)
    }
}

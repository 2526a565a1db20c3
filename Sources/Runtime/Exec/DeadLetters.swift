import Foundation
import PipelineDSL
import Planner

/// One rejected row as it is kept: a line of JSON in `<dead letters>/<node>/<run>.jsonl`.
package struct DeadLetter: Codable, Sendable {
    package struct Place: Codable, Sendable {
        package var file: String
        package var line: Int
        package var column: Int
    }

    package var run: String
    package var time: String
    package var node: String
    package var op: String
    package var object: String
    package var line: Int64?
    package var offset: Int64?
    package var rule: String
    package var code: String
    package var message: String
    package var column: String?
    /// Where the spec says so.
    package var span: Place?
    /// The original bytes as text; `rawBase64` instead where they are not UTF-8.
    package var raw: String?
    package var rawBase64: String?
    /// How often it has been through the pipeline, or how often a stage has tried it.
    package var attempt: Int
    /// The stage whose batch it was in.
    package var stage: String?
    /// The run that put it back through the pipeline; `nil` while it is pending.
    package var redriven: String?

    enum CodingKeys: String, CodingKey {
        case run, time, node, op, object, line, offset, rule, code, message, column, span, raw
        case rawBase64 = "raw_base64"
        case attempt, stage, redriven
    }
}

/// Writes the dead letters of one run, staged until the run commits.
///
/// Each operator has a file of its own while the run works, because each rejects in the order of
/// its input; at the end the files of a node become one, in the order of the operators.
package final class DeadLetterWriter: DeadLetterSink, @unchecked Sendable {
    private struct Part {
        var node: String
        var writer: FileWriter
        var buffer: [UInt8] = []
        var rows = 0
    }

    static let stagingPrefix = ".staging-"

    private let monitor = Monitor()
    private let folder: String
    private let folders: [String: String]
    let staging: String
    private let redrive: Redrive?
    private let run: String
    private let startedAt: String
    private var parts: [String: Part] = [:]
    private let encoder: JSONEncoder

    /// - Parameters:
    ///   - folder: absolute, the root of all dead letters.
    ///   - startedAt: ISO 8601, the same for every letter of the run.
    ///   - folders: names of nodes whose letters lie in a folder of another name.
    package init(
        folder: String, run: String, startedAt: String, folders: [String: String] = [:],
        redrive: Redrive? = nil
    ) {
        self.redrive = redrive
        self.folder = folder
        self.folders = folders
        self.run = run
        self.startedAt = startedAt
        staging = "\(folder)/\(DeadLetterWriter.stagingPrefix)\(run)"
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    package func write(_ rows: [RejectedRow], node: String, operatorID: String) throws {
        try monitor.locked {
            if parts[operatorID] == nil {
                try Files.makeDirectory(staging)
                let name = "\(parts.count)-\(fileName(operatorID))"
                parts[operatorID] = Part(node: node, writer: try FileWriter("\(staging)/\(name)"))
            }
            for row in rows where redrive?.keeps(row, node: node) != true {
                let letter = self.letter(row, node: node, operatorID: operatorID)
                parts[operatorID]!.buffer.append(contentsOf: try encoder.encode(letter))
                parts[operatorID]!.buffer.append(UInt8(ascii: "\n"))
            }
            parts[operatorID]!.rows += rows.count
            if parts[operatorID]!.buffer.count > 1 << 18 { try flush(operatorID) }
        }
    }

    private func flush(_ operatorID: String) throws {
        try parts[operatorID]!.buffer.withUnsafeBytes { try parts[operatorID]!.writer.write($0) }
        parts[operatorID]!.buffer.removeAll(keepingCapacity: true)
    }

    private func letter(_ row: RejectedRow, node: String, operatorID: String) -> DeadLetter {
        var letter = DeadLetter(
            run: run, time: startedAt, node: node, op: operatorID, object: row.object,
            line: row.line, offset: row.offset, rule: row.rule, code: row.code.description,
            message: row.message, column: row.column,
            attempt: row.attempt ?? redrive?.attempt(row, node: node) ?? 1, stage: row.stage)
        if let span = row.span {
            letter.span = DeadLetter.Place(
                file: span.file, line: span.start.line, column: span.start.column)
        }
        if let raw = row.raw {
            if let text = String(validating: raw, as: UTF8.self) {
                letter.raw = text
            } else {
                letter.rawBase64 = Data(raw).base64EncodedString()
            }
        }
        return letter
    }

    /// Makes the letters durable and adds to `commit` what puts them in place.
    ///
    /// - Parameter order: operator ids in the order of the graph.
    package func prepare(_ commit: Commit, order: [String]) throws {
        try monitor.locked {
            var files: [String: FileWriter] = [:]
            let rank = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
            for id in parts.keys.sorted(by: { (rank[$0] ?? .max, $0) < (rank[$1] ?? .max, $1) }) {
                try flush(id)
                let part = parts[id]!
                try part.writer.close(sync: false)
                let name = fileName(folders[part.node] ?? part.node)
                if files[name] == nil {
                    files[name] = try FileWriter("\(staging)/\(name).jsonl")
                }
                try Files.copy(part.writer.path, into: files[name]!)
            }
            for (name, file) in files.sorted(by: { $0.key < $1.key }) {
                try file.close(sync: true)
                commit.add(.moveFile(staged: file.path, target: "\(folder)/\(name)/\(run).jsonl"))
            }
        }
    }

    /// Removes what was staged; after the commit, or instead of it.
    package func cleanUp() { Files.removeTree(staging) }

    private func fileName(_ name: String) -> String { EmbeddedPaths.component(name) }
}

extension Files {
    /// Appends a whole file to another.
    static func copy(_ path: String, into target: FileWriter) throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw failure("\(path) cannot be read") }
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let got = Foundation.read(descriptor, buffer.baseAddress!, buffer.count)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw failure("\(path) cannot be read") }
            if got == 0 { return }
            try target.write(UnsafeRawBufferPointer(start: buffer.baseAddress!, count: got))
        }
    }
}

extension Plan {
    /// Where `on_error: { dead_letter: name }` of a source or sink, and `dead_letter` of a stage, put
    /// letters.
    var deadLetterFolders: [String: String] {
        var folders: [String: String] = [:]
        for node in nodes {
            let stage = stages.first { $0.name == node.runsOn }?.settings["dead_letter"]?.string
            folders[node.name] =
                node.sink?.deadLetter ?? node.scan?.onError?.deadLetterFolder ?? stage
        }
        return folders
    }
}

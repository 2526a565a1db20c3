import Foundation
import PipelineDSL

/// Everything a run makes visible, made visible together.
///
/// While a run works, its results stand in staging places nobody reads. At its end they are made
/// durable (`prepare`), then the list of what is to be done is written as one small file, the
/// commit record, and only then is it done. A process that dies before the record leaves the
/// previous result whole; one that dies after it is completed by the next start (``recover``),
/// because every step can be repeated. Tokens name the epoch: a step already done is recognised.
package final class Commit: @unchecked Sendable {
    package enum Step: Codable, Sendable {
        /// The staged folder takes the target's place; the old one is removed.
        case replaceTable(staged: String, target: String)
        /// The staged files move into the target folder; the manifest last.
        case extendTable(staged: String, target: String)
        /// The same, and files that the manifest no longer names are removed.
        case reviseTable(staged: String, target: String)
        /// One file takes another's place.
        case moveFile(staged: String, target: String)
        /// A sink completes the epoch by itself, given its binding.
        case sink(node: String, connector: String, name: String)
        /// What an epoch received under a claim is deleted.
        case acknowledge(connector: String, name: String, claim: String)
    }

    struct Record: Codable {
        var token: String
        var steps: [Step]
    }

    package let token: String
    private let project: ProjectDirectory
    private let recordPath: String
    private var steps: [Step] = []
    private var sinks: [(step: Step, sink: any CommittableSink)] = []
    /// Whether the record is written: what it lists is done now, or by the next start, and nothing of
    /// it may be undone.
    private(set) var isDecided = false

    package init(token: String, project: ProjectDirectory, pipeline: String) {
        self.token = token
        self.project = project
        recordPath = project.state(pipeline) + "/" + Commit.recordName
    }

    private static let recordName = "commit.json"

    /// The record of the pipeline whose state is in `folder`.
    static func recordPath(_ project: ProjectDirectory, folder: String) -> String {
        "\(project.stateRoot)/\(folder)/\(recordName)"
    }

    package func add(_ step: Step) { steps.append(step) }
    package func add(_ sink: any CommittableSink, step: Step) { sinks.append((step, sink)) }

    /// Writes the record, then does what it says. Only errors of the machine are thrown; after the
    /// record is written the epoch is decided, and a failed step is repeated by the next start.
    package func complete() throws {
        let record = Record(token: token, steps: steps + sinks.map(\.step))
        let readers = try ReaderLock.exclusive(project)
        defer { withExtendedLifetime(readers) {} }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try Files.write([UInt8](try encoder.encode(record)), to: recordPath)
        isDecided = true
        for step in steps { try Commit.apply(step, token: token) }
        for (_, sink) in sinks { try sink.commit() }
        unlink(recordPath)
    }

    /// Completes an epoch that was decided and not finished.
    ///
    /// - Returns: the token of the epoch that was completed, if there was one.
    static func recover(
        recordPath path: String, recoverSink: (Step, String) throws -> Void
    ) throws -> String? {
        guard let bytes = Files.read(path) else { return nil }
        guard let record = try? JSONDecoder().decode(Record.self, from: Data(bytes)) else {
            throw RunError(
                .outputFailed, "the commit record \(path) cannot be read",
                notes: ["it is written whole or not at all; look at the disk, then remove it"])
        }
        for step in record.steps {
            switch step {
            case .sink, .acknowledge: try recoverSink(step, record.token)
            default: try apply(step, token: record.token)
            }
        }
        unlink(path)
        return record.token
    }

    private static func apply(_ step: Step, token: String) throws {
        switch step {
        case .replaceTable(let staged, let target):
            if TableManifest.load(target)?.token != token {
                try ObjectVersions.keep(target)
                if Files.exists(target) {
                    try Files.exchange(staged, target)
                } else {
                    try Files.rename(staged, to: target)
                }
            }
            Files.removeTree(staged)
            Files.removeTree(target + ".replaced")
            if let parent = Files.parent(target) { Files.syncDirectory(parent) }
        case .extendTable(let staged, let target): try extend(staged, target)
        case .reviseTable(let staged, let target):
            try extend(staged, target)
            try removeUnnamed(target, token: token)
        case .moveFile(let staged, let target):
            guard Files.exists(staged) else { return }
            if let folder = Files.parent(target) { try Files.makeDirectory(folder) }
            try ObjectVersions.keep(target)
            try Files.rename(staged, to: target)
            if let folder = Files.parent(target) { Files.syncDirectory(folder) }
            // The folder it was staged in, once that is empty.
            if let folder = Files.parent(staged) { rmdir(folder) }
        case .sink, .acknowledge: break
        }
    }

    /// Files of the table's folder that are no part of it any more: an earlier revision's.
    private static func removeUnnamed(_ target: String, token: String) throws {
        guard let manifest = TableManifest.load(target), manifest.token == token else { return }
        let named = Set(manifest.files.map(\.path))
        for file in Files.walk(target) where file != TableManifest.fileName && !named.contains(file)
        {
            try ObjectVersions.keep(target + "/" + file)
            unlink(target + "/" + file)
        }
        Files.syncDirectory(target)
    }

    private static func extend(_ staged: String, _ target: String) throws {
        guard Files.exists(staged) else { return }
        let files = Files.walk(staged).filter { $0 != TableManifest.fileName }
        for file in files {
            if let folder = Files.parent(target + "/" + file) {
                try Files.makeDirectory(folder)
            }
            try Files.rename(staged + "/" + file, to: target + "/" + file)
        }
        let manifest = staged + "/" + TableManifest.fileName
        if Files.exists(manifest) {
            try Files.rename(manifest, to: target + "/" + TableManifest.fileName)
        }
        Files.syncDirectory(target)
        Files.removeTree(staged)
    }
}

/// A sink whose rows become visible with ``commit`` and not before.
package protocol CommittableSink: AnyObject {
    /// Idempotent for the epoch's token.
    func commit() throws
}

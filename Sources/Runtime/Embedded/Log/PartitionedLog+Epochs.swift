import Foundation
import Glibc
import PipelineDSL

/// Appending what a run wrote, once.
///
/// Records of an epoch wait in `staged/<epoch>.log`. ``commit(_:now:)`` first writes down that it has
/// begun and where each shard ends (`pending.json`), then appends, then writes down that it is done
/// (`epochs.json`). Whoever appends next to a stream with a `pending.json` completes it: what of the
/// epoch is there already follows from the shards' ends, as nothing else was appended since.
extension PartitionedLog {
    private struct Pending: Codable {
        var epoch: String
        var arrival: Int64
        /// The next sequence number of each shard when it began.
        var starts: [Int64]
    }

    /// So many epochs are remembered: a crash leaves one of each pipeline that writes here.
    private static let rememberedEpochs = 256
    /// Appended at a time.
    private static let chunkBytes = 8 << 20

    private var pendingPath: String { folder + "/pending.json" }
    private var epochsPath: String { folder + "/epochs.json" }
    private var stagingFolder: String { folder + "/staged" }

    private func stagedPath(_ epoch: String) -> String {
        "\(stagingFolder)/\(EmbeddedPaths.component(epoch)).log"
    }

    /// Takes the records of an epoch, replacing what an earlier attempt staged.
    package func stage(_ epoch: String) throws -> LogStaging {
        try Files.makeDirectory(stagingFolder)
        return try LogStaging(stagedPath(epoch))
    }

    /// Removes what was staged for epochs other than those whose name begins so.
    func discardStaged(exceptPrefix prefix: String? = nil) throws {
        try exclusively {
            for name in Files.list(stagingFolder) {
                if let prefix, name.hasPrefix(EmbeddedPaths.component(prefix)) { continue }
                unlink(stagingFolder + "/" + name)
            }
        }
    }

    func discardStaged(epoch: String) { unlink(stagedPath(epoch)) }

    /// Appends what was staged for the epoch; does nothing where that was done before.
    package func commit(_ epoch: String, now: Int64) throws {
        try exclusively {
            if !(try committedEpochs().contains(epoch)) {
                try refreshAll(now: now)
                try write(
                    Pending(epoch: epoch, arrival: now, starts: nextSequences), to: pendingPath)
                try completeDecided()
            }
            unlink(stagedPath(epoch))
        }
    }

    /// Completes a commit in the middle of which a process died. Only under the lock.
    func completeDecided() throws {
        guard Files.exists(pendingPath) else { return }
        guard let pending = read(Pending.self, pendingPath),
            pending.starts.count == shardCount
        else { throw unreadable(pendingPath) }
        var epochs = try committedEpochs()
        if !epochs.contains(pending.epoch) {
            try appendStaged(pending)
            epochs.append(pending.epoch)
            try write(epochs.suffix(PartitionedLog.rememberedEpochs), to: epochsPath)
        }
        unlink(stagedPath(pending.epoch))
        unlink(pendingPath)
        Files.syncDirectory(folder)
    }

    private func appendStaged(_ pending: Pending) throws {
        let path = stagedPath(pending.epoch)
        // A sink without rows stages nothing.
        guard Files.exists(path) else { return }
        try refreshAll(now: nil)
        var skip = zip(nextSequences, pending.starts).map { $0 - $1 }
        guard skip.allSatisfy({ $0 >= 0 }) else { throw unreadable(pendingPath) }
        let staged = LogCursor(staging: path)
        var batch = LogBatch()
        while let frame = try staged.peek() {
            let shard = shard(of: frame.key)
            if skip[shard] > 0 {
                skip[shard] -= 1
            } else {
                batch.add(key: frame.key, data: frame.data)
            }
            staged.advance()
            if batch.byteCount >= PartitionedLog.chunkBytes {
                try appendDecided(batch, pending)
                batch.removeAll()
            }
        }
        guard Files.size(path) == staged.location.offset else { throw unreadable(path) }
        try appendDecided(batch, pending)
    }

    private func appendDecided(_ batch: LogBatch, _ pending: Pending) throws {
        for case .failure(let failure) in try put(batch, now: pending.arrival, limits: false) {
            // They were looked at before they were staged.
            throw RunError(.embeddedLimit, "a staged record is refused: \(failure)")
        }
    }

    // MARK: - Files

    private func committedEpochs() throws -> [String] {
        guard Files.exists(epochsPath) else { return [] }
        guard let epochs = read([String].self, epochsPath) else { throw unreadable(epochsPath) }
        return epochs
    }

    private func read<T: Decodable>(_ type: T.Type, _ path: String) -> T? {
        Files.read(path).flatMap { try? JSONDecoder().decode(type, from: Data($0)) }
    }

    private func write(_ value: some Encodable, to path: String) throws {
        try Files.write([UInt8](try JSONEncoder().encode(value)), to: path)
    }

    private func unreadable(_ path: String) -> RunError {
        RunError(
            .logDamaged, "\(path) cannot be read",
            notes: ["it is written whole or not at all; look at the disk"])
    }
}

/// Records of an epoch that is not committed: a file of frames, numbered from 0.
package final class LogStaging {
    private let file: FileWriter
    private var buffer: UnsafeMutableRawPointer
    private static let bufferBytes = (256 << 10) + LogFrame.maxBytes
    private var buffered = 0
    private var next: Int64 = 0

    fileprivate init(_ path: String) throws {
        file = try FileWriter(path)
        buffer = .allocate(byteCount: LogStaging.bufferBytes, alignment: 16)
    }

    deinit { buffer.deallocate() }

    package func add(key: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer) throws {
        let frame = LogFrame(
            sequence: next, arrival: 0, indexInBatch: 0, key: key, data: data)
        if buffered + frame.byteCount > LogStaging.bufferBytes { try flush() }
        frame.write(to: buffer + buffered)
        buffered += frame.byteCount
        next += 1
    }

    /// Makes them durable.
    package func close() throws {
        try flush()
        try file.close(sync: true)
        if let folder = Files.parent(file.path) { Files.syncDirectory(folder) }
    }

    private func flush() throws {
        try file.write(UnsafeRawBufferPointer(start: buffer, count: buffered))
        buffered = 0
    }
}

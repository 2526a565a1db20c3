import Glibc
import PipelineDSL

/// The folder of one shard: segment files, each named after the sequence number of its first record.
struct LogShard: Sendable {
    let index: Int
    let folder: String
    /// As Kinesis names shards, and as positions and dead letters do here.
    let name: String
    /// Instead of segment files: the only one there is.
    private let file: String?

    init(stream: String, index: Int) {
        self.index = index
        name = LogShard.name(index)
        folder = stream + "/" + name
        file = nil
    }

    /// Records that wait to be appended.
    init(staging path: String) {
        (index, name, folder, file) = (0, Files.lastComponent(path), path, path)
    }

    static func name(_ index: Int) -> String { "shardId-" + padded(Int64(index), 12) }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    func path(_ segment: Int64) -> String {
        if let file { return file }
        return folder + "/" + LogShard.padded(segment, 19) + LogShard.suffix
    }

    private static let suffix = ".log"

    /// First sequence numbers, ascending; there is no gap between a segment and the next.
    func segments() -> [Int64] {
        if file != nil { return [0] }
        return Files.list(folder).compactMap {
            guard $0.hasSuffix(LogShard.suffix), let base = Int64($0.dropLast(4)), base >= 0,
                path(base).hasSuffix("/" + $0)
            else { return nil }
            return base
        }
    }

    func hasSegment(_ base: Int64) -> Bool {
        file == nil ? Files.exists(path(base)) : base == 0
    }

    // MARK: - Errors

    func isGone(_ sequence: Int64, first: Int64) -> RunError {
        RunError(
            .logPosition,
            "\(name) no longer has the record \(sequence): its first is \(first)",
            notes: [
                "records are removed when they are older than the stream's `retention`",
                "read it again from what is there: `start: earliest`, and a new state",
            ])
    }

    func isBeyondEnd(_ sequence: Int64, next: Int64) -> RunError {
        RunError(
            .logPosition, "\(name) has no record \(sequence) yet: its next is \(next)",
            notes: [
                "the stream \(folder) was removed and made anew after that position was read"
            ])
    }

    func isDamaged(_ sequence: Int64, segment: Int64, offset: Int64) -> RunError {
        RunError(
            .logDamaged,
            "the record \(sequence) of \(name) is damaged: byte \(offset) of \(path(segment))",
            notes: [
                "records after it are whole, so it is no append that was cut short",
                "copy the stream's folder before anything else is written to it",
            ])
    }

    static func failure(_ action: String, _ path: String) -> RunError {
        let number = errno
        let what = "the embedded stream cannot \(action) \(path)"
        return DiskFull.error(what, number)
            ?? RunError(
                .embeddedStoreFailed, "\(what): \(errnoText(number))",
                notes: ["is the folder writable?"])
    }
}

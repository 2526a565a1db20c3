import PipelineDSL

/// What operators of a streaming run remember from epoch to epoch, in memory and on disk.
///
/// An epoch writes what it added, so its cost follows its input, not what is remembered. Segments of
/// about one size are put together as they pile up, and those that are out of date are dropped
/// unread; an operator that can say all it knows in less replaces them by a snapshot.
package final class StateStore: @unchecked Sendable {
    private let folder: String
    private var states: [String: any OperatorState] = [:]
    private var files: [String: StateFiles]

    /// So many segments of about one size become one.
    private static let fanIn = 16

    package init(
        _ project: ProjectDirectory, pipeline: String, restoring files: [String: StateFiles]
    ) {
        folder = project.state(pipeline) + "/operators"
        self.files = files
    }

    /// The state of an operator: as the last epoch left it, restored from disk, or empty.
    ///
    /// - Throws: ``RunError`` where what is on disk is the state of something else, or broken.
    func state<State: OperatorState>(_ id: String, make: () throws -> State) throws -> State {
        if let known = states[id] as? State { return known }
        let state = try make()
        if let stored = files[id] {
            guard stored.definition == state.definition else { throw mismatch(id, stored, state) }
            for segment in stored.segments {
                let bytes = try read(segment, id)
                do {
                    if segment.isSnapshot == true {
                        try state.restore(snapshot: bytes)
                    } else {
                        try state.restore(StateSegment.decode(bytes, types: state.types))
                    }
                } catch is BatchCodec.Malformed {
                    throw broken(segment, id)
                }
            }
            try state.endRestore()
        }
        states[id] = state
        return state
    }

    private func mismatch(
        _ id: String, _ stored: StateFiles, _ state: any OperatorState
    ) -> RunError {
        RunError(
            .checkpointMismatch, "the state of \(id) is not what this plan keeps there",
            notes: [
                "kept: \(stored.definition)", "wanted: \(state.definition)",
                "go back to the spec that made it; or forget it: `pipec state reset \(id)`",
            ])
    }

    /// Writes what the epoch added; returns what the checkpoint is to say.
    ///
    /// Nothing that an earlier checkpoint needs is removed: that is ``removeUnused()`` after the
    /// commit.
    func save(token: String) throws -> [String: StateFiles] {
        for (id, state) in states {
            var stored = files[id] ?? StateFiles(definition: state.definition)
            if let snapshot = state.takeSnapshot() {
                stored.segments = [try write(snapshot, id, token)]
            } else {
                stored.segments.removeAll { $0.latest < state.expired }
                let added = state.takeAdded()
                if let segment = try write(added, id, "\(token).rows", state) {
                    stored.segments.append(segment)
                }
                try compact(&stored.segments, id, token, state)
            }
            files[id] = stored
        }
        return files
    }

    /// Removes files that no checkpoint names any more.
    func removeUnused() {
        for operatorFolder in Files.list(folder) {
            let id = files.keys.first { folderName($0) == operatorFolder }
            let used = Set(id.flatMap { files[$0] }?.segments.map(\.name) ?? [])
            for name in Files.list("\(folder)/\(operatorFolder)") where !used.contains(name) {
                Files.removeTree("\(folder)/\(operatorFolder)/\(name)")
            }
        }
    }

    // MARK: - Segments

    private func path(_ id: String) -> String { "\(folder)/\(folderName(id))" }

    private func folderName(_ id: String) -> String {
        files[id]?.folder ?? EmbeddedPaths.component(id)
    }

    private func write(
        _ batches: [Batch], _ id: String, _ name: String, _ state: any OperatorState
    ) throws -> StateFiles.Segment? {
        let rows = batches.reduce(0) { $0 + $1.count }
        guard rows > 0 else { return nil }
        let bytes = StateSegment.encode(batches)
        try Files.makeDirectory(path(id))
        try Files.write(bytes, to: "\(path(id))/\(name)")
        let latest = batches.map { state.latest($0) }.max() ?? .min
        return StateFiles.Segment(name: name, rows: rows, bytes: bytes.count, latest: latest)
    }

    private func write(
        _ snapshot: StateSnapshot, _ id: String, _ token: String
    ) throws -> StateFiles.Segment {
        let name = "\(token).snapshot"
        try Files.makeDirectory(path(id))
        try Files.write(snapshot.bytes, to: "\(path(id))/\(name)")
        return StateFiles.Segment(
            name: name, rows: snapshot.rows, bytes: snapshot.bytes.count, latest: snapshot.latest,
            isSnapshot: true)
    }

    private func read(_ segment: StateFiles.Segment, _ id: String) throws -> [UInt8] {
        let file = "\(path(id))/\(segment.name)"
        guard let bytes = Files.read(file, limit: segment.bytes), bytes.count == segment.bytes
        else { throw broken(segment, id) }
        return bytes
    }

    private func broken(_ segment: StateFiles.Segment, _ id: String) -> RunError {
        RunError(
            .checkpointUnreadable,
            "the state of \(id) cannot be read: \(path(id))/\(segment.name) is damaged",
            notes: ["restore the folder .pipec/state, or remove it: everything is read anew"])
    }

    /// Puts the last segments together where there are many of about one size.
    private func compact(
        _ segments: inout [StateFiles.Segment], _ id: String, _ token: String,
        _ state: any OperatorState
    ) throws {
        var generation = 0
        while let range = StateStore.pile(segments) {
            let batches = try segments[range].flatMap { segment in
                do {
                    return try StateSegment.decode(try read(segment, id), types: state.types)
                } catch is BatchCodec.Malformed { throw broken(segment, id) }
            }.map { state.live($0) }
            generation += 1
            let merged = try write(batches, id, "\(token)-\(generation).rows", state)
            segments.replaceSubrange(range, with: [merged].compactMap(\.self))
        }
    }

    /// Segments at the end, all of a size or less, that are enough to be put together.
    private static func pile(_ segments: [StateFiles.Segment]) -> Range<Int>? {
        func size(_ segment: StateFiles.Segment) -> Int {
            segment.isSnapshot == true
                ? .max
                : max(1, segment.rows).bitWidth
                    - max(1, segment.rows).leadingZeroBitCount
        }
        guard let last = segments.last else { return nil }
        var limit = (size(last) + 3) / 4 * 4
        while limit <= 64 {
            let start = segments.lastIndex { size($0) > limit }.map { $0 + 1 } ?? 0
            if segments.count - start >= fanIn { return start..<segments.count }
            guard start > 0, size(segments[start - 1]) <= 64 else { return nil }
            limit = (size(segments[start - 1]) + 3) / 4 * 4
        }
        return nil
    }
}

/// Batches of rows in a file of state: each with its length before it.
private enum StateSegment {
    static func encode(_ batches: [Batch]) -> [UInt8] {
        var bytes: [UInt8] = []
        for batch in batches where batch.count > 0 {
            let at = bytes.count
            ValueCodec.append(UInt64(0), to: &bytes)
            BatchCodec.encode(batch, into: &bytes)
            let length = UInt64(bytes.count - at - 8).littleEndian
            withUnsafeBytes(of: length) { bytes.replaceSubrange(at..<at + 8, with: $0) }
        }
        return bytes
    }

    static func decode(_ bytes: [UInt8], types: [DataType]) throws -> [Batch] {
        var batches: [Batch] = []
        var at = 0
        while at < bytes.count {
            guard bytes.count - at >= 8 else { throw BatchCodec.Malformed() }
            let length = bytes[at..<at + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            guard length <= UInt64(bytes.count - at - 8) else { throw BatchCodec.Malformed() }
            let body = Array(bytes[(at + 8)..<(at + 8 + Int(length))])
            batches.append(try BatchCodec.decode(body, types: types))
            at += 8 + Int(length)
        }
        return batches
    }
}

/// All that an operator remembers, as bytes that only it can read.
struct StateSnapshot {
    var bytes: [UInt8]
    var rows: Int
    /// The latest event time in it: when the watermark has passed that, it is out of date.
    var latest: Int64
}

/// What one operator remembers.
protocol OperatorState: AnyObject, Sendable {
    /// Changes with everything that makes old state mean something else.
    var definition: String { get }
    /// Of the rows it is kept as.
    var types: [DataType] { get }
    /// Rows with an event time before this need not be remembered.
    var expired: Int64 { get }
    func restore(_ batches: [Batch]) throws
    /// - Throws: `BatchCodec.Malformed` where the bytes are not what ``takeSnapshot()`` made.
    func restore(snapshot: [UInt8]) throws
    /// After the last of what is on disk.
    func endRestore() throws
    /// The rows that were added since the last call.
    func takeAdded() -> [Batch]
    /// Everything, where that is shorter than what was added since the last snapshot; what was added
    /// is then in it.
    func takeSnapshot() -> StateSnapshot?
    /// The latest event time in a batch of such rows.
    func latest(_ batch: Batch) -> Int64
    /// The rows of a batch that are still needed.
    func live(_ batch: Batch) -> Batch
}

extension OperatorState {
    func endRestore() throws {}
    func takeSnapshot() -> StateSnapshot? { nil }
    func restore(snapshot: [UInt8]) throws { throw BatchCodec.Malformed() }
}

import PipelineDSL

/// What operators of a streaming run remember from epoch to epoch, in memory and on disk.
package final class StateStore: @unchecked Sendable {
    private let folder: String
    private var states: [String: any OperatorState] = [:]
    private var files: [String: StateFiles]

    /// More segments than this become one.
    private static let segmentLimit = 64

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
            guard stored.definition == state.definition else {
                throw RunError(
                    .checkpointMismatch, "the state of \(id) is not what this plan keeps there",
                    notes: [
                        "kept: \(stored.definition)", "wanted: \(state.definition)",
                        "go back to the spec that made it, or remove the folder \(folder): what it "
                            + "remembers is then lost",
                    ])
            }
            for segment in stored.segments { try state.restore(read(segment, id, state.types)) }
        }
        states[id] = state
        return state
    }

    /// Writes what the epoch added; returns what the checkpoint is to say.
    ///
    /// Nothing that an earlier checkpoint needs is removed: that is ``removeUnused()`` after the
    /// commit.
    func save(token: String) throws -> [String: StateFiles] {
        for (id, state) in states {
            var stored = files[id] ?? StateFiles(definition: state.definition)
            stored.segments.removeAll { $0.latest < state.expired }
            if let segment = try write(state.takeAdded(), id, token, state) {
                stored.segments.append(segment)
            }
            if stored.segments.count > StateStore.segmentLimit {
                stored.segments = try compact(stored.segments, id, token, state)
            }
            files[id] = stored
        }
        return files
    }

    /// Removes files that no checkpoint names any more.
    func removeUnused() {
        for operatorFolder in Files.list(folder) {
            let id = files.keys.first { EmbeddedPaths.component($0) == operatorFolder }
            let used = Set(id.flatMap { files[$0] }?.segments.map(\.name) ?? [])
            for name in Files.list("\(folder)/\(operatorFolder)") where !used.contains(name) {
                Files.removeTree("\(folder)/\(operatorFolder)/\(name)")
            }
        }
    }

    // MARK: - Segments

    private func path(_ id: String) -> String { "\(folder)/\(EmbeddedPaths.component(id))" }

    private func write(
        _ batches: [Batch], _ id: String, _ token: String, _ state: any OperatorState,
        suffix: String = ""
    ) throws -> StateFiles.Segment? {
        let rows = batches.reduce(0) { $0 + $1.count }
        guard rows > 0 else { return nil }
        var bytes: [UInt8] = []
        var latest = Int64.min
        for batch in batches where batch.count > 0 {
            var encoded: [UInt8] = []
            BatchCodec.encode(batch, into: &encoded)
            withUnsafeBytes(of: UInt64(encoded.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes += encoded
            latest = max(latest, state.latest(batch))
        }
        try Files.makeDirectory(path(id))
        let name = "\(token)\(suffix).rows"
        try Files.write(bytes, to: "\(path(id))/\(name)")
        return StateFiles.Segment(name: name, rows: rows, bytes: bytes.count, latest: latest)
    }

    private func read(
        _ segment: StateFiles.Segment, _ id: String, _ types: [DataType]
    ) throws -> [Batch] {
        let file = "\(path(id))/\(segment.name)"
        func broken() -> RunError {
            RunError(
                .checkpointUnreadable, "the state of \(id) cannot be read: \(file) is damaged",
                notes: ["restore the folder .pipec/state, or remove it: everything is read anew"])
        }
        guard let bytes = Files.read(file, limit: segment.bytes), bytes.count == segment.bytes
        else { throw broken() }
        var batches: [Batch] = []
        var at = 0
        while at < bytes.count {
            guard bytes.count - at >= 8 else { throw broken() }
            let length = bytes[at..<at + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            guard length <= UInt64(bytes.count - at - 8) else { throw broken() }
            let body = Array(bytes[(at + 8)..<(at + 8 + Int(length))])
            do { batches.append(try BatchCodec.decode(body, types: types)) } catch {
                throw broken()
            }
            at += 8 + Int(length)
        }
        return batches
    }

    private func compact(
        _ segments: [StateFiles.Segment], _ id: String, _ token: String, _ state: any OperatorState
    ) throws -> [StateFiles.Segment] {
        let batches = try segments.flatMap { try read($0, id, state.types) }
            .map { state.live($0) }
        return [try write(batches, id, token, state, suffix: "-compacted")].compactMap(\.self)
    }
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
    /// The rows that were added since the last call.
    func takeAdded() -> [Batch]
    /// The latest event time in a batch of such rows.
    func latest(_ batch: Batch) -> Int64
    /// The rows of a batch that are still needed.
    func live(_ batch: Batch) -> Batch
}

import PipelineDSL
import Planner

/// Where the run of a test reads and writes: everything outside the pipeline, in memory.
///
/// What a run writes is staged until it commits, as files would be, so that a run that dies leaves
/// what was there. Only the checkpoints and states of a streaming run are files, since they are what
/// a restart must read back.
final class TestBench: DeadLetterSink, @unchecked Sendable {
    /// Files are relative to it.
    private let project: ProjectDirectory
    /// For the text of files.
    private let scratch: String
    private let monitor = Monitor()
    private var offered: [String: [SpecTest.Given]] = [:]
    /// Whether no row will come any more.
    private(set) var hasEnded = false
    private var relations: [String: Relation] = [:]
    private var letters: (committed: [TestLetter], staged: [TestLetter]) = ([], [])
    private var streams: [String: TestStream] = [:]
    /// Of sources that read CSV.
    private var texts: [String: RejectedCSV] = [:]
    private var fileCount = 0
    private var tokenCount = 0

    /// Microseconds since 1970.
    let clock: VirtualPipelineClock
    /// Rows that came too late, in what was committed.
    private(set) var lateRows = 0
    /// Rows after which the run dies; counts down.
    private(set) var rowsBeforeCrash: Int?
    private var crashesAtCommit = false

    private struct Relation {
        /// Of a sink that keeps one row for each key.
        var keys: [Int] = []
        var committed: [Batch] = []
        var staged: [Batch]?
    }

    init(project: ProjectDirectory, scratch: String, now: Int64) {
        self.project = project
        self.scratch = scratch
        clock = VirtualPipelineClock(now: now)
    }

    // MARK: - Time and trouble

    /// The end of the year 9999, where timestamps as people write them end.
    private static let lastMoment: Int64 = 253_402_300_799_999_999

    /// - Throws: where no clock of ours has shown such a time.
    func advance(by microseconds: Int64, at span: SourceSpan) throws {
        guard microseconds <= Self.lastMoment - min(clock.now, Self.lastMoment) else {
            throw RunError(
                .testNotPossible, "the clock cannot go beyond the year 9999", at: span)
        }
        clock.advance(by: microseconds)
    }

    func crash(afterRows rows: Int) { rowsBeforeCrash = rows }
    func crashAtCommit() { crashesAtCommit = true }

    /// Forgets what was to happen, and what was staged.
    func calm() {
        rowsBeforeCrash = nil
        crashesAtCommit = false
        discard()
    }

    /// Runs of one instant must differ.
    func token() -> String {
        tokenCount += 1
        return "test-\(tokenCount)"
    }

    // MARK: - Sources

    func offer(_ given: SpecTest.Given) { offered[given.node, default: []].append(given) }
    func end() { hasEnded = true }

    /// Whether some of what was given to a node names a partition.
    func isPartitioned(_ node: String) -> Bool {
        offered[node]?.contains { $0.partition != nil } ?? false
    }

    /// How many times rows were given to a node.
    func offers(_ node: String) -> Int { offered[node]?.count ?? 0 }

    /// Everything that was given to a node, or the part in `range`.
    func reader(
        _ node: PlanNode, _ scan: ScanPlan, settings: RunSettings, in range: Range<Int>? = nil,
        mayCrash: Bool = false
    ) throws -> any SourceReader {
        let all = offered[node.name] ?? []
        let contents = range.map { Array(all[$0.clamped(to: all.indices)]) } ?? all
        let reader = ContentsReader(try contents.map { try open($0, node, scan, settings) })
        guard mayCrash, rowsBeforeCrash != nil else { return reader }
        return CrashingReader(reader, self, batchRows: settings.batchRows)
    }

    private func open(
        _ given: SpecTest.Given, _ node: PlanNode, _ scan: ScanPlan, _ settings: RunSettings
    ) throws -> any SourceReader {
        switch given.content {
        case .rows(let batch): return SingleUnitReader(batch)
        case .file(let path, let span):
            guard Files.exists(project.resolve(path)) else {
                throw RunError(
                    .testFile, "there is no file \(path)", at: span,
                    notes: ["paths are relative to the folder of the spec"])
            }
            texts[node.name] = RejectedCSV(scan, text: start(of: project.resolve(path)))
            return try opener(settings).open(node, scan, paths: [path])
        case .text(let bytes):
            texts[node.name] = RejectedCSV(scan, text: bytes)
            fileCount += 1
            let path = "\(scratch)/lines-\(fileCount)"
            try Files.makeDirectory(scratch)
            let file = try FileWriter(path)
            try bytes.withUnsafeBytes { try file.write($0) }
            try file.close(sync: false)
            var scan = scan
            scan.format?.settings["compression"] = nil
            return try ObjectFormat(scan, source: node.name).open(
                path: path, object: given.partition ?? TestOrigin.object
            ).withMetadata(scan)
        }
    }

    /// As much as a header can take.
    private func start(of path: String) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = try? bytes.withUnsafeMutableBytes { buffer in
            try FileInput(path).read(into: buffer)
        }
        return Array(bytes.prefix(count ?? 0))
    }

    private func opener(_ settings: RunSettings) -> SourceOpener {
        SourceOpener(project: project, settings: settings)
    }

    /// For a reader that is to die: how many of `rows` still come.
    func rowsToCome(of rows: Int) -> Int {
        monitor.locked {
            guard let left = rowsBeforeCrash else { return rows }
            rowsBeforeCrash = max(0, left - rows)
            return min(left, rows)
        }
    }

    func stream(
        _ node: PlanNode, _ scan: ScanPlan, _ settings: RunSettings
    ) -> any StreamingSource {
        let stream = TestStream(self, node, scan, settings)
        streams[node.name] = stream
        return stream
    }

    /// Whether a streamed source has rows that no epoch has taken yet.
    var hasMore: Bool { streams.contains { $1.taken < offers($0) } }

    // MARK: - Results

    /// Whether a table is there, by what was committed.
    func hasTable(_ name: String) -> Bool { relations[name] != nil }

    func tableReader(_ name: String) -> any SourceReader {
        ContentsReader((relations[name]?.committed ?? []).map { SingleUnitReader($0) })
    }

    /// What takes the rows of a node.
    ///
    /// - Parameter extends: whether they come beside those that are there, or take their place.
    func writer(_ node: String, extends: Bool) -> any SinkWriter {
        monitor.locked {
            let relation = relations[node] ?? Relation()
            relations[node] = Relation(
                keys: relation.keys, committed: relation.committed,
                staged: extends ? relation.committed : [])
        }
        return TestWriter(bench: self, node: node)
    }

    /// What takes the rows of a sink: beside those that it has, or in the place of those with the
    /// same key.
    func writer(_ node: PlanNode, _ sink: SinkPlan) -> any SinkWriter {
        var keys: [Int] = []
        for name in ["partition_key", "sort_key"] {
            guard case .string(let column) = sink.binding.settings[name] else { continue }
            if let index = node.schema.index(of: column) { keys.append(index) }
        }
        monitor.locked { relations[node.name, default: Relation()].keys = keys }
        _ = writer(node.name, extends: true)
        return TestWriter(bench: self, node: node.name, keys: keys, schema: node.schema)
    }

    func stage(_ batch: Batch, _ node: String) {
        monitor.locked { relations[node]?.staged?.append(batch) }
    }

    /// - Returns: the rows of a table or sink, as of the last commit.
    func rows(_ node: String) -> TestRows {
        guard let relation = relations[node] else { return TestRows([]) }
        let rows = TestRows(relation.committed)
        return relation.keys.isEmpty ? rows : rows.lastOfEach(relation.keys)
    }

    func write(_ rows: [RejectedRow], node: String, operatorID: String) throws {
        monitor.locked { letters.staged += rows.map { TestLetter(row: $0, node: node) } }
    }

    var deadLetters: [ReadLetter] {
        // Rows that a later node rejects are shown as the source read them, too.
        let only = texts.count == 1 ? texts.values.first : nil
        return letters.committed.map { ReadLetter($0, texts[$0.node] ?? only) }
    }

    /// - Throws: ``TestCrash`` where the run is to die at this point.
    func commit(late: Int, _ decide: () throws -> Void) throws {
        if crashesAtCommit { throw TestCrash() }
        try decide()
        for name in relations.keys {
            if let staged = relations[name]?.staged {
                relations[name]?.committed = staged
                relations[name]?.staged = nil
            }
        }
        letters.committed += letters.staged
        letters.staged = []
        lateRows += late
    }

    func discard() {
        for (name, relation) in relations where relation.staged != nil {
            relations[name]?.staged = nil
        }
        letters.staged = []
    }
}

/// Thrown where a test kills its run.
struct TestCrash: Error {}

/// A rejected row.
struct TestLetter: Sendable {
    var row: RejectedRow
    var node: String
}

/// Keeps rows for the expectations.
private final class TestWriter: SinkWriter {
    private let bench: TestBench
    private let node: String
    /// None of these columns can be null.
    private let keys: [Int]
    private let schema: Schema

    init(bench: TestBench, node: String, keys: [Int] = [], schema: Schema = Schema()) {
        self.bench = bench
        self.node = node
        self.keys = keys
        self.schema = schema
    }

    func write(_ batch: Batch) throws -> [SinkRefusal] {
        var refusals: [SinkRefusal] = []
        let kept = batch.rows.filter { row in
            guard let key = keys.first(where: { batch.columns[$0].isNull(Int(row)) }) else {
                return true
            }
            let name = schema.fields[key].name
            refusals.append(
                SinkRefusal(
                    row: Int(row), rule: "key_not_null",
                    message: "the key column `\(name)` is null", column: name))
            return false
        }
        bench.stage(batch.selecting(kept), node)
        return refusals
    }

    func prepare() throws {}
    func commit() throws {}
    func abort() throws {}
}

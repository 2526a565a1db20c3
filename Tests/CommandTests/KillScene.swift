import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A pipeline to be killed: where its rows come from, and every kind of output a stream can commit.
struct KillVariant: Sendable, CustomTestStringConvertible {
    enum Feeding: Sendable, Equatable {
        /// Files that are moved into a folder.
        case files
        /// `pipec feed`, a process that is killed and started again, too.
        case command
        /// None: the source makes its rows itself.
        case none
    }

    var name: String
    var feeding: Feeding
    var spec: String
    /// Queries with an order.
    var queries: [String]
    /// Sinks whose records are compared in any order.
    var sinks: [String]
    /// What the source keeps, from which the uninterrupted run reads: by its path.
    var copied: String?

    var testDescription: String { name }
}

/// A project in which a variant runs.
final class KillScene {
    let root: String
    let variant: KillVariant

    /// - Parameter folder: where its own is made; that for temporary files if nobody says.
    init(_ variant: KillVariant, in folder: String? = nil) throws {
        self.variant = variant
        let folder = folder ?? FileManager.default.temporaryDirectory.path
        root = folder + "/pipec-kill-\(UUID().uuidString)"
        for folder in ["in", "fed"] {
            try FileManager.default.createDirectory(
                atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        try write(variant.spec, to: "pipec.yaml")
        try write(Self.kinds.joined(separator: "\n") + "\n", to: "kinds.jsonl")
        if variant.feeding == .command {
            _ = try pipec(["feed", "kinds", "kinds.jsonl", "--quiet"])
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(root)/\(name)", atomically: false, encoding: .utf8)
    }

    /// Rows are looked up in them.
    static let kinds = [
        "{\"kind\":\"a\",\"name\":\"first\"}", "{\"kind\":\"b\",\"name\":\"second\"}",
    ]

    // MARK: - Processes

    func launch(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: try #require(PipecBinary.path, "pipec is not built"))
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: root)
        process.standardOutput = FileHandle.nullDevice
        if !FileManager.default.fileExists(atPath: errorFile) {
            _ = FileManager.default.createFile(atPath: errorFile, contents: nil)
        }
        let errors = FileHandle(forWritingAtPath: errorFile)
        _ = try errors?.seekToEnd()
        process.standardError = errors ?? FileHandle.nullDevice
        try process.run()
        return process
    }

    private var errorFile: String { root + "/errors" }

    /// What its processes have complained of: nothing, unless one ends by itself.
    var errors: String { (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? "" }

    func start() throws -> Process {
        try launch(["run", "--mode", "streaming", "--interval", "5 ms", "--quiet"])
    }

    func pipec(_ arguments: [String]) throws -> String {
        let result = try PipecBinary.run(arguments, in: root)
        try #require(result.status == 0, "\(arguments): \(result.errors)")
        return result.output
    }

    // MARK: - Where a kill has hit

    private var state: String { root + "/.pipec/state/kills/" }
    var hasRecord: Bool { access(state + "commit.json", F_OK) == 0 }
    var hasCheckpoint: Bool { access(state + "checkpoint.json", F_OK) == 0 }

    func waitForRecord(of process: Process) {
        for _ in 0..<6000 where process.isRunning && !hasRecord { usleep(200) }
    }

    func waitForLock(of process: Process) {
        for _ in 0..<6000 where process.isRunning && !holdsLock(process) { usleep(200) }
    }

    private func holdsLock(_ process: Process) -> Bool {
        let holder = try? String(contentsOfFile: root + "/.pipec/lock", encoding: .utf8)
        return holder == "\(process.processIdentifier)"
    }

    /// What the process was at when it was killed, from what it left.
    func phase(of process: Process) -> String {
        guard holdsLock(process) else { return "starting" }
        if hasRecord {
            let isAppending = names("/.pipec/kinesis").contains {
                access("\(root)/.pipec/kinesis/\($0)/pending.json", F_OK) == 0
            }
            return isAppending ? "appending to a log" : "committing"
        }
        if names("/.pipec/tmp").contains(where: { $0.hasPrefix("checkpoint-") }) {
            return "about to commit"
        }
        let zones = ["/lake/bronze", "/lake/silver", "/lake/gold", "/out"]
        let isWorking = zones.contains { names($0).contains { $0.contains(".staging-") } }
        return isWorking ? "in an epoch" : "between epochs"
    }

    private func names(_ folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []
    }

    // MARK: - Results

    /// What the stream made, once it has read everything.
    func results() throws -> [String: String] {
        _ = try pipec(["run", "--mode", "streaming", "--until-idle", "--quiet"])
        var results: [String: String] = [:]
        for sql in variant.queries {
            results[sql] = try pipec(["query", sql, "--format", "jsonl", "--limit", "0"])
        }
        for sink in variant.sinks { results[sink] = try records(sink) }
        let letters = try pipec(["dlq", "show", "--run", "all", "--limit", "0"])
            .split(separator: "\n")
        results["dead letters"] = letters.sorted().joined(separator: "\n")
        return results
    }

    /// What a node holds, in an order of its own.
    func records(_ node: String) throws -> String {
        // Behind the place of a record in its stream.
        try pipec(["peek", node, "--limit", "1000000"]).split(separator: "\n")
            .map { (line: Substring) -> Substring in
                line.firstIndex(of: "{").map { line[$0...] } ?? line
            }.sorted().joined(separator: "\n")
    }

    /// Files that only a run that was killed can have left.
    var leftovers: [String] {
        guard let all = FileManager.default.enumerator(atPath: root) else { return [] }
        return all.compactMap { $0 as? String }.filter { name in
            name.contains(".staging-") || name.hasSuffix(".tmp") || name.hasSuffix("commit.json")
                || name.hasPrefix(".pipec/tmp/") || name.hasSuffix("pending.json")
                || name.contains("/staged/")
        }
    }
}

/// What feeds a scene: batches of rows with ids that go on, some of them wrong.
final class KillFeed {
    static let goodRows = 40

    private let killed: KillScene
    private let whole: KillScene
    private var random: SplitMix
    /// Batches that are in, for certain.
    private(set) var batches = 0
    private(set) var kills = 0
    /// Groups of items that are in the table, for certain.
    private(set) var itemGroups = 0
    private var process: Process?
    private var isOfItems = false
    private let feeding: KillVariant.Feeding

    init(_ killed: KillScene, _ whole: KillScene, seed: UInt64) {
        self.killed = killed
        self.whole = whole
        feeding = killed.variant.feeding
        random = SplitMix(seed: seed)
    }

    /// Half of its ids were in the batch before.
    private static func rows(_ number: Int) -> [(id: Int, at: String, kind: String)] {
        (0..<goodRows).map { i in
            let id = number * goodRows / 2 + i
            let minute = String(
                format: "%02d-%02dT%02d:%02d", 1 + id / 40_320, 1 + id / 1440 % 28, id / 60 % 24,
                id % 60)
            return (id, "2026-\(minute):00Z", id % 3 == 0 ? "a" : "b")
        }
    }

    /// Ids that are in, each once.
    var ids: Int { batches == 0 ? 0 : (batches + 1) * Self.goodRows / 2 }

    // MARK: - Files

    private func csv(_ number: Int) -> String {
        let rows = Self.rows(number).map { "\($0.id),\($0.at),\($0.kind),\($0.id + 1).5\n" }
        return "id,at,kind,amount\n" + rows.joined()
            + "x,2026-01-01T00:00:00Z,a,1\n1,2026-01-01T00:00:00Z,a,-1\n"
    }

    /// Complete when its name appears.
    private func arrive() throws {
        let name = String(format: "%06d", batches)
        for scene in [killed, whole] {
            try scene.write(csv(batches), to: "in/.\(name)")
            try FileManager.default.moveItem(
                atPath: "\(scene.root)/in/.\(name)", toPath: "\(scene.root)/in/\(name).csv")
        }
        batches += 1
    }

    // MARK: - Commands

    private func json(_ number: Int) -> String {
        let rows = Self.rows(number).enumerated().map { i, row in
            "{\"mid\":\"\(number)-\(i)\",\"id\":\(row.id),\"at\":\"\(row.at)\","
                + "\"kind\":\"\(row.kind)\",\"amount\":\(row.id + 1).5}\n"
        }
        return rows.joined() + "{\"mid\":\"\(number)-x\",\"id\":\"x\",\"kind\":\"a\"}\n"
            + "{\"mid\":\"\(number)-y\",\"id\":1,\"at\":\"2026-01-01T00:00:00Z\",\"kind\":\"a\","
            + "\"amount\":-1}\n"
    }

    private func command() throws {
        let name = "fed/\(batches).jsonl"
        try killed.write(json(batches), to: name)
        process = try killed.launch(["feed", "events", name, "--quiet"])
        isOfItems = false
    }

    private static let groupItems = 10

    private static func items(_ group: Int) -> [String] {
        (0..<groupItems).map { "{\"kind\":\"k\(group)-\($0)\",\"name\":\"name \($0)\"}" }
    }

    /// Items that are looked up in: those that are needed, again, and others.
    private func commandOfItems() throws {
        let name = "fed/items.jsonl"
        let lines = KillScene.kinds + Self.items(itemGroups)
        try killed.write(lines.joined(separator: "\n") + "\n", to: name)
        process = try killed.launch(["feed", "kinds", name, "--quiet"])
        isOfItems = true
    }

    /// All items that were acknowledged, as `pipec peek` shows them.
    var items: String {
        (KillScene.kinds + (0..<itemGroups).flatMap(Self.items)).sorted().joined(separator: "\n")
    }

    /// What is not known to be in is sent again, as a producer does.
    private func settle(kill isKilled: Bool) {
        guard let process else { return }
        if isKilled { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        if process.terminationReason == .exit, process.terminationStatus == 0 {
            if isOfItems { itemGroups += 1 } else { batches += 1 }
        } else {
            kills += 1
            #expect(isKilled, "`pipec feed` ended: \(killed.errors)")
        }
        self.process = nil
    }

    // MARK: - Steps

    /// Something arrives, or begins to.
    func begin() throws {
        switch feeding {
        case .files: for _ in 0..<random.below(3) { try arrive() }
        case .command: try random.below(3) == 0 ? commandOfItems() : command()
        case .none: break
        }
    }

    /// What has begun ends, one way or the other.
    func end() {
        usleep(UInt32(random.below(20_000)))
        settle(kill: random.below(3) == 0)
    }

    /// Something is in for certain.
    func complete() throws {
        switch feeding {
        case .files: try arrive()
        case .command:
            // What may be in is so in the end.
            try commandOfItems()
            settle(kill: false)
            try command()
            settle(kill: false)
        case .none: break
        }
    }

    /// Gives the uninterrupted run the same input, all of it at once.
    func copy() throws {
        switch feeding {
        case .files: return
        case .none:
            let spec = killed.variant.spec.replacingOccurrences(
                of: KillVariant.pace, with: "batch: 1")
            return try whole.write(spec, to: "pipec.yaml")
        case .command: break
        }
        if let path = killed.variant.copied {
            let target = "\(whole.root)/\(path)"
            try FileManager.default.createDirectory(
                atPath: (target as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true)
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(atPath: "\(killed.root)/\(path)", toPath: target)
            return
        }
        try whole.write((0..<batches).map(json).joined(), to: "fed/all.jsonl")
        _ = try whole.pipec(["feed", "events", "fed/all.jsonl", "--quiet"])
    }
}

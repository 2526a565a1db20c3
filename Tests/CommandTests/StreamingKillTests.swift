import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A streaming run is killed at random instants, over and over, while files arrive. What it leaves in
/// the end is what an uninterrupted run makes: nothing lost, nothing doubled.
@Suite(.serialized) struct StreamingKillTests {
    /// How often; `make kill` asks for more.
    static let kills =
        ProcessInfo.processInfo.environment["PIPEC_KILLS"].flatMap(Int.init) ?? 50

    @Test func killedStreamsLoseAndDoubleNothing() throws {
        var random = SplitMix(seed: 2026_11_21)
        let killed = try StreamScene()
        let whole = try StreamScene()
        var file = 0
        func arrive(_ count: Int) throws {
            for _ in 0..<count {
                let text = StreamScene.file(file)
                for scene in [killed, whole] { try scene.arrive("\(file)", text) }
                file += 1
            }
        }
        try arrive(2)
        var (mid, decided) = (0, 0)
        for number in 0..<Self.kills {
            let process = try killed.start()
            // Sometimes before it has begun, sometimes after several epochs.
            usleep(UInt32(5_000 + random.below(60_000)))
            try arrive(random.below(3))
            usleep(UInt32(random.below(60_000)))
            if number % 2 == 1 { killed.waitForRecord(of: process) }
            decided += killed.hasRecord ? 1 : 0
            mid += process.isRunning ? 1 : 0
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try arrive(1)
        #expect(mid == Self.kills, "the runs ended by themselves")
        let (found, expected) = (try killed.results(), try whole.results())
        for (what, text) in expected {
            #expect(found[what] == text, "\(what) differs after \(Self.kills) kills")
        }
        let rows = expected["SELECT count(*) AS n FROM bronze.events"] ?? ""
        #expect(rows.contains("{\"n\":\(file * StreamScene.goodRows)}"), "\(rows)")
        print("streams: \(Self.kills) kills, \(decided) with a commit record, \(file) files")
    }

    @Test func stoppedStreamsCommitWhatTheyRead() throws {
        let scene = try StreamScene()
        for number in 0..<3 { try scene.arrive("\(number)", StreamScene.file(number)) }
        let process = try scene.start()
        for _ in 0..<500 where !scene.hasCheckpoint { usleep(10_000) }
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        let text = try scene.pipec(["query", "SELECT count(*) AS n FROM bronze.events"])
        #expect(text.contains("\(3 * StreamScene.goodRows)"))
    }

    @Test func aSecondRunIsRefused() throws {
        let scene = try StreamScene()
        try scene.arrive("0", StreamScene.file(0))
        let process = try scene.start()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        for _ in 0..<500 where !scene.hasCheckpoint { usleep(10_000) }
        let second = try PipecBinary.run(
            ["run", "--mode", "streaming", "--until-idle"], in: scene.root)
        #expect(second.status == 1)
        #expect(second.errors.contains("another run is at work"))
    }
}

/// A project whose pipeline has every kind of output that a stream can commit.
private final class StreamScene {
    let root: String

    static let goodRows = 40

    static let spec = """
        version: 1
        pipeline: kills
        contracts:
          event:
            columns: { id: bigint not null, at: timestamp not null, kind: string, amount: double }
            rules: { amount_is_positive: amount > 0 }
        sources:
          events:
            files: { path: "in/*.csv" }
            format: csv
            contract: event
            event_time: { column: at, watermark: 1 hour }
          kinds:
            files: { path: kinds.jsonl }
            format: jsonl
            columns: { kind: string not null, name: string }
        zones:
          bronze: { path: lake/bronze, format: parquet }
          silver: { path: lake/silver, format: parquet }
          gold: { path: lake/gold, format: parquet }
        transforms:
          bronze.events: { from: events }
          silver.events:
            from: bronze.events
            steps:
              - dedupe: { on: id, within: 1 day }
              - lookup: { in: kinds, on: kind, take: [name] }
            write: { mode: merge, on: [id] }
          gold.windows:
            sql: |
              SELECT window_start, kind, count(*) AS n, sum(amount) AS total FROM bronze.events
              GROUP BY tumble(at, INTERVAL '7 minutes'), kind
          gold.sessions:
            sql: |
              SELECT window_start, window_end, kind, count(*) AS n FROM bronze.events
              GROUP BY session(at, INTERVAL '2 minutes'), kind
          gold.hours:
            sql: |
              SELECT date_trunc('hour', at) AS hour, count(*) AS n, max(id) AS last FROM bronze.events
              GROUP BY date_trunc('hour', at)
        sinks:
          store: { from: silver.events, dynamodb: { table: events, partition_key: id } }
          queue: { from: silver.events, sqs: { queue: events.fifo, group_by: kind } }
        """

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/pipec-stream-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: root + "/in", withIntermediateDirectories: true)
        try Self.spec.write(toFile: root + "/pipec.yaml", atomically: true, encoding: .utf8)
        try "{\"kind\":\"a\",\"name\":\"first\"}\n{\"kind\":\"b\",\"name\":\"second\"}\n"
            .write(toFile: root + "/kinds.jsonl", atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Half of its ids were in the file before; two rows are rejected.
    static func file(_ number: Int) -> String {
        var text = "id,at,kind,amount\n"
        for i in 0..<goodRows {
            let id = number * goodRows / 2 + i
            let minute = String(format: "%02dT%02d:%02d", 1 + id / 1440, id / 60 % 24, id % 60)
            text += "\(id),2026-01-\(minute):00Z,\(id % 3 == 0 ? "a" : "b"),\(id + 1).5\n"
        }
        return text + "x,2026-01-01T00:00:00Z,a,1\n1,2026-01-01T00:00:00Z,a,-1\n"
    }

    /// Complete when its name appears.
    func arrive(_ name: String, _ text: String) throws {
        let padded = String(repeating: "0", count: 6 - name.count) + name
        try text.write(toFile: "\(root)/.\(padded)", atomically: false, encoding: .utf8)
        try FileManager.default.moveItem(
            atPath: "\(root)/.\(padded)", toPath: "\(root)/in/\(padded).csv")
    }

    func start() throws -> Process {
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: try #require(PipecBinary.path, "pipec is not built"))
        process.arguments = ["run", "--mode", "streaming", "--interval", "5 ms", "--quiet"]
        process.currentDirectoryURL = URL(fileURLWithPath: root)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private var state: String { root + "/.pipec/state/kills/" }
    var hasRecord: Bool { FileManager.default.fileExists(atPath: state + "commit.json") }
    var hasCheckpoint: Bool { FileManager.default.fileExists(atPath: state + "checkpoint.json") }

    func waitForRecord(of process: Process) {
        for _ in 0..<6000 where process.isRunning && !hasRecord { usleep(200) }
    }

    func pipec(_ arguments: [String]) throws -> String {
        let result = try PipecBinary.run(arguments, in: root)
        try #require(result.status == 0, "\(arguments): \(result.errors)")
        return result.output
    }

    /// What the stream made, once it has read everything.
    func results() throws -> [String: String] {
        _ = try pipec(["run", "--mode", "streaming", "--until-idle", "--quiet"])
        var results: [String: String] = [:]
        for sql in [
            "SELECT count(*) AS n FROM bronze.events",
            "SELECT * FROM bronze.events ORDER BY id, at",
            "SELECT * FROM silver.events ORDER BY id",
            "SELECT * FROM gold.windows ORDER BY window_start, kind",
            "SELECT * FROM gold.sessions ORDER BY window_start, kind",
            "SELECT * FROM gold.hours ORDER BY hour",
        ] {
            results[sql] = try pipec(["query", sql, "--format", "jsonl", "--limit", "0"])
        }
        for sink in ["store", "queue"] {
            let lines = try pipec(["peek", sink, "--limit", "1000000"]).split(separator: "\n")
            results[sink] = lines.sorted().joined(separator: "\n")
        }
        let letters = try pipec(["dlq", "show", "--run", "all", "--limit", "0"]).split(
            separator: "\n")
        results["dead letters"] = letters.sorted().joined(separator: "\n")
        return results
    }
}

import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// A run that dies at any instant leaves the previous result whole, or the new one: the same in
/// every table and every sink. The next run goes on from there as if nothing had happened.
@Suite(.serialized) struct CrashTests {
    @Test func killedRunsLeaveOneResult() throws {
        var random = SplitMix(seed: 20260101)
        let scene = try CrashScene()
        let length = try scene.completeRun(.a)
        try scene.check(isOneOf: [.a])
        var (current, kills, atCommit, decided) = (CrashScene.Version.a, 0, 0, 0)
        let end = ContinuousClock.now + .seconds(TestRun.fuzzSeconds ?? 14)
        while ContinuousClock.now < end {
            let next = current.other
            let run = try scene.start(next)
            // Every other time in the moments in which the result becomes visible.
            let isAtCommit = kills % 2 == 1
            if isAtCommit {
                scene.waitForRecord(of: run)
                usleep(UInt32(random.below(3000)))
            } else {
                usleep(UInt32(random.below(Int(length * 1_000_000))))
            }
            let wasDecided = run.kill(SIGKILL, ifRecord: scene.record)
            kills += 1
            atCommit += isAtCommit ? 1 : 0
            decided += wasDecided ? 1 : 0
            let found = try scene.check(isOneOf: [current, next])
            if wasDecided { #expect(found == next, "a decided run must be completed") }
            try scene.completeRun(next)
            try scene.check(isOneOf: [next])
            try scene.checkNothingIsLeft()
            current = next
        }
        #expect(kills >= 2)
        print("crash test: \(kills) kills, \(decided) of them after the commit record was written")
    }

    @Test func interruptedRunsCommitAllOrNothing() throws {
        var random = SplitMix(seed: 7)
        let scene = try CrashScene()
        let length = try scene.completeRun(.a)
        for _ in 0..<4 {
            let run = try scene.start(.b)
            usleep(UInt32(random.below(Int(length * 1_000_000))))
            let status = run.interrupt()
            // 2: before the handler was there; the process then ends by the signal itself.
            #expect([0, 2, 130].contains(status), "ended with \(status)")
            let found = try scene.check(isOneOf: [.a, .b])
            #expect(found == (status == 0 ? .b : .a))
            try scene.checkNothingIsLeft()
            try scene.completeRun(.a)
        }
    }

    /// Every step of a decided commit may have happened or not when the next start repeats it.
    @Test func decidedCommitIsCompletedByAQuery() throws {
        let scene = try CrashScene()
        try scene.completeRun(.a)
        for _ in 0..<40 {
            let run = try scene.start(.b)
            scene.waitForRecord(of: run)
            guard run.kill(SIGKILL, ifRecord: scene.record) else {
                try scene.completeRun(.a)
                continue
            }
            // The command line sees whole results, too, without a run in between.
            let text = try scene.pipec.output([
                "query", "SELECT DISTINCT version FROM silver.orders",
                "--format", "jsonl",
            ])
            #expect(text == "{\"version\":\"b\"}\n")
            #expect(!FileManager.default.fileExists(atPath: scene.record))
            try scene.check(isOneOf: [.b])
            return
        }
    }
}

/// A project with tables and sinks of every kind, and two inputs that differ in every row.
private final class CrashScene {
    enum Version: String {
        case a, b
        var other: Version { self == .a ? .b : .a }
    }

    static let rows = 3000
    static let badRows = 30

    let root: String
    let pipec: CrashProcess.Binary
    private var plans: [Version: Plan] = [:]
    /// Of an uninterrupted run.
    private var expected: [Version: [String: String]] = [:]

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/pipec-crash-\(UUID().uuidString)"
        pipec = try CrashProcess.Binary(folder: root)
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        try Data(Self.spec.utf8).write(to: URL(fileURLWithPath: root + "/pipec.yaml"))
        try FileManager.default.createDirectory(
            atPath: root + "/data", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    static let spec = """
        version: 1
        pipeline: crash
        contracts:
          order:
            columns:
              id: integer not null
              version: string not null
              day: date not null
              amount: double
            rules:
              amount_positive: amount > 0
        sources:
          orders: { files: { path: data/orders.csv }, format: csv, contract: order }
        zones:
          bronze: { path: lake/bronze, format: csv, partition_by: [day] }
          silver: { path: "s3://lake/silver", format: parquet }
        transforms:
          bronze.orders: { from: orders }
          silver.orders:
            from: bronze.orders
            write: { mode: merge, on: [id] }
          silver.daily:
            sql: |
              SELECT day, version, count(*) AS orders, sum(amount) AS amount
              FROM silver.orders GROUP BY day, version
        sinks:
          report: { from: silver.daily, files: { path: out/report.csv }, format: csv }
          export: { from: silver.orders, files: { path: out/export/, partition_by: [day] }, format: json }
          items: { from: silver.orders, dynamodb: { table: orders, partition_key: id } }
          messages: { from: silver.daily, sqs: { queue: days } }
        """

    private func input(_ version: Version) -> String {
        var text = "id,version,day,amount\n"
        for id in 0..<Self.rows {
            let amount = id % (Self.rows / Self.badRows) == 0 ? "-1" : "\(id % 97 + 1).5"
            text += "\(id),\(version.rawValue),2026-01-0\(id % 5 + 1),\(amount)\n"
        }
        return text
    }

    private func write(_ version: Version) throws {
        try Data(input(version).utf8).write(to: URL(fileURLWithPath: root + "/data/orders.csv"))
    }

    var record: String { root + "/.pipec/state/crash/commit.json" }

    // MARK: - Runs

    func start(_ version: Version) throws -> CrashProcess {
        try write(version)
        return try pipec.start(["run", "--quiet"])
    }

    /// - Returns: its length in seconds.
    @discardableResult
    func completeRun(_ version: Version) throws -> Double {
        let start = ContinuousClock.now
        let status = try self.start(version).wait()
        #expect(status == 0)
        let elapsed = (ContinuousClock.now - start).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    }

    func waitForRecord(of run: CrashProcess) {
        while run.isRunning, access(record, F_OK) != 0 { usleep(100) }
    }

    // MARK: - Results

    /// - Returns: the version that all results have.
    @discardableResult
    func check(isOneOf versions: [Version]) throws -> Version? {
        let found = try results()
        if versions.count == 1, expected[versions[0]] == nil { expected[versions[0]] = found }
        let texts = found.values.joined()
        let whole = versions.filter { version in
            texts.contains(version.rawValue + "|") && !texts.contains(version.other.rawValue + "|")
        }
        #expect(whole.count == 1, "a mixture of results: \(found.mapValues { $0.prefix(80) })")
        guard let version = whole.first else { return nil }
        if let expected = expected[version] {
            for (name, text) in expected {
                let isWhole = found[name] == text
                #expect(isWhole, "\(name) is not whole")
            }
        }
        try checkQueue()
        try checkDeadLetters()
        return version
    }

    /// What each result holds, in an order of its own, with its version and `|` in every row.
    private func results() throws -> [String: String] {
        let directory = ProjectDirectory(root)
        let now = RunClock.now()
        var found: [String: String] = [:]
        let plan = try plan()
        for table in ["bronze.orders", "silver.orders", "silver.daily"] {
            nonisolated(unsafe) var rows: [String] = []
            let schema = try #require(plan[table]?.schema)
            let versionAt = try #require(schema.index(of: "version"))
            try QueryRun(plan: plan, project: directory, settings: RunSettings(now: now)).rows(
                of: table
            ) { batch in
                for row in batch.rows {
                    let text = schema.fields.indices.map { batch.columns[$0].text(Int(row)) }
                    rows.append("\(batch.columns[versionAt].text(Int(row)))|\(text)")
                }
            }
            found[table] = rows.sorted().joined(separator: "\n")
        }
        found["report"] = marked(try text("out/report.csv").split(separator: "\n").sorted())
        found["export"] = marked(
            try Files.walk(root + "/out/export").filter {
                $0.hasSuffix(".json") && !$0.hasSuffix("_pipec.json")
            }
            .flatMap { try text("out/export/" + $0).split(separator: "\n") }.sorted())
        let table = try KeyValueTable(path: root + "/.pipec/dynamodb/orders.sqlite")
        found["items"] = marked(try table.items(limit: .max, now: now).map { $0[...] })
        return found
    }

    private func marked(_ lines: [Substring]) -> String {
        lines.map { line in
            let isA = line.contains(",a,") || line.contains("\"version\":\"a\"")
            let isB = line.contains(",b,") || line.contains("\"version\":\"b\"")
            return "\(isA ? "a|" : "")\(isB ? "b|" : "")\(line)"
        }.joined(separator: "\n")
    }

    private func text(_ path: String) throws -> String {
        String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: root + "/" + path)), as: UTF8.self)
    }

    private func plan() throws -> Plan {
        let catalogue = Registry.catalogue()
        let (spec, _) = SpecReader.read(
            file: "pipec.yaml", bytes: Array(Self.spec.utf8), values: InterpolationValues(),
            connectors: Set(catalogue.connectors.map(\.name)), include: { _, _ in [] })
        let (checked, diagnostics) = Checker.check(try #require(spec), catalogue: catalogue)
        return Planner.plan(try #require(checked, "\(diagnostics.map(\.message))"))
    }

    /// A queue only grows: every committed run has sent its five days, and no other has sent any.
    private func checkQueue() throws {
        let queue = try MessageQueue(path: root + "/.pipec/sqs/days.sqlite", isFIFO: false)
        for version in [Version.a, .b] {
            let bodies = try queue.peek(.max).map(\.body).filter {
                $0.contains("\"version\":\"\(version.rawValue)\"")
            }
            #expect(bodies.count % 5 == 0)
            #expect(Set(bodies).count <= 5)
        }
    }

    private func checkDeadLetters() throws {
        let letters = try DeadLetterStore(folder: root + "/.pipec/dead_letters").read()
        for (_, group) in Dictionary(grouping: letters, by: \.run) {
            #expect(group.count == Self.badRows)
        }
    }

    func checkNothingIsLeft() throws {
        let left = Files.walk(root).filter {
            $0.contains(".staging-") || $0.hasSuffix("commit.json") || $0.hasSuffix(".tmp")
                || $0.contains(".replaced")
        }
        #expect(left.isEmpty)
    }
}

/// The built `pipec`, as a process of its own.
private final class CrashProcess {
    struct Binary {
        let path: String
        let folder: String

        /// The executable that was built beside these tests.
        init(folder: String) throws {
            self.folder = folder
            var candidates = [CommandLine.arguments[0], Bundle.main.executablePath ?? ""]
            if let link = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/exe")
            {
                candidates.append(link)
            }
            let found = candidates.lazy.compactMap { candidate -> String? in
                var url = URL(fileURLWithPath: candidate)
                while url.path != "/" {
                    url.deleteLastPathComponent()
                    let path = url.appendingPathComponent("pipec").path
                    var isFolder: ObjCBool = false
                    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
                        !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: path)
                    {
                        return path
                    }
                }
                return nil
            }.first
            path = try #require(found, "pipec was not built beside the tests")
        }

        func start(_ arguments: [String], output: Pipe? = nil) throws -> CrashProcess {
            try CrashProcess(self, arguments, output)
        }

        func output(_ arguments: [String]) throws -> String {
            let pipe = Pipe()
            let process = try start(arguments, output: pipe)
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            #expect(process.wait() == 0)
            return String(decoding: data, as: UTF8.self)
        }
    }

    private let process = Process()

    private init(_ binary: Binary, _ arguments: [String], _ output: Pipe?) throws {
        process.executableURL = URL(fileURLWithPath: binary.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: binary.folder)
        if let output {
            process.standardOutput = output
        } else {
            process.standardOutput = FileHandle.nullDevice
        }
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// The exit code, or the number of the signal that ended it.
    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Ends the process at once.
    ///
    /// - Returns: whether `record` was there afterwards: the run had decided and not finished.
    func kill(_ signal: Int32, ifRecord record: String) -> Bool {
        Foundation.kill(process.processIdentifier, signal)
        _ = wait()
        return access(record, F_OK) == 0
    }

    func interrupt() -> Int32 {
        Foundation.kill(process.processIdentifier, SIGINT)
        return wait()
    }
}

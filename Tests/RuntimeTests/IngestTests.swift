import Foundation
import PipelineDSL
import Planner
import Runtime
import Synchronization
import TestSupport
import Testing

/// An `http` source as those who send to it see it.
@Suite struct IngestTests {
    static let columns = """
        contracts:
          record:
            columns: { id: bigint not null, dealer: string, total: double }
            rules: { total_is_positive: total > 0 }
        zones:
          bronze: { path: lake, format: parquet }
        transforms:
          bronze.records: { from: records, write: { mode: append } }
        """

    /// - Parameter settings: of the `http` source, beside its port.
    static func spec(_ settings: String = "path: /records") -> String {
        """
        sources:
          records:
            http: { port: 0, \(settings) }
            format: json
            contract: record
        \(columns)
        """
    }

    private func post(
        _ scene: IngestScene, _ body: String, key: String? = nil
    ) throws -> (Int, [String: Any], HTTPResponse) {
        let headers = key.map { [(name: "X-Api-Key", value: $0)] } ?? []
        let response = try HTTPClient().post(scene.url, headers: headers, body: Array(body.utf8))
        let json = try JSONSerialization.jsonObject(with: Data(response.body))
        return (response.status, try #require(json as? [String: Any]), response)
    }

    @Test(arguments: [
        (#"{"id": 1, "total": 2.5}"#, 1),
        (#"[{"id": 1}, {"id": 2}, {"id": 3}]"#, 3),
        ("{\"id\": 1}\n{\"id\": 2}\r\n\n{\"id\": 3}\n", 3),
        ("\u{FEFF}{\"id\": 1,\n \"dealer\":\n \"x\"}", 1),
    ]) func recordsAreStoredBeforeTheyAreAcknowledged(_ body: String, _ count: Int) throws {
        let scene = try IngestScene(Self.spec())
        let (status, answer, _) = try post(scene, body)
        #expect(status == 202)
        #expect(answer["accepted"] as? Int == count)
        let records = try #require(answer["records"] as? [[String: String]])
        #expect(records.map { $0["sequence_number"] } == (0..<count).map { "\($0)" })
        #expect(records.allSatisfy { $0["shard_id"] == "shardId-000000000000" })
        scene.stop()
        #expect(try scene.ids().count == count)
    }

    @Test func wrongRowsAreNamed() throws {
        let scene = try IngestScene(Self.spec())
        defer { scene.stop() }
        let (status, answer, _) = try post(
            scene, #"[{"id": 1, "total": 1}, {"id": "x"}, {"total": 1}, {"id": 4, "total": -1}, 7]"#
        )
        #expect(status == 400)
        #expect(answer["invalid"] as? Int == 4 && answer["records"] as? Int == 5)
        let found = try #require(answer["diagnostics"] as? [[String: Any]])
        #expect(found.map { $0["record"] as? Int } == [1, 2, 3, 4])
        #expect(
            found.map { $0["rule"] as? String }
                == ["wrong_type", "not_null", "total_is_positive", "not_an_object"])
        #expect(found.map { $0["column"] as? String } == ["id", "id", "total", nil])
        #expect(try scene.log().bounds(0).isEmpty)
    }

    @Test func partsAreTakenWhereThatIsAsked() throws {
        let scene = try IngestScene(Self.spec("path: /records, partial: true"))
        let (status, answer, _) = try post(scene, #"[{"id": 1}, {"id": "x"}, {"id": 3}]"#)
        #expect(status == 202)
        #expect(answer["accepted"] as? Int == 2 && answer["failed"] as? Int == 1)
        let records = try #require(answer["records"] as? [[String: Any]])
        #expect(records.count == 3 && records[1]["error"] != nil)
        #expect(records[2]["sequence_number"] as? String == "1")
        #expect(try post(scene, #"{"id": "x"}"#).0 == 400)
        scene.stop()
        #expect(try scene.ids() == [1, 3])
    }

    @Test(arguments: [
        "", " \n", "[]", "{", "[{\"id\": 1}", "[{\"id\": 1},]", "{\"id\": 1} x", "[1] 2",
        "{\"id\": 1},{\"id\": 2}", "\u{0}", "[{\"id\": 1}]]",
        String(repeating: "[", count: 100_000),
    ]) func whatIsNoJSONIsRefused(_ body: String) throws {
        let scene = try IngestScene(Self.spec())
        defer { scene.stop() }
        let (status, answer, _) = try post(scene, body)
        #expect(status == 400, "\(answer)")
        #expect((answer["message"] as? String)?.hasPrefix("Invalid request body") == true)
        #expect(try scene.log().bounds(0).isEmpty)
    }

    @Test func keysAreWanted() throws {
        let scene = try IngestScene(
            Self.spec("path: /records, keys: [\"${secret:K1}\", \"${secret:K2}\"]"),
            environment: ["K1": "first", "K2": "second"])
        defer { scene.stop() }
        #expect(try post(scene, #"{"id": 1}"#).0 == 403)
        #expect(try post(scene, #"{"id": 1}"#, key: "firs").0 == 403)
        #expect(try post(scene, #"{"id": 1}"#, key: "first ").0 == 202)
        #expect(try post(scene, #"{"id": 1}"#, key: "second").0 == 202)
    }

    @Test func aSecretThatIsNotSetIsSaid() throws {
        #expect {
            try IngestScene(Self.spec("keys: [\"${secret:K1}\"]"))
        } throws: {
            ($0 as? RunError)?.diagnostic.code == .secretMissing
        }
    }

    @Test func usagePlansThrottle() throws {
        let scene = try IngestScene(
            Self.spec(
                """
                path: /records, usage_plans: { basic: { rate: 2 / second, burst: 3, \
                quota: { requests: 5, per: day }, keys: ["${secret:K1}"] } }
                """),
            environment: ["K1": "first"])
        // 2026-01-01T00:00:00Z
        scene.setClock { $0 = 1_767_225_600_000_000 }
        func send() throws -> (Int, [String: Any], HTTPResponse) {
            try post(scene, #"{"id": 1}"#, key: "first")
        }
        for _ in 0..<3 { #expect(try send().0 == 202) }
        let (status, answer, response) = try send()
        #expect(status == 429 && answer["reason"] as? String == "rate")
        #expect(answer["usage_plan"] as? String == "basic")
        #expect(response.header("retry-after") == "1")
        scene.setClock { $0 += 1_000_000 }
        #expect(try send().0 == 202)
        #expect(try send().0 == 202)
        scene.setClock { $0 += 60_000_000 }
        let (exhausted, limit, late) = try send()
        #expect(exhausted == 429 && limit["reason"] as? String == "quota")
        #expect(late.header("retry-after") == "\(86_400 - 61)")
        scene.stop()
        // What was used is known after a restart, until the day is over.
        try scene.start()
        #expect(try send().0 == 429)
        scene.setClock { $0 += 86_400_000_000 }
        #expect(try send().0 == 202)
        scene.stop()
    }

    @Test func largeBodiesAreRefused() throws {
        let scene = try IngestScene(Self.spec("path: /records, max_body: 2 KiB"))
        defer { scene.stop() }
        let long = #"{"id": 1, "dealer": ""# + String(repeating: "x", count: 3000) + #""}"#
        let (status, answer, _) = try post(scene, long)
        #expect(status == 413 && answer["max_body"] as? Int == 2048)
        // Much more than is read for courtesy.
        let huge = String(repeating: "x", count: 3 << 20)
        #expect((try? post(scene, huge).0) ?? 413 == 413)
        #expect(try post(scene, #"{"id": 1}"#).0 == 202)
    }

    @Test func otherRequestsAreAnswered() throws {
        let scene = try IngestScene(Self.spec())
        defer { scene.stop() }
        let base = scene.url.replacingOccurrences(of: "/records", with: "")
        #expect(try HTTPClient().get(scene.url).status == 405)
        #expect(try HTTPClient().post(base + "/else", headers: [], body: []).status == 404)
        let packed = try HTTPClient().post(
            scene.url, headers: [("Content-Encoding", "gzip")], body: [1, 2, 3])
        #expect(packed.status == 415)
    }

    @Test func rowsOfOneKeyAreInOneShard() throws {
        let scene = try IngestScene(
            Self.spec("path: /records, shards: 4, partition_key: dealer"))
        for round in 0..<4 {
            let rows = (0..<20).map { #"{"id": \#(round), "dealer": "d\#($0)"}"# }
            #expect(try post(scene, rows.joined(separator: "\n")).0 == 202)
        }
        scene.stop()
        let log = try scene.log(shards: 4)
        var shards: [String: Set<Int>] = [:]
        for shard in 0..<4 {
            for record in try log.read(shard, from: 0, limit: 1000) {
                shards[String(decoding: record.key, as: UTF8.self), default: []].insert(shard)
            }
        }
        #expect(shards.count == 20 && shards.values.allSatisfy { $0.count == 1 })
        #expect(Set(shards.values).count > 1)
    }

    @Test func manySendersAreAllAcknowledged() throws {
        let scene = try IngestScene(Self.spec())
        let failures = Mutex(0)
        let url = scene.url
        DispatchQueue.concurrentPerform(iterations: 8) { sender in
            for round in 0..<10 {
                let rows = (0..<10).map { #"{"id": \#(sender * 100 + round * 10 + $0)}"# }
                let body = Array("[\(rows.joined(separator: ","))]".utf8)
                let response = try? HTTPClient().post(url, headers: [], body: body)
                if response?.status != 202 { failures.withLock { $0 += 1 } }
            }
        }
        #expect(failures.withLock { $0 } == 0)
        scene.stop()
        #expect(try scene.ids() == Array(0..<800))
    }

    @Test(arguments: [
        ("keys: [plain]", DiagnosticCode.ingestKey),
        ("keys: [\"${secret:A}\", \"${secret:A}\"]", .ingestKey),
        ("keys: [\"x${secret:A}\"]", .ingestKey),
        ("path: records", .ingestSettings), ("path: \"/a?b\"", .ingestSettings),
        ("max_body: 1 B", .ingestSettings), ("max_body: 1 GB", .ingestSettings),
        ("retention: 1 minute", .ingestSettings),
        ("usage_plans: { a: { keys: [\"${secret:A}\"] } }", .ingestSettings),
        (
            "usage_plans: { a: { burst: 2, quota: { requests: 1, per: day }, keys: [] } }",
            .ingestSettings
        ),
        ("partition_key: deler", .connectorKeyColumn),
    ]) func settingsAreChecked(_ settings: String, _ code: DiagnosticCode) throws {
        let (_, found) = try SpecProject().check(Self.spec(settings))
        #expect(found.contains { $0.code == code && $0.primary != nil }, "\(found)")
    }

    @Test func periodsBeginWhereCalendarsSay() {
        let day: Int64 = 86_400_000_000
        // 2026-01-31 12:00 UTC, a Saturday.
        let now: Int64 = 20_484 * day + day / 2
        #expect(UsagePeriods.end("day", now) == 20_485 * day)
        #expect(UsagePeriods.end("week", now) == 20_486 * day)
        #expect(UsagePeriods.end("month", now) == 20_485 * day)
        #expect(UsagePeriods.end("month", 20_485 * day) == 20_513 * day)
    }
}

/// A project whose `http` source `records` is listened for, with a clock of the test's.
private final class IngestScene {
    let project: SpecProject
    let plan: Plan
    private let time = TestTime()
    private let environment: [String: String]
    private var listeners: IngestListeners?
    private let seen = Listening()

    init(_ spec: String, environment: [String: String] = [:]) throws {
        project = try SpecProject()
        plan = try project.plan(spec)
        self.environment = environment
        try start()
    }

    deinit { listeners?.stop() }

    func start() throws {
        var settings = RunSettings(now: 0)
        let environment = self.environment
        settings.environment = { environment[$0] }
        settings.observers.add(seen)
        listeners = try IngestListeners(
            plan, sources: ["records"], project: project.directory, settings: settings,
            clock: { [time] in time.now.withLock { $0 } })
    }

    func setClock(_ body: (inout Int64) -> Void) { time.now.withLock { body(&$0) } }

    private final class TestTime: Sendable {
        let now = Mutex<Int64>(RunClock.now())
    }

    func stop() {
        listeners?.stop()
        listeners = nil
    }

    var url: String { seen.url.withLock { $0 } }

    func log(shards: Int = 1) throws -> PartitionedLog {
        var options = PartitionedLog.Options()
        options.shards = shards
        return try PartitionedLog(project.root + "/.pipec/http/records", options)
    }

    /// What a run that reads the log makes of it.
    func ids() throws -> [Int] {
        var plan = plan
        plan.mode = .streaming
        var options = StreamingRun.Options()
        options.untilIdle = true
        _ = try StreamingRun(
            plan: plan, project: project.directory, settings: RunSettings(now: RunClock.now()),
            options: options
        ).execute()
        nonisolated(unsafe) var ids: [Int] = []
        let query = QueryRun(
            plan: plan, project: project.directory, settings: RunSettings(now: 0))
        try query.rows(of: "bronze.records") { batch in
            ids += batch.rows.compactMap { Int(batch.columns[0].text(Int($0))) }
        }
        return ids.sorted()
    }

    private final class Listening: RunObserver {
        let url = Mutex("")
        func listening(_ listener: SourceListener) { url.withLock { $0 = listener.url } }
    }
}

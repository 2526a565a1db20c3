import Foundation
import PipelineDSL
import Planner
import Runtime
import Synchronization
import TestSupport
import Testing

/// The events of runs, against the specification's own schemas.
@Suite struct OpenLineageTests {
    static let spec = """
        description: Rides
        owner: rides-team
        sources:
          rides:
            files: { path: rides.jsonl }
            format: jsonl
            columns: { id: bigint not null, depot: string, km: double, email: string }
          depots:
            files: { path: depots.jsonl }
            format: jsonl
            columns: { depot: string not null, city: string }
        zones:
          bronze: { path: lake/bronze, format: parquet }
          gold: { path: "s3://lake/gold", format: parquet }
        transforms:
          bronze.rides: { from: rides, steps: [ { where: km > 0 } ] }
          named:
            from: bronze.rides
            steps:
              - lookup: { in: depots, on: depot, take: [city] }
              - derive: { miles: km / 1.609344 }
          gold.cities:
            sql: SELECT city, sum(miles) AS miles FROM named WHERE email IS NOT NULL GROUP BY city
        sinks:
          store: { from: gold.cities, dynamodb: { table: cities, partition_key: city } }
        """

    private static let files = [
        "rides.jsonl": """
        {"id": 1, "depot": "a", "km": 10, "email": "x"}
        {"id": 2, "depot": "a", "km": -1, "email": "x"}
        {"id": "x"}

        """,
        "depots.jsonl": "{\"depot\": \"a\", \"city\": \"Ankara\"}\n",
    ]

    /// Runs the pipeline with events into a file.
    private func events(
        _ project: SpecProject, _ files: [String: String] = files
    ) throws -> [[String: Any]] {
        let path = project.root + "/lineage.jsonl"
        for (name, text) in files { try project.write(text, to: name) }
        var settings = RunSettings(now: RunClock.now())
        settings.observers.add(
            OpenLineage(
                path, project: project.directory, version: "0.1.0", selection: nil,
                environment: { _ in nil }, report: { Issue.record("\($0)") }))
        _ = try? Run(
            plan: try project.plan(Self.spec), project: project.directory, settings: settings
        ).execute()
        return try project.text("lineage.jsonl").split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    @Test func aRunIsStartedAndCompleted() throws {
        let project = try SpecProject()
        let events = try events(project)
        #expect(events.map { $0["eventType"] as? String } == ["START", "COMPLETE"])
        let runs = events.map { ($0["run"] as? [String: Any])?["runId"] as? String }
        #expect(runs[0] != nil && runs[0] == runs[1])
        let last = try #require(events.last)
        let outputs = try #require(last["outputs"] as? [[String: Any]])
        let names = outputs.compactMap { $0["name"] as? String }
        let root = project.root + "/"
        #expect(names.first == root + "lake/bronze/rides")
        #expect(names.dropFirst().first == root + ".pipec/s3/lake/gold/cities")
        #expect(names.last == root + ".pipec/dynamodb/cities.sqlite")
        let counts = outputs.map { output in
            let facets = output["outputFacets"] as? [String: [String: Any]]
            return facets?["outputStatistics"]?["rowCount"] as? Int
        }
        #expect(counts == [1, 1, 1])
        let inputs = try #require(last["inputs"] as? [[String: Any]])
        let read = inputs.compactMap { $0["name"] as? String }
        #expect(read == [root + "rides.jsonl", root + "depots.jsonl"])
    }

    @Test func columnsComeFromDatasets() throws {
        let project = try SpecProject()
        let last = try #require(try events(project).last)
        let outputs = try #require(last["outputs"] as? [[String: Any]])
        let facets = outputs[1]["facets"] as? [String: [String: Any]]
        let lineage = try #require(facets?["columnLineage"])
        let fields = try #require(lineage["fields"] as? [String: [String: [[String: Any]]]])
        func text(_ uses: [[String: Any]]) -> [String] {
            uses.map { use in
                let kinds = (use["transformations"] as? [[String: String]] ?? [])
                    .map { "\($0["type"] ?? "") \($0["subtype"] ?? "")" }
                let name = (use["name"] as? String ?? "").replacingOccurrences(
                    of: project.root + "/", with: "")
                return "\(name).\(use["field"] ?? ""): \(kinds.joined(separator: ", "))"
            }
        }
        // `named` is no dataset: what it computes is followed to those that are.
        #expect(
            text(fields["miles"]?["inputFields"] ?? []) == [
                "lake/bronze/rides.km: DIRECT AGGREGATION"
            ])
        #expect(
            text(fields["city"]?["inputFields"] ?? []).sorted() == [
                "depots.jsonl.city: DIRECT IDENTITY", "depots.jsonl.depot: INDIRECT LOOKUP",
                "lake/bronze/rides.depot: INDIRECT LOOKUP",
            ])
        let rows = text(lineage["dataset"] as? [[String: Any]] ?? [])
        #expect(rows.contains("lake/bronze/rides.email: INDIRECT FILTER"), "\(rows)")
        #expect(rows.contains("depots.jsonl.city: INDIRECT GROUP_BY"), "\(rows)")
    }

    @Test func aFailedRunSaysWhy() throws {
        let project = try SpecProject()
        let events = try events(project, ["depots.jsonl": ""])
        #expect(events.last?["eventType"] as? String == "FAIL")
        let run = events.last?["run"] as? [String: Any]
        let facets = run?["facets"] as? [String: [String: Any]]
        #expect((facets?["errorMessage"]?["message"] as? String)?.hasPrefix("PIPE") == true)
    }

    @Test func aServerGetsThem() throws {
        let hook = try HookServer(answers: [201])
        defer { hook.stop() }
        let project = try SpecProject(files: Self.files)
        let base = hook.url.replacingOccurrences(of: "/hook", with: "")
        var settings = RunSettings(now: RunClock.now())
        settings.observers.add(
            OpenLineage(
                base, project: project.directory, version: "0.1.0", selection: nil,
                environment: { $0 == "OPENLINEAGE_API_KEY" ? "key" : nil },
                report: { Issue.record("\($0)") }))
        _ = try Run(
            plan: try project.plan(Self.spec), project: project.directory, settings: settings
        ).execute()
        #expect(hook.requests.map(\.head.path) == ["/api/v1/lineage", "/api/v1/lineage"])
        #expect(hook.requests.first?.head.header("authorization") == "Bearer key")
    }

    @Test func aServerThatIsNotThereStopsNothing() throws {
        let project = try SpecProject(files: Self.files)
        let said = Mutex<[String]>([])
        var settings = RunSettings(now: RunClock.now())
        settings.observers.add(
            OpenLineage(
                "http://127.0.0.1:1", project: project.directory, version: "0", selection: nil,
                environment: { _ in nil }, report: { text in said.withLock { $0.append(text) } }))
        let report = try Run(
            plan: try project.plan(Self.spec), project: project.directory, settings: settings
        ).execute()
        #expect(report.status == .succeeded)
        #expect(said.withLock { $0 } == ["the connection is refused"])
    }

    @Test(
        .disabled(
            if: Peers.isMissing || SharedFolder.isMissing,
            "run scripts/peers.sh; ../shared is needed"))
    func eventsAreValid() throws {
        let project = try SpecProject()
        _ = try events(project)
        try FileManager.default.removeItem(atPath: project.root + "/rides.jsonl")
        _ = try events(project, ["depots.jsonl": ""])
        let archive = try SharedFolder.path("conformance/openlineage-spec.tar.gz")
        let said = try Peers.run(
            "openlineage_validate.py", archive, project.root + "/lineage.jsonl")
        #expect(said.contains("4 events are valid"), "\(said)")
    }
}

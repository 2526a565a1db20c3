import PipelineDSL
import Planner
import Testing

/// What cannot be shown as an edit of a spec.
@Suite struct ResolveTests {
    private func spec(steps: [String]) -> String {
        """
        version: 1
        pipeline: p
        sources:
          rows: { files: { path: a.csv }, format: csv, columns: { id: string, n: double } }
        zones: { silver: { path: out } }
        transforms:
          silver.rows:
            from: rows
            steps:

        """ + steps.map { "      - \($0)" }.joined(separator: "\n") + "\n"
    }

    @Test func stepsAreBounded() {
        let many = PlanTest(spec(steps: Array(repeating: "where: n > 0", count: 201)))
        #expect(many.diagnostics.map(\.code) == [.tooManySteps])
        let fine = PlanTest(spec(steps: (0..<200).map { "derive: { c\($0): n + \($0) }" }))
        #expect(fine.lines == [])
        #expect(fine.plan != nil)
    }

    @Test func deepExpressionsAreRefusedAndNeverTrap() throws {
        for depth in [150, 199, 250, 5000] {
            let chain = "n" + String(repeating: " * 1.5", count: depth)
            let test = PlanTest(spec(steps: ["derive: { d: \(chain) }"]))
            #expect((test.plan == nil) == !test.diagnostics.isEmpty)
            guard let plan = test.plan else { continue }
            let (again, problems) = PlanJSON.read(
                SourceText(text: PlanJSON.text(plan), file: "plan.json"))
            #expect(problems == [])
            #expect(again != nil)
        }
    }

    @Test func longChainsOfNodesArePlanned() throws {
        var lines = [
            "version: 1", "pipeline: p", "sources:",
            "  n0: { files: { path: a.csv }, format: csv, columns: { id: string, n: double } }",
            "transforms:",
        ]
        // Backwards, so that nothing can rely on the order of the spec.
        for index in (1...1000).reversed() {
            lines.append("  n\(index): { from: n\(index - 1), steps: [ { where: n > \(index) } ] }")
        }
        lines += ["sinks:", "  out: { from: n1000, sqs: { queue: q } }"]
        let start = ContinuousClock.now
        let test = PlanTest(lines.joined(separator: "\n") + "\n")
        let plan = try #require(test.plan, "\(test.lines.prefix(3))")
        #expect(plan.nodes.count == 1002)
        #expect(plan.nodes.map(\.name).first == "n0")
        #expect(PlanText.text(plan).contains("sink out"))
        #expect(PlanGraph.text(plan, .svg).contains("n1000"))
        #expect(PlanDiff(from: plan, to: plan).isEmpty)
        #expect(PlanValidator.problems(of: plan) == [])
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        // Well under a second in a release build; debug builds and busy machines are slower.
        #expect(seconds < 20, "\(seconds) s")
    }

    @Test func profilesBindToServicesOrToTheirStandIns() throws {
        let yaml = """
            version: 1
            pipeline: p
            sources:
              rows:
                s3: { bucket: b, path: "x/*.csv" }
                format: csv
                columns: { id: string }
            zones: { silver: { path: "s3://lake/silver" } }
            transforms:
              silver.rows: { from: rows }
            profiles:
              test:
                rows: { files: { path: test.csv } }
                silver: { files: { path: out/silver } }
            """
        let local = try #require(PlanTest(yaml).plan)
        #expect(local["rows"]?.scan?.binding.isEmbedded == true)
        #expect(local["rows"]?.scan?.binding.summary == "folder .pipec/s3/b")
        #expect(local["silver.rows"]?.table?.path == ".pipec/s3/lake/silver/rows")
        #expect(local["silver.rows"]?.table?.location == "s3://lake/silver/rows")
        let test = try #require(PlanTest(yaml, profile: "test").plan)
        #expect(test["rows"]?.scan?.binding.connector == "files")
        #expect(test["silver.rows"]?.table?.path == "out/silver/rows")
    }

    @Test func plansDoNotDependOnWhereTheyAreMade() throws {
        let yaml = spec(steps: ["where: n > 0"])
        let here = try #require(PlanTest(yaml, file: "pipec.yaml").plan)
        let there = try #require(PlanTest(yaml, file: "../jobs/fleet/pipec.yaml").plan)
        let absolute = try #require(PlanTest(yaml, file: "/home/me/fleet/pipec.yaml").plan)
        #expect(PlanJSON.text(here) == PlanJSON.text(there))
        #expect(PlanJSON.text(here) == PlanJSON.text(absolute))
    }

    @Test func layoutIsNoPartOfAPlan() throws {
        let plain = try #require(PlanTest(spec(steps: ["where: n > 0"])).plan)
        let spaced = try #require(PlanTest("# a comment\n" + spec(steps: ["where:   n > 0"])).plan)
        #expect(PlanJSON.text(plain) != PlanJSON.text(spaced))
        #expect(PlanJSON.text(plain, places: false) == PlanJSON.text(spaced, places: false))
    }

    @Test func secretsStayReferences() throws {
        let yaml = """
            version: 1
            pipeline: p
            sources:
              rows: { files: { path: a.csv }, format: csv, columns: { id: string } }
            sinks:
              out:
                from: rows
                sqs: { queue: "${secret:QUEUE}", endpoint: "https://${secret:HOST}:${env:PORT}/q" }
            """
        let plan = try #require(PlanTest(yaml, environment: ["PORT": "80", "HOST": "leak"]).plan)
        let settings = try #require(plan["out"]?.sink?.binding.settings)
        #expect(settings["queue"] == .secret("QUEUE"))
        #expect(
            settings["endpoint"]
                == .template([.string("https://"), .secret("HOST"), .string(":80/q")]))
        let json = PlanJSON.text(plan)
        #expect(!json.contains("leak"))
        let (again, problems) = PlanJSON.read(SourceText(text: json, file: "plan.json"))
        #expect(problems == [])
        #expect(again?["out"]?.sink?.binding == plan["out"]?.sink?.binding)
    }

    @Test func inferredColumnsAreTaken() throws {
        let yaml = """
            version: 1
            pipeline: p
            sources:
              rows: { files: { path: a.csv }, format: csv }
            sinks:
              out: { from: rows, sqs: { queue: q } }
            """
        #expect(PlanTest(yaml).diagnostics.map(\.code) == [.schemaUnknown])
        let test = PlanTest(yaml) { _ in Schema([Field("id", .bigint)]) }
        #expect(test.plan?["out"]?.schema.names == ["id"])
    }
}

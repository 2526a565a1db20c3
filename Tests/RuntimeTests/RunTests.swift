import Foundation
import PipelineDSL
import Planner
import Runtime
import Testing

/// Plans made by hand, run whole: from a file to a table on disk.
@Suite struct RunTests {
    static let fields = Schema([
        Field("vehicle_id", .string, nullable: false),
        Field("recorded_at", .timestamp, nullable: false),
        Field("latitude", .double, nullable: false),
        Field("longitude", .double, nullable: false),
        Field("speed_kmh", .double),
        Field("engine_status", .string),
    ])

    static func column(_ name: String) -> TypedExpression {
        .column(fields.index(of: name)!, of: fields)
    }

    static func number(_ value: Double) -> TypedExpression { .literal(.double(value), .double) }

    static func call(_ name: String, _ a: TypedExpression, _ b: TypedExpression) -> TypedExpression
    {
        TypedExpression(
            .call(name, [a, b]), type: .boolean, nullable: a.isNullable || b.isNullable,
            fallible: false)
    }

    static func between(_ name: String, _ low: Double, _ high: Double) -> TypedExpression {
        let x = column(name)
        return TypedExpression(
            .and([call("ge", x, number(low)), call("le", x, number(high))]), type: .boolean,
            nullable: x.isNullable, fallible: false)
    }

    static func telemetryPlan(csv path: String) -> Plan {
        let binding = BindingPlan(
            connector: "files", isEmbedded: false, settings: ["path": .string(path)], summary: path)
        let scan = ScanPlan(
            binding: binding, format: FormatPlan(name: "csv"), fields: fields,
            projection: Array(fields.fields.indices), contract: "telemetry",
            rules: [
                .init(
                    name: "latitude_in_range", check: between("latitude", -90, 90),
                    severity: .reject, text: "latitude BETWEEN -90 AND 90"),
                .init(
                    name: "speed_plausible", check: between("speed_kmh", 0, 180),
                    severity: .reject, text: "speed_kmh BETWEEN 0 AND 180"),
            ])
        let source = PlanNode(
            name: "files", kind: .source, inputs: [], schema: fields, scan: scan)
        let table = PlanNode(
            name: "silver.telemetry", kind: .table, inputs: ["files"], schema: fields,
            operators: [
                PhysicalOperator(
                    id: "silver.telemetry/input", operation: .input(Input(node: "files")),
                    inputs: [], schema: fields),
                PhysicalOperator(
                    id: "silver.telemetry/dedupe", operation: .dedupe(Dedupe(on: [0, 1])),
                    inputs: ["silver.telemetry/input"], schema: fields),
            ],
            table: TablePlan(
                zone: "silver", location: "lake/silver/telemetry", path: "lake/silver/telemetry",
                format: FormatPlan(name: "jsonl"), mode: .overwrite))
        return Plan(
            pipeline: "telemetry", profile: "local", mode: .batch, nodes: [source, table])
    }

    static func project() throws -> ProjectDirectory {
        let root = FileManager.default.temporaryDirectory.path + "/pipec-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        return ProjectDirectory(root)
    }

    static let csv = """
        vehicle_id,recorded_at,latitude,longitude,speed_kmh,engine_status
        V1,2026-01-01T00:00:00Z,1.0,2.0,10.0,moving
        V1,2026-01-01T00:00:00Z,1.0,2.0,10.0,moving
        V2,2026-01-01T00:00:00Z,95.0,2.0,10.0,moving
        V3,2026-01-01T00:00:00Z,1.0,2.0,,idle
        V4,yesterday,1.0,2.0,3,idle
        V5,2026-01-01T00:00:00Z,1.0
        V1,2026-01-01T00:00:30Z,1.5,2.0,400,moving

        """

    @Test(arguments: [16_384, 2, 1], [1, 2, 4])
    func rowsAreAccountedFor(batchRows: Int, workers: Int) throws {
        let project = try Self.project()
        defer { try? FileManager.default.removeItem(atPath: project.root) }
        try Self.csv.write(toFile: project.root + "/in.csv", atomically: true, encoding: .utf8)
        var settings = RunSettings(now: 1_767_225_600_000_000)
        settings.batchRows = batchRows
        settings.workers = workers
        let run = Run(plan: Self.telemetryPlan(csv: "in.csv"), project: project, settings: settings)
        let report = try run.execute()
        #expect(report.closes)
        let source = try #require(report.nodes.first { $0.name == "files" })
        #expect(source.read == 7)
        #expect(source.rejected == 4)
        #expect(source.written == 3)
        let table = try #require(report.nodes.first { $0.name == "silver.telemetry" })
        #expect(table.deduplicated == 1)
        #expect(table.written == 2)
        let text = try String(
            contentsOfFile: project.root + "/lake/silver/telemetry/part-00000.jsonl",
            encoding: .utf8)
        #expect(text.split(separator: "\n").count == 2)
        let letters = try DeadLetterStore(folder: project.root + "/.pipec/dead_letters").read()
        #expect(letters.map(\.line) == [4, 6, 7, 8])
        #expect(
            letters.map(\.rule).filter { $0.hasSuffix("_range") || $0.hasSuffix("plausible") }
                == ["latitude_in_range", "speed_plausible"])
        #expect(letters[0].raw == "V2,2026-01-01T00:00:00Z,95.0,2.0,10.0,moving")
    }

    /// `validate` rejects a null where the contract has none, before its rules.
    @Test func validateRejectsNulls() throws {
        let spec = """
            contracts:
              person:
                columns: { id: bigint not null, name: string not null }
                rules: { short: length(name) < 5 }
            sources:
              people: { files: { path: people.csv }, format: csv, columns: { id: bigint not null, name: string } }
            zones: { out: { path: out, format: jsonl } }
            transforms:
              out.people:
                from: people
                steps: [ { derive: { name: "NULLIF(name, '-')" } }, { validate: person } ]
            """
        let project = try SpecProject(files: [
            "people.csv": "id,name\n1,ada\n2,-\n3,\n4,margaret\n"
        ])
        #expect(try project.plan(spec)["out.people"]?.schema["name"]?.nullable == false)
        try project.run(spec)
        #expect(try project.rows("out.people", of: spec) == ["{\"id\":1,\"name\":\"ada\"}"])
        let letters = try project.deadLetters
        #expect(letters.map(\.rule) == ["name_not_null", "name_not_null", "short"])
        #expect(letters.map(\.line) == [3, 4, 5])
    }
}

import Foundation
import PipelineDSL
import Planner
import Runtime
import Testing

/// Sources that do not declare their columns: inferred once, pinned in `pipec.lock`.
@Suite struct LockTests {
    static func spec(_ path: String, _ format: String, more: String = "") -> String {
        """
        sources:
          things: { files: { path: "\(path)" }, format: \(format)\(more) }
        sinks:
          out: { from: things, files: { path: out.jsonl }, format: jsonl }

        """
    }

    static let csv = """
        ID,Vehicle Name,code,price,taken,day,at,note,flag,empty
        1,a,007,1.5,true,2026-01-01,2026-01-01T10:00:00Z,x,1,
        2,b,010,2,false,2026-01-02,2026-01-02,"7",0,
        -3,,120,NaN,TRUE,,2026-01-03 11:00:00,,1,

        """

    static let types = [
        "id: bigint", "vehicle_name: string", "code: string", "price: double", "taken: boolean",
        "day: date", "at: timestamp", "note: string", "flag: bigint", "empty: string",
    ]

    func columns(_ project: SpecProject, _ spec: String) throws -> [String] {
        try #require(try project.plan(spec)["things"]).schema.fields.map(\.description)
    }

    @Test func csvIsInferredOnceAndPinned() throws {
        let project = try SpecProject(files: ["in.csv": Self.csv])
        let spec = Self.spec("in.csv", "csv")
        let (unknown, diagnostics) = project.check(spec)
        #expect(unknown == nil)
        #expect(diagnostics.map(\.code) == [.schemaUnknown])
        try project.run(spec)
        #expect(try columns(project, spec) == Self.types)
        let lock = try project.text("pipec.lock")
        #expect(lock.contains("\"vehicle_name: string\""))
        #expect(lock.contains("\"Vehicle Name\" : \"vehicle_name\""))
        let lines = try project.text("out.jsonl").split(separator: "\n")
        #expect(
            lines.first?.hasPrefix(#"{"id":1,"vehicle_name":"a","code":"007","price":1.5"#) == true)
        #expect(lines.count == 3)
        // The same again: the same bytes.
        try FileManager.default.removeItem(atPath: project.root + "/pipec.lock")
        try project.run(spec)
        #expect(try project.text("pipec.lock") == lock)
    }

    @Test func pinnedColumnsHoldAndDriftIsSaid() throws {
        let project = try SpecProject(files: ["in.csv": "id,amount\n1,2\n2,3\n"])
        let spec = Self.spec("in.csv", "csv")
        try project.run(spec)
        let lock = try project.text("pipec.lock")
        try project.write("id,amount,extra\n1,2.5,x\n2,4,y\n", to: "in.csv")
        let (checked, diagnostics) = project.check(spec, schemas: .pinning)
        #expect(checked != nil)
        let drift = try #require(diagnostics.first { $0.code == .schemaDrift })
        #expect(drift.severity == .warning)
        #expect(drift.notes.contains { $0.hasPrefix("`amount` is pinned as bigint") })
        #expect(drift.notes.contains { $0.hasPrefix("`extra` (string) is new") })
        let report = try project.run(spec)
        #expect(report.nodes.first?.rejected == 1)
        #expect(try project.text("out.jsonl") == "{\"id\":2,\"amount\":4}\n")
        #expect(try project.text("pipec.lock") == lock)
        let many = Self.spec("{in,later}.csv", "csv")
        try project.write("id,amount,later\n1,2,x\n", to: "later.csv")
        let later = project.check(many, schemas: .pinning).1.flatMap(\.notes)
        #expect(later.contains("`later` (string) is new: it is left out"))
        try project.write("id\n1\n", to: "in.csv")
        let gone = project.check(spec, schemas: .pinning).1.flatMap(\.notes)
        #expect(gone.contains("`amount` is no longer in the data"))
        // Reading without data needs only the lock.
        try FileManager.default.removeItem(atPath: project.root + "/in.csv")
        #expect(try columns(project, spec) == ["id: bigint", "amount: bigint"])
    }

    @Test(arguments: ["jsonl", "json"])
    func jsonKeysAndValues(format: String) throws {
        let rows = [
            #"{"id":1,"name":"a","at":"2026-01-01T00:00:00Z","ok":true,"tags":[1],"x":1,"n":null}"#,
            #"{"id":2.5,"n\u0061me":"2","at":"2026-01-02","late":1e400,"ok":false,"x":"one"}"#,
        ]
        let text =
            format == "json" ? "[\(rows.joined(separator: ","))]" : rows.joined(separator: "\n")
        let project = try SpecProject(files: ["in.data": text])
        let spec = Self.spec("in.data", format)
        let found = try project.plan(spec, schemas: .inferred)["things"]?.schema
        #expect(
            found?.fields.map(\.description) == [
                "id: double", "name: string", "at: timestamp", "ok: boolean", "tags: json",
                "x: json",
                "n: string", "late: json",
            ])
        #expect(!project.exists("pipec.lock"), "a query pins nothing")
    }

    @Test func parquetSaysItself() throws {
        let project = try SpecProject(files: ["in.csv": Self.csv])
        let declared = """
            sources:
              raw:
                files: { path: in.csv }
                format: csv
                columns: { id: integer not null, price: double }
            sinks:
              copy: { from: raw, files: { path: in.parquet }, format: parquet }

            """
        try project.run(declared)
        let spec = Self.spec("in.parquet", "parquet")
        try project.run(spec)
        #expect(try columns(project, spec) == ["id: integer not null", "price: double"])
    }

    @Test func unknownColumnsAreKept() throws {
        let project = try SpecProject(files: ["in.csv": "id,First Name,age\n1,a,30\n"])
        let spec = """
            contracts:
              thing: { columns: { id: integer not null }, unknown_columns: keep }

            """ + Self.spec("in.csv", "csv", more: ", contract: thing")
        try project.run(spec)
        #expect(
            try columns(project, spec) == [
                "id: integer not null", "first_name: string", "age: bigint",
            ])
        #expect(try project.text("out.jsonl") == "{\"id\":1,\"first_name\":\"a\",\"age\":30}\n")
    }

    @Test func renamesAreHonoured() throws {
        let project = try SpecProject(files: ["in.csv": "MMSI,Lat,lat\n1,2.5,3\n"])
        let spec = Self.spec(
            "in.csv", "{ csv: { header: true } }", more: ", rename: { MMSI: vessel }")
        let (_, diagnostics) = project.check(spec, schemas: .pinning)
        // Two columns that only differ in case are both there, under two names.
        #expect(diagnostics.filter { $0.severity == .error }.isEmpty)
        #expect(try columns(project, spec) == ["vessel: bigint", "lat: double", "lat_2: bigint"])
    }

    @Test(arguments: ["", "\n\n", "{]", "a\0b,c\n1,2\n"])
    func nothingToInferIsSaid(text: String) throws {
        for format in ["csv", "json", "jsonl", "parquet"] {
            let project = try SpecProject(files: ["in.data": text])
            let (checked, diagnostics) = project.check(
                Self.spec("in.data", format), schemas: .pinning)
            if checked == nil {
                #expect(diagnostics.contains { $0.severity == .error && $0.primary != nil })
            }
        }
        let project = try SpecProject()
        let (_, diagnostics) = project.check(Self.spec("*.csv", "csv"), schemas: .pinning)
        #expect(diagnostics.map(\.code) == [.nothingMatched])
    }

    @Test(arguments: ["", "{}", "[1]", #"{"format_version":99,"x":1}"#, "\u{0}"])
    func damagedLockIsSaid(text: String) throws {
        let project = try SpecProject(files: ["in.csv": Self.csv, "pipec.lock": text])
        for use in [SchemaPins.Use.pinned, .inferred, .pinning] {
            let (checked, diagnostics) = project.check(Self.spec("in.csv", "csv"), schemas: use)
            #expect(checked == nil)
            #expect(diagnostics.map(\.code) == [.lockUnreadable])
        }
        #expect(try project.text("pipec.lock") == text)
    }
}

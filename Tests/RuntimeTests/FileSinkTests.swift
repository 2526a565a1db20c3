import Foundation
import PipelineDSL
import Runtime
import Testing

/// Sinks into files: what they write, where, and that they touch nothing of others.
@Suite struct FileSinkTests {
    static let csv = #"""
        id,name,depot,day,price
        1,"a, b",north,2026-01-01,1.50
        2,"say ""hi""",south,2026-01-02,
        3,,north,2026-01-01,-3.25
        4,"",south,2026-01-02,0.00

        """#

    static let source = """
        sources:
          orders:
            files: { path: in.csv }
            format: csv
            columns:
              id: integer not null
              name: string
              depot: string not null
              day: date
              price: "decimal(8,2)"

        """

    static func project() throws -> SpecProject { try SpecProject(files: ["in.csv": csv]) }

    static func spec(_ files: String, _ format: String, from: String = "orders") -> String {
        source + """
            sinks:
              out:
                from: \(from)
                files: { \(files) }
                format: \(format)

            """
    }

    static let rows = [
        #"{"id":1,"name":"a, b","depot":"north","day":"2026-01-01","price":1.50}"#,
        #"{"id":2,"name":"say \"hi\"","depot":"south","day":"2026-01-02","price":null}"#,
        #"{"id":3,"name":null,"depot":"north","day":"2026-01-01","price":-3.25}"#,
        #"{"id":4,"name":"","depot":"south","day":"2026-01-02","price":0.00}"#,
    ]

    @Test(arguments: [16_384, 2, 1])
    func oneFileOfEachFormat(batchRows: Int) throws {
        let project = try Self.project()
        for (name, format) in [
            ("a.csv", "csv"), ("a.jsonl", "jsonl"), ("a.json", "json"), ("a.parquet", "parquet"),
            ("a.csv.gz", "csv"), ("a.jsonl.zst", "jsonl"), ("a.json.gz", "json"),
            ("semicolon.csv", "{ csv: { delimiter: \";\", decimal: \",\", nulls: [\"-\"] } }"),
            ("no-header.csv", "{ csv: { header: false } }"),
            ("dates.jsonl", "{ jsonl: { date_format: \"%d.%m.%Y\" } }"),
        ] {
            let report = try project.run(
                Self.spec("path: out/\(name)", format), batchRows: batchRows)
            #expect(report.closes)
            #expect(report.nodes.last?.written == 4)
            let back = Self.source.replacingOccurrences(of: "in.csv", with: "out/\(name)")
                .replacingOccurrences(of: "format: csv", with: "format: \(format)")
            #expect(try project.rows("orders", of: back) == Self.rows, "\(name)")
        }
        #expect(try project.text("out/a.csv") == Self.csv)
        #expect(try project.text("out/a.jsonl") == Self.rows.map { $0 + "\n" }.joined())
        #expect(
            try project.text("out/a.json") == "[\n" + Self.rows.joined(separator: ",\n") + "\n]\n")
        #expect(try project.text("out/dates.jsonl").contains(#""day":"01.01.2026""#))
        #expect(project.walk("out").count == 10, "nothing staged is left")
    }

    @Test func folderWithPartitions() throws {
        let project = try Self.project()
        let spec = Self.spec(
            "path: out/orders, partition_by: [depot, day]", "{ jsonl: { compression: gzip } }")
        try project.run(spec)
        let files = [
            "_pipec.json", "depot=north/day=2026-01-01/part-00000.jsonl.gz",
            "depot=south/day=2026-01-02/part-00000.jsonl.gz",
        ]
        #expect(project.walk("out/orders") == files)
        // A second run gives the same, byte for byte but for the run's own name.
        let first = try Data(
            contentsOf: URL(fileURLWithPath: project.root + "/out/orders/" + files[1]))
        try project.run(spec)
        #expect(project.walk("out/orders") == files)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: project.root + "/out/orders/" + files[1]))
                == first)
        let back = Self.source.replacingOccurrences(of: "in.csv", with: "\"out/orders/**/*.gz\"")
            .replacingOccurrences(of: "format: csv", with: "format: jsonl")
        #expect(try project.rows("orders", of: back).sorted() == Self.rows.sorted())
    }

    @Test func appendAddsFiles() throws {
        let project = try Self.project()
        let spec = Self.spec("path: out/, mode: append", "csv")
        try project.run(spec)
        try project.run(spec)
        #expect(project.walk("out").filter { $0.hasSuffix(".csv") }.count == 2)
        let other = Self.spec("path: out/, mode: append", "jsonl")
        #expect(throws: RunError.self) { try project.run(other) }
        #expect(project.walk("out").filter { $0.hasSuffix(".csv") }.count == 2)
    }

    @Test func embeddedBucket() throws {
        let project = try Self.project()
        try project.run(
            Self.spec("path: x", "parquet").replacingOccurrences(
                of: "files: { path: x }", with: "s3: { bucket: exports, path: orders/ }"))
        #expect(
            project.walk(".pipec/s3/exports") == [
                "orders/_pipec.json", "orders/part-00000.parquet",
            ])
    }

    @Test func emptyInputGivesReadableFiles() throws {
        let project = try SpecProject(files: ["in.csv": "id,name,depot,day,price\n"])
        for (name, format) in [
            ("a.csv", "csv"), ("a.jsonl.gz", "jsonl"), ("a.json", "json"), ("a.parquet", "parquet"),
            ("a.jsonl.zst", "jsonl"), ("a.json.gz", "json"),
        ] {
            try project.run(Self.spec("path: \(name)", format))
            let back = Self.source.replacingOccurrences(of: "in.csv", with: name)
                .replacingOccurrences(of: "format: csv", with: "format: \(format)")
            #expect(try project.rows("orders", of: back).isEmpty, "\(name)")
        }
    }

    @Test func foldersOfOthersAreLeftAlone() throws {
        let project = try Self.project()
        try project.write("mine", to: "out/notes.txt")
        #expect(throws: RunError.self) {
            try project.run(Self.spec("path: out/", "csv"))
        }
        #expect(try project.text("out/notes.txt") == "mine")
        #expect(throws: RunError.self) { try project.run(Self.spec("path: .", "csv")) }
        #expect(throws: RunError.self) { try project.run(Self.spec("path: \"in.csv/x/\"", "csv")) }
        #expect(try project.text("in.csv") == Self.csv)
    }

    @Test func twoSinksInOnePlaceAreRefused() throws {
        let project = try Self.project()
        let spec =
            Self.spec("path: out/", "csv") + """
                  inner:
                    from: orders
                    files: { path: out/inner/ }
                    format: csv

                """
        let error = try #require(throws: RunError.self) { try project.run(spec) }
        #expect(error.diagnostic.code == .outputClash)
        #expect(!project.exists("out"))
    }

    @Test(arguments: [
        ("path: \"out/*.csv\"", "a sink cannot write to a pattern"),
        ("path: out.csv, partition_by: [depot]", "`partition_by` needs a folder, not one file"),
        ("path: out.csv, mode: append", "`mode` needs a folder, not one file"),
        (
            "path: out/, partition_by: [depott]",
            "`partition_by` names `depott`, which is no column here"
        ),
        ("path: out/, partition_by: [price]", ""),
    ])
    func mistakes(files: String, message: String) throws {
        let (_, diagnostics) = try Self.project().check(Self.spec(files, "csv"))
        let errors = diagnostics.filter { $0.severity == .error }.map(\.message)
        #expect(errors == (message.isEmpty ? [] : [message]))
    }

    @Test func quotesAreNeededToWrite() throws {
        let project = try Self.project()
        let spec = Self.spec("path: out.csv", "{ csv: { quote: none } }")
        let error = try #require(throws: RunError.self) { try project.run(spec) }
        #expect(error.diagnostic.code == .badFormatSetting)
        #expect(!project.exists("out.csv"))
    }

    /// A table in a text format is what later nodes and queries read.
    @Test(arguments: [
        "csv", "{ csv: { delimiter: \"|\", header: false, nulls: [\"NULL\"] } }",
        "{ csv: { compression: gzip, skip_lines: 3, quoted_nulls: true, comment: \"1\" } }",
        "jsonl", "{ jsonl: { date_format: \"%s\", compression: zstd } }",
    ])
    func tablesInTextFormats(format: String) throws {
        let project = try Self.project()
        let spec =
            Self.source + """
                zones:
                  silver: { path: lake/silver, format: \(format) }
                transforms:
                  silver.orders:
                    from: orders
                    write: { mode: merge, on: [id] }
                  cheap:
                    sql: SELECT id FROM silver.orders WHERE price < 1
                sinks:
                  out: { from: cheap, files: { path: out.jsonl }, format: jsonl }

                """
        // The second run merges into what the first one wrote, so it reads it.
        for _ in 0..<2 {
            try project.run(spec)
            #expect(try project.rows("silver.orders", of: spec).sorted() == Self.rows)
            #expect(try project.text("out.jsonl") == "{\"id\":3}\n{\"id\":4}\n")
        }
        // How it is written may change: what is there is read as it was written.
        let changed = spec.replacingOccurrences(
            of: "lake/silver, format: \(format)",
            with: "lake/silver, format: { csv: { delimiter: \";\" } }")
        #expect(try project.rows("silver.orders", of: changed).sorted() == Self.rows)
        try project.run(changed)
        #expect(try project.rows("silver.orders", of: changed).sorted() == Self.rows)
    }

    /// Who has begun to read ends on the results it began with.
    @Test func commitWaitsForReaders() throws {
        let project = try Self.project()
        let spec = Self.spec("path: out.csv", "csv")
        try project.run(spec)
        try project.write(Self.csv.replacingOccurrences(of: "north", with: "west"), to: "in.csv")
        let plan = try project.plan(spec)
        let directory = project.directory
        var reading: ReaderLock? = try Recovery(directory).beginReading(now: 0)
        let isDone = DispatchSemaphore(value: 0)
        // A thread of its own: one of the pool would keep other tests from going on.
        Thread.detachNewThread {
            let run = Run(plan: plan, project: directory, settings: RunSettings(now: 1))
            #expect(throws: Never.self) { try run.execute() }
            isDone.signal()
        }
        usleep(400_000)
        #expect(try project.text("out.csv") == Self.csv)
        withExtendedLifetime(reading) {}
        reading = nil
        isDone.wait()
        #expect(try project.text("out.csv").contains("west"))
    }
}

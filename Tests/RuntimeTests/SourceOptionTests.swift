import Foundation
import PipelineDSL
import Runtime
import Testing

/// What a source says about files that are not as declared.
@Suite struct SourceOptionTests {
    static func spec(
        _ path: String, _ format: String, unknown: String = "drop", more: String = ""
    ) -> String {
        """
        contracts:
          order:
            columns: { id: integer not null, name: string }
            unknown_columns: \(unknown)
        sources:
          orders:
            files: { path: "\(path)" }
            format: \(format)
            contract: order
            \(more)
        sinks:
          out: { from: orders, files: { path: out.jsonl }, format: jsonl }

        """
    }

    @Test(arguments: ["csv", "parquet"])
    func unknownColumnsOfFilesWithSchema(format: String) throws {
        let project = try SpecProject(files: ["in.csv": "id,name,extra\n1,a,x\n"])
        try project.run(
            """
            sources:
              raw:
                files: { path: in.csv }
                format: csv
                columns: { id: integer not null, name: string, extra: string }
            sinks:
              copy: { from: raw, files: { path: "in.parquet" }, format: parquet }

            """)
        let dropped = try project.run(Self.spec("in.\(format)", format))
        #expect(dropped.nodes.last?.written == 1)
        let error = try #require(throws: RunError.self) {
            try project.run(Self.spec("in.\(format)", format, unknown: "reject"))
        }
        #expect(error.diagnostic.code == .unknownInputColumn)
        #expect(error.diagnostic.message.contains("`extra`"))
        #expect(try project.text("out.jsonl") == "{\"id\":1,\"name\":\"a\"}\n")
        // A renamed column is known.
        let renamed = Self.spec(
            "in.\(format)", format, unknown: "reject", more: "rename: { extra: name }"
        ).replacingOccurrences(of: "in.\(format)", with: "two.\(format)")
        if format == "csv" {
            try project.write("id,extra\n1,x\n", to: "two.csv")
            #expect(try project.run(renamed).nodes.last?.written == 1)
        }
    }

    @Test(arguments: [16_384, 1])
    func unknownKeysOfJSONRejectTheRow(batchRows: Int) throws {
        let lines = [
            #"{"id":1,"name":"a"}"#, #"{"id":2,"na\u006de":"b"}"#, #"{"id":3,"other":{"x":[1]}}"#,
            #"{"id":4}"#, #"{"id":5,"name":"e","id2":5"#,
        ]
        let project = try SpecProject(files: [
            "in.jsonl": lines.joined(separator: "\n"),
            "in.json": "[\(lines.dropLast().joined(separator: ","))]",
        ])
        for (format, bad) in [("jsonl", 2), ("json", 1)] {
            let spec = Self.spec("in.\(format)", format, unknown: "reject")
            let report = try project.run(spec, batchRows: batchRows)
            #expect(report.closes)
            #expect(report.nodes.first?.rejected == bad)
            #expect(
                try project.text("out.jsonl")
                    == #"{"id":1,"name":"a"}"# + "\n" + #"{"id":2,"name":"b"}"# + "\n"
                    + #"{"id":4,"name":null}"# + "\n")
        }
        let letter = try #require(
            try project.deadLetters.first {
                $0.rule == "unknown_columns" && $0.object == "in.jsonl"
            })
        #expect(letter.line == 3)
        #expect(letter.message == "the contract knows no column `other`")
    }

    @Test func unreadableFilesBecomeDeadLetters() throws {
        let project = try SpecProject(files: [
            "in/a.csv": "id,name\n1,a\n", "in/b.csv": "ident,name\n2,b\n",
            "in/c.csv": "id,name\n3,c\n", "in/d.csv.gz": "this is no gzip",
        ])
        let spec = Self.spec("in/*", "csv")
        #expect(throws: RunError.self) { try project.run(spec) }
        let tolerant = Self.spec(
            "in/*", "csv", more: "on_error: { retries: 1, backoff: 1 ms, dead_letter: true }")
        let report = try project.run(tolerant)
        #expect(report.closes)
        #expect(report.nodes.first?.rejected == 2)
        #expect(report.nodes.last?.written == 2)
        let letters = try project.deadLetters
        #expect(letters.map(\.object) == ["in/b.csv", "in/d.csv.gz"])
        #expect(letters.map(\.rule) == ["unreadable", "unreadable"])
        #expect(letters.map(\.node) == ["orders", "orders"])
    }

    @Test func damageInTheMiddleKeepsTheRowsBeforeIt() throws {
        let project = try SpecProject(files: [
            "in/a.json": #"[{"id":1},{"id":2},{"id":"#, "in/b.json": #"[{"id":3}]"#,
        ])
        let spec = Self.spec("in/*", "json", more: "on_error: { dead_letter: broken_files }")
        for batchRows in [16_384, 1] {
            let report = try project.run(spec, batchRows: batchRows)
            #expect(report.closes)
            #expect(report.nodes.first?.rejected == 1)
        }
        #expect(project.walk(".pipec/dead_letters").allSatisfy { $0.hasPrefix("broken_files/") })
        let store = DeadLetterStore(folder: project.root + "/.pipec/dead_letters")
        #expect(try store.read(node: "orders").count == 2)
    }

    @Test func missingColumns() throws {
        let project = try SpecProject(files: ["in.csv": "id\n1\n"])
        #expect(throws: RunError.self) { try project.run(Self.spec("in.csv", "csv")) }
        try project.run(Self.spec("in.csv", "{ csv: { missing_columns: \"null\" } }"))
        #expect(try project.text("out.jsonl") == "{\"id\":1,\"name\":null}\n")
    }

    @Test func compressionThatTheNameDoesNotSay() throws {
        let project = try SpecProject(files: ["in.csv": "id,name\n1,a\n"])
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gzip.arguments = ["gzip", project.root + "/in.csv"]
        try gzip.run()
        gzip.waitUntilExit()
        try FileManager.default.moveItem(
            atPath: project.root + "/in.csv.gz", toPath: project.root + "/in.data")
        let spec = Self.spec("in.data", "{ csv: { compression: gzip } }")
        #expect(try project.run(spec).nodes.last?.written == 1)
    }
}

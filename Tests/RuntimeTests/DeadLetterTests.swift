import Foundation
import PipelineDSL
import Runtime
import Testing

/// Personal data never stands in a dead letter, whatever rejected the row.
@Suite struct DeadLetterTests {
    static let declarations = """
        contracts:
          person:
            columns:
              id: integer not null
              email: { type: string, pii: email }
              phone: { type: string, required: true, pii: phone }
              age: integer
            rules:
              grown_up: age >= 18
              has_at: email LIKE '%@%'

        """

    static func spec(_ format: String) -> String {
        declarations + """
            sources:
              people: { files: { path: in.txt }, format: \(format), contract: person }
            transforms:
              ratios:
                from: people
                steps:
                  - select: [id, { ratio: 1 / (age - 20) }, { mail: email }]
            sinks:
              out: { from: ratios, files: { path: out.jsonl }, format: jsonl }

            """
    }

    static let secrets = ["ann@", "bob@", "eve@", "555", "nobody", "a\"b"]

    func check(_ project: SpecProject, count: Int) throws -> [DeadLetter] {
        let letters = try project.deadLetters
        #expect(letters.count == count)
        for name in project.walk(".pipec/dead_letters") {
            let text = try project.text(".pipec/dead_letters/" + name)
            for secret in Self.secrets { #expect(!text.contains(secret), "\(text)") }
        }
        return letters
    }

    @Test(arguments: [16_384, 1])
    func csv(batchRows: Int) throws {
        let project = try SpecProject(files: [
            "in.txt": #"""
            id,email,phone,age
            1,ann@x.org,555-1,17
            2,"a""b@x, y",555-2,x
            3,bob@x.org,,30
            4,eve@x.org,555-4,20
            5,nobody,555-5,40
            6,eve@x.org,555-6
            7,"eve@x.org,555-7,1
            8,eve@x.org,555-8,50

            """#
        ])
        let report = try project.run(Self.spec("csv"), batchRows: batchRows)
        #expect(report.closes)
        #expect(report.nodes.last?.written == 1)
        let letters = try check(project, count: 7)
        let raw = Dictionary(
            letters.map { ($0.line ?? 0, $0.raw ?? "") }, uniquingKeysWith: { a, _ in a })
        #expect(raw[2] == "1,<email>,<phone>,17")
        #expect(raw[3] == "2,<email>,<phone>,x")
        #expect(raw[4] == "3,<email>,,30")
        #expect(raw[5] == "4,<email>,<phone>,20")
        #expect(raw[7] == "<17 bytes with personal data>")
        #expect(raw[8]?.hasSuffix("bytes with personal data>") == true)
    }

    @Test(arguments: [16_384, 1])
    func json(batchRows: Int) throws {
        let project = try SpecProject(files: [
            "in.txt": #"""
            {"id":1,"email":"ann@x.org","phone":"555-1","age":17}
            {"id":2,"email":"a\"b@x","phone":"555-2","age":"x"}
            {"id":3,"email":"bob@x.org","phone":null,"age":30}
            {"id":4, "e\u006dail" : "eve@x.org" , "phone":"555-4","age":20}
            {"id":5,"email":["nobody"],"phone":"555-5","age":40}
            {"id":6,"email":"eve@x.org","phone":"555-6"
            ["eve@x.org"]
            {"id":8,"email":"eve@x.org","phone":"555-8","age":50}

            """#
        ])
        let report = try project.run(Self.spec("jsonl"), batchRows: batchRows)
        #expect(report.closes)
        #expect(report.nodes.last?.written == 1)
        let letters = try check(project, count: 7)
        let raw = Dictionary(
            letters.map { ($0.line ?? 0, $0.raw ?? "") }, uniquingKeysWith: { a, _ in a })
        #expect(raw[1] == #"{"id":1,"email":"<email>","phone":"<phone>","age":17}"#)
        #expect(raw[3] == #"{"id":3,"email":"<email>","phone":null,"age":30}"#)
        #expect(raw[4] == #"{"id":4, "e\u006dail" : "<email>" , "phone":"<phone>","age":20}"#)
        #expect(raw[6]?.hasSuffix("bytes with personal data>") == true)
    }

    /// Rows without bytes of their own: of Parquet, and behind an aggregate.
    @Test func rowsWithoutBytes() throws {
        let project = try SpecProject(files: [
            "in.csv": "id,email,phone,age\n1,ann@x.org,555-1,17\n2,bob@x.org,555-2,20\n"
        ])
        try project.run(
            """
            sources:
              raw:
                files: { path: in.csv }
                format: csv
                columns: { id: integer, email: string, phone: string not null, age: integer }
            transforms:
              typed: { sql: "SELECT coalesce(id, 0) AS id, email, phone, age FROM raw" }
            sinks:
              copy: { from: typed, files: { path: in.parquet }, format: parquet }

            """)
        try FileManager.default.moveItem(
            atPath: project.root + "/in.parquet", toPath: project.root + "/in.txt")
        try project.run(Self.spec("parquet"))
        let letters = try check(project, count: 2)
        #expect(
            letters.map(\.raw).contains(#"{"id":1,"email":"<email>","phone":"<phone>","age":17}"#))
    }
}
